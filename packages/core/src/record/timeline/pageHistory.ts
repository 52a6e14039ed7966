import { upperBound } from '../../base/index.ts';
import { PAGE } from '../../engine/index.ts';
import { applyPage, isWhole, PageEncoder } from './pageParts.ts';

/** Of versions that differ from the one before, each so many one is told by what is not zero: few are read for each. */
const CHAIN = 16;

/** What a page holds from some snapshot on. */
export interface PageVersion {
  readonly snapshot: number;
  readonly sum: bigint;
  /** What the page holds, as PageEncoder tells it behind the version before; or where it is kept, see KeptPages. undefined: zeros. */
  readonly contents: Uint32Array | number | undefined;
}

/** Where the words of pages are that are not in memory. They are valid until the next are asked for. */
export type KeptPages = (place: number) => Uint32Array;

const nothingKept: KeptPages = (place) => {
  throw new Error(`page ${place} is kept nowhere`);
};

/** All versions of a page, in order. */
interface Versions {
  list: PageVersion[];
  /** What the last one holds, if another can be told by what differs. */
  last: Uint32Array | undefined;
}

/**
 * What the pages of one address space held at snapshots, each version of a page once. Snapshots are numbered from 0 in the run's
 * order, and added in it. A page that was never added holds zeros.
 */
export class PageHistory {
  private readonly pages = new Map<number, Versions>();
  private readonly encoder = new PageEncoder();
  private readonly words = new Uint32Array(PAGE / 4);

  /** Bytes of what is in memory. */
  bytes = 0;

  constructor(private readonly kept: KeptPages = nothingKept) {}

  /** All pages. */
  get numbers(): Iterable<number> {
    return this.pages.keys();
  }

  /** How many pages there are. */
  get count(): number {
    return this.pages.size;
  }

  /** The page's sum as it was last added; undefined: it never was. */
  lastSum(page: number): bigint | undefined {
    return this.pages.get(page)?.list.at(-1)?.sum;
  }

  /** From a snapshot on the page holds something else: these words, or zeros. */
  add(page: number, snapshot: number, sum: bigint, words: Uint32Array | undefined): void {
    this.append(this.versionsOf(page), snapshot, sum, words);
  }

  /** The same, of what is kept somewhere. */
  addKept(page: number, snapshot: number, sum: bigint, place: number): void {
    const versions = this.versionsOf(page);
    versions.list.push({ snapshot, sum, contents: place });
    this.setLast(versions, undefined);
  }

  private versionsOf(page: number): Versions {
    let versions = this.pages.get(page);
    if (versions === undefined) {
      versions = { list: [], last: undefined };
      this.pages.set(page, versions);
    }
    return versions;
  }

  private append(versions: Versions, snapshot: number, sum: bigint, words: Uint32Array | undefined): void {
    const { list, last } = versions;
    const isChained = last !== undefined && list.length - chainStart(list, list.length - 1) < CHAIN;
    const contents = words && this.encoder.encode(words, isChained ? last : undefined).slice();
    list.push({ snapshot, sum, contents });
    this.bytes += contents?.byteLength ?? 0;
    if (words !== undefined && last !== undefined) last.set(words);
    else this.setLast(versions, words && Uint32Array.from(words));
  }

  private setLast(versions: Versions, last: Uint32Array | undefined): void {
    this.bytes += (last?.byteLength ?? 0) - (versions.last?.byteLength ?? 0);
    versions.last = last;
  }

  /** What the page held at a snapshot; undefined: zeros. */
  at(page: number, snapshot: number): PageVersion | undefined {
    const list = this.pages.get(page)?.list;
    return list?.[lastUpTo(list, snapshot)];
  }

  /** The bytes of a page's version, valid until the next are asked for; undefined: zeros. Throws what reading them throws. */
  bytesOf(page: number, { snapshot, contents }: PageVersion): Uint8Array | undefined {
    const list = this.pages.get(page)?.list;
    if (contents === undefined || list === undefined) return undefined;
    if (typeof contents === 'number') return bytesIn(this.kept(contents));
    const last = lastUpTo(list, snapshot);
    for (let i = chainStart(list, last); i <= last; i++) applyPage(list[i].contents as Uint32Array, 0, this.words);
    return bytesIn(this.words);
  }

  /** All versions of a page, as PageEncoder tells them behind each other, and what they hold; undefined: zeros. Valid until the next is asked for. */
  *versions(page: number): Generator<{ readonly version: PageVersion; readonly told: Uint32Array | undefined; readonly words: Uint32Array }> {
    const present = new Uint32Array(PAGE / 4);
    for (const version of this.pages.get(page)?.list ?? []) {
      const { contents } = version;
      const told = typeof contents === 'number' ? this.encoder.encode(this.kept(contents), undefined) : contents;
      if (told !== undefined) applyPage(told, 0, present);
      yield { version, told, words: present };
    }
  }

  /** Every second snapshot, the odd ones, is no more: number 2 n is n now. */
  thin(): void {
    for (const [page, versions] of this.pages) {
      const thinned: Versions = { list: [], last: undefined };
      const present = new Uint32Array(PAGE / 4);
      const { list } = versions;
      list.forEach((version, i) => {
        const { contents, sum } = version;
        const snapshot = Math.ceil(version.snapshot / 2);
        if (typeof contents === 'object') {
          applyPage(contents, 0, present);
          this.bytes -= contents.byteLength;
        }
        const next = list[i + 1];
        if (next !== undefined && Math.ceil(next.snapshot / 2) === snapshot) return;
        if (typeof contents === 'number') {
          thinned.list.push({ ...version, snapshot });
          this.setLast(thinned, undefined);
        } else this.append(thinned, snapshot, sum, contents && present);
      });
      this.setLast(versions, undefined);
      this.pages.set(page, thinned);
    }
  }
}

const bytesIn = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** Index of the last version at or before a snapshot; -1: there is none. */
function lastUpTo(list: readonly PageVersion[], snapshot: number): number {
  return upperBound(list, snapshot, (version) => version.snapshot) - 1;
}

/** Index of the version from which on versions must be read for one that is in memory and holds something. */
function chainStart(list: readonly PageVersion[], from: number): number {
  for (let i = from; i > 0; i--) {
    const { contents } = list[i];
    if (typeof contents === 'object' && isWhole(contents[0])) return i;
  }
  return 0;
}
