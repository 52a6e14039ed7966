/**
 * The machine's one WebAssembly.Memory, shared, reserved once, committed by touch:
 *
 *     0x0000_0000  unused, so that index 0 is never valid
 *     0x0000_1000  engine cells (see Cell), then the guest CPU state at STATE, and copies of it, see engine/stateCopy.ts
 *     0x0001_0000  bounce buffer for accesses that straddle arenas
 *     0x0002_0000  vector constants of generated code, 16 bytes each
 *     0x0004_0000  tables of arenas, see READ_ARENAS
 *     0x0008_0000  small constants of cold code, see SMALL_CONSTANTS
 *     0x0008_1000  tables of large arenas, see LARGE_ARENAS
 *     0x0020_0000  memory check slots, of SLOT_BYTES each: lo (u64), limit (u64), delta (u32)
 *     0x00e0_0000  where regions' links lead that are not linked, a pc (u64) each
 *     0x0100_0000  trace ring; in a run with plugins, behind its first chunks their rows and counters (plugin/memoryLayout.ts);
 *                  in one with a debugger, its watchpoints (debug/live/debugPass.ts); in one that is recorded, at the end, contents of
 *                  the journal's entries (record/journal/entryContents.ts)
 *     0x0400_0000  values of the cold block that is running, then records of cold code (wasm/cold/records.ts)
 *     0x09c0_0000  JUMP_CACHES jump caches, of JUMP_CACHE_ENTRIES of 16 bytes: pc (u64), table index (u32), the region's
 *                  parameter `slot` (i32)
 *     0x0a00_0000  guest storage
 */
export const CELLS = 0x1000;
export const STATE = 0x2000;
/** Places for copies of the state, of those who look for what has changed: the recorder's, the tracer's. */
export const STATE_COPIES = { recorder: 0x8000, tracer: 0xc000 } as const;
export const STATE_COPY_BYTES = 0x3c00;
/** Sums of single registers (record/registerSums.ts). */
export const REGISTER_SUMS = 0xbc00;
export const BOUNCE = 0x1_0000;
export const CONSTANTS = 0x2_0000;
export const CONSTANTS_END = 0x3_0000;
export const JUMP_CACHE = 0x9c0_0000;
/** A C compiler runs 140,000 blocks, each of which is put there: with 32,768 entries, it asked for 174,000 blocks again. */
export const JUMP_CACHE_ENTRIES = 0x2_0000;
/** One for the usual mode, and one for code of one instruction a block. */
export const JUMP_CACHES = 2;
export const SLOTS = 0x20_0000;
export const SLOTS_END = 0xe0_0000;
export const LINK_PCS = 0xe0_0000;
export const LINK_PCS_END = 0x100_0000;
/** In place of a module's LINK_PCS where there is no room for them: zeros always. */
export const NO_LINK_PCS = 0x3_0000;
export const NO_LINK_PCS_END = 0x4_0000;
export const SLOT_BYTES = 24;
/** What a slot that remembers nothing has first: its halves. No guest address is there. */
export const NO_ADDRESS = { low: 0xffff_f001, high: 0x00ff_ffff } as const;
export const RING = 0x100_0000;
export const RING_END = 0x400_0000;
export const ENTRY_CONTENTS = 0x3e0_0000;
/** The ring has so much room behind Cell.ringLimit: records that take no more need not look at it one by one. */
export const RING_SLACK = 0x4_0000;
/**
 * Values of the cold block that is running: as far from here as their records are from the block's entry. All blocks have theirs in
 * the same place, which stays in the host's nearest cache.
 */
export const COLD_VALUES = 0x400_0000;
export const COLD_VALUES_END = 0x410_0000;
/** Records of cold code: some 35 bytes an instruction, so that there is room for 2.7 million. */
export const COLD_CODE = 0x410_0000;
export const COLD_CODE_END = 0x9c0_0000;
/** The numbers from 0 on, 8 bytes each, which cold blocks share: most constants of code are among them. */
export const SMALL_CONSTANTS = 0x8_0000;
export const SMALL_CONSTANT_COUNT = 512;
export const GUEST_STORAGE = 0xa00_0000;

/**
 * The arenas that were used last, one table for loads and one for stores, direct-mapped by the page that was accessed:
 * ARENA_ENTRIES entries of ARENA_BYTES: first address (u64), bytes (u64), delta (u32). The entry of a page is told by the
 * upper bits of its number (bits 31..0) times ARENA_HASH, because libraries lie at multiples of 64 KiB. An entry that
 * remembers nothing has the address of a page whose entry is another.
 */
export const READ_ARENAS = 0x4_0000;
export const WRITE_ARENAS = 0x6_0000;
export const ARENA_ENTRIES = 4096;
export const ARENA_BYTES = 32;
/** 2^32 over the golden ratio. */
export const ARENA_HASH = 0x9e37_79b1;
/**
 * Before each of these tables is looked into, one of arenas that have a whole chunk of LARGE_ARENA_CHUNK: it is so far behind the other,
 * and has LARGE_ARENA_ENTRIES of the same kind, whose number is the lower bits of the chunk's number. A heap of 60 MB has 15,000
 * pages, but 60 entries here, which stay in the host's nearest cache.
 */
export const LARGE_ARENAS = 0x4_1000;
export const LARGE_ARENA_ENTRIES = 256;
export const LARGE_ARENA_CHUNK = 0x10_0000;

/** Engine cells: linear offsets of words that generated code and JavaScript share. */
export const Cell = {
  /** i32: instructions that may still run in this slice. */
  left: CELLS,
  /** i32: EventKind of the event that made every frame return. */
  event: CELLS + 8,
  /** i32: code of a trap. */
  trapCode: CELLS + 12,
  /** i64: program counter at events. */
  pc: CELLS + 16,
  /** i64: address of a fault. */
  faultAddress: CELLS + 24,
  /** i32: argument of a trap. */
  trapArgument: CELLS + 32,
  /** u32: linear offset where the next trace record goes. */
  ringPointer: CELLS + 36,
  /** u32: records that take RING_SLACK together may start up to here; beyond it the ring's chunk is full. */
  ringLimit: CELLS + 40,
  /** i32: instructions of the block completed before a fault; -1 if it has no trace record. */
  faultInsns: CELLS + 44,
  /** u32: linear offset of the jump cache that is used. */
  jumpCache: CELLS + 48,
  /** i32: the budget that a region gave up to leave early; still to run. */
  setAside: CELLS + 52,
  /** i64: where the last indirect call went. */
  callee: CELLS + 56,
  /** i64: where a link leads that cannot be linked yet. */
  linkTarget: CELLS + 64,
  /** i32: low half of the number of instructions completed, were all of the budget used up. */
  stepBase: CELLS + 72,
  /** i32: the block that last counted its instructions. */
  countedBlock: CELLS + 76,
  /** i64: instructions counted by blocks. */
  counted: CELLS + 80,
} as const;
