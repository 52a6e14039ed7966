import { FlagKind, type IrBuilder, type Value } from '../../../ir/index.ts';
import { insn } from '../../decode/index.ts';
import type { BranchTargets } from '../../guest.ts';
import type { CpuModel } from '../cpuModels.ts';
import { SP, V, X } from '../state.ts';
import { Trap } from '../traps.ts';
import { type Integers, Integers32, Integers64, type Size } from './integers.ts';

export type { Size } from './integers.ts';

/**
 * What a row's translator works with: the instruction's place, the guest's registers by the manual's names, and `ir`
 * for everything else. In the guest's state a W value is an X register whose upper half is zero.
 */
export class A64Translator {
  readonly ir: IrBuilder;
  /** What the identification registers say. */
  readonly cpu: CpuModel;
  /** Address of the instruction. */
  pc = 0;
  /** Whether indirect branches are looked at here, see branchTarget.ts. */
  branchTargets: BranchTargets = 'free';
  /** The instruction's 32 bits. */
  word = 0;
  /** Not 0 if FPCR is not 0, or FPSR.IXC may be clear, at this point of the block; undefined where it is yet to be found out. */
  fpCare: Value<'i32'> | undefined = undefined;
  private readonly integers32 = new Integers32(this);
  private readonly integers64 = new Integers64(this);

  constructor(ir: IrBuilder, cpu: CpuModel) {
    this.ir = ir;
    this.cpu = cpu;
  }

  /** Registers and arithmetic of the width that an instruction's `sf` bit names: X for 1, W for 0. */
  integers(sf: number): Integers {
    return sf === 0 ? this.integers32 : this.integers64;
  }

  // Registers

  /** X[n], all 64 bits, or zero for n = 31. */
  x(n: number): Value<'i64'> {
    return n === 31 ? this.ir.i64_const(0) : this.ir.getReg(X[n]);
  }

  /** As `x`, zero-extended from its low half where `size` is 32. */
  r(size: Size, n: number): Value<'i64'> {
    return size === 64 || n === 31 ? this.x(n) : this.low32(this.x(n));
  }

  /** As `x`, but n = 31 is SP. */
  xOrSp(n: number): Value<'i64'> {
    return this.ir.getReg(n === 31 ? SP : X[n]);
  }

  /** W[n] as i32, zero for n = 31. */
  w(n: number): Value<'i32'> {
    return n === 31 ? this.ir.i32_const(0) : this.ir.i32_wrap_i64(this.ir.getReg(X[n]));
  }

  /** Sets X[n]; n = 31 discards the value. */
  setX(n: number, value: Value<'i64'>): void {
    if (n !== 31) this.ir.setReg(X[n], value);
  }

  /** As `setX`, but n = 31 is SP. */
  setXOrSp(n: number, value: Value<'i64'>): void {
    this.ir.setReg(n === 31 ? SP : X[n], value);
  }

  /** Sets W[n], zeroing the upper half of X[n]; n = 31 discards the value. */
  setW(n: number, value: Value<'i32'>): void {
    if (n !== 31) this.ir.setReg(X[n], this.ir.i64_extend_i32_u(value));
  }

  v(n: number): Value<'v128'> {
    return this.ir.getReg(V[n]);
  }

  setV(n: number, value: Value<'v128'>): void {
    this.ir.setReg(V[n], value);
  }

  /** S[n]: the low 32 bits of V[n]. */
  s(n: number): Value<'f32'> {
    return this.ir.f32x4_extract_lane(this.v(n), 0);
  }

  /** D[n]: the low 64 bits of V[n]. */
  d(n: number): Value<'f64'> {
    return this.ir.f64x2_extract_lane(this.v(n), 0);
  }

  /** Sets S[n], zeroing the rest of V[n]. */
  setS(n: number, value: Value<'f32'>): void {
    this.setV(n, this.ir.f32x4_replace_lane(this.ir.v128_words(0, 0, 0, 0), value, 0));
  }

  /** Sets D[n], zeroing the rest of V[n]. */
  setD(n: number, value: Value<'f64'>): void {
    this.setV(n, this.ir.f64x2_replace_lane(this.ir.v128_words(0, 0, 0, 0), value, 0));
  }

  low32(value: Value<'i64'>): Value<'i64'> {
    return this.ir.i64_extend_i32_u(this.ir.i32_wrap_i64(value));
  }

  // Flags. The operands are i64; for size 32 what is above bit 31 is ignored

  /** Sets N Z C V from a + b. */
  flagsOfAdd(size: Size, a: Value<'i64'>, b: Value<'i64'>): void {
    this.ir.setFlags(size === 64 ? FlagKind.ADD64 : FlagKind.ADD32, a, b);
  }

  /** Sets N Z C V from a - b. */
  flagsOfSub(size: Size, a: Value<'i64'>, b: Value<'i64'>): void {
    this.ir.setFlags(size === 64 ? FlagKind.SUB64 : FlagKind.SUB32, a, b);
  }

  /** Sets N and Z from `result`, C and V to 0. */
  flagsOfLogic(size: Size, result: Value<'i64'>): void {
    this.ir.setFlags(size === 64 ? FlagKind.LOGIC64 : FlagKind.LOGIC32, result, this.ir.i64_const(0));
  }

  /** Sets N Z C V from bits 31..28 of `nzcv`. */
  setNzcv(nzcv: Value<'i32'>): void {
    this.ir.setFlags(FlagKind.NZCV, this.ir.i64_extend_i32_u(nzcv), this.ir.i64_const(0));
  }

  // Ends of a block

  /** Address of the next instruction. */
  get next(): number {
    return this.pc + 4;
  }

  /** The instruction is undefined: SIGILL at its pc. */
  undefined(): void {
    this.trap(Trap.undefined, this.word);
  }

  /** The instruction does not complete; see traps.ts. */
  trap(code: number, argument = 0): void {
    if (this.ir.terminator === undefined) this.ir.end({ kind: 'trap', code, argument, pc: this.pc });
  }
}

/** Declares a row of A64. */
export const def = insn<A64Translator>();
