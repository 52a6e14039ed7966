import { assert } from '../base/index.ts';
import { type Block, FlagKind, type Helper, type IrBuffer, MARK_BY_BYTE, NONE, OP, OP_TABLE, type StateLayout, TYPE_NUMBER } from '../ir/index.ts';
import { FIXED_FUNCTIONS, FUSED_MADD_64, GUARDED_STEP_OF, HAS_DESTINATION, RECORD, STEP_OF, Step } from '../wasm/index.ts';
import type { ColdBlock, ColdCode } from './coldCode.ts';
import { ColdPlan, Fate, IS_ACCESS, IS_CONSTANT, IS_PURE } from './coldPlan.ts';
import { COLD_CODE, COLD_CODE_END, COLD_VALUES, COLD_VALUES_END, type LinearMemory, SMALL_CONSTANT_COUNT, SMALL_CONSTANTS, STATE } from './linearMemory.ts';
import { partsOf, type SavedBlock } from './saved/savedBlock.ts';

/** Runs of blocks that never become regions. */
const NEVER = 0x7fff_ffff;

/** Blocks behind so many must run twice as often to be said to be hot: a program that has so much code runs most of it some thousand times only. */
const EARLY_BLOCKS = 0x1_0000;

/** Constants and records that a block whose IR has `ops` ops has at most. */
const mostRecords = (ops: number): number => 2 * ops + 64;

/** Steps of branches by the op of a condition that has no record. */
const BRANCH_OF = new Uint8Array(OP_TABLE.length);
BRANCH_OF[OP.i32_eqz] = Step.branchUnless;
BRANCH_OF[OP.i64_ne] = Step.branch64;
BRANCH_OF[OP.i64_eqz] = Step.branchUnless64;
const LANE_BYTES: Readonly<Record<string, number>> = { i8x16: 1, i16x8: 2, i32x4: 4, f32x4: 4, i64x2: 8, f64x2: 8 };
/** Offset of one lane from the next, by op number; 0 for ops without lanes. */
const LANE_OF = Uint8Array.from(OP_TABLE, ({ kind, name }) => (kind === 'lane' ? (LANE_BYTES[name.slice(0, 5)] as number) : 0));
const IS_EXTRACT = Uint8Array.from(OP_TABLE, ({ kind, name }) => Number(kind === 'lane' && name.includes('extract')));
/** For each condition of `flagTest`, the flags (N Z C V in bits 3..0) under which it holds. */
const CONDITIONS: readonly number[] = Array.from({ length: 14 }, (_, condition) => {
  let mask = 0;
  for (let nzcv = 0; nzcv < 16; nzcv++) {
    const [n, z, c, v] = [3, 2, 1, 0].map((bit) => ((nzcv >> bit) & 1) === 1) as [boolean, boolean, boolean, boolean];
    const holds = [z, c, n, v, c && !z, n === v, n === v && !z][condition >> 1] as boolean;
    if (holds !== ((condition & 1) === 1)) mask |= 1 << nzcv;
  }
  return mask;
});

/** What of a comparison tells N, Z, C and V of a kind of flags; undefined for those that it does not tell. */
type Comparison = (isLess: boolean, isBelow: boolean, isEqual: boolean) => (boolean | undefined)[];
const OF_DIFFERENCE: Comparison = (isLess, isBelow, isEqual) => [undefined, isEqual, !isBelow, undefined, isLess];
const OF_RESULT: Comparison = (isLess, _, isEqual) => [isLess, isEqual, false, false, isLess];

/** For each condition, the comparisons under which it holds as compareAndBranch takes them; 0 where they do not tell. */
function comparisonsOf(flags: Comparison): readonly number[] {
  return Array.from({ length: 14 }, (_, condition) => {
    let mask = 0;
    for (let number = 0; number < 8; number++) {
      const [n, z, c, v, isLess] = flags((number & 1) !== 0, (number & 2) !== 0, (number & 4) !== 0);
      const holds = [z, c, n, v, c === true && z !== true, isLess !== true, isLess !== true && z !== true][condition >> 1];
      if (holds === undefined) return 0;
      if (holds !== ((condition & 1) === 1)) mask |= 0x1_0000 << number;
    }
    return mask;
  });
}
const DIFFERENCE_CONDITIONS = comparisonsOf(OF_DIFFERENCE);
const RESULT_CONDITIONS = comparisonsOf(OF_RESULT);
/** By FlagKind: the step that compares and branches, and what it takes for each condition. */
const COMPARISONS: ReadonlyMap<number, readonly [step: number, conditions: readonly number[]]> = new Map([
  [FlagKind.SUB32, [Step.compareAndBranch32, DIFFERENCE_CONDITIONS]],
  [FlagKind.SUB64, [Step.compareAndBranch64, DIFFERENCE_CONDITIONS]],
  [FlagKind.LOGIC32, [Step.compareAndBranch32, RESULT_CONDITIONS]],
  [FlagKind.LOGIC64, [Step.compareAndBranch64, RESULT_CONDITIONS]],
]);

