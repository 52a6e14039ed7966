import { assert, upperBound } from '../../base/index.ts';
import { type AddressSpace, fillPages, PAGE, type PendingPage, pendingAt, pokeLater } from '../../engine/index.ts';
import { createPageSums, type PageSums } from '../pageSums.ts';
import type { JournalPlace, Replayer, SavedThread } from '../replayer.ts';
import { stateWords } from '../stateChanges.ts';
import { MappingRestorer, type Piece, piecesOf } from './mappings.ts';
import { PageHistory } from './pageHistory.ts';

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

/** Which pages may hold something else than before. */
export interface PageChanges {
  /** The first page of a range that may have been written, by first addresses; or its end. */
  nextWritten(start: number, end: number): number;
  /** Whether pages of a range may for another reason. */
  mayBeNew(space: AddressSpace, start: number, end: number): boolean;
}

/** States of a replay, in the run's order, to which it can be put back: of pages, only those that differ from one to the next. */
export class Snapshots {
  private snapshots: Snapshot[] = [];
  private histories: PageHistory[] = [];
  private readonly sums: PageSums;

  constructor(private readonly replayer: Replayer) {
    this.sums = createPageSums(replayer.machine.space.memory);
  }

  get count(): number {
    return this.snapshots.length;
  }

  /** The sum of a page that holds zeros. */
  get zero(): bigint {
    return this.sums.zero;
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
    return this.histories.reduce((sum, { bytes }) => sum + bytes, 0);
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
    replayer.spaces.forEach((space, i) => {
      this.histories[i] ??= new PageHistory();
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
    const { of, zero } = this.sums;
    const { u32 } = space.memory;
    fillPages(space);
    let kept = 0;
    for (const { start, end, storage, shared } of space.list.all) {
      if (storage < 0) continue;
      // Shared pages may be written at other addresses.
      const areAll = shared || changes === undefined || changes.mayBeNew(space, start, end);
      for (let address = start; ; address += PAGE) {
        if (!areAll) address = changes.nextWritten(address, end);
        if (address >= end) break;
        const page = address / PAGE;
        const at = storage + (address - start);
        const sum = of(at);
        const last = history.lastSum(page);
        if (sum === (last ?? zero)) continue;
        history.add(page, number, sum, sum === zero ? undefined : u32.subarray(at >>> 2, (at + PAGE) >>> 2));
        if (last !== undefined) kept++;
      }
    }
    return kept;
  }

  /** Puts the replay back, or forth, to where it was. */
  restore(number: number): void {
    const { replayer } = this;
    const { machine, spaces } = replayer;
    const snapshot = this.snapshots[number];
    // Whoever runs is needed no more, and there may have been fewer then.
    const mappings = new MappingRestorer();
    snapshot.spaces.forEach((pieces, i) => {
      if (pieces === undefined) return;
      spaces[i] ??= machine.createSpace();
      const space = spaces[i] as AddressSpace;
      mappings.restore(space, pieces);
      this.restorePages(space, this.histories[i], number);
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
    stateWords(machine.space.memory, machine.guest.state).set(snapshot.state);
    machine.pc = snapshot.pc;
    replayer.threads.clear();
    for (const [tid, saved] of snapshot.threads) replayer.threads.set(tid, saved);
    replayer.pid = snapshot.pid;
    replayer.tid = snapshot.tid;
    replayer.steps = snapshot.step;
    replayer.place = snapshot.place;
  }

  private restorePages(space: AddressSpace, history: PageHistory, number: number): void {
    const { of, zero } = this.sums;
    const others = new Map<number, PendingPage>();
    for (const { start, end, storage } of space.list.all) {
      for (let address = start; address < end; address += PAGE) {
        const wanted = history.at(address / PAGE, number);
        const sum = wanted?.sum ?? zero;
        const present = storage < 0 ? zero : (pendingAt(space, address)?.sum ?? of(storage + (address - start)));
        if (present !== sum) others.set(address, { sum, bytes: () => wanted && history.bytesOf(address / PAGE, wanted) });
      }
    }
    assert(pokeLater(space, others), 'there is no memory for a state that there has been');
  }

  /** For a file: all of them, and what pages held, by address space. */
  get contents(): { readonly snapshots: readonly Snapshot[]; readonly histories: readonly PageHistory[] } {
    const { snapshots, histories } = this;
    return { snapshots, histories };
  }

  /** As an earlier run had them, instead of these. */
  adopt(snapshots: readonly Snapshot[], histories: readonly PageHistory[]): void {
    this.snapshots = [...snapshots];
    this.histories = [...histories];
  }

  /** Every second one is no more. */
  thin(): void {
    this.snapshots = this.snapshots.filter((_, i) => i % 2 === 0);
    for (const history of this.histories) history.thin();
  }
}
