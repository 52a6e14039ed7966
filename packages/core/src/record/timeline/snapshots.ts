import { assert, upperBound } from '../../base/index.ts';
import { type AddressSpace, fillPages, type LinearMemory, PAGE, type PendingPage, pendingAt, pokeLater } from '../../engine/index.ts';
import { markOf } from '../../ir/index.ts';
import { createPageSums, type PageSums } from '../pageSums.ts';
import type { JournalPlace, Replayer, SavedThread } from '../replayer.ts';
import { stateWords } from '../stateChanges.ts';
import { MappingRestorer, type Piece, piecesOf } from './mappings.ts';
import { NewPages } from './newPages.ts';
import { PageHistory, type PageVersions } from './pageHistory.ts';
import { PageLog } from './pageLog.ts';
import { WRITE_MARK_MASK, WRITE_MARKS } from './probes.ts';
import type { WrittenWords } from './writtenWords.ts';

/** A state, but for what its pages hold. */
export interface Snapshot {
  readonly step: number;
  readonly place: JournalPlace;
  readonly pid: number;
  readonly tid: number;
  readonly threads: ReadonlyMap<number, SavedThread>;
  readonly state: Int32Array;
  readonly pc: number;
  /** Number of the address space that runs. */
  readonly current: number;
  /** What is mapped in each, by number; undefined: there is none any more. */
  readonly spaces: readonly (readonly Piece[] | undefined)[];
}

/** Pages of a stretch. */
export interface WrittenPages {
  /** The first page of a range that may have been written, by first addresses; or its end. */
  next(start: number, end: number): number;
}

/** Which pages may hold something else than before. */
export interface PageChanges {
  readonly written: WrittenPages;
  /** Whether pages of a range may for another reason. */
  mayBeNew(space: AddressSpace, start: number, end: number): boolean;
  /** Lists the words of those that have been written, by marks that are still set. */
  readonly words: WrittenWords;
}

/** What holds zeros. */
const ZERO_PAGE: PendingPage = { put: ({ i64 }, at) => void i64.fill(0n, at / 8, (at + PAGE) / 8) };

/** States of a replay, in the run's order, to which it can be put back: of pages, only those that differ from one to the next. */
export class Snapshots {
  private snapshots: Snapshot[] = [];
  private histories: PageHistory[] = [];
  private log = new PageLog();
  private readonly sums: PageSums;
  /** At which snapshot memory was last put, and is still but for what has been written or mapped since; undefined: it is not known what it holds. */
  private present: number | undefined;
  private readonly newPages: NewPages;

  /** @param written what a stretch between two snapshots may have written */
  constructor(
    private readonly replayer: Replayer,
    private readonly written: (stretch: number) => WrittenPages,
  ) {
    this.sums = createPageSums(replayer.machine.space.memory);
    this.newPages = new NewPages(replayer);
    this.newPages.watch();
  }

  get count(): number {
    return this.snapshots.length;
  }

  at(number: number): Snapshot {
    return this.snapshots[number];
  }

  stepOf(number: number): number {
    return this.snapshots[number].step;
  }

  get lastStep(): number {
    return this.snapshots.at(-1)?.step ?? -1;
  }

  /** Bytes of pages. */
  get bytes(): number {
    return this.log.bytes;
  }

  /** How many pages there are versions of. */
  get pages(): number {
    return this.histories.reduce((sum, { count }) => sum + count, 0);
  }

  /** Number of the last one at or before a step. */
  before(step: number): number {
    return upperBound(this.snapshots, step, (snapshot) => snapshot.step) - 1;
  }

  /**
   * The replay's present state, which is behind the last one's.
   * @param changes which pages may hold something else than in the last one; default: all may
   * @returns of how many pages there is another version than before
   */
  take(changes?: PageChanges): number {
    const { replayer, snapshots } = this;
    const { machine } = replayer;
    assert(replayer.steps > this.lastStep, 'snapshots are taken in the order of the run');
    const number = snapshots.length;
    let pages = 0;
    this.present = undefined;
    replayer.spaces.forEach((space, i) => {
      this.histories[i] ??= new PageHistory(this.log);
      if (space !== undefined) pages += this.keepPages(space, this.histories[i], number, changes);
    });
    snapshots.push({
      step: replayer.steps,
      place: replayer.place,
      pid: replayer.pid,
      tid: replayer.tid,
      threads: new Map(replayer.threads),
      state: stateWords(machine.space.memory, machine.guest.state).slice(),
      pc: machine.pc,
      current: replayer.spaces.indexOf(machine.space),
      spaces: replayer.spaces.map((space) => space && piecesOf(space)),
    });
    return pages;
  }

  /** Whether another process than this one, which does not run between a snapshot and the next, may access its memory at an address there. */
  isShared(number: number, pid: number, address: number): boolean {
    return [number, number + 1].some((each) => {
      const { pid: running, current, threads, spaces } = this.snapshots[each];
      const all = [{ pid: running, space: current }, ...threads.values()];
      const own = all.find((thread) => thread.pid === pid)?.space;
      if (own === undefined) return false;
      // One made by vfork has all of it.
      if (all.some((thread) => thread.space === own && thread.pid !== pid)) return true;
      return (spaces[own] ?? []).some(({ start, end, shared }) => shared && address >= start && address < end);
    });
  }