/** Writes the IR of blocks as records (wasm/cold/records.ts). */
export class ColdWriter {
  /** The IR of the block that is being written. */
  private buffer: IrBuffer;
  private free = COLD_CODE;
  /** From a record of the block that is being written to its value. */
  private toValues = 0;
  /** Counts the times that all blocks were forgotten. */
  generation = 1;
  private readonly plan: ColdPlan;
  /** Word index of the last record of the block that is being written, if steps behind it may be done with it; else -1. */
  private last = -1;
  /** Word index of the first of two loads that are done at once, as long as a copy of what that loads may be done with them; else -1. */
  private pair = -1;
  private readonly functions = new Map<Helper, number>();
  /** Numbers of helpers' functions in the interpreter's table, by the helper's name. */
  private readonly numberOf = new Map<string, number>();
  readonly helpers: Helper[] = [];
  /** Linear offset of the third word of flags. */
  private readonly flagsC: number;

  /**
   * @param buffer the one that most blocks will be in
   * @param runs how often a block runs before it is said to be hot
   */
  constructor(
    private readonly memory: LinearMemory,
    layout: StateLayout,
    buffer: IrBuffer,
    private runs: number,
  ) {
    this.buffer = buffer;
    this.plan = new ColdPlan(layout, buffer);
    this.flagsC = STATE + layout.flags.c.offset;
    for (let n = 0; n < SMALL_CONSTANT_COUNT; n++) memory.i32[(SMALL_CONSTANTS >>> 2) + 2 * n] = n;
  }

  /** Forgets all blocks. */
  reset(): void {
    this.free = COLD_CODE;
    this.generation++;
  }

  /** Whether the values of a block whose IR has `ops` ops have room. */
  hasValues(ops: number): boolean {
    return mostRecords(ops) * RECORD <= COLD_VALUES_END - COLD_VALUES;
  }

  /** Whether there is room for a block whose IR has `ops` ops. */
  fits(ops: number): boolean {
    return this.free + mostRecords(ops) * RECORD <= COLD_CODE_END;
  }

  /**
   * Writes a block.
   * @param buffer its IR
   * @param number is kept in its entry, see `numberAt`
   * @param isHotter whether it is to be told when it has run often
   */
  write(buffer: IrBuffer, block: Block, code: ColdCode, number: number, isHotter: boolean): ColdBlock {
    this.buffer = buffer;
    const first = this.free;
    this.free = this.plan.make(buffer, block, this.memory, first);
    this.last = this.pair = -1;
    const at = this.free;
    this.toValues = COLD_VALUES - at;
    this.entry(at >>> 2, block.insns, number, isHotter);
    this.pc((at >>> 2) + 4, block.pc);
    this.free += 2 * RECORD;
    this.steps(block);
    this.terminator(block, code);
    assert(this.free - at <= COLD_VALUES_END - COLD_VALUES, 'a cold block has more records than room for values');
    const { pc, insns, bytes, insnOffsets } = block;
    return { pc, insns, bytes, first, at, end: this.free, insnOffsets };
  }

  private entry(word: number, insns: number, number: number, isHotter: boolean): void {
    const { u32 } = this.memory;
    u32[word] = Step.entry;
    u32[word + 1] = insns;
    u32[word + 2] = isHotter ? this.runsOf(number) : NEVER;
    u32[word + 3] = number;
  }

