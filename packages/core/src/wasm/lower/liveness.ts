import { type Block, type IrBuffer, OP, type StateLayout } from '../../ir/index.ts';
import { type FlowGraph, flowBackwards, leavesLocals } from './dataflow.ts';
import { DirtyFlow, type DirtyFlowInput } from './dirtyFlow.ts';
import { findFlagKinds, UNSET } from './flagKinds.ts';

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

/** A region, as far as it matters to registers. */
export interface LivenessInput extends FlowGraph, Pick<DirtyFlowInput, 'writtenThrough' | 'meets'> {
  readonly buffer: IrBuffer;
  readonly layout: StateLayout;
  /** Blocks at which the region is entered. */
  readonly entries: readonly number[];
  /** Gives 1 for each block where what no block uses before it sets it is to be stored, by the registers that each touches. */
  readonly crowded: (touched: readonly Uint32Array[]) => Uint8Array;
  /** Whether the entry at `pc` may be guarded. */
  readonly mayGuard: (pc: number) => boolean;
}

/** Solves them. */
export function analyseLiveness(input: LivenessInput): Liveness {
  const { layout, blocks, crowded } = input;
  const words = (layout.registers.length + 31) >>> 5;
  const { use, def, dirtied, lastKind } = scanBlocks(input, words);
  const touched = unions(use, def);
  const used = use.map((set) => set.slice());
  flowBack(input, def, used);
  const isLoopEntry = crowded(touched);
  const storedInto = used.map((set, n) => (isLoopEntry[n] === 1 ? set.map((word) => ~word) : new Uint32Array(words)));
  const dirty = new DirtyFlow({ ...input, dirtied }, storedInto);
  dirty.solve();
  const { dirtyIn } = dirty;
  const liveIn = unions(use, dirtyIn);
  flowBack(input, def, liveIn);

  const hasFlags = (set: Uint32Array): boolean => hasRegister(set, layout.flags.a.index);
  const { flagKindIn, guards } = findFlagKinds({ ...input, lastKind, tests: Uint8Array.from(use, (set) => (hasFlags(set) ? 1 : 0)) });
  let needsKindLocal = false;
  for (let n = 0; n < blocks.length; n++) {
    if (flagKindIn[n] === UNSET) flagKindIn[n] = -1;
    if (flagKindIn[n] === -1 && hasFlags(liveIn[n] as Uint32Array)) needsKindLocal = true;
  }
  return { words, use, def, touched, dirtyIn, storedInto, liveIn, flagKindIn, needsKindLocal, guards };
}

/** The union of the sets of each block. */
function unions(all: readonly Uint32Array[], others: readonly Uint32Array[]): Uint32Array[] {
  return all.map((set, n) => {
    const other = others[n] as Uint32Array;
    const union = set.slice();
    for (let w = 0; w < union.length; w++) union[w] |= other[w];
    return union;
  });
}

const hasRegister = (set: Uint32Array, register: number): boolean => (set[register >>> 5] & (1 << (register & 31))) !== 0;

/** What each block alone does with registers. */
interface BlockScan extends Pick<Liveness, 'use' | 'def'>, Pick<DirtyFlowInput, 'dirtied'> {
  /** The kind of flags that each block sets last, or UNSET. */
  readonly lastKind: Int32Array;
}

function scanBlocks({ buffer, blocks, layout, writtenThrough }: LivenessInput, words: number): BlockScan {
  const sets = (): Uint32Array[] => blocks.map(() => new Uint32Array(words));
  const use = sets();
  const def = sets();
  const dirtied = sets();
  const lastKind = new Int32Array(blocks.length).fill(UNSET);
  const flagsRegister = layout.flags.a.index;
  const { op, imm } = buffer;
  blocks.forEach(({ start, end }, n) => {
    const u = use[n] as Uint32Array;
    const d = def[n] as Uint32Array;
    const late = dirtied[n] as Uint32Array;
    for (let i = start; i < end; i++) {
      const o = op[i];
      const register = o === OP.getReg || o === OP.setReg ? imm[i] : flagsRegister;
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
  });
  return { use, def, dirtied, lastKind };
}

/** Adds to each block's set what its successors' sets have that it does not define. */
function flowBack({ blocks, successors }: LivenessInput, def: readonly Uint32Array[], sets: readonly Uint32Array[]): void {
  flowBackwards(successors, (block, successor) => {
    if (leavesLocals(blocks[block] as Block)) return false;
    const set = sets[block] as Uint32Array;
    const after = sets[successor] as Uint32Array;
    const defined = def[block] as Uint32Array;
    let changed = false;
    for (let w = 0; w < set.length; w++) {
      const more = after[w] & ~defined[w] & ~set[w];
      if (more === 0) continue;
      set[w] |= more;
      changed = true;
    }
    return changed;
  });
}
