import { dispatcherModule, EVENT_FAULT } from '../wasm/index.ts';
import type { Arenas } from './arenas.ts';
import { Cell, type LinearMemory } from './linearMemory.ts';

/** What the dispatcher's module exports, see wasm/dispatcher.ts. */
export interface Dispatcher {
  run(pc: bigint, depth: number): void;
  dispatch: unknown;
  readMiss: unknown;
  writeMiss: unknown;
  nzcvOf: unknown;
}

export interface DispatcherOptions {
  readonly memory: LinearMemory;
  readonly memoryPages: number;
  readonly arenas: Arenas;
  /** The global table of regions. */
  readonly regions: WebAssembly.Table;
  readonly useJumpCache: boolean;
  readonly ignoredTopBits: number;
  /** Index in that table of the code at an address, given by its halves; -1 to leave. */
  lookup(lo: number, hi: number): number;
}

export function createDispatcher({ memory, memoryPages, arenas, regions, useJumpCache, ignoredTopBits, lookup }: DispatcherOptions): Dispatcher {
  const wasm = dispatcherModule(memoryPages, true, arenas.stackSlot, useJumpCache, ignoredTopBits);
  const env = {
    memory: memory.memory,
    regions,
    lookup,
    readMissSlow: (lo: number, hi: number, slot: number, bytes: number): number => {
      const index = arenas.readMiss(lo, hi, slot, bytes);
      if (index === -1) memory.view.setInt32(Cell.event, EVENT_FAULT, true);
      return index;
    },
    writeMissSlow: (lo: number, hi: number, slot: number, bytes: number): number => arenas.writeMiss(lo, hi, slot, bytes),
  };
  return new WebAssembly.Instance(new WebAssembly.Module(wasm), { env }).exports as unknown as Dispatcher;
}
