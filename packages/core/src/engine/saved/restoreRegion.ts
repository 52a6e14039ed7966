import type { TranslatedRegion } from '../codeCache.ts';
import type { BlockInfo } from '../seams.ts';
import type { SavedCode } from './savedCode.ts';
import { type RegionSetting, settle } from './savedRegion.ts';

/** Of blocks whose instructions nobody asks for. */
const NO_WORDS = new Uint32Array(0);

export interface RestoredRegion {
  readonly made: Pick<TranslatedRegion, 'pc' | 'entries' | 'blocks' | 'links' | 'source'>;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

/** The region at `pc`, in code that begins at `start`, as an earlier run has made it; once, see SavedCode.takeRegion. */
export function restoreRegion(code: SavedCode, start: number, pc: number, nextBlockId: () => number, setting: RegionSetting): RestoredRegion | undefined {
  const source = code.packedRegion(pc - start);
  const saved = code.takeRegion(pc - start);
  if (source === undefined || saved === undefined || !settle(saved, setting)) return undefined;
  const { blocks: numbers, entries, links, wasm } = saved;
  const blocks: BlockInfo[] = [];
  for (let i = 0; i < numbers.length; i += 3) {
    blocks.push({ id: nextBlockId(), pc: numbers[i] as number, insns: numbers[i + 1] as number, bytes: numbers[i + 2] as number, words: NO_WORDS });
  }
  return { made: { pc, entries, blocks, links, source }, wasm };
}
