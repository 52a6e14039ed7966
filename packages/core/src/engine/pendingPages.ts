import { GUEST_STORAGE, type LinearMemory } from './linearMemory.ts';
import { type Arena, PAGE } from './vma.ts';

/** What a page holds from now on, though its bytes come only when somebody looks. */
export interface PendingPage {
  /** Puts its PAGE bytes into memory at a linear offset. */
  put(memory: LinearMemory, at: number): void;
}

/** Who has looked at more pages than these will look at most of those beside the next ones: so many are filled in together then. */
const FEW_LOOKS = 100;
const BLOCK = 32;

/**
 * Pages of storage whose bytes are still to come. They are in no arena, so that the first access to each is a miss, which has
 * the page filled: a state of some hundred megabytes is put in place without reading those pages that nobody looks at.
 */
export class PendingPages {
  private readonly pages = new Map<number, PendingPage>();
  /** By page: 1 where it is pending. Made when one first is. */
  private flags = new Uint8Array(0);
  /** How often somebody has looked, since pages were last added. */
  private looks = 0;

  constructor(private readonly memory: LinearMemory) {}

  get isEmpty(): boolean {
    return this.pages.size === 0;
  }

  /** The page at a linear offset holds this from now on. */
  add(storage: number, page: PendingPage): void {
    if (this.flags.length === 0) this.flags = new Uint8Array((this.memory.bytes.length - GUEST_STORAGE) / PAGE);
    const number = numberOf(storage);
    this.looks = 0;
    this.flags[number] = 1;
    this.pages.set(number, page);
  }

  /** What the page at a linear offset is still to be filled with. */
  at(storage: number): PendingPage | undefined {
    return this.pages.get(numberOf(storage));
  }

  /** Fills the pages of a range in. Throws what getting their bytes throws. */
  fill(start: number, end: number): void {
    // The kernel asks at each access, and the loop's generator is garbage.
    if (this.isEmpty) return;
    const last = numberOf(end - 1);
    for (let number = numberOf(start); number <= last; number++) {
      if (this.flags[number] === 0) continue;
      this.pages.get(number)?.put(this.memory, GUEST_STORAGE + number * PAGE);
      this.forget(number);
    }
  }

  /** The pages of a range get other contents, or nobody has them any more. */
  drop(start: number, end: number): void {
    for (const number of this.within(start, end)) this.forget(number);
  }

  /** Fills the page at a guest address in. @returns the part of an arena around it that has no page that is pending */
  clip(arena: Arena, address: number): Arena {
    if (this.isEmpty) return arena;
    const { start, end, storage } = arena;
    const at = storage + (address - start);
    const first = numberOf(storage);
    const page = numberOf(at);
    if (this.flags[page] === 1) {
      if (++this.looks > FEW_LOOKS) {
        const block = at - ((page % BLOCK) * PAGE + (at % PAGE));
        this.fill(Math.max(storage, block), Math.min(storage + (end - start), block + BLOCK * PAGE));
      } else this.fill(at, at + 1);
    }
    const before = this.flags.subarray(first, page).lastIndexOf(1) + 1;
    const behind = this.flags.subarray(page, first + (end - start) / PAGE).indexOf(1);
    return { start: start + before * PAGE, end: behind < 0 ? end : start + (page - first + behind) * PAGE, storage: storage + before * PAGE };
  }

  private forget(number: number): void {
    this.flags[number] = 0;
    this.pages.delete(number);
  }

  private *within(start: number, end: number): Generator<number> {
    if (this.isEmpty || start >= end) return;
    const last = numberOf(end - 1);
    for (let number = numberOf(start); number <= last; number++) if (this.flags[number] === 1) yield number;
  }
}

const numberOf = (storage: number): number => Math.floor((storage - GUEST_STORAGE) / PAGE);
