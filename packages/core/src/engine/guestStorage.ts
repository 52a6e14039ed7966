import { assert } from '../base/index.ts';
import { GUEST_STORAGE, type LinearMemory } from './linearMemory.ts';
import { PendingPages } from './pendingPages.ts';
import { PAGE } from './vma.ts';

export { PAGE } from './vma.ts';
/** First guest address of the high window: where QEMU puts PIE programs, mmap and the stack of 64-bit guests. */
export const HIGH_WINDOW = 0x55_0000_0000;
const LOW_WINDOW_SIZE = 0x4000_0000;
const HIGH_WINDOW_SIZE = 0x8000_0000;

/** A guest range stored in place: guest address minus `guest` plus `storage` is the linear offset. */
interface Window {
  readonly guest: number;
  readonly end: number;
  readonly storage: number;
}

/** What a page of storage holds. */
const PageUse = {
  /** Zeroes. */
  clean: 0,
  /** Something: somebody has, or had, written it. */
  written: 1,
  /** Something that nobody has any more; only where pages are counted. */
  stale: 2,
} as const;

/** A piece of linear memory. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * Where guest pages live in linear memory: two windows where pages of one address space, the first, have a place of their
 * own if it is free, and a first-fit allocator for all else. Remembers which pages were ever written, so that only those
 * need clearing, and which are shared by several address spaces.
 */
export class GuestStorage {
  private readonly windows: readonly Window[];
  /** Begin of what belongs to no window, which is taken first. */
  private readonly outside: number;
  /** Unused linear memory, in ascending order, never adjacent. */
  private free: Extent[];
  /** One byte a storage page: a PageUse. */
  private readonly dirty: Uint8Array;
  /** Most bytes that may be in use; Infinity: nobody counts. */
  private limit = Number.POSITIVE_INFINITY;
  /** Pages in use, where somebody counts. */
  private committed = 0;
  /** One a storage page: how many address spaces have it besides the first. */
  private readonly sharers: Uint16Array;
  readonly pending: PendingPages;
  /** The address space whose pages have their places in the windows. */
  windowOwner: object | undefined;

  constructor(private readonly memory: LinearMemory) {
    const available = memory.bytes.length - GUEST_STORAGE;
    assert(available >= 16 * PAGE, 'linear memory is too small for a guest');
    const full = available >= LOW_WINDOW_SIZE + HIGH_WINDOW_SIZE;
    const pages = (bytes: number): number => Math.floor(bytes / PAGE) * PAGE;
    const low = full ? LOW_WINDOW_SIZE : pages(available / 4);
    const high = full ? HIGH_WINDOW_SIZE : pages(available / 2);
    this.windows = [
      { guest: 0, end: low, storage: GUEST_STORAGE },
      { guest: HIGH_WINDOW, end: HIGH_WINDOW + high, storage: GUEST_STORAGE + low },
    ];
    this.outside = GUEST_STORAGE + low + high;
    this.free = [{ start: GUEST_STORAGE, end: GUEST_STORAGE + pages(available) }];
    this.dirty = new Uint8Array(available / PAGE);
    this.sharers = new Uint16Array(available / PAGE);
    this.pending = new PendingPages(memory);
  }

  /**
   * Takes storage for a guest range, in one piece if there is one.
   * @param owner whose range it is
   * @param after place it there if possible, so that it continues a neighbour
   * @param before place its end there if possible
   * @returns undefined if there is not enough; then nothing is taken
   */
  place(owner: object, start: number, end: number, after: number, before: number): Extent[] | undefined {
    const taken: Extent[] = [];
    let at = start;
    for (const piece of owner === this.windowOwner ? this.inWindows(start, end) : []) {
      if (at < piece.start && !this.allocate(taken, piece.start - at, after, -1)) return this.giveBack(taken);
      if (!this.takeExactly(taken, piece.storage, piece.end - piece.start) && !this.allocate(taken, piece.end - piece.start, -1, -1))
        return this.giveBack(taken);
      at = piece.end;
    }
    if (at < end && !this.allocate(taken, end - at, after, before)) return this.giveBack(taken);
    return taken;
  }

  private giveBack(taken: readonly Extent[]): undefined {
    for (const extent of taken) this.release(extent.start, extent.end);
    return undefined;
  }

  /** The parts of a guest range that lie in windows, with their places. */
  private *inWindows(start: number, end: number): Generator<{ readonly start: number; readonly end: number; readonly storage: number }> {
    for (const window of this.windows) {
      const from = Math.max(start, window.guest);
      const to = Math.min(end, window.end);
      if (from < to) yield { start: from, end: to, storage: window.storage + (from - window.guest) };
    }
  }

  /** @returns false, having taken nothing, if some of it is in use */
  private takeExactly(taken: Extent[], start: number, length: number): boolean {
    const around = this.free.find((e) => e.end > start);
    if (around === undefined || around.start > start || around.end < start + length) return false;
    taken.push(this.take(around, start, length));
    return true;
  }

