import { type Block, type Helper, type IrBuffer, OP, OP_TABLE, type StateLayout, TYPE_NUMBER } from '../ir/index.ts';
import { HAS_DESTINATION, RECORD } from '../wasm/index.ts';
import { type LinearMemory, SMALL_CONSTANT_COUNT, SMALL_CONSTANTS, STATE } from './linearMemory.ts';

/** Ops whose values stand in memory from the start. */
const CONSTANTS: ReadonlySet<number> = new Set([OP.i32_const, OP.i64_const, OP.f32_const, OP.f64_const, OP.v128_const]);
/** Of CONSTANTS, by op number: a set is too slow to be asked for each op. */
export const IS_CONSTANT = Uint8Array.from(OP_TABLE, (_, op) => Number(CONSTANTS.has(op)));
export const IS_PURE = Uint8Array.from(OP_TABLE, ({ kind }) => Number(kind === 'pure'));
export const IS_ACCESS = Uint8Array.from(OP_TABLE, ({ kind }) => Number(kind === 'load' || kind === 'store'));

/** What becomes of an op, if not what its kind says. */
export const Fate = {
  usual: 0,
  /** Another's record does what it does. */
  absorbed: 1,
  /** Its value is the one of its operand, in the same place. */
  alias: 2,
  /** A `setReg`: here, and into the register, its value is computed. */
  computes: 3,
} as const;

/** How the ops of a block's IR become records: where values are, and what needs no record of its own. */
export class ColdPlan {
  /** Linear offset of each value; of values that have no constant place, while records are written. */
  place!: Int32Array;
  /** How many ops use each value. */
  uses!: Int32Array;
  /** Linear offset of the register that each value goes to at once; else 0. */
  setInto!: Int32Array;
  /** A Fate, by op. */
  fate!: Uint8Array;
  /** The last op that uses each value. */
  private lastUse!: Int32Array;
  /** How many of its uses are as the address of an access that can add a number to it. */
  private addressUses!: Int32Array;
  /** Linear offset of each register. */
  readonly registerAt: Int32Array;
  /** By register: the first op behind the present one that sets it. */
  private readonly nextSet: Int32Array;
  /** What is planned. */
  private buffer: IrBuffer;

  constructor({ registers }: StateLayout, buffer: IrBuffer) {
    this.registerAt = Int32Array.from(registers, ({ offset }) => STATE + offset);
    this.nextSet = new Int32Array(registers.length);
    this.buffer = buffer;
    // V8 takes columns that are set once, where they are declared, for constants, and compiles anew what uses them when they grow.
    this.makeRoom(1024);
  }

  /**
   * Plans a block.
   * @param buffer its IR
   * @param free linear offset from which on its constants go
   * @returns the linear offset behind them
   */
  make(buffer: IrBuffer, block: Block, memory: LinearMemory, free: number): number {
    this.buffer = buffer;
    if (this.place.length < block.end) this.makeRoom(2 * block.end);
    this.countUses(block);
    this.absorbCondition(block);
    const { op, a, imm } = buffer;
    const { place, lastUse, uses, nextSet } = this;
    nextSet.fill(block.end + 1);
    let end = free;
    // Backwards: what becomes of the uses of a value is known before what becomes of itself.
    for (let i = block.end - 1; i >= block.start; i--) {
      const o = op[i];
      if (o === OP.getReg) {
        // 0 where the register keeps its value as long as that is used: it can be read in its place
        place[i] = lastUse[i] <= nextSet[imm[i]] ? 0 : -1;
      } else if (o === OP.setReg) {
        this.planSet(i);
        nextSet[imm[i]] = i;
      } else if (o === OP.i32_wrap_i64) this.alias(i);
      else if (o === OP.i64_extend_i32_u) {
        if (this.isExtended(a[i])) this.alias(i);
      } else if (IS_ACCESS[o] === 1) this.absorbAddition(i);
      else if ((IS_CONSTANT[o] === 1 && uses[i] > 0) || o === OP.i8x16_shuffle) {
        place[i] = this.sharedConstant(i);
        if (place[i] !== 0) continue;
        place[i] = end;
        this.putConstant(i, memory, end);
        end += RECORD;
      }
    }
    return end;
  }

  private makeRoom(ops: number): void {
    this.place = new Int32Array(ops);
    this.uses = new Int32Array(ops);
    this.setInto = new Int32Array(ops);
    this.fate = new Uint8Array(ops);
    this.lastUse = new Int32Array(ops);
    this.addressUses = new Int32Array(ops);
  }

  /** Begins the columns of a block, and fills those that count. */
  private countUses({ start, end, terminator: t }: Block): void {
    const { lastUse, uses, addressUses, setInto, fate } = this;
    const { op, a, b, c, imm, imm2, helpers, callArgs } = this.buffer;
    // No function for each use: most of this code runs before V8 puts one into another.
    for (let i = start; i < end; i++) {
      // Values are used behind where they are made.
      lastUse[i] = -1;
      uses[i] = 0;
      addressUses[i] = 0;
      setInto[i] = 0;
      fate[i] = Fate.usual;
      const o = op[i];
      if (a[i] >= 0) {
        lastUse[a[i]] = i;
        uses[a[i]]++;
        if (IS_ACCESS[o] === 1 && c[i] < 0) addressUses[a[i]]++;
      }
      if (b[i] >= 0) {
        lastUse[b[i]] = i;
        uses[b[i]]++;
      }
      if (c[i] >= 0) {
        lastUse[c[i]] = i;
        uses[c[i]]++;
      }
      if (o === OP.helper || o === OP.coldHelper) {
        const count = (helpers[imm[i]] as Helper).args.length;
        for (let n = 0; n < count; n++) {
          const value = callArgs[imm2[i] + n] as number;
          lastUse[value] = i;
          uses[value]++;
        }
      }
    }
    const value = t.kind === 'branch' ? t.condition : t.kind === 'callIndirect' || t.kind === 'jumpIndirect' || t.kind === 'return' ? t.target : -1;
    if (value < 0) return;
    lastUse[value] = end;
    uses[value]++;
  }