  /**
   * Writes the block at `pc` as an earlier run did.
   * @param names of helpers, by their number in the block
   * @returns undefined if the block is damaged, there is no room, or a helper of it is not known here
   */
  writeSaved(saved: SavedBlock, names: readonly string[], pc: number, code: ColdCode, number: number, isHotter: boolean): ColdBlock | undefined {
    const parts = partsOf(saved);
    if (parts === undefined || this.free + 4 * parts.words > COLD_CODE_END) return undefined;
    const { insns, bytes, constants, helpersAt, helpers, maskAt, wordsAt, words, terminator } = parts;
    const { u32 } = this.memory;
    const first = this.free;
    const to = first >>> 2;
    for (let i = 0; i < helpers; i++) if (!this.numberOf.has(names[saved[helpersAt + 2 * i + 1]] as string)) return undefined;
    for (let i = 0; i < words; i += 32) {
      const end = Math.min(32, words - i);
      for (let bit = 0, mask = saved[maskAt + (i >>> 5)]; bit < end; bit++, mask >>>= 1) {
        u32[to + i + bit] = saved[wordsAt + i + bit] + ((mask & 1) === 0 ? 0 : first);
      }
    }
    for (let i = 0; i < helpers; i++) u32[to + saved[helpersAt + 2 * i]] = this.numberOf.get(names[saved[helpersAt + 2 * i + 1]] as string) as number;
    const at = first + constants * RECORD;
    this.entry(at >>> 2, insns, number, isHotter);
    this.free += 4 * words;
    this.linkSaved(code, to + terminator);
    return { pc, insns, bytes, first, at, end: this.free, insnOffsets: undefined };
  }

  /** Leads a record that ends a block to where its addresses are. */
  private linkSaved(code: ColdCode, word: number): void {
    const { u32 } = this.memory;
    const pcAt = (at: number): number => u32[at] + u32[at + 1] * 0x1_0000_0000;
    switch (u32[word] & 0xffff) {
      case Step.jump:
      case Step.syscall:
        u32[word + 1] = this.link(code, pcAt(word + 4), word + 1);
        break;
      case Step.call:
        u32[word + 1] = this.link(code, pcAt(word + 4), word + 1);
        u32[word + 2] = this.link(code, pcAt(word + 6), word + 2);
        break;
      case Step.branch:
      case Step.branchIfFlags:
      case Step.branchUnless:
      case Step.branch64:
      case Step.branchUnless64:
        u32[word + 2] = this.link(code, pcAt(word + 4), word + 2);
        u32[word + 3] = this.link(code, pcAt(word + 6), word + 3);
        break;
      case Step.callIndirect:
        u32[word + 2] = this.link(code, pcAt(word + 6), word + 2);
        break;
      default:
    }
  }

  /** From now on blocks run so often before they are said to be hot; those at these entries, too, counting what they have run. */
  setRuns(runs: number, entries: Iterable<number>): void {
    const { i32 } = this.memory;
    const more = runs - this.runs;
    for (const entry of entries) {
      const word = (entry >>> 2) + 2;
      if (i32[word] < NEVER / 2) i32[word] = Math.min(Math.max(1, i32[word] + more * this.shareOf(this.numberAt(entry))), NEVER);
    }
    this.runs = runs;
  }

  /** The block whose entry is at `entry` is to be told of again when it has run as often as it had to before. */
  runAgain(entry: number): void {
    this.memory.i32[(entry >>> 2) + 2] = this.runsOf(this.numberAt(entry));
  }

  /** How often the block whose entry is at `entry` has run since it was made, or was last said to be hot. */
  runsCounted(entry: number): number {
    const left = this.memory.i32[(entry >>> 2) + 2];
    return Math.max(0, this.runsOf(this.numberAt(entry)) - left);
  }

  private runsOf(number: number): number {
    return Math.min(this.runs * this.shareOf(number), NEVER);
  }

  /** How many times `runs` block number `number` runs before it is said to be hot. */
  private shareOf(number: number): number {
    return number < EARLY_BLOCKS ? 1 : 2;
  }

  /** The number of the block whose entry is at a linear offset. */
  numberAt(entry: number): number {
    return this.memory.u32[(entry >>> 2) + 3];
  }

  private pc(word: number, pc: number): void {
    this.memory.u32[word] = pc;
    this.memory.u32[word + 1] = Math.floor(pc / 0x1_0000_0000);
  }

  /** Writes the record of a load or a store. */
  private access(i: number, insn: number): void {
    const { op, a, b, c, imm } = this.buffer;
    const { place, fate } = this.plan;
    const value = b[i] < 0 ? 0 : place[b[i]];
    if (c[i] >= 0) return this.record(i, GUARDED_STEP_OF[op[i]], insn, place[a[i]], value, place[c[i]]);
    const isSum = fate[a[i]] === Fate.absorbed;
    const address = place[isSum ? a[a[i]] : a[i]];
    const displacement = isSum ? imm[b[a[i]]] : 0;
    const { last } = this;
    if (HAS_DESTINATION[op[i]] === 1) this.recordTo(i, STEP_OF[op[i]], insn, address, displacement);
    else this.record(-1, STEP_OF[op[i]], insn, address, value, displacement);
    if (op[i] === OP.i64_load) this.fuseLoads(last, address, displacement);
    else if (op[i] === OP.i64_store) this.fuseStores(last, address, displacement);
  }

