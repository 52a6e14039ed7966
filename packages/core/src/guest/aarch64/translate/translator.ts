import { FlagKind, type IrBuilder, type Value } from '../../../ir/index.ts';
import { insn } from '../../decode/index.ts';
import { SP, V, X } from '../state.ts';
import { Trap } from '../traps.ts';

/** Operand width of general-purpose instructions. */
export type Size = 32 | 64;

/**
 * What a row's translator works with: the instruction's place, the guest's registers by the manual's names, and `ir`
 * for everything else. General-purpose values are i64 throughout; a 32-bit (W) value is one whose upper half is zero.
 * Width-generic arithmetic (add, sub, …) wraps to `size` and keeps that rule.
 */
export class A64Translator {
  readonly ir: IrBuilder;
  /** Address of the instruction. */
  pc = 0;
  /** The instruction's 32 bits. */
  word = 0;

  constructor(ir: IrBuilder) {
    this.ir = ir;
  }

  // Registers

  /** X[n], all 64 bits, or zero for n = 31. */
  x(n: number): Value<'i64'> {
    return n === 31 ? this.ir.i64_const(0) : this.ir.getReg(X[n]);
  }

  /** The register as an operand of `size` bits: XZR or WZR for n = 31; upper half zero for 32. */
  r(size: Size, n: number): Value<'i64'> {
    if (n === 31) return this.ir.i64_const(0);
    const value = this.ir.getReg(X[n]);
    return size === 64 ? value : this.low32(value);
  }

  /** As `r`, but n = 31 is SP. */
  rOrSp(size: Size, n: number): Value<'i64'> {
    if (n !== 31) return this.r(size, n);
    const value = this.ir.getReg(SP);
    return size === 64 ? value : this.low32(value);
  }

  /** W[n] as i32, zero for n = 31. */
  w(n: number): Value<'i32'> {
    return n === 31 ? this.ir.i32_const(0) : this.ir.i32_wrap_i64(this.ir.getReg(X[n]));
  }

  /** Sets X[n] to a value that obeys the rule above (already zero-extended for 32-bit results); n = 31 discards it. */
  setX(n: number, value: Value<'i64'>): void {
    if (n !== 31) this.ir.setReg(X[n], value);
  }

  /** As `setX`, but n = 31 is SP. */
  setXOrSp(n: number, value: Value<'i64'>): void {
    this.ir.setReg(n === 31 ? SP : X[n], value);
  }

  /** Sets W[n], zeroing the upper half of X[n]; n = 31 discards it. */
  setW(n: number, value: Value<'i32'>): void {
    if (n !== 31) this.ir.setReg(X[n], this.ir.i64_extend_i32_u(value));
  }

  v(n: number): Value<'v128'> {
    return this.ir.getReg(V[n]);
  }

  setV(n: number, value: Value<'v128'>): void {
    this.ir.setReg(V[n], value);
  }

  // Width-generic arithmetic on i64 values; for size 32 the operands have zero upper halves, and so has the result

  low32(value: Value<'i64'>): Value<'i64'> {
    return this.ir.i64_extend_i32_u(this.ir.i32_wrap_i64(value));
  }

  /** Brings the result of wrapping 64-bit arithmetic to `size`. */
  wrap(size: Size, value: Value<'i64'>): Value<'i64'> {
    return size === 64 ? value : this.low32(value);
  }

  add(size: Size, a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.wrap(size, this.ir.i64_add(a, b));
  }

  sub(size: Size, a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.wrap(size, this.ir.i64_sub(a, b));
  }

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
