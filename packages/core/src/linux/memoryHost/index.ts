export { MemoryHost, type MemoryHostOptions } from './memoryHost.ts';
export type { MemoryTerminal, StandardStreams, Surroundings } from './surroundings.ts';