  private keepPages(space: AddressSpace, history: PageHistory, number: number, changes: PageChanges | undefined): number {
    const { sums, log } = this;
    const { bytes } = space.memory;
    fillPages(space);
    let kept = 0;
    const listed: PageVersions[] = [];
    const keepListed = (words: WrittenWords): void => {
      log.addListed(words.list(), listed.length, (i, place) => {
        if (listed[i].addIfOther(number, place)) kept++;
      });
      listed.length = 0;
    };
    for (const { start, end, storage, shared } of space.list.all) {
      if (storage < 0) continue;
      // Shared pages may be written at other addresses.
      const areAll = shared || changes === undefined || changes.mayBeNew(space, start, end);
      for (let address = start; ; address += PAGE) {
        if (!areAll) address = changes.written.next(address, end);
        if (address >= end) break;
        const page = address / PAGE;
        const at = storage + (address - start);
        // Marks are those of many pages, most of which nobody ever writes.
        const known = history.of(page);
        if (known === undefined && sums.isZero(at)) continue;
        if (areAll) {
          if (history.look(page, number, bytes.subarray(at, at + PAGE), log)) kept++;
          continue;
        }
        const versions = known ?? history.versionsOf(page);
        versions.kept ??= log.begin();
        listed.push(versions);
        changes.words.add(at, WRITE_MARKS + markOf(address, WRITE_MARK_MASK), versions.kept);
        if (changes.words.isFull) keepListed(changes.words);
      }
    }
    if (changes !== undefined && listed.length > 0) keepListed(changes.words);
    return kept;
  }

  /** Puts the replay back, or forth, to where it was. */
  restore(number: number): void {
    const { replayer } = this;
    const { machine, spaces } = replayer;
    const snapshot = this.snapshots[number];
    const written = this.writtenSince();
    this.present = undefined;
    // Whoever runs is needed no more, and there may have been fewer then.
    const mappings = new MappingRestorer();
    snapshot.spaces.forEach((pieces, i) => {
      if (pieces === undefined) return;
      spaces[i] ??= machine.createSpace();
      const space = spaces[i] as AddressSpace;
      mappings.restore(space, pieces);
      this.restorePages(space, this.histories[i], number, written);
    });
    machine.enter(spaces[snapshot.current] as AddressSpace);
    for (let i = 0; i < spaces.length; i++) {
      const space = spaces[i];
      if (space !== undefined && snapshot.spaces[i] === undefined) {
        machine.releaseSpace(space);
        spaces[i] = undefined;
      }
    }
    spaces.length = snapshot.spaces.length;
    this.newPages.looked();
    this.present = number;
    stateWords(machine.space.memory, machine.guest.state).set(snapshot.state);
    machine.pc = snapshot.pc;
    replayer.threads.clear();
    for (const [tid, saved] of snapshot.threads) replayer.threads.set(tid, saved);
    replayer.pid = snapshot.pid;
    replayer.tid = snapshot.tid;
    replayer.steps = snapshot.step;
    replayer.place = snapshot.place;
  }

  /** What may have been written since the replay was put at a snapshot; undefined: anything. */
  private writtenSince(): readonly WrittenPages[] | undefined {
    const { present, snapshots } = this;
    if (present === undefined) return undefined;
    const last = Math.min(this.before(this.replayer.steps), snapshots.length - 2);
    return Array.from({ length: Math.max(0, last - present + 1) }, (_, i) => this.written(present + i));
  }

  /** @param written what may have been written since it was known what memory held; undefined: it is not */
  private restorePages(space: AddressSpace, history: PageHistory, number: number, written: readonly WrittenPages[] | undefined): void {
    const others = new Map<number, PendingPage>();
    for (const { start, end, storage, shared } of space.list.all) {
      const forget = (from: number, to: number): void => {
        for (let address = from; address < to; address += PAGE) {
          const versions = history.of(address / PAGE);
          if (versions !== undefined) versions.forget();
          else if (storage >= 0 && pendingAt(space, address) === undefined && !this.sums.isZero(storage + (address - start))) others.set(address, ZERO_PAGE);
        }
      };
      if (written === undefined || shared || this.newPages.hasAny(space, start, end)) forget(start, end);
      else for (const each of written) for (let at = each.next(start, end); at < end; at = each.next(at + PAGE, end)) forget(at, at + PAGE);
      const { all } = history;
      for (let i = history.from(start / PAGE); i < all.length && all[i].page * PAGE < end; i++) {
        const versions = all[i];
        const version = versions.at(number);
        if (version === versions.present) continue;
        versions.present = version;
        others.set(versions.page * PAGE, versions.later(version));
      }
    }
    assert(pokeLater(space, others), 'there is no memory for a state that there has been');
  }

  /** For a file: all of them, and what pages held, by address space. */
  get contents(): { readonly snapshots: readonly Snapshot[]; readonly histories: readonly PageHistory[]; readonly log: PageLog } {
    const { snapshots, histories, log } = this;
    return { snapshots, histories, log };
  }

  /** Of the machine. */
  get memory(): LinearMemory {
    return this.replayer.machine.space.memory;
  }

  /** As an earlier run had them, instead of these. */
  adopt(snapshots: readonly Snapshot[], histories: readonly PageHistory[]): void {
    this.snapshots = [...snapshots];
    this.histories = [...histories];
    this.present = undefined;
  }

  /** Every second one is no more. */
  thin(): void {
    this.snapshots = this.snapshots.filter((_, i) => i % 2 === 0);
    const log = new PageLog();
    this.histories = this.histories.map((history) => history.thinned(log));
    this.log = log;
    this.present = undefined;
  }
}
