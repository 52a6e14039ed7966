import type { Block } from '../../ir/index.ts';
import { flowForwards, leavesLocals } from './dataflow.ts';
import type { Liveness } from './liveness.ts';

/*
 * When registers come into their locals. A region that has been entered, or gone on with behind a call, has none there.
 * Loading all that may be used (`liveIn`) takes longer than what a short way through a large region does; so a block loads
 * what it uses where it is not sure to be there (`loads`). What must be there when a block starts (`required`) is loaded by
 * whoever goes there: what is dirty on another way, and what the call-free loop uses that begins there.
 */
export interface Availability {
  /** By block: registers that are in their locals at its start, on every way. */
  readonly availableIn: readonly Uint32Array[];
  /** By block: registers that must be in their locals before it starts. */
  readonly required: readonly Uint32Array[];
  /** By block: registers that it loads at its start. */
  readonly loads: readonly Uint32Array[];
  /** Registers that are loaded at the region's start, whichever entry is taken. */
  readonly loadedAtEntry: Uint32Array;
}

/**
 * @param loopOf for each block the header of the call-free loop that it is in, or -1
 * @param isLazy false: all that is live is loaded at entries and behind calls
 */
export function analyseAvailability(
  liveness: Liveness,
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
  entries: readonly number[],
  loopOf: Int32Array,
  isLazy: boolean,
): Availability {
  const { words, use, def, dirtyIn, liveIn } = liveness;
  const at = (sets: readonly Uint32Array[], n: number): Uint32Array => sets[n] as Uint32Array;
  const required = isLazy ? dirtyIn.map((set) => set.slice()) : liveIn;
  if (isLazy) requireLoops(required, use, successors, entries, loopOf, words);
  const loadedAtEntry = new Uint32Array(words);
  for (const entry of entries) for (let w = 0; w < words; w++) loadedAtEntry[w] |= at(required, entry)[w];

  const availableIn = blocks.map(() => new Uint32Array(words).fill(0xffff_ffff));
  for (const entry of entries) availableIn[entry] = loadedAtEntry.slice();
  flowForwards(successors, (from, to) => {
    const isEmpty = leavesLocals(blocks[from] as Block);
    const into = at(availableIn, to);
    let changed = false;
    for (let w = 0; w < words; w++) {
      const out = isEmpty ? 0 : at(availableIn, from)[w] | at(use, from)[w] | at(def, from)[w];
      const fewer = (into[w] & (out | at(required, to)[w])) >>> 0;
      if (fewer === into[w]) continue;
      into[w] = fewer;
      changed = true;
    }
    return changed;
  });
  const loads = use.map((used, n) => {
    const missing = used.slice();
    for (let w = 0; w < words; w++) missing[w] &= ~at(availableIn, n)[w];
    return missing;
  });
  return { availableIn, required, loads, loadedAtEntry };
}

/** Where a call-free loop is entered, everything is required that one of its blocks uses. */
function requireLoops(
  required: readonly Uint32Array[],
  use: readonly Uint32Array[],
  successors: readonly (readonly number[])[],
  entries: readonly number[],
  loopOf: Int32Array,
  words: number,
): void {
  const usedInLoop = new Map<number, Uint32Array>();
  required.forEach((_, n) => {
    if (loopOf[n] < 0) return;
    const used = usedInLoop.get(loopOf[n]) ?? new Uint32Array(words);
    usedInLoop.set(loopOf[n], used);
    for (let w = 0; w < words; w++) used[w] |= (use[n] as Uint32Array)[w];
  });
  const enter = (block: number): void => {
    const used = usedInLoop.get(loopOf[block]);
    for (let w = 0; used !== undefined && w < words; w++) (required[block] as Uint32Array)[w] |= used[w];
  };
  for (const entry of entries) enter(entry);
  successors.forEach((list, n) => {
    for (const s of list) if (loopOf[s] !== loopOf[n]) enter(s);
  });
}
