import { OP, type Value } from '../../../ir/index.ts';
import { SP, X } from '../state.ts';
import type { A64Translator } from './translator.ts';

/** Operand width of general-purpose instructions. */
export type Size = 32 | 64;

export type IntegerType = 'i32' | 'i64';
/** A W value (i32) or an X value (i64). */
export type IntegerValue = Value<IntegerType>;

/**
 * Integer instructions come in a W and an X form that differ in nothing but the operands' width. A translator is
 * written once against this interface; `A64Translator.integers(sf)` picks the width. Ops have the names and the
 * semantics of the IR's (shift counts wrap at `size`).
 */
export interface Integers<T extends IntegerType = IntegerType> {
  readonly size: Size;
  /** Register n, zero for n = 31. */
  reg(n: number): Value<T>;
  /** As `reg`, but n = 31 is SP. */
  regOrSp(n: number): Value<T>;
  /** Sets register n, zeroing what is above `size`; n = 31 discards the value. */
  setReg(n: number, value: Value<T>): void;
  /** As `setReg`, but n = 31 is SP. */
  setRegOrSp(n: number, value: Value<T>): void;
  /** A constant by its bits 31..0 and, where `size` is 64, 63..32. */
  halves(lo: number, hi: number): Value<T>;
  /** A constant from a number in -2^31 .. 2^32 - 1, sign-extended if negative. */
  constant(n: number): Value<T>;
  /** The value as an operand of setFlags, which ignores what is above `size`. */
  flagOperand(value: Value<T>): Value<'i64'>;
  /** Zero-extended to 64 bits. */
  toI64(value: Value<T>): Value<'i64'>;
  /** `size` low bits of an i64. */
  fromI64(value: Value<'i64'>): Value<T>;
  /** Zero-extended. */
  fromI32(value: Value<'i32'>): Value<T>;
  add(a: Value<T>, b: Value<T>): Value<T>;
  sub(a: Value<T>, b: Value<T>): Value<T>;
  mul(a: Value<T>, b: Value<T>): Value<T>;
  and(a: Value<T>, b: Value<T>): Value<T>;
  or(a: Value<T>, b: Value<T>): Value<T>;
  xor(a: Value<T>, b: Value<T>): Value<T>;
  shl(a: Value<T>, b: Value<T>): Value<T>;
  shr_s(a: Value<T>, b: Value<T>): Value<T>;
  shr_u(a: Value<T>, b: Value<T>): Value<T>;
  rotr(a: Value<T>, b: Value<T>): Value<T>;
  div_s(a: Value<T>, b: Value<T>): Value<T>;
  div_u(a: Value<T>, b: Value<T>): Value<T>;
  clz(a: Value<T>): Value<T>;
  extend8_s(a: Value<T>): Value<T>;
  extend16_s(a: Value<T>): Value<T>;
  eqz(a: Value<T>): Value<'i32'>;
  eq(a: Value<T>, b: Value<T>): Value<'i32'>;
  lt_u(a: Value<T>, b: Value<T>): Value<'i32'>;
  le_u(a: Value<T>, b: Value<T>): Value<'i32'>;
  select(condition: Value<'i32'>, ifNonZero: Value<T>, ifZero: Value<T>): Value<T>;
}

/** W registers: i32 ops, one zero-extension where a register is set. */
export class Integers32 implements Integers<'i32'> {
  readonly size = 32;

  constructor(private readonly t: A64Translator) {}

