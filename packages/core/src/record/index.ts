export * from './journal/index.ts';
export { type RecorderOptions, RecordingMachine } from './recordingMachine.ts';
export { type JournalPlace, ReplayDivergence, Replayer, type ReplayObserver, type ReplayOptions, type ReplayStop } from './replayer.ts';
