export { type LiveSurroundings, LiveTarget } from './live/liveTarget.ts';
export { Connection, type ConnectionUser } from './protocol/connection.ts';
export { type DebugLink, GdbServer, type SessionEnd } from './protocol/server.ts';
export { RecordingTarget, recordedProgram } from './recorded/recordingTarget.ts';
export * from './target.ts';
