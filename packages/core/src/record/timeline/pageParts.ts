import { PAGE } from '../../engine/index.ts';

const WORDS = PAGE / 4;
/** Bytes from which on a part is full: who reads one page unpacks so many, and has those beside it, too. */
const PART_BYTES = 1 << 14;
/** What a page takes at most: its head, and runs, each but the first of which is behind a word that is left as it is. */
const MOST_WORDS = WORDS + 2;
/** Bits of a page's head. */
const WHOLE = 0x1_0000;
const BASED = 0x2_0000;

/**
 * Tells what pages hold, in 32-bit words. Of another version of a page there is told what differs from the one before, which is
 * little, and of others what is not zero:
 *
 *     u32 words that follow, and bit 16 set if it is told by what is not zero
 *     bit 17 set, too: by what differs from a version that is elsewhere
 *     runs: u32 words to leave as they are, and from bit 16 how many there are of those that follow; so many u32
 */
export class PageEncoder {
  private readonly words = new Uint32Array(MOST_WORDS);

  /** @param before the version before; undefined: it is to be told by what is not zero. @returns what is valid until the next page comes */
  encode(page: Uint32Array, before: Uint32Array | undefined): Uint32Array {
    const { words } = this;
    let at = 1;
    for (let i = 0; i < WORDS; ) {
      let start = i;
      if (before === undefined) while (start < WORDS && page[start] === 0) start++;
      else while (start < WORDS && page[start] === before[start]) start++;
      if (start === WORDS) break;
      const run = at++;
      let end = start;
      while (end < WORDS && page[end] !== (before === undefined ? 0 : before[end])) words[at++] = page[end++];
      words[run] = (start - i) | ((end - start) << 16);
      i = end;
    }
    words[0] = (at - 1) | (before === undefined ? WHOLE : 0);
    return words.subarray(0, at);
  }
}

/** Whether a page is told by what is not zero, by its head. */
export const isWhole = (head: number): boolean => (head & WHOLE) !== 0;

const isBased = (head: number): boolean => (head & BASED) !== 0;

/** Told by what differs from the version before, which is not in the same part: the first of others that differ from each other. */
export function basedPage(told: Uint32Array): Uint32Array {
  const based = told.slice();
  based[0] |= WHOLE | BASED;
  return based;
}

/** Makes the version before a page, if it is told by what differs from it, that page. @param at where it is told @returns where the next one is */
export function applyPage(words: Uint32Array, at: number, page: Uint32Array): number {
  const end = at + 1 + (words[at] & 0xffff);
  if (isWhole(words[at]) && !isBased(words[at])) page.fill(0);
  for (let from = at + 1, word = 0; from < end; ) {
    word += words[from] & 0xffff;
    for (let count = words[from++] >>> 16; count > 0; count--) page[word++] = words[from++];
  }
  return end;
}

/** Puts pages together in parts, as PageEncoder tells them, least significant byte first; the first of a part is told by what is not zero. */
export class PartWriter {
  private readonly words = new Uint32Array(PART_BYTES / 4 + MOST_WORDS);
  private at = 0;
  private readonly encoder = new PageEncoder();

  /** @param told as it is to be told behind the page before @param page what it holds. @returns whether the part is full */
  add(told: Uint32Array, page: Uint32Array): boolean {
    const words = this.isEmpty && !isWhole(told[0]) ? this.encoder.encode(page, undefined) : told;
    this.words.set(words, this.at);
    this.at += words.length;
    return this.at >= PART_BYTES / 4;
  }

  /** Whether nothing has been added since `finish`. */
  get isEmpty(): boolean {
    return this.at === 0;
  }

  /** The part, which is valid until the next page is added. */
  finish(): Uint8Array {
    const part = new Uint8Array(this.words.buffer, 0, 4 * this.at);
    this.at = 0;
    return part;
  }
}

/** The words of a part that has been read. */
export function partWords(part: Uint8Array): Uint32Array {
  const whole = part.byteOffset % 4 === 0 ? part : Uint8Array.from(part);
  return new Uint32Array(whole.buffer, whole.byteOffset, whole.length >>> 2);
}

/**
 * Puts page `number` of a part into `page`, of as many words as it has.
 * @param makeBase makes `page` what a page of the part, by number, is based on, see basedPage
 * @throws RangeError if there is none
 */
export function readPage(part: Uint32Array, number: number, page: Uint32Array, makeBase: (number: number) => void): void {
  let at = 0;
  let first = 0;
  let firstNumber = 0;
  for (let i = 0; i < number; i++) {
    at += 1 + (part[at] & 0xffff);
    if (!isWhole(part[at])) continue;
    first = at;
    firstNumber = i + 1;
  }
  if (at >= part.length) throw new RangeError('a part has fewer pages');
  if (isBased(part[first])) makeBase(firstNumber);
  for (let next = first; next <= at; ) next = applyPage(part, next, page);
}