  /** Outside the windows first, then from their ends. @returns false if there is not enough */
  private allocate(taken: Extent[], length: number, after: number, before: number): boolean {
    if (after >= 0 && this.takeExactly(taken, after, length)) return true;
    if (before >= 0 && this.takeExactly(taken, before - length, length)) return true;
    let rest = length;
    while (rest > 0) {
      const need = rest;
      const fits = (e: Extent): boolean => e.end - Math.max(e.start, this.outside) >= need;
      const outside = this.free.find(fits);
      if (outside !== undefined) {
        taken.push(this.take(outside, Math.max(outside.start, this.outside), need));
        return true;
      }
      const most = this.free.reduce<Extent | undefined>((best, e) => (best === undefined || e.end - e.start > best.end - best.start ? e : best), undefined);
      if (most === undefined) return false;
      const size = Math.min(rest, most.end - most.start);
      taken.push(this.take(most, most.end - size, size));
      rest -= size;
    }
    return true;
  }

  private take(from: Extent, start: number, length: number): Extent {
    const end = start + length;
    const left = [
      { start: from.start, end: start },
      { start: end, end: from.end },
    ].filter((e) => e.start < e.end);
    this.free.splice(this.free.indexOf(from), 1, ...left);
    return { start, end };
  }

  /** Another address space has these pages, too, from now on. */
  share(start: number, end: number): void {
    for (let page = pageOf(start); page < pageOf(end); page++) this.sharers[page]++;
  }

  /** The first page from `start` on, before `end`, that others have, too (or, with `shared` false, that nobody else has), or `end`. */
  nextShared(start: number, end: number, shared: boolean): number {
    let page = pageOf(start);
    while (page < pageOf(end) && (this.sharers[page] !== 0) !== shared) page++;
    return GUEST_STORAGE + page * PAGE;
  }

  /** One of those who have these pages has them no longer. */
  release(start: number, end: number): void {
    for (let at = start; at < end; ) {
      const shared = this.nextShared(at, end, true);
      if (at < shared) this.putBack(at, shared);
      const own = this.nextShared(shared, end, false);
      for (let page = pageOf(shared); page < pageOf(own); page++) this.sharers[page]--;
      at = own;
    }
  }

  /**
   * From now on counts pages from when they are first written, and lets no more than `bytes` of them be written at a time.
   * Mappings may be larger, as on a Linux that overcommits memory.
   */
  setLimit(bytes: number): void {
    assert(this.committed === 0 && !this.dirty.includes(PageUse.written), 'memory is in use already');
    this.limit = bytes;
  }

  /** Whether pages count from when they are written; else all of a mapping does from its begin. */
  get isLimited(): boolean {
    return this.limit !== Number.POSITIVE_INFINITY;
  }

  /** Bytes that guests can have, all together. */
  get capacity(): number {
    return Math.min(this.limit, this.dirty.length * PAGE);
  }

  /** Takes pages into use that are about to be written. @returns false, having taken none, if they would be too many */
  commit(storage: number, length: number): boolean {
    if (!this.isLimited) return true;
    const first = Math.floor((storage - GUEST_STORAGE) / PAGE);
    const end = Math.ceil((storage + length - GUEST_STORAGE) / PAGE);
    let fresh = 0;
    for (let page = first; page < end; page++) if (this.dirty[page] !== PageUse.written) fresh++;
    if ((this.committed + fresh) * PAGE > this.limit) return false;
    this.committed += fresh;
    this.dirty.fill(PageUse.written, first, end);
    return true;
  }

  private putBack(start: number, end: number): void {
    this.pending.drop(start, end);
    for (let page = pageOf(start); this.isLimited && page < pageOf(end); page++) {
      if (this.dirty[page] !== PageUse.written) continue;
      this.dirty[page] = PageUse.stale;
      this.committed--;
    }
    let index = this.free.findIndex((e) => e.start >= start);
    if (index < 0) index = this.free.length;
    const previous = this.free[index - 1];
    const next = this.free[index];
    assert((previous === undefined || previous.end <= start) && (next === undefined || end <= next.start), 'guest storage released twice');
    const joinsPrevious = previous !== undefined && previous.end === start;
    const joinsNext = next !== undefined && next.start === end;
    this.free.splice(joinsPrevious ? index - 1 : index, Number(joinsPrevious) + Number(joinsNext), {
      start: joinsPrevious ? previous.start : start,
      end: joinsNext ? next.end : end,
    });
  }

  /** Notes that the guest or the kernel may write these pages from now on. Where pages are counted, `commit` has done so. */
  markDirty(storage: number, length: number): void {
    if (this.isLimited) return;
    const first = Math.floor((storage - GUEST_STORAGE) / PAGE);
    const end = Math.ceil((storage + length - GUEST_STORAGE) / PAGE);
    if (end - first === 1) this.dirty[first] = PageUse.written;
    else this.dirty.fill(PageUse.written, first, end);
  }

  /** Zeroes the pages, touching only those that were ever dirty: untouched linear memory takes no real memory. */
  clear(storage: number, length: number): void {
    const first = (storage - GUEST_STORAGE) / PAGE;
    const dirty = this.dirty.subarray(first, first + length / PAGE);
    // Where pages are counted, those of a new mapping are stale, or clean.
    const used = this.isLimited ? PageUse.stale : PageUse.written;
    for (let page = dirty.indexOf(used); page >= 0; page = dirty.indexOf(used, page)) {
      let stop = dirty.indexOf(PageUse.clean, page);
      if (stop < 0) stop = dirty.length;
      this.memory.i64.fill(0n, (storage + page * PAGE) / 8, (storage + stop * PAGE) / 8);
      dirty.fill(PageUse.clean, page, stop);
    }
  }
}

const pageOf = (storage: number): number => (storage - GUEST_STORAGE) / PAGE;
