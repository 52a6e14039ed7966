export { type WatchedCalls, watchCalls } from './calls/callWatcher.ts';
export { watchExecutions } from './calls/executions.ts';
export * from './journal/index.ts';
export { type RecorderOptions, RecordingMachine } from './recordingMachine.ts';
export { type JournalPlace, ReplayDivergence, Replayer, type ReplayObserver, type ReplayOptions, type ReplayStop } from './replayer.ts';
export { type SliceKind, type SliceNode, type SliceOptions, type SlicePlace, Slicer } from './slice/slicer.ts';
export { INDEX_VERSION } from './timeline/indexFile.ts';
export type { Probe } from './timeline/probes.ts';
export { type Hit, type SearchOptions, Timeline, type TimelineOptions } from './timeline/timeline.ts';
