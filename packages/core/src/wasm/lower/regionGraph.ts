import { type Structured, structure } from '../structure.ts';
import { naturalLoops } from './loops.ts';
import type { Region } from './regionType.ts';
import { type SplitGraph, splitEntries } from './splitting.ts';

/** Successors of each block inside the region, by block number; `blockAt` has the number of the block at a pc. */
function regionSuccessors({ blocks, localTargets }: Region, blockAt: ReadonlyMap<number, number>): number[][] {
  const inside = (pc: number): number[] => {
    const node = blockAt.get(pc);
    return node === undefined ? [] : [node];
  };
  const insideOf = (taken: number, fallThrough: number): number[] => {
    const nodes = inside(taken);
    const other = blockAt.get(fallThrough);
    if (other !== undefined && other !== nodes[0]) nodes.push(other);
    return nodes;
  };
  return blocks.map(({ terminator: t }, index) => {
    switch (t.kind) {
      case 'jump':
        return inside(t.target);
      case 'branch':
        return insideOf(t.taken, t.fallThrough);
      case 'call':
      case 'callIndirect':
        return inside(t.returnAddress);
      case 'syscall':
        return inside(t.next);
      case 'jumpIndirect':
        return [...new Set(localTargets.get(index) ?? [])];
      default:
        return [];
    }
  });
}

/** A region as a graph of blocks: what structure.ts makes of it, and what stands behind its nodes. */
export interface RegionGraph extends SplitGraph {
  /** Numbers of blocks by their pcs; of a block that has copies, the block's own. */
  readonly blockAt: ReadonlyMap<number, number>;
  /** The node that goes to the block that is entered; -1 where there is one entry only. Nodes below it are blocks. */
  readonly entryNode: number;
  readonly structured: Structured;
}

/**
 * @param chain false: every block returns to the dispatcher, by a branch to itself too
 * @param splits whether blocks may be copied
 */
export function regionGraph(region: Region, chain: boolean, splits: boolean): RegionGraph {
  const blockAt: ReadonlyMap<number, number> = chain ? new Map(region.blocks.map(({ pc }, i) => [pc, i])) : new Map();
  const successors = chain ? regionSuccessors(region, blockAt) : region.blocks.map(() => []);
  const whole: SplitGraph = { blocks: region.blocks, successors, redirected: new Map() };
  const graph = { ...whole, blockAt, ...structureOf(region, whole) };
  if (!splits || graph.structured.entries.length === 0) return graph;
  const split = splitEntries(whole.blocks, successors);
  return split.redirected.size === 0 ? graph : { ...split, blockAt, ...structureOf(region, split) };
}

function structureOf({ entries, localTargets }: Region, { blocks, successors }: SplitGraph): Pick<RegionGraph, 'entryNode' | 'structured'> {
  if (entries.length === 0) return { entryNode: -1, structured: structure({ successors, root: 0 }, (node) => localTargets.has(node)) };
  const entryNode = blocks.length;
  const nodes = [...successors, [0, ...entries]];
  return { entryNode, structured: structure({ successors: nodes, root: entryNode }, (node) => node === entryNode || localTargets.has(node)) };
}

/**
 * The header of the outermost loop around an address: where a region that starts at its function's start is best entered
 * besides, since an entry to an inner loop would give the loops around it two entries. undefined if the address is in no
 * loop of the region. Of a loop that has several entries anyway it is that of the first block.
 */
export function loopHeaderAround(region: Region, pc: number): number | undefined {
  const at = region.blocks.findIndex((block) => block.pc <= pc && pc < block.pc + block.bytes);
  if (at < 0) return undefined;
  const { blocks, structured } = regionGraph({ ...region, entries: [] }, true, true);
  if (structured.order[at] < 0) return undefined;
  // Outer loops come before those inside them.
  const header = naturalLoops(structured).find((loop) => loop.body.has(at))?.header;
  if (header === undefined) return undefined;
  const block = header < structured.firstDispatch ? header : Math.min(...(structured.entries[header - structured.firstDispatch] as readonly number[]));
  return blocks[block]?.pc;
}
