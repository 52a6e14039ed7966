import { type Block, type IrBuffer, OP, type StateLayout } from '../../ir/index.ts';

/**
 * Two dataflow problems over a region's blocks, one bit a register (the four flag words count as one, the first):
 * - dirtyIn: registers that may hold a value newer than the CPU state when the block starts. Where a loop is entered or goes
 *   round, those that no block of the region uses before it sets them are stored (`storedInto`): carried on for the sake of
 *   exits alone, each would take a register or a move in every round, which is no less than storing it. Where ways meet of
 *   which one comes from a call, say, and has nothing dirty, the others store what they have: else that one would have to
 *   load it;
 * - liveIn: registers whose local must hold the register's value when the block starts. Every exit stores what may be
 *   dirty, so that counts as a use.
 * Calls and syscalls store everything before.
 * And flagKindIn: which setFlags the flags come from, as packFlagKind's result; -1 if that is not known. Where the region
 * tests flags that were set before it was entered, the kind is not known; if all other ways to that entry agree on one,
 * the entry is guarded: it may be taken with flags of that kind only.
 */
export interface Liveness {
  readonly words: number;
  /** Registers that each block uses before it sets them, and those that it sets. */
  readonly use: readonly Uint32Array[];
  readonly def: readonly Uint32Array[];
  /** Both of these. */
  readonly touched: readonly Uint32Array[];
  readonly dirtyIn: readonly Uint32Array[];
  /** Registers to be stored by whoever goes to each block, if they are dirty. */
  readonly storedInto: readonly Uint32Array[];
  readonly liveIn: readonly Uint32Array[];
  readonly flagKindIn: Int32Array;
  /** Some block needs flags whose kind is not known, so that the kind is kept in a local too. */
  readonly needsKindLocal: boolean;
  /** Kinds that flags must have at guarded entries, by block. */
  readonly guards: ReadonlyMap<number, number>;
}

const UNSET = -2;

/** True if control leaves the region's function between this block and the next, so that locals are not kept. */
export const leavesLocals = (block: Block): boolean =>
  block.terminator.kind === 'call' || block.terminator.kind === 'callIndirect' || block.terminator.kind === 'syscall';

/**
 * @param writtenThrough the last op of each block before which all is stored that is dirty, see writeThrough.ts; -1: there is none
 * @param meets 1 for blocks before which what is dirty on some ways only is to be stored on those
 * @param crowded gives 1 for each block where what no block uses before it sets it is to be stored, by the registers that each touches
 */
export function analyseLiveness(
  buffer: IrBuffer,
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
  entries: readonly number[],
  layout: StateLayout,
  writtenThrough: Int32Array,
  meets: Uint8Array,
  crowded: (touched: readonly Uint32Array[]) => Uint8Array,
  mayGuard: (pc: number) => boolean,
): Liveness {
  const words = (layout.registers.length + 31) >>> 5;
  const count = blocks.length;
  const sets = (): Uint32Array[] => blocks.map(() => new Uint32Array(words));
  const use = sets();
  const def = sets();
  // Set behind the last op before which all is stored
  const dirtied = sets();
  const dirtyIn = sets();
  const liveIn = sets();
  const flagsBit = layout.flags.a.index;
  const { op, imm } = buffer;
  const lastKind = new Int32Array(count).fill(UNSET);
  for (let n = 0; n < count; n++) {
    const { start, end } = blocks[n] as Block;
    const u = use[n] as Uint32Array;
    const d = def[n] as Uint32Array;
    const late = dirtied[n] as Uint32Array;
    for (let i = start; i < end; i++) {
      const o = op[i];
      const register = o === OP.getReg || o === OP.setReg ? imm[i] : flagsBit;
      const word = register >>> 5;
      const bit = 1 << (register & 31);
      if (o === OP.getReg || o === OP.flagTest || o === OP.getNzcv) {
        if ((d[word] & bit) === 0) u[word] |= bit;
      } else if (o === OP.setReg || o === OP.setFlags) {
        d[word] |= bit;
        if (i > writtenThrough[n]) late[word] |= bit;
        if (o === OP.setFlags) lastKind[n] = imm[i];
      }
    }
  }

  const used = blocks.map((_, n) => (use[n] as Uint32Array).slice());
  flowBack(blocks, successors, def, used);
  const touched = use.map((set, n) => set.map((word, w) => word | (def[n] as Uint32Array)[w]));
  const isLoopEntry = crowded(touched);
  const storedInto = used.map((set, n) => set.map((word) => (isLoopEntry[n] === 1 ? ~word : 0)));
  for (;;) {
    for (const set of dirtyIn) set.fill(0);
    flowDirty(blocks, successors, dirtied, writtenThrough, storedInto, dirtyIn);
    if (!storesPartlyDirty(blocks, successors, dirtied, writtenThrough, storedInto, dirtyIn, meets)) break;
  }
  for (let n = 0; n < count; n++) {
    const live = liveIn[n] as Uint32Array;
    for (let w = 0; w < words; w++) live[w] = (use[n] as Uint32Array)[w] | (dirtyIn[n] as Uint32Array)[w];
  }
  flowBack(blocks, successors, def, liveIn);

  const { flagKindIn, guards } = flowKinds(blocks, successors, entries, lastKind, testedAtStart(blocks, successors, use, def, flagsBit), mayGuard);
  let needsKindLocal = false;
  for (let n = 0; n < count; n++) {
    if (flagKindIn[n] === UNSET) flagKindIn[n] = -1;
    if (flagKindIn[n] === -1 && ((liveIn[n] as Uint32Array)[flagsBit >>> 5] & (1 << (flagsBit & 31))) !== 0) needsKindLocal = true;
  }
  return { words, use, def, touched, dirtyIn, storedInto, liveIn, flagKindIn, needsKindLocal, guards };
}

