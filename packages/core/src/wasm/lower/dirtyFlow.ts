import type { Block } from '../../ir/index.ts';
import { type FlowGraph, flowForwards, leavesLocals } from './dataflow.ts';

/** What of a region decides where registers are dirty: hold a value newer than the CPU state. All by block. */
export interface DirtyFlowInput extends FlowGraph {
  /** Registers that the block sets, behind the op of writtenThrough. */
  readonly dirtied: readonly Uint32Array[];
  /** The last op before which all is stored that is dirty, see writeThrough.ts; -1: there is none. */
  readonly writtenThrough: Int32Array;
  /** 1 for blocks before which what is dirty on some ways only is to be stored on those. */
  readonly meets: Uint8Array;
}

/** Works out which registers are dirty where blocks start, and which are stored by whoever goes there. */
export class DirtyFlow {
  readonly dirtyIn: readonly Uint32Array[];

  /** @param storedInto registers that are to be stored before each block in any case; gets those of `meets`, too */
  constructor(
    private readonly input: DirtyFlowInput,
    readonly storedInto: readonly Uint32Array[],
  ) {
    this.dirtyIn = storedInto.map((set) => new Uint32Array(set.length));
  }

  solve(): void {
    do {
      for (const set of this.dirtyIn) set.fill(0);
      flowForwards(this.input.successors, (from, to) => this.carry(from, to));
    } while (this.storesPartlyDirty());
  }

  private carry(from: number, to: number): boolean {
    const into = this.dirtyIn[to] as Uint32Array;
    const stored = this.storedInto[to] as Uint32Array;
    let changed = false;
    for (let w = 0; w < into.length; w++) {
      const more = this.dirtyOut(from, w) & ~stored[w] & ~into[w];
      if (more === 0) continue;
      into[w] |= more;
      changed = true;
    }
    return changed;
  }

  /** Word `w` of the registers that are dirty where a block ends. */
  private dirtyOut(block: number, w: number): number {
    const { blocks, dirtied, writtenThrough } = this.input;
    if (leavesLocals(blocks[block] as Block)) return 0;
    return (dirtied[block] as Uint32Array)[w] | (writtenThrough[block] < 0 ? (this.dirtyIn[block] as Uint32Array)[w] : 0);
  }

  /** What is dirty on some, but not all, of the ways to a block of `meets` is to be stored on them. @returns whether there was any */
  private storesPartlyDirty(): boolean {
    const { successors, meets } = this.input;
    if (!meets.includes(1)) return false;
    const partly = this.dirtyIn.map((set) => new Uint32Array(set.length));
    successors.forEach((list, from) => {
      for (const to of list) {
        if (meets[to] !== 1) continue;
        const set = partly[to] as Uint32Array;
        for (let w = 0; w < set.length; w++) set[w] |= (this.dirtyIn[to] as Uint32Array)[w] & ~this.dirtyOut(from, w);
      }
    });
    let isAny = false;
    partly.forEach((set, to) => {
      for (let w = 0; w < set.length; w++) {
        if (set[w] === 0) continue;
        (this.storedInto[to] as Uint32Array)[w] |= set[w];
        isAny = true;
      }
    });
    return isAny;
  }
}
