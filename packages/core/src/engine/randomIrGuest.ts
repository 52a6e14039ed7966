import type { Guest, TranslatedBlock, TranslateRequest } from '../guest/index.ts';
import { FlagKind, type Helper, type IrBuilder, StateLayout, type Value } from '../ir/index.ts';
import { createToyGuest } from './toyGuest.ts';

/** Where its code is, and pages that all its accesses but few are in. */
export const RANDOM_CODE = 0x1_0000;
export const RANDOM_DATA = 0x20_0000;
export const RANDOM_DATA_BYTES = 0x4000;
/** A word that becomes an instruction of so many ops. */
export const WIDE_WORD = 0xffff_ffff;
const WIDE_OPS = 300;
/** Numbers of kinds of ops, see RandomInsn.op: one that sets flags; the first load, store, and op that sets a register. */
const SET_FLAGS = 7;
const LOADS_FROM = 13;
const STORES_FROM = 17;
const SETS_FROM = 19;

/** Adds its arguments; five, so that they take two records. */
const SUM: Helper = {
  name: 'sumOfFive',
  args: ['i64', 'i64', 'i64', 'i64', 'i64'],
  result: 'i64',
  pure: true,
  body: (ir: IrBuilder, ...values: Value[]): Value => (values as Value<'i64'>[]).reduce((a, b) => ir.i64_add(ir.i64_rotl(a, ir.i64_const(7)), b)),
};

/**
 * A guest for tests, whose instructions are random IR: every word is the seed of one. Its values are set into registers at once,
 * late and more than once, registers are read before and behind that, addresses are sums that something else may want, too, and flags
 * are tested where a block ends and before.
 * @param faultsFirst whether no instruction changes anything before what may fault, as is asked of translators; without, code is only
 * comparable that does ops in their order
 */
