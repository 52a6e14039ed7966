const PAGE = 4096;

/** A page as far as it is known: its bytes, and 1 for each that is known. */
interface Page {
  readonly bytes: Uint8Array;
  readonly known: Uint8Array;
}

/** Guest memory as a trace has shown it. Addresses are numbers; above 2^53 they are not followed. */
export class ShadowMemory {
  private readonly pages = new Map<number, Page>();
  private readonly span: number;
  private last: Page | undefined;
  private lastNumber = -1;

  /** @param ignoredTopBits see Guest */
  constructor(ignoredTopBits: number) {
    this.span = 2 ** (64 - ignoredTopBits);
  }

  /** Nothing is known any more. */
  forget(): void {
    this.pages.clear();
    this.lastNumber = -1;
  }

  /** Sets bytes. */
  write(address: number, data: Uint8Array): void {
    for (let i = 0; i < data.length; i++) this.set(address + i, data[i]);
  }

  /** Sets the low `bytes` bytes of the words at `datum`. */
  store(address: number, bytes: number, words: Int32Array, datum: number): void {
    const from = address % this.span;
    for (let i = 0; i < bytes; i++) this.set(from + i, (words[datum + (i >> 2)] >>> ((i & 3) * 8)) & 255);
  }

  /** Compares with the low `bytes` bytes of the words at `datum`, which are known from then on. @returns the first that differs, or -1 */
  load(address: number, bytes: number, words: Int32Array, datum: number): number {
    const from = address % this.span;
    let differs = -1;
    for (let i = bytes - 1; i >= 0; i--) {
      const byte = (words[datum + (i >> 2)] >>> ((i & 3) * 8)) & 255;
      const page = this.page(from + i);
      const offset = (from + i) % PAGE;
      if (page.known[offset] !== 0 && page.bytes[offset] !== byte) differs = i;
      page.bytes[offset] = byte;
      page.known[offset] = 1;
    }
    return differs;
  }

  private set(address: number, byte: number): void {
    const page = this.page(address);
    page.bytes[address % PAGE] = byte;
    page.known[address % PAGE] = 1;
  }

  private page(address: number): Page {
    const number = Math.floor(address / PAGE);
    if (number === this.lastNumber && this.last !== undefined) return this.last;
    let page = this.pages.get(number);
    if (page === undefined) {
      page = { bytes: new Uint8Array(PAGE), known: new Uint8Array(PAGE) };
      this.pages.set(number, page);
    }
    this.lastNumber = number;
    this.last = page;
    return page;
  }
}
