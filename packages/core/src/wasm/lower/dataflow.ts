/** Carries facts along one way from a block to a successor. @returns whether it learnt anything */
type Carry = (block: number, successor: number) => boolean;

/** Carries facts from blocks to their successors until there is nothing new. @param successors of each block, by number */
export function flowForwards(successors: readonly (readonly number[])[], carry: Carry): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let block = 0; block < successors.length; block++) {
      for (const successor of successors[block] as readonly number[]) if (carry(block, successor)) changed = true;
    }
  }
}

/** Carries facts from successors to the blocks before them until there is nothing new. @param successors of each block, by number */
export function flowBackwards(successors: readonly (readonly number[])[], carry: Carry): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let block = successors.length - 1; block >= 0; block--) {
      for (const successor of successors[block] as readonly number[]) if (carry(block, successor)) changed = true;
    }
  }
}
