import { fingerprint } from '../../base/index.ts';
import { HEADER_WORDS, MAGIC, putAscii, roundUp, type SavedHead } from './savedCode.ts';

/** A block or region to save: where it begins, from the code's start, and its words. */
export type Entry = readonly [offset: number, words: Uint32Array];

/** What is saved of one piece of code has at most so many words; what a run did not use goes first. */
export const MOST_WORDS = 1 << 25;

/** @returns the parts of what SavedCode.open reads */
export function packCode(head: SavedHead, blocks: readonly Entry[], regions: readonly Entry[], modules: readonly Uint32Array[]): Uint8Array[] {
  const json = JSON.stringify(head);
  const headWords = roundUp((json.length + 3) >>> 2);
  const sorted = [[...blocks].sort(byOffset), [...regions].sort(byOffset), modules.map((words, i): Entry => [i, words])].flat();
  const described = new Uint32Array(headWords + roundUp(2 * (sorted.length + 1)));
  putAscii(described.subarray(0, headWords), json);
  let at = 0;
  sorted.forEach(([offset, words], i) => {
    described[headWords + 2 * i] = offset;
    described[headWords + 2 * i + 1] = at;
    at += words.length;
  });
  described[headWords + 2 * sorted.length + 1] = at;
  const sums = fingerprint(described)
    .split('-')
    .map((sum) => Number.parseInt(sum, 16));
  const header = Uint32Array.of(MAGIC, headWords, blocks.length, regions.length, modules.length, 0, 0, 0, ...sums);
  if (header.length !== HEADER_WORDS) throw new Error('the header has another length');
  return [header, described, ...sorted.map(([, words]) => words)].map((words) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
}

const byOffset = (a: Entry, b: Entry): number => a[0] - b[0];
