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
