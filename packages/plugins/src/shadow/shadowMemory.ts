const PAGE = 4096;

/** A number for each byte of memory, 0 where nothing else has been said. Pages that have one number all over take no room. */
export class ShadowMemory {
  private readonly pages = new Map<number, Uint32Array | number>();
  /** The page that was looked at last. */
  private lastPage = -1;
  private last: Uint32Array | number | undefined;

  get(address: number): number {
    const number = Math.floor(address / PAGE);
    if (number !== this.lastPage) {
      this.lastPage = number;
      this.last = this.pages.get(number);
    }
    const { last } = this;
    return last === undefined ? 0 : typeof last === 'number' ? last : last[address % PAGE];
  }

  /** Whether some byte of the page of an address may have another number than 0. */
  mayHave(address: number): boolean {
    const number = Math.floor(address / PAGE);
    if (number !== this.lastPage) {
      this.lastPage = number;
      this.last = this.pages.get(number);
    }
    return this.last !== undefined;
  }

  set(address: number, value: number): void {
    const number = Math.floor(address / PAGE);
    const page = this.pages.get(number) ?? 0;
    if (typeof page === 'number') {
      if (page === value) return;
      const bytes = new Uint32Array(PAGE).fill(page);
      bytes[address % PAGE] = value;
      this.put(number, bytes);
    } else page[address % PAGE] = value;
  }

  fill(address: number, length: number, value: number): void {
    const end = address + length;
    for (let at = address; at < end; ) {
      const number = Math.floor(at / PAGE);
      const stop = Math.min(end, (number + 1) * PAGE);
      if (stop - at === PAGE) this.put(number, value);
      else this.fillPart(number, at, stop, value);
      at = stop;
    }
  }

  copy(): ShadowMemory {
    const copy = new ShadowMemory();
    for (const [number, page] of this.pages) copy.put(number, typeof page === 'number' ? page : page.slice());
    return copy;
  }

  private fillPart(number: number, start: number, stop: number, value: number): void {
    const page = this.pages.get(number) ?? 0;
    if (page === value) return;
    const bytes = typeof page === 'number' ? new Uint32Array(PAGE).fill(page) : page;
    bytes.fill(value, start % PAGE, (start % PAGE) + stop - start);
    this.put(number, bytes);
  }

  private put(number: number, page: Uint32Array | number): void {
    if (page === 0) this.pages.delete(number);
    else this.pages.set(number, page);
    this.lastPage = -1;
  }
}
