import { JUMP_CACHE, JUMP_CACHE_ENTRIES, type LinearMemory } from './linearMemory.ts';

/** Up to so many entries are cleared one by one. */
const FEW = 4096;

/** Where indirect branches find code in linear memory: by pc, an index in the global table and the function's parameter `slot`. */
export class JumpCache {
  /** Offsets of the entries written since the last flush; more than FEW: all may have been. */
  private readonly used: number[] = [];

  /** @param memory zero there: that many writes would be felt at each start */
  constructor(private readonly memory: LinearMemory) {
    this.hideFirst();
  }

  /** Puts in where a pc, given by its halves, leads. @returns the index */
  remember(lo: number, hi: number, index: number, slot: number): number {
    const { view } = this.memory;
    const entry = entryOf(lo);
    view.setInt32(entry, lo, true);
    view.setInt32(entry + 4, hi, true);
    view.setInt32(entry + 8, index, true);
    view.setInt32(entry + 12, slot, true);
    if (this.used.length <= FEW) this.used.push(entry);
    return index;
  }

  forget(pc: number): void {
    // A pc whose entry is another one is never found.
    this.memory.view.setInt32(entryOf(pc), ~pc, true);
  }

  flush(): void {
    if (this.used.length > FEW) this.clearAll();
    else for (const entry of this.used) this.clear(entry);
    this.used.length = 0;
  }

  private clear(entry: number): void {
    const { i32 } = this.memory;
    i32[entry >>> 2] = 0;
    i32[(entry >>> 2) + 1] = 0;
    if (entry === JUMP_CACHE) this.hideFirst();
  }

  private clearAll(): void {
    this.memory.i32.fill(0, JUMP_CACHE >>> 2, (JUMP_CACHE >>> 2) + JUMP_CACHE_ENTRIES * 4);
    this.hideFirst();
  }

  /** The pc 0 belongs to the first entry, and must not be found there; of others, an entry of zeros is none. */
  private hideFirst(): void {
    this.memory.i32[JUMP_CACHE >>> 2] = -1;
  }
}

const entryOf = (pc: number): number => JUMP_CACHE + (((pc >>> 1) & (JUMP_CACHE_ENTRIES - 1)) << 4);
