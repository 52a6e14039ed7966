import { dispatcherModule, EVENT_CAREFUL, EVENT_FAULT, type RuntimeName } from '../wasm/index.ts';
import type { Arenas } from './arenas.ts';
import { Cell, type LinearMemory } from './linearMemory.ts';
import type { EngineModules, MachineHooks } from './seams.ts';

/** What the dispatcher's module exports, see wasm/dispatcher.ts: what regions call among them. */
export interface Dispatcher extends Readonly<Record<RuntimeName, unknown>> {
  run(pc: bigint, depth: number): void;
  /** Leaves the sums of linear memory from an offset to another at BOUNCE. */
  fingerprint(at: number, end: number): void;
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
  /** Leads a call site to the region at an address, given by its halves, if there is one. @param link the site's slot of its module's table of links */
  learnSite(lo: number, hi: number, site: number, link: number, self: number): void;
  /** What regions call besides the dispatcher's own functions, by name. */
  readonly functions: Readonly<Record<string, unknown>>;
  readonly engineModule: EngineModules;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { memory, memoryPages, arenas, regions, useJumpCache, ignoredTopBits, lookup, learnSite, functions } = options;
  const { stackSlot } = arenas;
  const name = `dispatcher-${[memoryPages, stackSlot, useJumpCache, ignoredTopBits].join('-')}`;
  const wasm = options.engineModule(name, () => dispatcherModule(memoryPages, true, stackSlot, useJumpCache, ignoredTopBits));
  const env = {
    ...functions,
    memory: memory.memory,
    regions,
    lookup,
    learnSite,
    readMissSlow: (lo: number, hi: number, slot: number, bytes: number, displacement: number): number => {
      const index = arenas.readMiss(lo, hi, { slot, bytes, displacement });
      if (index === -1) memory.view.setInt32(Cell.event, EVENT_FAULT, true);
      return index;
    },
    writeMissSlow: (lo: number, hi: number, slot: number, bytes: number, displacement: number): number =>
      arenas.writeMiss(lo, hi, { slot, bytes, displacement }),
  };
  return new WebAssembly.Instance(new WebAssembly.Module(wasm), { env }).exports as unknown as Dispatcher;
}

/** What regions and cold code ask of the machine. */
export interface RegionUser {
  /** @returns 1 if the region must leave */
  syscall(): number;
  /** Whether a store would move memory that regions hold the place of. */
  storeMoves(address: bigint, bytes: number): boolean;
  /** Stores `bytes` from the bounce buffer. @returns true if that faults */
  store(address: bigint, bytes: number): boolean;
  /** Whether code has changed since the region was entered. */
  codeChanged(): boolean;
}

/** The engine's functions that regions and cold code call, by name. */
export function engineFunctions({ view }: LinearMemory, hooks: MachineHooks, user: RegionUser): Readonly<Record<string, unknown>> {
  const store = (address: bigint, bytes: number, left: number): number => {
    if (user.store(address, bytes)) {
      view.setInt32(Cell.event, EVENT_FAULT, true);
      return -1;
    }
    if (!user.codeChanged() || left <= 0) return 0;
    view.setInt32(Cell.setAside, view.getInt32(Cell.setAside, true) + left, true);
    return left;
  };
  return {
    syscall: (): number => user.syscall(),
    storeSlow: (address: bigint, bytes: number, left: number): number => {
      if (user.storeMoves(address, bytes)) {
        view.setInt32(Cell.event, EVENT_CAREFUL, true);
        view.setInt32(Cell.trapArgument, 1, true);
        return -1;
      }
      return store(address, bytes, left);
    },
    // Cold code holds the place of nothing.
    coldStoreSlow: store,
    input: (kind: number): bigint => hooks.input?.(kind) ?? 0n,
    ringFull: (): void => hooks.ringFull?.(),
    callback: (number: number): number => Number(hooks.callback?.(number) === true),
  };
}
