export * from './api.ts';
export { PluginArguments, type PluginOption, parsePluginSpec } from './arguments.ts';
export type { Counter, Scoreboard } from './counters.ts';
export { BYTES_EACH, LOADED_BYTE } from './dataFlow.ts';
export { PluginHost, type PluginSurroundings } from './host.ts';
export type { InsnOrigin } from './places.ts';
export { Batch, type PluginThread, ROW_LONGS, ROW_WORDS, RowKind } from './rows.ts';
export { ReplayRun } from './run/replayRun.ts';