  reg(n: number): Value<'i32'> {
    return this.t.w(n);
  }
  regOrSp(n: number): Value<'i32'> {
    return n === 31 ? this.t.ir.i32_wrap_i64(this.t.ir.getReg(SP)) : this.t.w(n);
  }
  setReg(n: number, value: Value<'i32'>): void {
    this.t.setW(n, value);
  }
  setRegOrSp(n: number, value: Value<'i32'>): void {
    this.t.ir.setReg(n === 31 ? SP : X[n], this.t.ir.i64_extend_i32_u(value));
  }
  halves(lo: number, _hi: number): Value<'i32'> {
    return this.t.ir.i32_const(lo);
  }
  constant(n: number): Value<'i32'> {
    return this.t.ir.i32_const(n);
  }
  flagOperand(value: Value<'i32'>): Value<'i64'> {
    const { buffer } = this.t.ir;
    return buffer.op[value] === OP.i32_wrap_i64 ? (buffer.a[value] as Value<'i64'>) : this.t.ir.i64_extend_i32_u(value);
  }
  toI64(value: Value<'i32'>): Value<'i64'> {
    return this.t.ir.i64_extend_i32_u(value);
  }
  fromI64(value: Value<'i64'>): Value<'i32'> {
    return this.t.ir.i32_wrap_i64(value);
  }
  fromI32(value: Value<'i32'>): Value<'i32'> {
    return value;
  }
  add(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_add(a, b);
  }
  sub(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_sub(a, b);
  }
  mul(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_mul(a, b);
  }
  and(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_and(a, b);
  }
  or(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_or(a, b);
  }
  xor(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_xor(a, b);
  }
  shl(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_shl(a, b);
  }
  shr_s(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_shr_s(a, b);
  }
  shr_u(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_shr_u(a, b);
  }
  rotr(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_rotr(a, b);
  }
  div_s(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_div_s(a, b);
  }
  div_u(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_div_u(a, b);
  }
  clz(a: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_clz(a);
  }
  extend8_s(a: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_extend8_s(a);
  }
  extend16_s(a: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_extend16_s(a);
  }
  eqz(a: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_eqz(a);
  }
  eq(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_eq(a, b);
  }
  lt_u(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_lt_u(a, b);
  }
  le_u(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_le_u(a, b);
  }
  select(condition: Value<'i32'>, ifNonZero: Value<'i32'>, ifZero: Value<'i32'>): Value<'i32'> {
    return this.t.ir.i32_select(condition, ifNonZero, ifZero);
  }
}

/** X registers: i64 ops. */
export class Integers64 implements Integers<'i64'> {
  readonly size = 64;

  constructor(private readonly t: A64Translator) {}

  reg(n: number): Value<'i64'> {
    return this.t.x(n);
  }
  regOrSp(n: number): Value<'i64'> {
    return this.t.xOrSp(n);
  }
  setReg(n: number, value: Value<'i64'>): void {
    this.t.setX(n, value);
  }
  setRegOrSp(n: number, value: Value<'i64'>): void {
    this.t.setXOrSp(n, value);
  }
  halves(lo: number, hi: number): Value<'i64'> {
    return this.t.ir.i64_halves(lo, hi);
  }
  constant(n: number): Value<'i64'> {
    return this.t.ir.i64_const(n);
  }
  flagOperand(value: Value<'i64'>): Value<'i64'> {
    return value;
  }
  toI64(value: Value<'i64'>): Value<'i64'> {
    return value;
  }
  fromI64(value: Value<'i64'>): Value<'i64'> {
    return value;
  }
  fromI32(value: Value<'i32'>): Value<'i64'> {
    return this.t.ir.i64_extend_i32_u(value);
  }
  add(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_add(a, b);
  }
  sub(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_sub(a, b);
  }
  mul(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_mul(a, b);
  }
  and(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_and(a, b);
  }
  or(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_or(a, b);
  }
  xor(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_xor(a, b);
  }
  shl(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_shl(a, b);
  }
  shr_s(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_shr_s(a, b);
  }
  shr_u(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_shr_u(a, b);
  }
  rotr(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_rotr(a, b);
  }
  div_s(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_div_s(a, b);
  }
  div_u(a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_div_u(a, b);
  }
  clz(a: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_clz(a);
  }
  extend8_s(a: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_extend8_s(a);
  }
  extend16_s(a: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_extend16_s(a);
  }
  eqz(a: Value<'i64'>): Value<'i32'> {
    return this.t.ir.i64_eqz(a);
  }
  eq(a: Value<'i64'>, b: Value<'i64'>): Value<'i32'> {
    return this.t.ir.i64_eq(a, b);
  }
  lt_u(a: Value<'i64'>, b: Value<'i64'>): Value<'i32'> {
    return this.t.ir.i64_lt_u(a, b);
  }
  le_u(a: Value<'i64'>, b: Value<'i64'>): Value<'i32'> {
    return this.t.ir.i64_le_u(a, b);
  }
  select(condition: Value<'i32'>, ifNonZero: Value<'i64'>, ifZero: Value<'i64'>): Value<'i64'> {
    return this.t.ir.i64_select(condition, ifNonZero, ifZero);
  }
}
