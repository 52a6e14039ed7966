import { Errno, LinuxError } from '../errno.ts';

/** Bytes that are kept together: a file that has one byte takes so many. */
export const STORAGE_PAGE = 4096;

/** How much all files of a file system may take. */
export class Quota {
  private taken = 0;

  /** @param limit in storage pages */
  constructor(readonly limit: number) {}

  get used(): number {
    return this.taken;
  }

  /** @throws LinuxError ENOSPC */
  take(pages: number): void {
    if (this.taken + pages > this.limit) throw new LinuxError(Errno.ENOSPC);
    this.taken += pages;
  }

  give(pages: number): void {
    this.taken -= pages;
  }
}

/** A file's bytes, in pages: what was never written reads as zeros and takes no room. */
export class PagedBytes {
  private readonly pages = new Map<number, Uint8Array>();
  private length = 0;

  constructor(private readonly quota: Quota) {}

  get size(): number {
    return this.length;
  }

  get storagePages(): number {
    return this.pages.size;
  }

  /** @returns bytes read, fewer than wanted only at the end */
  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.length - position));
    for (let done = 0; done < count; ) {
      const at = position + done;
      const within = at % STORAGE_PAGE;
      const part = Math.min(STORAGE_PAGE - within, count - done);
      const page = this.pages.get((at - within) / STORAGE_PAGE);
      if (page === undefined) into.fill(0, done, done + part);
      else into.set(page.subarray(within, within + part), done);
      done += part;
    }
    return count;
  }

  /** @returns bytes written: fewer than given where room ends. @throws LinuxError ENOSPC where there is none at all */
  write(data: Uint8Array, position: number): number {
    let done = 0;
    while (done < data.length) {
      const at = position + done;
      const within = at % STORAGE_PAGE;
      const part = Math.min(STORAGE_PAGE - within, data.length - done);
      const page = this.pageFor((at - within) / STORAGE_PAGE, done > 0);
      if (page === undefined) break;
      page.set(data.subarray(done, done + part), within);
      done += part;
    }
    this.length = Math.max(this.length, position + done);
    return done;
  }

  private pageFor(index: number, mayFail: boolean): Uint8Array | undefined {
    const known = this.pages.get(index);
    if (known !== undefined) return known;
    if (mayFail && this.quota.used >= this.quota.limit) return undefined;
    this.quota.take(1);
    const page = new Uint8Array(STORAGE_PAGE);
    this.pages.set(index, page);
    return page;
  }

  resize(size: number): void {
    if (size < this.length) {
      const kept = Math.ceil(size / STORAGE_PAGE);
      for (const index of [...this.pages.keys()]) {
        if (index < kept) continue;
        this.pages.delete(index);
        this.quota.give(1);
      }
      this.pages.get(kept - 1)?.fill(0, size - (kept - 1) * STORAGE_PAGE);
    }
    this.length = size;
  }
}
