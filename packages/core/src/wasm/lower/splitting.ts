import type { Block } from '../../ir/index.ts';
import { components } from '../structure.ts';

/** Blocks longer than this are not copied by themselves. */
const MAX_INSNS = 16;
/** Blocks and instructions that are copied together, at most. */
const MAX_PEELED_BLOCKS = 24;
const MAX_PEELED_INSNS = 96;
/** Copies in one region. */
const MAX_COPIES = 32;

/** A region's blocks and their successors, with copies of blocks behind the others. */
export interface SplitGraph {
  readonly blocks: readonly Block[];
  readonly successors: readonly (readonly number[])[];
  /** For the branches that go to a copy: from block, to block, the copy's number. */
  readonly redirected: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

/**
 * Makes loops with several entries reducible where small copies will do: compilers enter an unrolled or rotated loop in
 * its middle. Ways from outside get copies of what they go through
 * - where the block there would give an inner loop a second entry;
 * - up to the block that stays the only entry: the first way through the loop is apart from the others then.
 * That the region can be entered elsewhere than at its first block plays no part: what matters is the shape of its loops.
 */
export function splitEntries(blocks: readonly Block[], successors: readonly (readonly number[])[]): SplitGraph {
  const result = { blocks: [...blocks], successors: successors.map((list) => [...list]), redirected: new Map<number, Map<number, number>>() };
  // The block's own number, by that of a copy
  const own = [...blocks.keys()];
  for (let copies = 0; copies < MAX_COPIES; ) {
    const split = findSplit(result.blocks, result.successors);
    if (split === undefined || copies + split.blocks.length > MAX_COPIES) break;
    copies += split.blocks.length;
    const copyOf = new Map(split.blocks.map((block, k) => [block, result.blocks.length + k]));
    const redirect = (from: number): void => {
      const targets = new Map(result.redirected.get(from));
      result.successors[from] = (result.successors[from] as number[]).map((s) => {
        const copy = copyOf.get(s);
        if (copy !== undefined) targets.set(own[s] as number, copy);
        return copy ?? s;
      });
      result.redirected.set(from, targets);
    };
    for (const block of split.blocks) {
      const copy = result.blocks.push(result.blocks[block] as Block) - 1;
      own.push(own[block] as number);
      result.successors.push([...(result.successors[block] as number[])]);
      const ways = result.redirected.get(block);
      if (ways !== undefined) result.redirected.set(copy, new Map(ways));
    }
    for (const from of split.from) redirect(from);
    for (const block of split.blocks) if ((result.successors[block] as number[]).some((s) => copyOf.has(s))) redirect(copyOf.get(block) as number);
  }
  return result;
}

/** Blocks to copy, and those outside from which the copies are entered instead. */
interface Split {
  readonly blocks: readonly number[];
  readonly from: readonly number[];
}

/** Looks for what is to be copied next. */
function findSplit(blocks: readonly Block[], successors: readonly (readonly number[])[]): Split | undefined {
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
      const isEnterable = (head: number): boolean => head !== 0 && outsidePredecessors(head).every((p) => hasBranches(blocks[p] as Block));
      // The loop's header is what comes first.
      const main = Math.min(...heads);
      // A loop inside that is entered at its header from this loop, and in its middle from outside of both
      const inner = components(successors, component, main);
      for (const head of heads) {
        if (head === main || !isCopyable(blocks[head] as Block) || !isEnterable(head)) continue;
        const around = new Set(inner.find((nodes) => nodes.includes(head)) ?? []);
        const isOwnEntry = (node: number): boolean => node !== head && (predecessors[node] as number[]).some((p) => inside.has(p) && !around.has(p));
        const isUseful = (successors[head] as readonly number[]).every((s) => !around.has(s) || isOwnEntry(s));
        if (isUseful && [...around].some(isOwnEntry)) return { blocks: [head], from: outsidePredecessors(head) };
      }
      const peeled = findPeeled(blocks, successors, component, heads.filter(isEnterable), heads);
      if (peeled !== undefined) return { blocks: peeled, from: [...new Set(peeled.filter((node) => heads.includes(node)).flatMap(outsidePredecessors))] };
    }
  }
  return undefined;
}

/**
 * What ways into a loop go through before they come to the block that is to be its only entry: that for which this is
 * least; undefined if it is too much.
 * @param enterable those of the `heads`, where the loop is entered, that can be copied
 */
function findPeeled(
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
  component: readonly number[],
  enterable: readonly number[],
  heads: readonly number[],
): readonly number[] | undefined {
  if (enterable.length < heads.length - 1) return undefined;
  const inside = new Set(component);
  let best: readonly number[] | undefined;
  let least = MAX_PEELED_INSNS + 1;
  // Of those that are as good, what comes first is the header.
  for (const entry of [...component].sort((a, b) => a - b)) {
    if (heads.some((head) => head !== entry && !enterable.includes(head))) continue;
    const peeled = heads.filter((head) => head !== entry);
    const seen = new Set(peeled);
    let insns = 0;
    for (let k = 0; k < peeled.length; k++) {
      const node = peeled[k] as number;
      const block = blocks[node] as Block;
      insns += block.insns;
      if (insns >= least || peeled.length > MAX_PEELED_BLOCKS || !hasBranches(block)) {
        insns = least;
        break;
      }
      for (const s of successors[node] as readonly number[]) {
        if (s === entry || !inside.has(s) || seen.has(s)) continue;
        seen.add(s);
        peeled.push(s);
      }
    }
    // A loop among what is copied would be entered as often as this one, and copied again.
    if (insns >= least || components(successors, peeled, -1).length > 0) continue;
    least = insns;
    best = peeled;
  }
  return best;
}

const hasBranches = ({ terminator }: Block): boolean => terminator.kind === 'jump' || terminator.kind === 'branch';
const isCopyable = (block: Block): boolean => block.insns <= MAX_INSNS && hasBranches(block);
