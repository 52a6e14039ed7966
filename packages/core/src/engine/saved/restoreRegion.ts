import type { Placed } from '../../wasm/index.ts';
import type { MadeRegion } from '../regionTable.ts';
import type { BlockInfo } from '../seams.ts';
import type { SavedCode } from './savedCode.ts';
import { type RegionSetting, settle } from './savedRegion.ts';

/** Of blocks whose instructions nobody asks for. */
const NO_WORDS = new Uint32Array(0);

/** The region at `pc`, in code that begins at `start`, as an earlier run has made it; once, see SavedCode.takeRegion. */
export function restoreRegion(
  code: SavedCode,
  start: number,
  pc: number,
  nextBlockId: () => number,
  setting: RegionSetting,
): Omit<MadeRegion, 'cache' | 'slots'> | undefined {
  const saved = code.takeRegion(pc - start);
  const constants = saved && settle(saved, setting);
  if (saved === undefined || constants === undefined) return undefined;
  const { blocks: numbers, entries, code: bytes, links, unlikely, helpers, placed, frame } = saved;
  const blocks = blocksOf(numbers, nextBlockId);
  const triples = Array.from(
    { length: placed.length / 3 },
    (_, i): Placed => [placed[3 * i] as number, placed[3 * i + 1] as number, placed[3 * i + 2] as number],
  );
  return { pc, entries, blocks, source: 'saved', links, constants, lowered: { code: bytes, unlikely, links, shifted: [], placed: triples, helpers, frame } };
}

/** @param numbers see RegionHead.blocks */
export function blocksOf(numbers: readonly number[], nextBlockId: () => number): BlockInfo[] {
  const blocks: BlockInfo[] = [];
  for (let i = 0; i < numbers.length; i += 3) {
    blocks.push({ id: nextBlockId(), pc: numbers[i] as number, insns: numbers[i + 1] as number, bytes: numbers[i + 2] as number, words: NO_WORDS });
  }
  return blocks;
}