  /** Two loads side by side are done at once. @param first word index of the record before the last one; or -1 */
  private fuseLoads(first: number, address: number, displacement: number): void {
    const { u32, i32 } = this.memory;
    if (
      first >= 0 &&
      (u32[first] & 0xffff) === STEP_OF[OP.i64_load] &&
      u32[first + 1] === address &&
      i32[first + 2] + 8 === displacement &&
      u32[first + 3] !== address
    ) {
      this.setStep(first, Step.loadPair);
      this.pair = first;
      this.last = -1;
    }
  }

  /** As `fuseLoads`, of stores. */
  private fuseStores(first: number, address: number, displacement: number): void {
    const { u32, i32 } = this.memory;
    if (first >= 0 && (u32[first] & 0xffff) === STEP_OF[OP.i64_store] && u32[first + 1] === address && i32[first + 3] + 8 === displacement) {
      this.setStep(first, Step.storePair);
      this.last = -1;
    }
  }

  /** Writes the record that copies a value into a register. */
  private set(i: number, insn: number): void {
    const { u32 } = this.memory;
    const { last, pair, plan } = this;
    const { a, type, imm } = this.buffer;
    const value = a[i];
    const step = copyStep(type[value]) + (Step.set32 - Step.copy32);
    this.record(-1, step, insn, plan.place[value], 0, plan.registerAt[imm[i]]);
    if (step !== Step.set64) return;
    if (pair >= 0 && plan.place[value] >= COLD_VALUES && u32[pair + 3] === plan.place[value] && plan.uses[value] === 1) {
      this.setStep(pair, Step.loadPairAndSet);
      this.last = -1;
    } else if (last >= 0 && (u32[last] & 0xffff) === Step.set64) {
      this.setStep(last, Step.setPair);
      this.last = -1;
    }
  }

  private setStep(word: number, step: number): void {
    const { u32 } = this.memory;
    u32[word] = (u32[word] & ~0xffff) | step;
  }

  /** Writes a record that says where its value goes, which is at `place[i]` then. */
  private recordTo(i: number, step: number, insn: number, a: number, b: number): void {
    const { setInto, place } = this.plan;
    const at = setInto[i] > 0 ? setInto[i] : this.free + this.toValues;
    this.record(-1, step, insn, a, b, at);
    place[i] = at;
  }

  /** Writes a record. Its value is at `place[i]`. */
  private record(i: number, step: number, insn: number, a: number, b: number, c: number): void {
    const { u32 } = this.memory;
    const word = this.free >>> 2;
    u32[word] = step | (insn << 16);
    u32[word + 1] = a;
    u32[word + 2] = b;
    u32[word + 3] = c;
    if (i >= 0) this.plan.place[i] = this.free + this.toValues;
    this.free += RECORD;
    this.last = word;
    this.pair = -1;
  }

  private steps(block: Block): void {
    const { place, fate, registerAt } = this.plan;
    const { op, type, a, b, c, imm } = this.buffer;
    const at = (value: number): number => (value < 0 ? 0 : (place[value] as number));
    let insn = 0;
    for (let i = block.start; i < block.end; i++) {
      const o = op[i];
      if (fate[i] !== Fate.usual) {
        if (fate[i] === Fate.alias) place[i] = place[a[i]];
        else if (fate[i] === Fate.computes) this.recordTo(a[i], STEP_OF[op[a[i]]], insn, place[a[a[i]]], place[b[a[i]]]);
        continue;
      }
      if (HAS_DESTINATION[o] === 1 && IS_PURE[o] === 1) {
        this.recordTo(i, STEP_OF[o], insn, a[i] < 0 ? 0 : place[a[i]], b[i] < 0 ? 0 : place[b[i]]);
        continue;
      }
      if (IS_PURE[o] === 1) {
        this.record(i, STEP_OF[o], insn, a[i] < 0 ? 0 : place[a[i]], b[i] < 0 ? 0 : place[b[i]], c[i] < 0 ? 0 : place[c[i]]);
        continue;
      }
      if (IS_ACCESS[o] === 1) {
        this.access(i, insn);
        continue;
      }
      if (LANE_OF[o] > 0) {
        const offset = LANE_OF[o] * imm[i];
        if (IS_EXTRACT[o] === 1) this.record(i, STEP_OF[o], insn, at(a[i]) + offset, 0, 0);
        else this.record(i, STEP_OF[o], insn, at(a[i]), at(b[i]), offset);
        continue;
      }
      if (IS_CONSTANT[o] === 1) continue;
      switch (o) {
        case OP.insn:
          insn = imm[i];
          break;
        case OP.getReg:
          if (place[i] === 0) place[i] = registerAt[imm[i]];
          else this.record(i, copyStep(type[i]), insn, registerAt[imm[i]], 0, 0);
          break;
        case OP.setReg:
          this.set(i, insn);
          break;
        case OP.setFlags:
          if (c[i] >= 0) this.record(-1, Step.set32, insn, at(c[i]), 0, this.flagsC);
          this.record(-1, Step.setFlags, insn, at(a[i]), at(b[i]), imm[i]);
          break;
        case OP.flagTest:
          this.record(i, Step.flagTest, insn, 0, 0, CONDITIONS[imm[i]] as number);
          break;
        default:
          this.rareStep(i, insn);
      }
    }
  }

