/** What a page holds from some snapshot on. */
export interface PageVersion {
  readonly snapshot: number;
  readonly sum: bigint;
  /** The page's bytes, or where they are kept: see KeptPages. undefined: zeros. */
  readonly contents: Uint8Array | number | undefined;
}

/** Where the bytes of pages are that are not in memory. They are valid until the next are asked for. */
export type KeptPages = (place: number) => Uint8Array;

const nothingKept: KeptPages = (place) => {
  throw new Error(`page ${place} is kept nowhere`);
};

/**
 * What the pages of one address space held at snapshots, each version of a page once. Snapshots are numbered from 0 in the run's
 * order, and added in it. A page that was never added holds zeros.
 */
export class PageHistory {
  private readonly pages = new Map<number, PageVersion[]>();

  /** Bytes of all versions that are in memory. */
  bytes = 0;

  constructor(private readonly kept: KeptPages = nothingKept) {}

  /** All versions, by page. */
  get all(): Iterable<readonly [page: number, versions: readonly PageVersion[]]> {
    return this.pages;
  }

  /** The page's sum as it was last added; undefined: it never was. */
  lastSum(page: number): bigint | undefined {
    return this.pages.get(page)?.at(-1)?.sum;
  }

  /** From a snapshot on the page holds something else. */
  add(page: number, version: PageVersion): void {
    const versions = this.pages.get(page);
    if (versions === undefined) this.pages.set(page, [version]);
    else versions.push(version);
    this.bytes += sizeOf(version);
  }

  /** What the page held at a snapshot; undefined: zeros. */
  at(page: number, snapshot: number): PageVersion | undefined {
    const versions = this.pages.get(page);
    if (versions === undefined) return undefined;
    let low = 0;
    let high = versions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (versions[middle].snapshot <= snapshot) low = middle + 1;
      else high = middle;
    }
    return versions[low - 1];
  }

  /** The bytes of a version, valid until the next are asked for; undefined: zeros. Throws what reading them throws. */
  bytesOf({ contents }: PageVersion): Uint8Array | undefined {
    return typeof contents === 'number' ? this.kept(contents) : contents;
  }

  /** Every second snapshot, the odd ones, is no more: number 2 n is n now. */
  thin(): void {
    for (const [page, versions] of this.pages) {
      const kept: PageVersion[] = [];
      for (const version of versions) {
        const snapshot = Math.ceil(version.snapshot / 2);
        const last = kept.at(-1);
        if (last?.snapshot === snapshot) {
          this.bytes -= sizeOf(last);
          kept.pop();
        }
        kept.push({ ...version, snapshot });
      }
      this.pages.set(page, kept);
    }
  }
}

const sizeOf = ({ contents }: PageVersion): number => (typeof contents === 'object' ? contents.length : 0);
