import { PAGE } from '../../engine/index.ts';

const WORDS = PAGE / 4;
/** Bytes from which on a part is full: who reads one page unpacks so many, and has those beside it, too. */
const PART_BYTES = 1 << 14;
/** Of versions of one page that stand behind each other, each so many the first is told as it is. */
const CHAIN = 16;
/** What a page takes at most: its head, and runs, each but the first of which is behind a word that is left as it is. */
const MOST_WORDS = WORDS + 2;
/** Bit of a page's head. */
const WHOLE = 0x1_0000;

/**
 * Puts pages together in parts, in 32-bit words, least significant byte first. Of a page that comes behind another version of itself
 * there is told what differs, which is little, and of others what is not zero. For each page:
 *
 *     u32 words that follow, and bit 16 set if it is told by what is not zero
 *     runs: u32 words to leave as they are, and from bit 16 how many there are of those that follow; so many u32
 */
export class PartWriter {
  private readonly words = new Uint32Array(PART_BYTES / 4 + MOST_WORDS);
  private at = 0;
  /** How many pages the last one that is told by what is not zero is behind. */
  private chained = CHAIN;
  private readonly before = new Uint32Array(WORDS);

  /** @param isVersion whether it is another version of the page before. @returns whether the part is full */
  add(page: Uint8Array, isVersion: boolean): boolean {
    const present = new Uint32Array(page.buffer, page.byteOffset, WORDS);
    const isWhole = !isVersion || this.at === 0 || this.chained === CHAIN - 1;
    const { words, before } = this;
    if (isWhole) before.fill(0);
    this.chained = isWhole ? 0 : this.chained + 1;
    const head = this.at++;
    for (let i = 0; i < WORDS; ) {
      let start = i;
      while (start < WORDS && present[start] === before[start]) start++;
      if (start === WORDS) break;
      const run = this.at++;
      let end = start;
      while (end < WORDS && present[end] !== before[end]) words[this.at++] = present[end++];
      words[run] = (start - i) | ((end - start) << 16);
      i = end;
    }
    words[head] = (this.at - head - 1) | (isWhole ? WHOLE : 0);
    before.set(present);
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

/** Puts page `number` of a part into `page`, of as many words as it has. @throws RangeError if there is none */
export function readPage(part: Uint32Array, number: number, page: Uint32Array): void {
  let at = 0;
  let first = 0;
  for (let i = 0; i < number; i++) {
    at += 1 + (part[at] & 0xffff);
    if ((part[at] & WHOLE) !== 0) first = at;
  }
  if (at >= part.length) throw new RangeError('a part has fewer pages');
  page.fill(0);
  const last = at;
  for (at = first; at <= last; ) {
    const end = at + 1 + (part[at] & 0xffff);
    at++;
    for (let word = 0; at < end; ) {
      word += part[at] & 0xffff;
      for (let count = part[at++] >>> 16; count > 0; count--) page[word++] = part[at++];
    }
  }
}
