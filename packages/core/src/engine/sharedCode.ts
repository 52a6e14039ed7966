import { upperBound } from '../base/index.ts';
import type { BranchTargets } from '../guest/index.ts';
import { CodeView } from './codeView.ts';

/** Code that nobody has mapped is kept, for the next program that has it, as long as there is not more of it. */
const MOST_UNUSED = 128;

/** Tells code from all other: where it is, what indirect branches in it lead to, and its bytes by their fingerprint. */
export const codeKey = (start: number, end: number, branchTargets: BranchTargets, bytes: string): string => [start, end, branchTargets, bytes].join(':');

/** What was put into a `codeKey`. */
export const branchTargetsOf = (key: string): BranchTargets => key.split(':')[2] as BranchTargets;

/** Code of a file, which all address spaces share that have the same bytes in the same place. */
export class SharedCode {
  readonly view: CodeView;
  /** Layouts that have it. */
  users = 0;

  /** @param key tells it from all other code: where it is, and what */
  constructor(
    readonly start: number,
    readonly end: number,
    readonly key: string,
  ) {
    this.view = new CodeView(start, end);
  }
}

/** All shared code of a machine, that which has been used last at the end. */
export class SharedCodes {
  private readonly byKey = new Map<string, SharedCode>();
  private unused = 0;

  /**
   * @param opened is told of code that nobody had
   * @param dropped is told of code that is forgotten
   */
  constructor(
    private readonly opened: (code: SharedCode) => void,
    private readonly dropped: (code: SharedCode) => void,
  ) {}

  /** What has users, and what is kept for others. */
  get all(): Iterable<SharedCode> {
    return this.byKey.values();
  }

  /** The code with this key, for one more layout. */
  take(start: number, end: number, key: string): SharedCode {
    let code = this.byKey.get(key);
    if (code === undefined) {
      code = new SharedCode(start, end, key);
      this.byKey.set(key, code);
      this.opened(code);
    } else if (code.users === 0) this.unused--;
    code.users++;
    return code;
  }

  /** A layout has the code no longer. */
  leave(code: SharedCode): void {
    if (--code.users > 0) return;
    this.byKey.delete(code.key);
    this.byKey.set(code.key, code);
    if (++this.unused <= MOST_UNUSED) return;
    for (const oldest of this.byKey.values()) {
      if (oldest.users > 0) continue;
      this.byKey.delete(oldest.key);
      this.unused--;
      this.dropped(oldest);
      return;
    }
  }
}

/**
 * Which code an address space has where. A fork has its parent's layout, as their code is the same, until the executable
 * pages of one of them change.
 */
export class CodeLayout {
  /** Address spaces that have this layout. */
  users = 1;
  /** In ascending order, disjoint. */
  shared: readonly SharedCode[];
  /** Code of this layout alone: what is in no file, or may be written. */
  readonly rest = new CodeView();
  private last: SharedCode | undefined;

  constructor(shared: readonly SharedCode[] = []) {
    this.shared = shared;
  }

  /** The shared code at `pc`, where a whole instruction of it fits. */
  find(pc: number): SharedCode | undefined {
    const { last } = this;
    if (last !== undefined && pc >= last.start && pc + 4 <= last.end) return last;
    const { shared } = this;
    const found = shared[upperBound(shared, pc, ({ end }) => end)];
    if (found === undefined || pc < found.start || pc + 4 > found.end) return undefined;
    this.last = found;
    return found;
  }

  add(code: SharedCode): void {
    this.shared = [...this.shared, code].sort((a, b) => a.start - b.start);
  }

  /** Takes out what overlaps start..end. @returns that */
  remove(start: number, end: number): readonly SharedCode[] {
    const removed = this.shared.filter((code) => code.start < end && start < code.end);
    if (removed.length > 0) {
      this.shared = this.shared.filter((code) => !removed.includes(code));
      this.last = undefined;
    }
    return removed;
  }

  /** What of start..end, around `at`, is in no shared code. */
  gapAround(at: number, start: number, end: number): readonly [start: number, end: number] {
    let [low, high] = [start, end];
    for (const code of this.shared) {
      if (code.end <= at) low = Math.max(low, code.end);
      else if (code.start > at) high = Math.min(high, code.start);
    }
    return [low, high];
  }
}
