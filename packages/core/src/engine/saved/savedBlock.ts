import { coldOffsetsOf, isTerminator, RECORD, recordsOf, Step } from '../../wasm/index.ts';
import { COLD_CODE } from '../linearMemory.ts';

/**
 * A block of cold code, apart from where it stood, in words:
 *
 *     0      sum of the words that follow
 *     1      instructions, and from bit 16 the number of constants before its entry
 *     2      bytes of guest code
 *     3      n, words of constants and records
 *     4      which of them the record begins at that ends the block
 *     5      h, words that name functions of helpers
 *     6      how often it ran in the run that made it, as far as it has been counted
 *     7      i, instructions of guest code that follow
 *     8      h times: which word, and the helper's number in the file's list of names
 *     8+2h   a bit for each of the n words, bit 0 of the first word for the first: it is a linear offset, here from the block's start
 *     …      the n words; links to other blocks are 0
 *     …      the i instructions
 */
export type SavedBlock = Uint32Array;

const HEAD = 8;

/** Where a block stands in linear memory; all are linear offsets. */
export interface BlockPlace {
  /** Of its constants. */
  readonly first: number;
  /** Of its entry. */
  readonly at: number;
  /** Behind its last record. */
  readonly end: number;
  readonly insns: number;
  readonly bytes: number;
}

/** What is saved with a block for those who make regions of it. */
export interface BlockSource {
  /** How often it has run, as far as that is counted. */
  readonly runs: number;
  /** Its instructions; empty: not known. */
  readonly code: Uint32Array;
}

/** Of a block that nobody makes regions of. */
export const NO_SOURCE: BlockSource = { runs: 0, code: new Uint32Array(0) };

/** Words of a saved block's parts. */
export interface SavedBlockParts {
  readonly insns: number;
  readonly bytes: number;
  readonly constants: number;
  /** Where each part begins, in words of the saved block. */
  readonly helpersAt: number;
  readonly helpers: number;
  readonly maskAt: number;
  readonly wordsAt: number;
  readonly words: number;
  /** Within the words. */
  readonly terminator: number;
  readonly runs: number;
  /** Instructions of guest code. */
  readonly codeAt: number;
}

/** A sum that tells words from others that a damaged file may have. */
export function sumOf(words: Uint32Array, from: number, to: number): number {
  let sum = 0x811c_9dc5;
  for (let i = from; i < to; i++) {
    sum = Math.imul(sum ^ words[i], 0x9e37_79b1);
    sum ^= sum >>> 15;
  }
  return sum >>> 0;
}

/**
 * Takes a block out of linear memory.
 * @param helperName the number, in the file's list of names, of the helper that has this function of the interpreter's table
 */
export function saveBlock(memory: Uint32Array, place: BlockPlace, helperName: (fn: number) => number, { runs, code }: BlockSource): SavedBlock {
  const { first, at, end, insns, bytes } = place;
  const from = first >>> 2;
  const count = (end - first) >>> 2;
  const words = memory.slice(from, from + count);
  const mask = new Uint32Array((count + 31) >>> 5);
  const helpers: number[] = [];
  const shift = (word: number): void => {
    if (words[word] < COLD_CODE) return;
    words[word] -= first;
    mask[word >>> 5] |= 1 << (word & 31);
  };
  const entry = (at - first) >>> 2;
  // As it was before it ran: what follows its number of instructions is set anew where it is put.
  words[entry] = Step.entry;
  words.fill(0, entry + 2, entry + 4);
  let word = entry + (2 * RECORD) / 4;
  while (!isTerminator(words[word] & 0xffff)) {
    const step = words[word] & 0xffff;
    const offsets = coldOffsetsOf(step);
    for (let i = 1; i <= 3; i++) if ((offsets & (1 << i)) !== 0) shift(word + i);
    const records = recordsOf(words[word]);
    if (step >= Step.helper && step <= Step.coldHelper128) {
      helpers.push(word + 3, helperName(words[word + 3]));
      words[word + 3] = 0;
      for (let i = 4; i < records * 4; i++) shift(word + i);
    }
    word += records * 4;
  }
  const step = words[word] & 0xffff;
  const offsets = coldOffsetsOf(step);
  for (let i = 1; i <= 3; i++) {
    if ((offsets & (1 << i)) !== 0) shift(word + i);
    else if (step !== Step.trap && !(step === Step.branchIfFlags && i === 1)) words[word + i] = 0;
  }
  const saved = new Uint32Array(HEAD + helpers.length + mask.length + count + code.length);
  saved.set([0, insns | (((at - first) / RECORD) << 16), bytes, count, word, helpers.length >>> 1, runs, code.length]);
  saved.set(helpers, HEAD);
  saved.set(mask, HEAD + helpers.length);
  saved.set(words, HEAD + helpers.length + mask.length);
  saved.set(code, HEAD + helpers.length + mask.length + count);
  saved[0] = sumOf(saved, 1, saved.length);
  return saved;
}

/** The parts of a saved block; undefined if it is damaged. */
export function partsOf(saved: SavedBlock): SavedBlockParts | undefined {
  if (saved.length < HEAD || saved[0] !== sumOf(saved, 1, saved.length)) return undefined;
  const [, counts, bytes, words, terminator, helpers, runs, code] = saved;
  const maskAt = HEAD + 2 * helpers;
  const wordsAt = maskAt + ((words + 31) >>> 5);
  const codeAt = wordsAt + words;
  if (codeAt + code !== saved.length) return undefined;
  return { insns: counts & 0xffff, bytes, constants: counts >>> 16, helpersAt: HEAD, helpers, maskAt, wordsAt, words, terminator, runs, codeAt };
}