/** Word `w` of the registers that are dirty where block `n` ends. */
const dirtyOut = (n: number, w: number, block: Block, dirtied: readonly Uint32Array[], writtenThrough: Int32Array, dirtyIn: readonly Uint32Array[]): number =>
  leavesLocals(block) ? 0 : (dirtied[n] as Uint32Array)[w] | (writtenThrough[n] < 0 ? (dirtyIn[n] as Uint32Array)[w] : 0);

/** Fills dirtyIn. */
function flowDirty(
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
  dirtied: readonly Uint32Array[],
  writtenThrough: Int32Array,
  storedInto: readonly Uint32Array[],
  dirtyIn: readonly Uint32Array[],
): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let n = 0; n < blocks.length; n++) {
      for (const s of successors[n] as readonly number[]) {
        const into = dirtyIn[s] as Uint32Array;
        for (let w = 0; w < into.length; w++) {
          const out = dirtyOut(n, w, blocks[n] as Block, dirtied, writtenThrough, dirtyIn) & ~(storedInto[s] as Uint32Array)[w];
          if ((out & ~into[w]) === 0) continue;
          into[w] |= out;
          changed = true;
        }
      }
    }
  }
}

/** Adds what is dirty on some ways to a block of `meets` only to what is stored on those. @returns whether there was any */
function storesPartlyDirty(
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
  dirtied: readonly Uint32Array[],
  writtenThrough: Int32Array,
  storedInto: readonly Uint32Array[],
  dirtyIn: readonly Uint32Array[],
  meets: Uint8Array,
): boolean {
  const partly = dirtyIn.map((set) => new Uint32Array(set.length));
  successors.forEach((list, n) => {
    for (const s of list) {
      for (let w = 0; meets[s] === 1 && w < (partly[s] as Uint32Array).length; w++) {
        (partly[s] as Uint32Array)[w] |= (dirtyIn[s] as Uint32Array)[w] & ~dirtyOut(n, w, blocks[n] as Block, dirtied, writtenThrough, dirtyIn);
      }
    }
  });
  let isAny = false;
  partly.forEach((set, s) => {
    for (let w = 0; w < set.length; w++) {
      if (set[w] === 0) continue;
      (storedInto[s] as Uint32Array)[w] |= set[w];
      isAny = true;
    }
  });
  return isAny;
}

/** Adds to each block's set what its successors' sets have that it does not define. */
function flowBack(blocks: readonly Block[], successors: readonly (readonly number[])[], def: readonly Uint32Array[], sets: readonly Uint32Array[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let n = blocks.length - 1; n >= 0; n--) {
      if (leavesLocals(blocks[n] as Block)) continue;
      const set = sets[n] as Uint32Array;
      const defined = def[n] as Uint32Array;
      for (const s of successors[n] as readonly number[]) {
        const after = sets[s] as Uint32Array;
        for (let w = 0; w < set.length; w++) {
          const more = after[w] & ~defined[w] & ~set[w];
          if (more === 0) continue;
          set[w] |= more;
          changed = true;
        }
      }
    }
  }
}

/** Blocks that may test flags which were set before they start. */
function testedAtStart(
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
  use: readonly Uint32Array[],
  def: readonly Uint32Array[],
  flagsBit: number,
): Uint8Array {
  const has = (set: Uint32Array | undefined): boolean => ((set as Uint32Array)[flagsBit >>> 5] & (1 << (flagsBit & 31))) !== 0;
  const tested = Uint8Array.from(blocks, (_, n) => (has(use[n]) ? 1 : 0));
  for (let changed = true; changed; ) {
    changed = false;
    for (let n = blocks.length - 1; n >= 0; n--) {
      if (tested[n] === 1 || has(def[n]) || leavesLocals(blocks[n] as Block)) continue;
      if (!(successors[n] as readonly number[]).some((s) => tested[s] === 1)) continue;
      tested[n] = 1;
      changed = true;
    }
  }
  return tested;
}

/** flagKindIn and guards of Liveness. `lastKind` has the kind that each block sets last, or UNSET. */
function flowKinds(
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
  entries: readonly number[],
  lastKind: Int32Array,
  tested: Uint8Array,
  mayGuard: (pc: number) => boolean,
): { readonly flagKindIn: Int32Array; readonly guards: Map<number, number> } {
  const guarded = new Set(entries.filter((entry) => tested[entry] === 1 && mayGuard((blocks[entry] as Block).pc)));
  for (;;) {
    const flagKindIn = new Int32Array(blocks.length).fill(UNSET);
    for (const entry of entries) if (!guarded.has(entry)) flagKindIn[entry] = -1;
    for (let changed = true; changed; ) {
      changed = false;
      for (let n = 0; n < blocks.length; n++) {
        const out = leavesLocals(blocks[n] as Block) ? -1 : lastKind[n] !== UNSET ? lastKind[n] : flagKindIn[n];
        if (out === UNSET) continue;
        for (const s of successors[n] as readonly number[]) {
          const before = flagKindIn[s];
          const after = before === UNSET || before === out ? out : -1;
          if (after !== before) {
            flagKindIn[s] = after;
            changed = true;
          }
        }
      }
    }
    // An entry is worth a guard only where all other ways to it agree.
    const useless = [...guarded].filter((entry) => (flagKindIn[entry] as number) < 0);
    if (useless.length === 0) return { flagKindIn, guards: new Map([...guarded].map((entry) => [entry, flagKindIn[entry] as number])) };
    for (const entry of useless) guarded.delete(entry);
  }
}