  /** A branch tests flags itself, and whether something is 0. */
  private absorbCondition({ end, terminator: t }: Block): void {
    if (t.kind !== 'branch') return;
    const { condition } = t;
    const { op, a, b, imm, imm2 } = this.buffer;
    if (this.uses[condition] !== 1) return;
    switch (op[condition]) {
      case OP.flagTest:
        // The flags are those that the branch finds.
        if (condition === end - 1) this.fate[condition] = Fate.absorbed;
        return;
      case OP.i64_ne: {
        const zero = b[condition];
        if (op[zero] !== OP.i64_const || imm[zero] !== 0 || imm2[zero] !== 0) return;
        this.uses[zero]--;
        break;
      }
      case OP.i32_eqz:
      case OP.i64_eqz:
        break;
      default:
        return;
    }
    this.fate[condition] = Fate.absorbed;
    this.lastUse[a[condition]] = end;
  }

  /** The value of op i is the one of its operand. */
  private alias(i: number): void {
    const value = this.buffer.a[i];
    this.fate[i] = Fate.alias;
    this.lastUse[value] = Math.max(this.lastUse[value], this.lastUse[i]);
  }

  /** Whether a value of type i32 stands in memory with zeros above it: all do that have a record of their own, and constants. */
  private isExtended(value: number): boolean {
    const o = this.buffer.op[value];
    return o !== OP.getReg && o !== OP.i32_wrap_i64;
  }

  /** A value goes into the register at once where nothing is between, or nothing that needs it but accesses, which add themselves. */
  private planSet(set: number): void {
    const { op, type, a, imm } = this.buffer;
    const { lastUse, uses, addressUses, nextSet, fate, setInto } = this;
    const value = a[set];
    if (type[value] === TYPE_NUMBER.i32 || type[value] === TYPE_NUMBER.f32) return;
    const next = nextSet[imm[set]];
    if (lastUse[value] > next) return;
    const to = this.registerAt[imm[set]];
    if (value === set - 1) {
      const root = op[value] === OP.i64_extend_i32_u && a[value] === value - 1 && this.isExtended(a[value]) ? value - 1 : value;
      if (root !== value && lastUse[root] > next) return;
      if (!this.hasDestination(root)) return;
      setInto[root] = to;
      fate[set] = Fate.absorbed;
    } else if (lastUse[value] === set && uses[value] === addressUses[value] + 1 && addressUses[value] > 0 && this.isDisplaced(value)) {
      setInto[value] = to;
      fate[value] = Fate.absorbed;
      fate[set] = Fate.computes;
      lastUse[a[value]] = Math.max(lastUse[a[value]], set);
    }
  }

  /** Whether a value's record says where it goes. */
  private hasDestination(value: number): boolean {
    const { op, c } = this.buffer;
    return HAS_DESTINATION[op[value]] === 1 && !(IS_ACCESS[op[value]] === 1 && c[value] >= 0) && op[value] !== OP.i32_wrap_i64;
  }

  /** Whether a value is a sum that accesses can add themselves. */
  private isDisplaced(value: number): boolean {
    const { op, b, imm, imm2 } = this.buffer;
    if (op[value] !== OP.i64_add) return false;
    const constant = b[value];
    return op[constant] === OP.i64_const && imm2[constant] === imm[constant] >> 31;
  }

  /** An access adds a constant to its address itself, if nothing else wants the sum, or only a register behind all accesses. */
  private absorbAddition(access: number): void {
    const { a, b, c } = this.buffer;
    const sum = a[access];
    if (c[access] >= 0 || !this.isDisplaced(sum)) return;
    if (this.fate[sum] !== Fate.absorbed) {
      if (this.uses[sum] !== this.addressUses[sum]) return;
      this.fate[sum] = Fate.absorbed;
      // Not for the sum, which nobody computes
      this.uses[b[sum]]--;
    }
    this.lastUse[a[sum]] = Math.max(this.lastUse[a[sum]], access);
  }

  /** Linear offset of a constant that all blocks share; 0: it is none. */
  private sharedConstant(i: number): number {
    const { op, imm, imm2 } = this.buffer;
    const isSmall = (op[i] === OP.i64_const || op[i] === OP.i32_const) && imm2[i] === 0 && imm[i] >>> 0 < SMALL_CONSTANT_COUNT;
    return isSmall ? SMALL_CONSTANTS + 8 * imm[i] : 0;
  }

  private putConstant(i: number, memory: LinearMemory, at: number): void {
    const { op, imm, imm2, constants } = this.buffer;
    if (op[i] === OP.v128_const || op[i] === OP.i8x16_shuffle) memory.bytes.set(constants[imm[i]] as Uint8Array, at);
    else {
      memory.i32[at >>> 2] = imm[i];
      memory.i32[(at >>> 2) + 1] = imm2[i];
    }
  }
}