export function createRandomIrGuest(faultsFirst: boolean): Guest {
  const state = new StateLayout();
  const x = state.addMany('x', 6, 'i64');
  const w = state.addMany('w', 3, 'i32');
  const v = state.addMany('v', 3, 'v128');
  /** Is in the data from the first time on that it is set. */
  const pointer = state.add('pointer', 'i64');
  state.add('sp', 'i64');
  state.add('lr', 'i64');

  const translateBlock = (ir: IrBuilder, { pc, maxInsns, fetch }: TranslateRequest): TranslatedBlock => {
    ir.terminator = undefined;
    let insns = 0;
    for (let at = pc; ir.terminator === undefined; at += 4) {
      const word = fetch(at);
      if (word === undefined && insns === 0) ir.end({ kind: 'trap', code: 1, argument: 0, pc: at });
      else if (word === undefined || insns === maxInsns) ir.end({ kind: 'jump', target: at });
      else {
        ir.insn(insns++, word);
        if (word === WIDE_WORD) wide(ir);
        else new RandomInsn(ir, word).translate(at);
      }
    }
    return { insns, bytes: insns * 4 };
  };

  /** x0 goes through so many ops. */
  const wide = (ir: IrBuilder): void => {
    let value = ir.getReg(x[0] as (typeof x)[number]);
    const one = ir.i64_const(1);
    for (let i = 0; i < WIDE_OPS; i++) value = ir.i64_add(ir.i64_rotl(value, one), one);
    ir.setReg(x[0] as (typeof x)[number], value);
  };

  /** Values of the instruction so far. */
  class Values {
    readonly i64s: Value<'i64'>[] = [];
    readonly i32s: Value<'i32'>[] = [];
    readonly v128s: Value<'v128'>[] = [];
    /** Addresses of accesses to come. */
    readonly sums: Value<'i64'>[] = [];
  }

  class RandomInsn {
    private readonly values = new Values();
    private hasWritten = false;

    constructor(
      private readonly ir: IrBuilder,
      private seed: number,
    ) {}

    private below(n: number): number {
      this.seed = (Math.imul(this.seed ^ (this.seed >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) | 0;
      return ((this.seed ^ (this.seed >>> 13)) >>> 0) % n;
    }

    private pick<T>(list: readonly T[]): T {
      return list[this.below(list.length)] as T;
    }

    private recent<T>(list: readonly T[]): T {
      return this.pick(list.slice(-6));
    }

    private get i64(): Value<'i64'> {
      const { i64s } = this.values;
      return i64s.length > 0 && this.below(4) > 0 ? this.recent(i64s) : this.ir.getReg(this.pick(x));
    }

    private get i32(): Value<'i32'> {
      const { i32s } = this.values;
      return i32s.length > 0 && this.below(4) > 0 ? this.recent(i32s) : this.ir.getReg(this.pick(w));
    }

    private get v128(): Value<'v128'> {
      const { v128s } = this.values;
      return v128s.length > 0 && this.below(4) > 0 ? this.recent(v128s) : this.ir.getReg(this.pick(v));
    }

    /** In the data, but for few; it may have been made some time ago. */
    private address(): Value<'i64'> {
      const { ir } = this;
      const { sums, i64s } = this.values;
      const sum = sums.length > 0 && this.below(2) === 0 ? (sums.pop() as Value<'i64'>) : this.sum();
      if (this.below(6) === 0) i64s.push(sum);
      return this.below(8) === 0 ? ir.i64_add(sum, ir.i64_const(8)) : sum;
    }

    /** The pointer, or another address in the data, with a displacement. */
    private sum(): Value<'i64'> {
      const { ir } = this;
      const base = this.below(2) === 0 ? ir.getReg(pointer) : this.inData();
      return ir.i64_add(base, ir.i64_const(this.below(0x800) - 0x400));
    }

    private inData(): Value<'i64'> {
      const { ir } = this;
      const mask = this.below(50) === 0 ? 0xffff : 0x1fff;
      return ir.i64_add(ir.i64_and(this.i64, ir.i64_const(mask)), ir.i64_const(RANDOM_DATA + 0x1000));
    }

    translate(at: number): void {
      const { ir } = this;
      for (let i = 2 + this.below(20); i > 0; i--) this.op();
      switch (this.below(16)) {
        case 0:
          return ir.end({ kind: 'branch', condition: ir.flagTest(this.below(14)), taken: RANDOM_CODE + this.below(64) * 4, fallThrough: at + 4 });
        case 1: {
          // The flags change behind the test, or it is used twice.
          const condition = ir.flagTest(this.below(14));
          if (this.below(2) === 0) ir.setFlags(FlagKind.SUB64, this.i64, this.i64);
          else ir.setReg(this.pick(w), condition);
          return ir.end({ kind: 'branch', condition, taken: RANDOM_CODE + this.below(64) * 4, fallThrough: at + 4 });
        }
        case 2:
          return ir.end({ kind: 'jump', target: RANDOM_CODE + this.below(64) * 4 });
        case 3: {
          const target = ir.i64_add(ir.i64_const(RANDOM_CODE), ir.i64_shl(ir.i64_and(this.i64, ir.i64_const(63)), ir.i64_const(2)));
          if (this.below(2) === 0) ir.setReg(this.pick(x), target);
          return ir.end({ kind: 'jumpIndirect', target });
        }
      }
    }

    private op(): void {
      const { ir } = this;
      const { i64s, i32s, v128s } = this.values;
      const kind = this.below(26);
      const isAccess = kind >= LOADS_FROM && kind < SETS_FROM;
      if (isAccess && this.hasWritten && faultsFirst) return;
      this.hasWritten ||= kind === SET_FLAGS || kind >= STORES_FROM;
      switch (kind) {
        case 0:
        case 1:
          i64s.push(ir.i64_add(this.i64, ir.i64_const(this.below(0x1_0000) - 0x8000)));
          break;
        case 2:
          i64s.push(ir.i64_xor(ir.i64_mul(this.i64, ir.i64_const(0x9e37_79b1)), this.i64));
          break;
        case 3:
          i32s.push(ir.i32_sub(this.i32, ir.i32_wrap_i64(this.i64)));
          break;
        case 4:
          i64s.push(ir.i64_extend_i32_s(ir.i32_rotl(this.i32, this.i32)));
          break;
        case 5:
          i64s.push(ir.i64_select(this.i32, this.i64, this.i64));
          break;
        case 6:
          i32s.push(ir.flagTest(this.below(14)));
          break;
        case 7:
          if (this.below(2) === 0) ir.setFlags(FlagKind.SUB64, this.i64, this.i64);
          else ir.setFlags(FlagKind.ADD32, this.i64, this.i64, this.i32, this.below(16));
          break;
        case 13:
        case 14:
          i64s.push(this.below(4) === 0 ? ir.i64_load32_s(this.address(), ir.i32_and(this.i32, ir.i32_const(1))) : ir.i64_load(this.address()));
          break;
        case 15:
          i32s.push(ir.i32_load16_u(this.address()));
          break;
        case 16:
          v128s.push(ir.v128_load(this.address()));
          break;
        case 17:
          if (this.below(4) === 0) ir.i32_store8(this.address(), this.i32, ir.i32_and(this.i32, ir.i32_const(1)));
          else ir.i64_store(this.address(), this.i64);
          break;
        case 18:
          ir.v128_store(this.address(), this.v128);
          break;
        case 8:
          v128s.push(ir.i32x4_replace_lane(ir.i8x16_add(this.v128, this.v128), this.i32, this.below(4)));
          break;
        case 9:
          i64s.push(ir.i64x2_extract_lane(this.v128, this.below(2)));
          break;
        case 10:
          i64s.push(ir.helper(SUM, this.i64, this.i64, this.i64, this.i64, this.i64) as Value<'i64'>);
          break;
        case 19:
          ir.setReg(pointer, this.inData());
          break;
        case 11:
        case 12:
          this.values.sums.push(this.sum());
          break;
        default:
          this.set();
      }
    }

    /** Sets a register to a value that has just been made, or an older one; a second one sometimes, too. */
    private set(): void {
      const { ir } = this;
      const { i64s, i32s, v128s } = this.values;
      for (let i = 1 + Number(this.below(4) === 0); i > 0; i--) {
        const kind = this.below(4);
        if (kind === 0) ir.setReg(this.pick(w), this.below(2) === 0 ? (i32s.at(-1) ?? this.i32) : this.i32);
        else if (kind === 1) ir.setReg(this.pick(v), this.below(2) === 0 ? (v128s.at(-1) ?? this.v128) : this.v128);
        else if (this.below(2) === 0) {
          const sum = ir.i64_add(this.i64, this.i64);
          ir.setReg(this.pick(x), sum);
          i64s.push(sum);
        } else ir.setReg(this.pick(x), i64s.at(-1) ?? this.i64);
      }
    }
  }

  return {
    ...createToyGuest(),
    name: 'random',
    state,
    roles: { stackPointer: 'sp', linkRegister: 'lr', threadPointer: 'x5', frameRecord: { pointer: 'sp', offset: 0 }, stackBases: ['sp'] },
    translateBlock,
  };
}
