import { PcMap } from './pcMap.ts';
import { PcSet } from './pcSet.ts';

/** Farthest that a function's start is looked for from a loop of it. */
const MAX_FUNCTION_BYTES = 0x1_0000;
/** Loops of one function that can be entered in the middle of its region. */
const MAX_ENTRIES = 6;

/** What LoopEntries knows, to be kept. */
export interface LearntLoops {
  readonly functions: readonly number[];
  readonly entries: readonly (readonly [root: number, entries: readonly number[]])[];
  readonly origins: readonly (readonly [pc: number, origin: number])[];
}

/**
 * Loops that ran when a slice of the run ended, and the functions that they belong to. V8 does not replace a running
 * function by its optimised code, so a loop is left now and then, and entered anew. A region that started at the loop
 * would nest the function's loops the wrong way around, and hold the function once more; so the function's own region
 * gets another entry.
 */
export class LoopEntries {
  private readonly functions: PcSet;
  private readonly byRoot: PcMap<readonly number[]>;
  private readonly rootOfLoop: PcMap<number>;
  private readonly origins: PcMap<number>;

  /** @param start of the code that they are in */
  constructor(start: number) {
    this.functions = new PcSet(start);
    this.byRoot = new PcMap(start);
    this.rootOfLoop = new PcMap(start);
    this.origins = new PcMap(start);
  }

  get learnt(): LearntLoops {
    return { functions: this.functions.pcs, entries: [...this.byRoot.entries], origins: [...this.origins.entries] };
  }

  learn({ functions, entries, origins }: LearntLoops): void {
    for (const pc of functions) this.functions.add(pc);
    for (const [root, loops] of entries) for (const pc of loops) this.add(pc, root);
    for (const [pc, origin] of origins) this.origins.set(pc, origin);
  }

  /** A call to `pc` has been seen. */
  addFunction(pc: number): void {
    this.functions.add(pc);
  }

  isFunction(pc: number): boolean {
    return this.functions.has(pc);
  }

  /** The region at `from` was too small for its function, which goes on in the region at `to`. */
  wentOn(from: number, to: number): void {
    if (!this.functions.has(to) && !this.origins.has(to) && to !== this.originOf(from)) this.origins.set(to, this.originOf(from));
  }

  /** Where the function began that goes on in the region at `pc`, as far as that is known. */
  originOf(pc: number): number {
    return this.origins.get(pc) ?? pc;
  }

  /** Makes the loop at `pc` an entry of the region of the function at `root`. @returns false if that has enough entries */
  add(pc: number, root: number): boolean {
    const entries = this.byRoot.get(root) ?? [];
    if (entries.length >= MAX_ENTRIES) return false;
    if (!entries.includes(pc)) this.byRoot.set(root, [...entries, pc]);
    this.rootOfLoop.set(pc, root);
    return true;
  }

  /** The loop turned out not to be in the function's region. */
  drop(pc: number): void {
    const root = this.rootOfLoop.get(pc);
    if (root === undefined) return;
    this.rootOfLoop.delete(pc);
    this.byRoot.set(
      root,
      (this.byRoot.get(root) ?? []).filter((entry) => entry !== pc),
    );
  }

  /** Loops that the region at `root` can be entered at. */
  entriesOf(root: number): readonly number[] {
    return this.byRoot.get(root) ?? [];
  }

  /** The start of the region that has an entry at `pc`. */
  rootOf(pc: number): number | undefined {
    return this.rootOfLoop.get(pc);
  }

  /** The nearest known function start at or below `pc`. */
  functionOf(pc: number): number | undefined {
    return this.functions.lastBefore(pc, MAX_FUNCTION_BYTES);
  }
}
