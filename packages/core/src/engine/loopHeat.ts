import { loopHeaderAround, type Region } from '../wasm/index.ts';
import type { CodeView } from './codeView.ts';

/** What is asked of the machine about loops that ran long. */
export interface LoopUser {
  /** Whether code at `at` is part of the same piece of code. */
  isInside(at: number): boolean;
  /** The whole region that starts at `root`, without entries. */
  plan(root: number): Region;
}

/**
 * So many slices tell a loop that is worth a region of its own. Where the code is V8's optimised code already, from an earlier run, that
 * gains little, and new code, which V8 compiles during the run, costs much: it takes more of them.
 */
export const LOOP_SLICES = { usual: 1, compiled: 8 } as const;

/** Slices that end so close to each other, in bytes, are taken to have ended in the same loop. */
const SAME_LOOP = 1024;

/**
 * Where slices of a run end. A program that loops has them end in the same place, one after the other; one that does not has them end
 * wherever it happens to be, and nothing is to be learnt from that: to make regions anew there made a Perl script take 1.3 times as long.
 */
export class SliceEnds {
  private last = Number.NEGATIVE_INFINITY;
  private times = 0;

  /** @returns how many slices before, one after the other, ended here, too */
  tellLoop(pc: number): number {
    this.times = Math.abs(this.last - pc) < SAME_LOOP ? this.times + 1 : 0;
    this.last = pc;
    return this.times;
  }
}

/**
 * Makes the loop around `pc` an entry of a region that starts before it: that of its function, or else the one that
 * control came from.
 * @param from start of the region that ran
 * @returns starts of the regions that must be made anew for that
 */
export function addLoopEntry({ loops, hot }: CodeView, from: number, pc: number, user: LoopUser): readonly number[] {
  for (const root of [loops.functionOf(pc), loops.originOf(from)]) {
    if (root === undefined || root === pc || !user.isInside(root)) continue;
    const wasHot = hot.has(root);
    hot.add(root);
    const loop = loopHeaderAround(user.plan(root), pc);
    const isNew = !wasHot || (loop !== undefined && loop !== root && !loops.entriesOf(root).includes(loop));
    if (loop !== undefined && (loop === root || loops.add(loop, root))) return isNew ? [root, loop] : [];
    if (!wasHot) hot.delete(root);
  }
  return [];
}

/**
 * What dispatches often is worth being whole, from its function's start.
 * @returns the start of the function around the jump at `jumpPc`, if its region is to be whole from now on and was not before
 */
export function newlyWhole({ loops, hot }: CodeView, jumpPc: number): number | undefined {
  const root = loops.functionOf(jumpPc);
  if (root === undefined || hot.has(root)) return undefined;
  hot.add(root);
  return root;
}
