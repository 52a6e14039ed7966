import { assert } from '../base/index.ts';
import { GUEST_STORAGE, type LinearMemory } from './linearMemory.ts';

/** Guest page size; Linux on AArch64 as QEMU emulates it. */
export const PAGE = 4096;
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

/** A piece of linear memory. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * Where guest pages live in linear memory: two windows whose pages have a fixed place, and a first-fit allocator for
 * all others. Remembers which pages were ever written, so that only those need clearing.
 */
export class GuestStorage {
  private readonly windows: readonly Window[];
  /** Unused linear memory outside the windows, in ascending order, never adjacent. */
  private free: Extent[];
  /** One byte a storage page: 1 if it may hold something other than zeroes. */
  private readonly dirty: Uint8Array;

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
    this.free = [{ start: GUEST_STORAGE + low + high, end: GUEST_STORAGE + pages(available) }];
    this.dirty = new Uint8Array(available / PAGE);
  }

  /** Splits a guest range where a window begins or ends. `storage` is its fixed place, or -1 where it has none. */
  *pieces(start: number, end: number): Generator<{ readonly start: number; readonly end: number; readonly storage: number }> {
    let at = start;
    for (const window of this.windows) {
      const from = Math.max(at, window.guest);
      const to = Math.min(end, window.end);
      if (from >= to) continue;
      if (at < from) yield { start: at, end: from, storage: -1 };
      yield { start: from, end: to, storage: window.storage + (from - window.guest) };
      at = to;
    }
    if (at < end) yield { start: at, end, storage: -1 };
  }

  /**
   * Takes `length` bytes outside the windows, in one piece if there is one.
   * @param after place it there if possible, so that it continues a neighbour
   * @param before place its end there if possible
   * @returns undefined if there is not enough; then nothing is taken
   */
  allocate(length: number, after: number, before: number): Extent[] | undefined {
    const behind = this.free.find((e) => e.start === after && e.end - e.start >= length);
    if (behind !== undefined) return [this.take(behind, behind.start, length)];
    const ahead = this.free.find((e) => e.end === before && e.end - e.start >= length);
    if (ahead !== undefined) return [this.take(ahead, before - length, length)];
    const taken: Extent[] = [];
    let rest = length;
    while (rest > 0) {
      const need = rest;
      const fit = this.free.find((e) => e.end - e.start >= need) ?? this.largest();
      if (fit === undefined) {
        for (const extent of taken) this.release(extent.start, extent.end);
        return undefined;
      }
      const size = Math.min(rest, fit.end - fit.start);
      taken.push(this.take(fit, fit.start, size));
      rest -= size;
    }
    return taken;
  }

  private largest(): Extent | undefined {
    let best: Extent | undefined;
    for (const e of this.free) if (best === undefined || e.end - e.start > best.end - best.start) best = e;
    return best;
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

  /** Gives back what `allocate` took, whole or in parts. */
  release(start: number, end: number): void {
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

  /** Notes that the guest or the kernel may write these pages from now on. */
  markDirty(storage: number, length: number): void {
    this.dirty.fill(1, Math.floor((storage - GUEST_STORAGE) / PAGE), Math.ceil((storage + length - GUEST_STORAGE) / PAGE));
  }

  /** Zeroes the pages, touching only those that were ever dirty: untouched linear memory takes no real memory. */
  clear(storage: number, length: number): void {
    const first = (storage - GUEST_STORAGE) / PAGE;
    const dirty = this.dirty.subarray(first, first + length / PAGE);
    for (let page = dirty.indexOf(1); page >= 0; page = dirty.indexOf(1, page)) {
      let stop = dirty.indexOf(0, page);
      if (stop < 0) stop = dirty.length;
      this.memory.bytes.fill(0, storage + page * PAGE, storage + stop * PAGE);
      dirty.fill(0, page, stop);
    }
  }
}
