import type { LoweredRegion, Placed } from '../../wasm/index.ts';
import type { MadeRegion } from '../regionTable.ts';
import type { BlockInfo } from '../seams.ts';
import { type RegionSetting, type SavedRegion, settle } from './savedRegion.ts';

/** Of blocks whose instructions nobody asks for. */
const NO_WORDS = new Uint32Array(0);

/** The region at `pc`, as an earlier run has made it, with a machine's numbers in it. */
export function restoreRegion(
  saved: SavedRegion,
  pc: number,
  nextBlockId: () => number,
  setting: RegionSetting,
): Omit<MadeRegion, 'cache' | 'slots'> | undefined {
  if (settle(saved, setting) === undefined) return undefined;
  const { blocks, entries, links } = saved;
  return { pc, entries, blocks: blocksOf(blocks, nextBlockId), source: 'saved', links, lowered: loweredOf(saved) };
}

/** What was lowered, as `regionModule` takes it. */
export function loweredOf({ code, links, unlikely, helpers, placed, frame }: SavedRegion): LoweredRegion {
  const triples = Array.from(
    { length: placed.length / 3 },
    (_, i): Placed => [placed[3 * i] as number, placed[3 * i + 1] as number, placed[3 * i + 2] as number],
  );
  return { code, unlikely, links, shifted: [], placed: triples, helpers, frame };
}

/** @param numbers see RegionHead.blocks */
export function blocksOf(numbers: readonly number[], nextBlockId: () => number): BlockInfo[] {
  const blocks: BlockInfo[] = [];
  for (let i = 0; i < numbers.length; i += 3) {
    blocks.push({ id: nextBlockId(), pc: numbers[i] as number, insns: numbers[i + 1] as number, bytes: numbers[i + 2] as number, words: NO_WORDS });
  }
  return blocks;
}