  /** Writes the records of an op of those that few blocks have: V8 compiles `steps` anew for each that it meets there later. */
  private rareStep(i: number, insn: number): void {
    const { buffer } = this;
    const { place } = this.plan;
    const { op, a, b, c, imm, imm2 } = buffer;
    const at = (value: number): number => (value < 0 ? 0 : (place[value] as number));
    const o = op[i];
    switch (o) {
      case OP.getNzcv:
        this.record(i, Step.getNzcv, insn, 0, 0, 0);
        break;
      case OP.i8x16_shuffle:
        // `plan` has put the choice of bytes where the value's offset goes now.
        this.record(i, STEP_OF[o], insn, at(a[i]), at(b[i]), place[i]);
        break;
      case OP.fusedMadd:
        this.record(i, imm[i] === 64 ? FUSED_MADD_64 : STEP_OF[o], insn, at(a[i]), at(b[i]), at(c[i]));
        break;
      case OP.checkAligned:
        this.record(-1, Step.checkAligned, insn, at(a[i]), 0, imm[i] - 1);
        break;
      case OP.trapIf:
        this.record(-1, Step.trapIf, insn, at(a[i]), imm[i], imm2[i]);
        break;
      case OP.input:
        this.record(i, Step.input, insn, 0, 0, imm[i]);
        break;
      case OP.counterGet:
        this.record(i, Step.copy64, insn, imm[i], 0, 0);
        break;
      case OP.counterSet:
        this.record(-1, Step.set64, insn, at(a[i]), 0, imm[i]);
        break;
      case OP.mark:
        this.record(-1, a[i] === NONE ? Step.mark : (imm2[i] & MARK_BY_BYTE) === 0 ? Step.markAccess : Step.markBytes, insn, at(a[i]), imm[i], imm2[i]);
        break;
      case OP.callback:
        assert(imm2[i] === 0, 'a callback in cold code cannot leave it');
        this.record(-1, Step.callback, insn, at(a[i]), 0, imm[i]);
        break;
      case OP.helper:
      case OP.coldHelper:
        this.helper(i);
        break;
      case OP.ringReserve:
      case OP.count:
        this.record(-1, o === OP.count ? Step.count : Step.ringReserve, insn, 0, imm2[i], imm[i]);
        break;
      case OP.ringStep:
      case OP.ringCommit:
        this.record(-1, o === OP.ringStep ? Step.ringStep : Step.ringCommit, insn, at(a[i]), 0, imm[i]);
        break;
      case OP.ringStore:
        this.record(-1, Step.ringStore8 + Math.log2(imm2[i]), insn, at(a[i]), 0, imm[i]);
        break;
      default:
        assert(false, `cold code has no ${OP_TABLE[o]?.name}`);
    }
  }

  private helper(i: number): void {
    const { buffer } = this;
    const { place } = this.plan;
    const { op, type, a, b, imm, imm2 } = buffer;
    const helper = buffer.helpers[imm[i]] as Helper;
    const count = helper.args.length;
    const records = 1 + Math.ceil(count / 4);
    const step = op[i] === OP.helper ? Step.helper : copyStep(type[i]) + (Step.coldHelper32 - Step.copy32);
    const word = this.free >>> 2;
    this.record(
      i,
      step,
      records,
      op[i] === OP.helper ? 0 : (place[a[i]] as number),
      op[i] === OP.helper ? 0 : (place[b[i]] as number),
      this.functionOf(helper),
    );
    for (let n = 0; n < count; n++) this.memory.u32[word + 4 + n] = place[buffer.callArgs[imm2[i] + n] as number] as number;
    this.free += (records - 1) * RECORD;
    this.last = -1;
  }

