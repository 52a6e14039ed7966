import type { Block } from '../../ir/index.ts';

/** Blocks of a region, and the numbers of those that each goes to. */
export interface FlowGraph {
  readonly blocks: readonly Block[];
  readonly successors: readonly (readonly number[])[];
}

/** True if control leaves the region's function between this block and the next, so that locals are not kept. */
export const leavesLocals = (block: Block): boolean =>
  block.terminator.kind === 'call' || block.terminator.kind === 'callIndirect' || block.terminator.kind === 'syscall';

/** Carries facts along one way from a block to a successor. @returns whether it learnt anything */
type Carry = (block: number, successor: number) => boolean;

/** Carries facts from blocks to their successors until there is nothing new. @param successors of each block, by number */
export function flowForwards(successors: readonly (readonly number[])[], carry: Carry): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let block = 0; block < successors.length; block++) {
      const list = successors[block] as readonly number[];
      for (let i = 0; i < list.length; i++) if (carry(block, list[i])) changed = true;
    }
  }
}

/** Carries facts from successors to the blocks before them until there is nothing new. @param successors of each block, by number */
export function flowBackwards(successors: readonly (readonly number[])[], carry: Carry): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let block = successors.length - 1; block >= 0; block--) {
      const list = successors[block] as readonly number[];
      for (let i = 0; i < list.length; i++) if (carry(block, list[i])) changed = true;
    }
  }
}
