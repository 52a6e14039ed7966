import type { Block } from '../../ir/index.ts';
import { components } from '../structure.ts';

/** Blocks longer than this are not copied. */
const MAX_INSNS = 16;
/** Copies in one region. */
const MAX_COPIES = 16;

/** A region's blocks and their successors, with copies of blocks behind the others. */
export interface SplitGraph {
  readonly blocks: readonly Block[];
  readonly successors: readonly (readonly number[])[];
  /** For the branches that go to a copy: from block, to block, the copy's number. */
  readonly redirected: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

/**
 * Makes loops with several entries reducible where a small copy will do: compilers enter an unrolled or rotated loop in
 * its middle. Where the block there leads back to the loop's main entry only, or where it would give an inner loop a
 * second entry, ways from outside get a copy of it.
 * That the region can be entered elsewhere than at its first block plays no part: what matters is the shape of its loops.
 */
export function splitEntries(blocks: readonly Block[], successors: readonly (readonly number[])[]): SplitGraph {
  const result = { blocks: [...blocks], successors: successors.map((list) => [...list]), redirected: new Map<number, Map<number, number>>() };
  for (let copies = 0; copies < MAX_COPIES; copies++) {
    const split = findSplit(result.blocks, result.successors);
    if (split === undefined) break;
    const copy = result.blocks.push(result.blocks[split.block] as Block) - 1;
    result.successors.push([...(result.successors[split.block] as number[])]);
    for (const from of split.from) {
      result.successors[from] = (result.successors[from] as number[]).map((s) => (s === split.block ? copy : s));
      let targets = result.redirected.get(from);
      if (targets === undefined) {
        targets = new Map();
        result.redirected.set(from, targets);
      }
      targets.set(split.block, copy);
    }
    const ways = result.redirected.get(split.block);
    if (ways !== undefined) result.redirected.set(copy, new Map(ways));
  }
  return result;
}

/** A block to copy, and the blocks from which the copy is entered instead. */
function findSplit(
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
): { readonly block: number; readonly from: readonly number[] } | undefined {
  const predecessors: number[][] = successors.map(() => []);
  successors.forEach((list, node) => {
    for (const s of list) (predecessors[s] as number[]).push(node);
  });
  const work: { nodes: readonly number[]; header: number }[] = [{ nodes: [...successors.keys()], header: -1 }];
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    for (const component of components(successors, item.nodes, item.header)) {
      const inside = new Set(component);
      const outsidePredecessors = (node: number): number[] => (predecessors[node] as number[]).filter((p) => !inside.has(p));
      const heads = component.filter((node) => node === 0 || outsidePredecessors(node).length > 0);
      if (heads.length <= 1) {
        work.push({ nodes: component, header: heads[0] ?? (component[0] as number) });
        continue;
      }
      // The loop's header is what comes first.
      const main = Math.min(...heads);
      // A loop inside that is entered at its header from this loop, and in its middle from outside of both
      const inner = components(successors, component, main);
      for (const head of heads) {
        const from = outsidePredecessors(head);
        if (head === main || !isCopyable(blocks[head] as Block)) continue;
        if (!from.every((p) => hasBranches(blocks[p] as Block))) continue;
        if ((successors[head] as readonly number[]).every((s) => s === main || !inside.has(s))) return { block: head, from };
        const around = new Set(inner.find((nodes) => nodes.includes(head)) ?? []);
        const entersBesides = (node: number): boolean => node !== head && (predecessors[node] as number[]).some((p) => inside.has(p) && !around.has(p));
        if ([...around].some(entersBesides)) return { block: head, from };
      }
    }
  }
  return undefined;
}

const hasBranches = ({ terminator }: Block): boolean => terminator.kind === 'jump' || terminator.kind === 'branch';
const isCopyable = (block: Block): boolean => block.insns <= MAX_INSNS && hasBranches(block);
