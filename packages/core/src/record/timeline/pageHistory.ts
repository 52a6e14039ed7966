/** What a page holds from some snapshot on. */
interface PageVersion {
  snapshot: number;
  readonly sum: bigint;
  /** undefined: zeros. */
  readonly bytes: Uint8Array | undefined;
}

/** A page's sum and contents. */
export type PageContents = Omit<PageVersion, 'snapshot'>;

/**
 * What the pages of one address space held at snapshots, each version of a page once. Snapshots are numbered from 0 in the run's
 * order, and added in it. A page that was never added holds zeros.
 */
export class PageHistory {
  private readonly pages = new Map<number, PageVersion[]>();

  /** Bytes of all versions. */
  bytes = 0;

  /** All versions, by page. */
  get all(): Iterable<readonly [page: number, versions: readonly (PageContents & { readonly snapshot: number })[]]> {
    return this.pages;
  }

  /** The page's sum as it was last added; undefined: it never was. */
  lastSum(page: number): bigint | undefined {
    return this.pages.get(page)?.at(-1)?.sum;
  }

  /** From this snapshot on the page holds something else. */
  add(page: number, snapshot: number, contents: PageContents): void {
    const version = { snapshot, ...contents };
    const versions = this.pages.get(page);
    if (versions === undefined) this.pages.set(page, [version]);
    else versions.push(version);
    this.bytes += contents.bytes?.length ?? 0;
  }

  /** What the page held at a snapshot; undefined: zeros. */
  at(page: number, snapshot: number): PageContents | undefined {
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

  /** Every second snapshot, the odd ones, is no more: number 2 n is n now. */
  thin(): void {
    for (const [page, versions] of this.pages) {
      const kept: PageVersion[] = [];
      for (const version of versions) {
        version.snapshot = Math.ceil(version.snapshot / 2);
        if (kept.at(-1)?.snapshot === version.snapshot) this.bytes -= kept.pop()?.bytes?.length ?? 0;
        kept.push(version);
      }
      this.pages.set(page, kept);
    }
  }
}
