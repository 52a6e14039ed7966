export { type CallRange, type WatchedCalls, watchCalls } from './calls/callWatcher.ts';
export { watchExecutions } from './calls/executions.ts';
export { align, type Hunk } from './compare/alignment.ts';
export { findParting, type Parting, type RecordedCall, readCalls } from './compare/paths.ts';
export { compareRegisters, compareStates, type MemoryDifference, type RegisterDifference, type StateDifference } from './compare/states.ts';
export type { RecordedEvent } from './events/eventReader.ts';
export { type EventKind, type EventPlace, RecordedEvents } from './events/recordedEvents.ts';
export { codeMappingsOf, type RecordedPart, type RecordedProgram } from './fileHistory.ts';
export * from './journal/index.ts';
export { Moment, type MomentMapping, type MomentThread } from './moment.ts';
export type { OpenDescriptor } from './openFiles.ts';
export { recordedGuest } from './recordedGuest.ts';
export { type RecordedSymbol, RecordedSymbols } from './recordedSymbols.ts';
export { Recording, type RecordingOptions } from './recording.ts';
export { type RecorderOptions, RecordingMachine } from './recordingMachine.ts';
export { outputObserver, type ReplayedOutput } from './replayedOutput.ts';
export { type ReplayedCall, type ReplayedEvents, type ReplayedProcess, ReplayedRun, type ReplayedThread } from './replayedRun.ts';
export { type JournalPlace, ReplayDivergence, Replayer, type ReplayObserver, type ReplayOptions, type ReplayStop, type SavedThread } from './replayer.ts';
export { ReplayReader, type ReplayReaderOptions } from './replayReader.ts';
export { type SliceKind, type SliceNode, type SliceOptions, type SlicePlace, Slicer } from './slice/slicer.ts';
export { registersOf } from './threadRegisters.ts';
export { INDEX_VERSION, type KeptIndex } from './timeline/indexFile.ts';
export { IndexPart } from './timeline/indexPart.ts';
export { type PartPlan, planCells, plannedSteps, SharedPlan } from './timeline/partPlan.ts';
export { CODE_LINE, type Probe } from './timeline/probes.ts';
export {
  type Hit,
  type Onlooker,
  type OutputHit,
  type SearchOptions,
  type StepRange,
  type Stretch,
  Timeline,
  type TimelineOptions,
} from './timeline/timeline.ts';
