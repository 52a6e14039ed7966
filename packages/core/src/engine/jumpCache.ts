import { Cell, JUMP_CACHE, JUMP_CACHE_ENTRIES, JUMP_CACHES, type LinearMemory } from './linearMemory.ts';

/** Up to so many entries are cleared one by one. */
const FEW = 0x4000;

/** Bytes of an entry. */
const ENTRY = 16;

const CACHE_BYTES = JUMP_CACHE_ENTRIES * ENTRY;

/**
 * Where indirect branches find code in linear memory: by pc, an index in the global table and the function's parameter
 * `slot`. There are several, one of which is used: modes that alternate do not have to look for their code again.
 */
export class JumpCache {
  /** By cache: offsets in it of the entries written since the last flush; more than FEW: all may have been. */
  private readonly used: readonly number[][] = Array.from({ length: JUMP_CACHES }, () => []);
  private current = 0;

  /** @param memory zero there: that many writes would be felt at each start */
  constructor(private readonly memory: LinearMemory) {
    for (let cache = 0; cache < JUMP_CACHES; cache++) this.hideFirst(cache);
    this.use(0);
  }

  /** Uses cache 0 .. JUMP_CACHES - 1 from now on. */
  use(cache: number): void {
    this.current = cache;
    this.memory.view.setInt32(Cell.jumpCache, offsetOf(cache), true);
  }

  /** Puts in where a pc, given by its halves, leads. @returns the index */
  remember(lo: number, hi: number, index: number, slot: number): number {
    const { view } = this.memory;
    const inCache = entryOf(lo);
    const entry = offsetOf(this.current) + inCache;
    view.setInt32(entry, lo, true);
    view.setInt32(entry + 4, hi, true);
    view.setInt32(entry + 8, index, true);
    view.setInt32(entry + 12, slot, true);
    const used = this.used[this.current] as number[];
    if (used.length <= FEW) used.push(inCache);
    return index;
  }

  /** In all caches. */
  forget(pc: number): void {
    // A pc whose entry is another one is never found.
    for (let cache = 0; cache < JUMP_CACHES; cache++) this.memory.view.setInt32(offsetOf(cache) + entryOf(pc), ~pc, true);
  }

  /** All caches. */
  flush(): void {
    this.used.forEach((used, cache) => {
      if (used.length > FEW) this.clearAll(cache);
      else for (const inCache of used) this.clear(cache, inCache);
      used.length = 0;
    });
  }

  private clear(cache: number, inCache: number): void {
    this.memory.i64[(offsetOf(cache) + inCache) / 8] = 0n;
    if (inCache === 0) this.hideFirst(cache);
  }

  private clearAll(cache: number): void {
    this.memory.i64.fill(0n, offsetOf(cache) / 8, offsetOf(cache + 1) / 8);
    this.hideFirst(cache);
  }

  /** The pc 0 belongs to the first entry, and must not be found there; of others, an entry of zeros is none. */
  private hideFirst(cache: number): void {
    this.memory.i32[offsetOf(cache) >>> 2] = -1;
  }
}

const offsetOf = (cache: number): number => JUMP_CACHE + cache * CACHE_BYTES;
/** From the cache's start. */
const entryOf = (pc: number): number => ((pc >>> 2) & (JUMP_CACHE_ENTRIES - 1)) * ENTRY;