  /** Number of a helper's function in the interpreter's table. */
  private functionOf(helper: Helper): number {
    let number = this.functions.get(helper);
    if (number === undefined) {
      number = FIXED_FUNCTIONS + this.helpers.push(helper) - 1;
      this.functions.set(helper, number);
      this.numberOf.set(helper.name, number);
    }
    return number;
  }

  private terminator(block: Block, code: ColdCode): void {
    const { place } = this.plan;
    const { last } = this;
    const t = block.terminator;
    const word = this.free >>> 2;
    const direct = (step: number, pc: number): void => {
      this.record(-1, step, 0, this.link(code, pc, word + 1), 0, 0);
      this.pc(word + 4, pc);
      this.free += RECORD;
    };
    switch (t.kind) {
      case 'jump':
        return direct(Step.jump, t.target);
      case 'call':
        this.record(-1, Step.call, 0, this.link(code, t.target, word + 1), this.link(code, t.returnAddress, word + 2), 0);
        if (last >= 0 && (this.memory.u32[last] & 0xffff) === Step.set64) this.setStep(last, Step.setAndCall);
        this.pc(word + 4, t.target);
        this.pc(word + 6, t.returnAddress);
        this.free += RECORD;
        return;
      case 'branch':
        this.branch(t.condition, last, this.link(code, t.taken, word + 2), this.link(code, t.fallThrough, word + 3));
        this.pc(word + 4, t.taken);
        this.pc(word + 6, t.fallThrough);
        this.free += RECORD;
        return;
      case 'syscall':
        return direct(Step.syscall, t.next);
      case 'exit':
        // Asked for anew each time: the code there may be another by now.
        this.record(-1, Step.retired, 0, 0, 0, 0);
        this.pc(word + 4, t.next);
        this.free += RECORD;
        return;
      case 'callIndirect':
        this.record(-1, Step.callIndirect, 0, place[t.target] as number, this.link(code, t.returnAddress, word + 2), 0);
        this.pc(word + 6, t.returnAddress);
        this.free += RECORD;
        return;
      case 'jumpIndirect':
        return this.record(-1, Step.indirect, 0, place[t.target] as number, 0, 0);
      case 'return':
        return this.record(-1, Step.return, 0, place[t.target] as number, 0, 0);
      case 'trap':
        return this.record(-1, Step.trap, Math.max(block.insns - 1, 0), 0, t.code, t.argument);
    }
  }

  /**
   * Writes the record of a branch.
   * @param last word index of the one before, or -1
   * @param taken links
   */
  private branch(condition: number, last: number, taken: number, fallThrough: number): void {
    const { op, a, imm } = this.buffer;
    const { place, fate } = this.plan;
    if (fate[condition] !== Fate.absorbed) return this.record(-1, Step.branch, 0, place[condition], taken, fallThrough);
    if (op[condition] !== OP.flagTest) return this.record(-1, BRANCH_OF[op[condition]], 0, place[a[condition]], taken, fallThrough);
    const { u32 } = this.memory;
    const compares = last >= 0 && (u32[last] & 0xffff) === Step.setFlags ? COMPARISONS.get(u32[last + 3]) : undefined;
    const comparisons = compares?.[1][imm[condition]] ?? 0;
    if (compares !== undefined && comparisons !== 0) this.setStep(last, compares[0]);
    this.record(-1, Step.branchIfFlags, 0, CONDITIONS[imm[condition]] | comparisons, taken, fallThrough);
  }

  /** The entry of the block at `pc`, or 0: then the word is set when there is one, unless that is other code. */
  private link(code: ColdCode, pc: number, word: number): number {
    // What is elsewhere may go while this stays.
    if (pc < code.start || pc >= code.end) return 0;
    return code.entryFor(pc, word);
  }
}

/** copy32, copy64 or copy128 for a type's number. */
function copyStep(type: number): number {
  if (type === TYPE_NUMBER.v128) return Step.copy128;
  return type === TYPE_NUMBER.i64 || type === TYPE_NUMBER.f64 ? Step.copy64 : Step.copy32;
}
