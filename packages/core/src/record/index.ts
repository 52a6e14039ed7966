export type { RecordedPart, RecordedProgram } from './fileHistory.ts';
export * from './journal/index.ts';
export { RecordedNames } from './recordedNames.ts';
export { type RecorderOptions, RecordingMachine } from './recordingMachine.ts';
export { type ReplayedCall, type ReplayedEvents, type ReplayedProcess, ReplayedRun, type ReplayedThread } from './replayedRun.ts';
export { type JournalPlace, ReplayDivergence, Replayer, type ReplayObserver, type ReplayOptions, type ReplayStop } from './replayer.ts';
export type { Probe } from './timeline/probes.ts';
export { type Hit, type SearchOptions, Timeline, type TimelineOptions } from './timeline/timeline.ts';
