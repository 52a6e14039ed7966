import { FlagKind, type IrBuilder, type Value } from '../../../ir/index.ts';
import { type Arithmetic, DOUBLE_ARITHMETIC, type Precise, SINGLE_ARITHMETIC } from './fpArithmetic.ts';
import * as conversions from './fpConversions.ts';
import { F32, F64, type Floats, type FloatType } from './fpFloats.ts';
import { f64ToHalf, HALF_ARITHMETIC, halfToF32 } from './fpHalf.ts';
import type { FpHelpers } from './fpOperation.ts';
import type { A64Translator } from './translator.ts';

/**
 * What the scalar instructions of one precision work with, so that a translator is written once for H, S and D. `T` is
 * the IR type of a register's number, `W` the type in which what Wasm has no half-precision op for is computed.
 */
export interface Precision<T extends Precise = Precise, W extends FloatType = FloatType> {
  readonly width: 16 | 32 | 64;
  readonly floats: Floats<W>;
  readonly arithmetic: Arithmetic<T>;
  readonly toInteger: conversions.ToInteger<T>;
  readonly fromInteger: { readonly true: FpHelpers<readonly ['i64', 'i32'], T>; readonly false: FpHelpers<readonly ['i64', 'i32'], T> };
  readonly toIntegral: { readonly true: conversions.Controlled<T, T>; readonly false: conversions.Controlled<T, T> };
  readonly flush: FpHelpers<readonly [T], T>;
  readonly compare: { readonly true: FpHelpers<readonly [T, T], 'i32'>; readonly false: FpHelpers<readonly [T, T], 'i32'> };
  readonly flagKind: FlagKind;
  /** H[n], S[n] or D[n]. */
  read(t: A64Translator, n: number): Value<T>;
  /** Sets the register, zeroing the rest of V[n]. */
  write(t: A64Translator, n: number, value: Value<T>): void;
  abs(ir: IrBuilder, a: Value<T>): Value<T>;
  neg(ir: IrBuilder, a: Value<T>): Value<T>;
  zero(ir: IrBuilder): Value<T>;
  select(ir: IrBuilder, condition: Value<'i32'>, ifNonZero: Value<T>, ifZero: Value<T>): Value<T>;
  /** The same number in the working type. */
  widen(ir: IrBuilder, a: Value<T>): Value<W>;
  /** Back, for a number that the precision has exactly. */
  narrow(ir: IrBuilder, a: Value<W>): Value<T>;
  /** The number as an operand of setFlags with `flagKind`. */
  flagOperand(ir: IrBuilder, a: Value<T>): Value<'i64'>;
}

const SINGLE_PRECISION: Precision<'f32', 'f32'> = {
  width: 32,
  floats: F32,
  arithmetic: SINGLE_ARITHMETIC,
  toInteger: conversions.SINGLE_TO_INTEGER,
  fromInteger: conversions.SINGLE_FROM_INTEGER,
  toIntegral: conversions.SINGLE_TO_INTEGRAL,
  flush: conversions.SINGLE_FLUSH,
  compare: conversions.SINGLE_COMPARE,
  flagKind: FlagKind.FCMP32,
  read: (t, n) => t.s(n),
  write: (t, n, value) => t.setS(n, value),
  abs: (ir, a) => ir.f32_abs(a),
  neg: (ir, a) => ir.f32_neg(a),
  zero: (ir) => ir.f32_const(0),
  select: (ir, condition, a, b) => ir.f32_select(condition, a, b),
  widen: (_ir, a) => a,
  narrow: (_ir, a) => a,
  flagOperand: (ir, a) => ir.i64_extend_i32_u(ir.i32_reinterpret_f32(a)),
};

const DOUBLE_PRECISION: Precision<'f64', 'f64'> = {
  width: 64,
  floats: F64,
  arithmetic: DOUBLE_ARITHMETIC,
  toInteger: conversions.DOUBLE_TO_INTEGER,
  fromInteger: conversions.DOUBLE_FROM_INTEGER,
  toIntegral: conversions.DOUBLE_TO_INTEGRAL,
  flush: conversions.DOUBLE_FLUSH,
  compare: conversions.DOUBLE_COMPARE,
  flagKind: FlagKind.FCMP64,
  read: (t, n) => t.d(n),
  write: (t, n, value) => t.setD(n, value),
  abs: (ir, a) => ir.f64_abs(a),
  neg: (ir, a) => ir.f64_neg(a),
  zero: (ir) => ir.f64_const(0, 0),
  select: (ir, condition, a, b) => ir.f64_select(condition, a, b),
  widen: (_ir, a) => a,
  narrow: (_ir, a) => a,
  flagOperand: (ir, a) => ir.i64_reinterpret_f64(a),
};

const HALF_PRECISION: Precision<'i32', 'f32'> = {
  width: 16,
  floats: F32,
  arithmetic: HALF_ARITHMETIC,
  toInteger: conversions.HALF_TO_INTEGER,
  fromInteger: conversions.HALF_FROM_INTEGER,
  toIntegral: conversions.HALF_TO_INTEGRAL,
  flush: conversions.HALF_FLUSH,
  compare: conversions.HALF_COMPARE,
  flagKind: FlagKind.FCMP32,
  read: (t, n) => t.ir.i16x8_extract_lane_u(t.v(n), 0),
  write: (t, n, value) => t.setV(n, t.ir.i16x8_replace_lane(t.ir.v128_words(0, 0, 0, 0), value, 0)),
  abs: (ir, a) => ir.i32_and(a, ir.i32_const(0x7fff)),
  neg: (ir, a) => ir.i32_xor(a, ir.i32_const(0x8000)),
  zero: (ir) => ir.i32_const(0),
  select: (ir, condition, a, b) => ir.i32_select(condition, a, b),
  widen: halfToF32,
  narrow: (ir, a) => f64ToHalf(ir, ir.f64_promote_f32(a)),
  flagOperand: (ir, a) => ir.i64_extend_i32_u(ir.i32_reinterpret_f32(halfToF32(ir, a))),
};

/** The precision that an instruction's `ptype` field names: 0 single, 1 double, 3 half. */
export function precisionOf(ptype: number): Precision {
  return ptype === 0 ? SINGLE_PRECISION : ptype === 1 ? DOUBLE_PRECISION : HALF_PRECISION;
}
