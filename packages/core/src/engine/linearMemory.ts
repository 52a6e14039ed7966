export {
  ARENA_BYTES,
  ARENA_ENTRIES,
  ARENA_HASH,
  BOUNCE,
  CELLS,
  Cell,
  COLD_CODE,
  COLD_CODE_END,
  COLD_VALUES,
  COLD_VALUES_END,
  CONSTANTS,
  CONSTANTS_END,
  GUEST_STORAGE,
  JUMP_CACHE,
  JUMP_CACHE_ENTRIES,
  JUMP_CACHES,
  LARGE_ARENA_CHUNK,
  LARGE_ARENA_ENTRIES,
  LARGE_ARENAS,
  LINK_PCS,
  LINK_PCS_END,
  NO_LINK_PCS,
  NO_LINK_PCS_END,
  READ_ARENAS,
  RING,
  RING_END,
  RING_SLACK,
  SLOT_BYTES,
  SLOTS,
  SLOTS_END,
  SMALL_CONSTANT_COUNT,
  SMALL_CONSTANTS,
  STATE,
  WRITE_ARENAS,
} from '../base/layout.ts';

export interface LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  /** To fill: V8 fills shared memory element by element. */
  readonly i64: BigInt64Array;
  readonly view: DataView;
}

/** Reserves `pages` pages of 64 KiB, by default all that 32-bit addresses reach. */
export function createLinearMemory(pages = 65536, shared = true): LinearMemory {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  const buffer = memory.buffer;
  return {
    memory,
    bytes: new Uint8Array(buffer),
    u32: new Uint32Array(buffer),
    i32: new Int32Array(buffer),
    i64: new BigInt64Array(buffer),
    view: new DataView(buffer),
  };
}
