import { ByteWriter } from '../../base/index.ts';
import { PAGE } from '../../engine/index.ts';

/** Pages that are kept, and read, together. */
export const PAGES_A_PART = 16;
const WORDS = PAGE / 4;

/**
 * Puts pages together in parts. A page that comes behind another version of itself is told by what differs, which packs better:
 *
 *     pages, PAGE bytes each; then a u32 with bit n set if page n is to be taken "exclusive or" with the page before
 */
export class PartWriter {
  private readonly out = new ByteWriter(PAGES_A_PART * PAGE + 4);
  private count = 0;
  private differences = 0;
  private before: Uint8Array | undefined;

  /** @param isVersion whether it is another version of the page before. @returns whether the part is full */
  add(page: Uint8Array, isVersion: boolean): boolean {
    if (isVersion && this.before !== undefined) {
      const differing = Uint8Array.from(page);
      exclusiveOr(differing, 0, this.before, 0);
      this.out.bytes(differing);
      this.differences |= 1 << this.count;
    } else this.out.bytes(page);
    this.before = page;
    return ++this.count === PAGES_A_PART;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** The part, which is valid until the next page is added. */
  finish(): Uint8Array {
    this.out.fixed32(this.differences);
    const part = this.out.view();
    this.out.reset();
    this.count = 0;
    this.differences = 0;
    this.before = undefined;
    return part;
  }
}

/** The pages of a part, one behind the other, in its place. */
export function pagesOfPart(part: Uint8Array): Uint8Array {
  const whole = part.byteOffset % 4 === 0 ? part : Uint8Array.from(part);
  const pages = whole.subarray(0, whole.length - 4);
  const differences = new DataView(whole.buffer, whole.byteOffset + pages.length, 4).getUint32(0, true);
  for (let at = PAGE, page = 1; at < pages.length; at += PAGE, page++) if ((differences & (1 << page)) !== 0) exclusiveOr(pages, at, pages, at - PAGE);
  return pages;
}

/** Changes a page, which is at a multiple of 4 bytes in its memory, as the other is. */
function exclusiveOr(page: Uint8Array, at: number, other: Uint8Array, from: number): void {
  const words = new Int32Array(page.buffer, page.byteOffset + at, WORDS);
  const others = new Int32Array(other.buffer, other.byteOffset + from, WORDS);
  for (let i = 0; i < WORDS; i++) words[i] ^= others[i];
}
