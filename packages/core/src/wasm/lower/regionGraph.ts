import type { Block } from '../../ir/index.ts';
import { type Structured, structure } from '../structure.ts';
import { naturalLoops } from './loops.ts';
import type { Region } from './region.ts';
import { splitEntries } from './splitting.ts';

/**
 * Successors of each block inside the region, by block number.
 * @param blockAt number of the block at a pc
 * @param chain false: every block returns to the dispatcher
 */
export function regionSuccessors({ blocks, localTargets }: Region, blockAt: ReadonlyMap<number, number>, chain: boolean): number[][] {
  const inside = (pc: number): number[] => {
    const node = blockAt.get(pc);
    return node === undefined ? [] : [node];
  };
  return blocks.map(({ terminator: t }, index) => {
    switch (t.kind) {
      case 'jump':
        return inside(t.target);
      case 'branch':
        return [...new Set([...inside(t.taken), ...inside(t.fallThrough)])];
      case 'call':
      case 'callIndirect':
        return chain ? inside(t.returnAddress) : [];
      case 'syscall':
        return inside(t.next);
      case 'jumpIndirect':
        return [...new Set(localTargets.get(index) ?? [])];
      default:
        return [];
    }
  });
}

/** Numbers of a region's blocks by their pcs. */
export const blockNumbers = (blocks: readonly Block[]): Map<number, number> => new Map(blocks.map(({ pc }, i) => [pc, i]));

/**
 * The header of the outermost loop around an address: where a region that starts at its function's start is best entered
 * besides, since an entry to an inner loop would give the loops around it two entries. undefined if the address is in no
 * loop of the region. Of a loop that has several entries anyway it is the first.
 */
export function loopHeaderAround(region: Region, pc: number): number | undefined {
  const { blocks } = region;
  const split = splitEntries(blocks, regionSuccessors(region, blockNumbers(blocks), true));
  const at = blocks.findIndex((block) => block.pc <= pc && pc < block.pc + block.bytes);
  if (at < 0) return undefined;
  const graph: Structured = structure({ successors: split.successors, root: 0 }, (node) => region.localTargets.has(node));
  if (graph.order[at] < 0) return undefined;
  // Outer loops come before those inside them.
  const header = naturalLoops(graph).find((loop) => loop.body.has(at))?.header;
  if (header === undefined) return undefined;
  const block = header < graph.firstDispatch ? header : (graph.entries[header - graph.firstDispatch]?.[0] as number);
  return split.blocks[block]?.pc;
}
