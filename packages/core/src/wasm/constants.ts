// What both the engine and the code that is made for it know.

/** Values of Cell.event: why every frame returned. */
export const EVENT_NONE = 0;
export const EVENT_TRAP = 1;
export const EVENT_FAULT = 2;
export const EVENT_LEAVE = 3;
/** The next Cell.trapArgument instructions must run one a block. */
export const EVENT_CAREFUL = 4;
/** Control went to an address where no memory can be. */
export const EVENT_WILD = 5;
/** An access had to be aligned and was not: Cell.faultAddress. */
export const EVENT_MISALIGNED = 6;
/** A `trapIf`: as EVENT_TRAP, but the block's record is not committed. */
export const EVENT_TRAP_INSIDE = 7;
/** A region could not be entered at Cell.pc: its flags are not of the kind expected; Cell.trapArgument instructions must run one a block. */
export const EVENT_FLAG_KIND = 8;

/** So many targets of an indirect jump are told of, at most: then they are known, or left to the dispatcher. That takes half a millisecond. */
export const LEARNT_JUMPS = 5000;

/**
 * A call site remembers where an indirect call went last, in a memory check slot of its own: the slot of the table of links
 * that belongs to it leads there. Linear offsets from the slot's start; what remembers nothing has a pc where no guest address is.
 */
export const CALL_SITE = {
  /** u64. */
  pc: 0,
  /** i32: the parameter `slot` of the region there. */
  entry: 8,
  /** u32: how often it went elsewhere. */
  missed: 12,
  /** u32: 1 if the slot belongs to a site that knows a target, so that it stays when memory checks forget their arenas. */
  isSite: 20,
} as const;
/** A site learns the target that it does not know at the SITE_FIRST-th miss, and at each SITE_AGAIN-th after that. */
export const SITE_FIRST = 8;
export const SITE_AGAIN = 1024;
/** The first slot of a module's table of links belongs to no region: a site that knows nothing leads there. */
export const FIRST_LINK = 1;
/** In place of the pc of a region's link that belongs to a call site. */
export const SITE_LINK = -1;

/** Bytes of the host's stack in which room for frames is counted. */
export const FRAME_UNIT = 64;
/** Of a frame of cold code, in FRAME_UNIT. */
export const COLD_FRAME = 8;

/** What stands in a region's function that only the module in which it is has: see FunctionBody.placed. */
export const PLACED = {
  /** The number of a slot of the table of links: that of the region's first is added. */
  link: 0,
  /** The region's place in the module. */
  region: 1,
  /** The index of the region's own function. */
  function: 2,
  /** The index of a helper's function: the value is its place in the region's `helpers`. */
  helper: 3,
  /** The room that a frame of the region's function takes, in FRAME_UNIT. */
  frame: 4,
} as const;
/** Of each of them, as LEB128; signed or not: bit 6 of the last byte is clear. */
export const PLACED_BYTES = 3;
export const PLACED_END = 1 << 20;

/** Most regions of a module. A region's number is that of its module times this, and its place in it. */
export const MODULE_REGIONS = 1024;
/**
 * Imported constants of each module of regions. What a machine decides for the whole module is there and not in the code, so that
 * the same module has the same bytes in every run, and what the host's compiler has made of it can be kept.
 */
export const GLOBAL = {
  /** The number of its first region. */
  firstRegion: 0,
  /** Linear offset of the word in LINK_PCS of its table's first slot. */
  linkPcs: 1,
} as const;
