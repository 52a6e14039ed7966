import { upperBound, upperBoundOf } from '../../base/index.ts';
import { type LinearMemory, PAGE, type PendingPage } from '../../engine/index.ts';
import { type PageLog, type ToldPages, ZEROS } from './pageLog.ts';

/** It is not known which version memory holds. */
export const UNKNOWN = -2;

/** All versions of a page. */
export class PageVersions {
  /** From which snapshot on each holds, in ascending order, and where it is told, or ZEROS. */
  readonly snapshots: number[] = [];
  readonly places: number[] = [];
  /** The version that memory holds, or will when somebody looks; -1: zeros, as before the first. */
  present = UNKNOWN;
  /** The same, of one that somebody has looked at: of later ones, only what differs need be read. */
  private held = UNKNOWN;
  /** Where the log keeps the last version, once it has one. */
  kept: number | undefined;

  /** @param page number of the page */
  constructor(
    readonly page: number,
    private readonly told: ToldPages,
  ) {}

  /** The version at a snapshot; -1: there is none yet, the page holds zeros. */
  at(snapshot: number): number {
    return upperBoundOf(this.snapshots, snapshot) - 1;
  }

  /** What a version holds, valid until others are asked for; undefined: zeros. Throws what reading it throws. */
  read(version: number): Uint8Array | undefined {
    return (this.places[version] ?? ZEROS) === ZEROS ? undefined : this.told.read(this.places, version);
  }

  /** The same, when somebody looks at the page. */
  later(version: number): PendingPage {
    return new LaterVersion(this, version);
  }

  /** Puts what a version holds into the machine's memory at a linear offset. Throws what reading it throws. */
  put(version: number, memory: LinearMemory, at: number): void {
    const { held } = this;
    this.held = UNKNOWN;
    if ((this.places[version] ?? ZEROS) === ZEROS) memory.i64.fill(0n, at / 8, (at + PAGE) / 8);
    else this.told.put(this.places, version, memory, at, held);
    this.held = version;
  }

  /** Somebody may have written the page. */
  forget(): void {
    this.present = UNKNOWN;
    this.held = UNKNOWN;
  }

  /** Whether the last version holds zeros. */
  get endsWithZeros(): boolean {
    return this.places.at(-1) === ZEROS;
  }

  /** @param place what a log has returned of a snapshot @returns whether there is another version, which is not the first */
  addIfOther(snapshot: number, place: number | undefined): boolean {
    if (place === undefined) return false;
    this.add(snapshot, place);
    return this.places.length > 1;
  }

  /** There is another version, behind all others. */
  add(snapshot: number, place: number): void {
    this.snapshots.push(snapshot);
    this.places.push(place);
  }
}

class LaterVersion implements PendingPage {
  constructor(
    private readonly versions: PageVersions,
    private readonly version: number,
  ) {}

  put(memory: LinearMemory, at: number): void {
    this.versions.put(this.version, memory, at);
  }
}

/**
 * What the pages of one address space held at snapshots, each version of a page once. Snapshots are numbered from 0 in the run's
 * order, and versions are added in it. A page that has none holds zeros.
 */
export class PageHistory {
  private readonly pages = new Map<number, PageVersions>();
  private ascending: PageVersions[] | undefined;

  /** @param told where versions are that are added */
  constructor(private readonly told: ToldPages) {}

  /** All pages that have versions, in ascending order. */
  get all(): readonly PageVersions[] {
    this.ascending ??= [...this.pages.values()].sort((a, b) => a.page - b.page);
    return this.ascending;
  }

  /** How many there are. */
  get count(): number {
    return this.pages.size;
  }

  /** Which of all is the first from a page on. */
  from(page: number): number {
    return upperBound(this.all, page - 1, (versions) => versions.page);
  }

  of(page: number): PageVersions | undefined {
    return this.pages.get(page);
  }

  /** The same; it has versions from now on. */
  versionsOf(page: number): PageVersions {
    let versions = this.pages.get(page);
    if (versions === undefined) {
      versions = new PageVersions(page, this.told);
      this.pages.set(page, versions);
      this.ascending = undefined;
    }
    return versions;
  }

  /**
   * What a page holds at a snapshot, PAGE bytes.
   * @param log which `told` is
   * @returns whether that is another version, and not the first
   */
  look(page: number, snapshot: number, bytes: Uint8Array, log: PageLog): boolean {
    const versions = this.versionsOf(page);
    versions.kept ??= log.begin();
    return versions.addIfOther(snapshot, log.add(versions.kept, bytes));
  }

  /** Every second snapshot, the odd ones, is no more: number 2 n is n now. @param log where versions are then */
  thinned(log: PageLog): PageHistory {
    const thinned = new PageHistory(log);
    const zeros = new Uint8Array(PAGE);
    for (const versions of this.all) {
      versions.snapshots.forEach((snapshot, i) => {
        const next = versions.snapshots[i + 1];
        const number = Math.ceil(snapshot / 2);
        if (next === undefined || Math.ceil(next / 2) !== number) thinned.look(versions.page, number, versions.read(i) ?? zeros, log);
      });
    }
    return thinned;
  }
}
