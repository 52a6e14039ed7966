import { JUMP_CACHE, JUMP_CACHE_ENTRIES, type LinearMemory } from './linearMemory.ts';

/** Where indirect branches find code in linear memory: by pc, an index in the global table and the function's parameter `slot`. */
export class JumpCache {
  constructor(private readonly memory: LinearMemory) {
    this.flush();
  }

  /** Puts in where a pc, given by its halves, leads. @returns the index */
  remember(lo: number, hi: number, index: number, slot: number): number {
    const { view } = this.memory;
    const entry = entryOf(lo);
    view.setInt32(entry, lo, true);
    view.setInt32(entry + 4, hi, true);
    view.setInt32(entry + 8, index, true);
    view.setInt32(entry + 12, slot, true);
    return index;
  }

  forget(pc: number): void {
    // A pc whose entry is another one is never found.
    this.memory.view.setInt32(entryOf(pc), ~pc, true);
  }

  flush(): void {
    this.memory.bytes.fill(0xff, JUMP_CACHE, JUMP_CACHE + JUMP_CACHE_ENTRIES * 16);
    // The pc of all ones belongs to the last entry, and must not be found there.
    this.memory.view.setInt32(JUMP_CACHE + (JUMP_CACHE_ENTRIES - 1) * 16, 0, true);
  }
}

const entryOf = (pc: number): number => JUMP_CACHE + (((pc >>> 1) & (JUMP_CACHE_ENTRIES - 1)) << 4);
