import type { Block } from '../../ir/index.ts';
import { type Accesses, NOT_CONSTANT } from './accessGroups.ts';
import { leavesLocals } from './dataflow.ts';

/**
 * Frames wider than this are not checked as a whole. No arena is smaller than a page, and what a check compares with is
 * an arena's size less the frame's: that must not be negative.
 */
const MAX_FRAME = 0x1000;

/**
 * A region's stack accesses, checked together: all bytes that the region's code reaches at constant distances from the
 * stack pointer are its frame. One check covers it until the next call, as long as the stack pointer moves by constants.
 *
 * Offsets count from the stack pointer at the region's entry. That a callee gives the stack pointer back unchanged is
 * assumed for the offsets only, never for safety: behind a call the frame is checked again, from the stack pointer as it is.
 */
export class StackFrame {
  /** Offset of the stack pointer at each block's start; undefined: not known. */
  readonly offsetIn: (number | undefined)[];
  /** Whether the frame has been checked on every way to each block. */
  readonly checkedIn: Uint8Array;
  /** Lowest byte and byte behind the highest. */
  readonly low: number = 0;
  readonly high: number = 0;
  private readonly hasAccess: Uint8Array;
  /** False if there is no such frame: too few accesses, or too wide. */
  readonly usable: boolean;

  /**
   * @param moves how far each block moves the stack pointer
   * @param entries blocks besides the first at which the region can be entered
   */
  constructor(
    private readonly blocks: readonly Block[],
    accesses: Accesses,
    private readonly moves: readonly number[],
    successors: readonly (readonly number[])[],
    entries: readonly number[],
    bytesOf: (op: number) => number,
  ) {
    const count = blocks.length;
    this.offsetIn = new Array<number | undefined>(count).fill(undefined);
    this.checkedIn = new Uint8Array(count).fill(1);
    this.checkedIn[0] = 0;
    for (const entry of entries) this.checkedIn[entry] = 0;
    this.hasAccess = new Uint8Array(count);
    const reached = new Uint8Array(count);
    const conflicting = new Uint8Array(count);
    this.offsetIn[0] = 0;
    reached[0] = 1;
    const work = [0];
    for (let n = work.pop(); n !== undefined; n = work.pop()) {
      const move = moves[n] as number;
      const before = conflicting[n] === 1 ? undefined : this.offsetIn[n];
      const after = before === undefined || move === NOT_CONSTANT ? undefined : before + move;
      for (const s of successors[n] as readonly number[]) {
        if (reached[s] === 0) {
          reached[s] = 1;
          this.offsetIn[s] = after;
          conflicting[s] = after === undefined ? 1 : 0;
          work.push(s);
        } else if (conflicting[s] === 0 && this.offsetIn[s] !== after) {
          conflicting[s] = 1;
          this.offsetIn[s] = undefined;
          work.push(s);
        }
      }
    }
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let found = 0;
    for (let n = 0; n < count; n++) {
      const base = this.offsetIn[n];
      if (base === undefined) continue;
      const { start, end } = blocks[n] as Block;
      for (let i = start; i < end; i++) {
        if (accesses.isStack[i] === 0) continue;
        low = Math.min(low, base + accesses.stackOffset[i]);
        high = Math.max(high, base + accesses.stackOffset[i] + bytesOf(i));
        this.hasAccess[n] = 1;
        found++;
      }
    }
    this.usable = found >= 2 && high - low <= MAX_FRAME;
    if (!this.usable) return;
    this.low = low;
    this.high = high;
    for (let changed = true; changed; ) {
      changed = false;
      for (let n = 0; n < count; n++) {
        if (this.checkedOut(n)) continue;
        for (const s of successors[n] as readonly number[]) {
          if (this.checkedIn[s] === 0) continue;
          this.checkedIn[s] = 0;
          changed = true;
        }
      }
    }
  }

  private checkedOut(n: number): boolean {
    if (this.offsetIn[n] === undefined || this.moves[n] === NOT_CONSTANT || leavesLocals(this.blocks[n] as Block)) return false;
    return this.checkedIn[n] === 1 || this.hasAccess[n] === 1;
  }
}
