import type { IrBuilder, Value } from '../../../ir/index.ts';
import { DOUBLE, type FloatFormat, SINGLE } from './fpSoftFloat.ts';

export type FloatType = 'f32' | 'f64';

/**
 * IR ops of one of Wasm's two floating-point types, so that what single and double precision share is written once.
 * Ops have the names and the semantics of the IR's.
 */
export interface Floats<T extends FloatType> {
  readonly type: T;
  readonly format: FloatFormat;
  add(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<T>;
  sub(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<T>;
  mul(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<T>;
  div(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<T>;
  min(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<T>;
  max(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<T>;
  abs(ir: IrBuilder, a: Value<T>): Value<T>;
  neg(ir: IrBuilder, a: Value<T>): Value<T>;
  sqrt(ir: IrBuilder, a: Value<T>): Value<T>;
  ceil(ir: IrBuilder, a: Value<T>): Value<T>;
  floor(ir: IrBuilder, a: Value<T>): Value<T>;
  trunc(ir: IrBuilder, a: Value<T>): Value<T>;
  nearest(ir: IrBuilder, a: Value<T>): Value<T>;
  copysign(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<T>;
  eq(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<'i32'>;
  ne(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<'i32'>;
  lt(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<'i32'>;
  ge(ir: IrBuilder, a: Value<T>, b: Value<T>): Value<'i32'>;
  select(ir: IrBuilder, condition: Value<'i32'>, ifNonZero: Value<T>, ifZero: Value<T>): Value<T>;
  /** 2^exponent, a normal number; infinity one above the largest exponent. */
  power(ir: IrBuilder, exponent: number): Value<T>;
  /** The number just below 1/2. */
  belowHalf(ir: IrBuilder): Value<T>;
  zero(ir: IrBuilder): Value<T>;
  /** 1 if a's magnitude is above the smallest normal number and below infinity. */
  isOrdinary(ir: IrBuilder, a: Value<T>): Value<'i32'>;
  toF64(ir: IrBuilder, a: Value<T>): Value<'f64'>;
  fromF64(ir: IrBuilder, a: Value<'f64'>): Value<T>;
  /** The integer part, saturating; 0 for NaNs. */
  toI32(ir: IrBuilder, a: Value<T>, signed: boolean): Value<'i32'>;
  toI64(ir: IrBuilder, a: Value<T>, signed: boolean): Value<'i64'>;
  fromI32(ir: IrBuilder, n: Value<'i32'>, signed: boolean): Value<T>;
  fromI64(ir: IrBuilder, n: Value<'i64'>, signed: boolean): Value<T>;
}

export const F32: Floats<'f32'> = {
  type: 'f32',
  format: SINGLE,
  add: (ir, a, b) => ir.f32_add(a, b),
  sub: (ir, a, b) => ir.f32_sub(a, b),
  mul: (ir, a, b) => ir.f32_mul(a, b),
  div: (ir, a, b) => ir.f32_div(a, b),
  min: (ir, a, b) => ir.f32_min(a, b),
  max: (ir, a, b) => ir.f32_max(a, b),
  abs: (ir, a) => ir.f32_abs(a),
  neg: (ir, a) => ir.f32_neg(a),
  sqrt: (ir, a) => ir.f32_sqrt(a),
  ceil: (ir, a) => ir.f32_ceil(a),
  floor: (ir, a) => ir.f32_floor(a),
  trunc: (ir, a) => ir.f32_trunc(a),
  nearest: (ir, a) => ir.f32_nearest(a),
  copysign: (ir, a, b) => ir.f32_copysign(a, b),
  eq: (ir, a, b) => ir.f32_eq(a, b),
  ne: (ir, a, b) => ir.f32_ne(a, b),
  lt: (ir, a, b) => ir.f32_lt(a, b),
  ge: (ir, a, b) => ir.f32_ge(a, b),
  select: (ir, condition, ifNonZero, ifZero) => ir.f32_select(condition, ifNonZero, ifZero),
  power: (ir, exponent) => ir.f32_const((exponent + 127) << 23),
  belowHalf: (ir) => ir.f32_const(0x3eff_ffff),
  zero: (ir) => ir.f32_const(0),
  isOrdinary: (ir, a) => {
    // doubled, the sign is gone; one unsigned comparison does both bounds
    const doubled = ir.i32_shl(ir.i32_reinterpret_f32(a), ir.i32_const(1));
    return ir.i32_lt_u(ir.i32_sub(doubled, ir.i32_const(0x0100_0002)), ir.i32_const(0xff00_0000 - 0x0100_0002));
  },
  toF64: (ir, a) => ir.f64_promote_f32(a),
  fromF64: (ir, a) => ir.f32_demote_f64(a),
  toI32: (ir, a, signed) => (signed ? ir.i32_trunc_sat_f32_s(a) : ir.i32_trunc_sat_f32_u(a)),
  toI64: (ir, a, signed) => (signed ? ir.i64_trunc_sat_f32_s(a) : ir.i64_trunc_sat_f32_u(a)),
  fromI32: (ir, n, signed) => (signed ? ir.f32_convert_i32_s(n) : ir.f32_convert_i32_u(n)),
  fromI64: (ir, n, signed) => (signed ? ir.f32_convert_i64_s(n) : ir.f32_convert_i64_u(n)),
};

export const F64: Floats<'f64'> = {
  type: 'f64',
  format: DOUBLE,
  add: (ir, a, b) => ir.f64_add(a, b),
  sub: (ir, a, b) => ir.f64_sub(a, b),
  mul: (ir, a, b) => ir.f64_mul(a, b),
  div: (ir, a, b) => ir.f64_div(a, b),
  min: (ir, a, b) => ir.f64_min(a, b),
  max: (ir, a, b) => ir.f64_max(a, b),
  abs: (ir, a) => ir.f64_abs(a),
  neg: (ir, a) => ir.f64_neg(a),
  sqrt: (ir, a) => ir.f64_sqrt(a),
  ceil: (ir, a) => ir.f64_ceil(a),
  floor: (ir, a) => ir.f64_floor(a),
  trunc: (ir, a) => ir.f64_trunc(a),
  nearest: (ir, a) => ir.f64_nearest(a),
  copysign: (ir, a, b) => ir.f64_copysign(a, b),
  eq: (ir, a, b) => ir.f64_eq(a, b),
  ne: (ir, a, b) => ir.f64_ne(a, b),
  lt: (ir, a, b) => ir.f64_lt(a, b),
  ge: (ir, a, b) => ir.f64_ge(a, b),
  select: (ir, condition, ifNonZero, ifZero) => ir.f64_select(condition, ifNonZero, ifZero),
  power: (ir, exponent) => ir.f64_const(0, (exponent + 1023) << 20),
  belowHalf: (ir) => ir.f64_const(-1, 0x3fdf_ffff),
  zero: (ir) => ir.f64_const(0, 0),
  isOrdinary: (ir, a) => {
    const doubled = ir.i64_shl(ir.i64_reinterpret_f64(a), ir.i64_const(1));
    return ir.i64_lt_u(ir.i64_sub(doubled, ir.i64_halves(2, 0x0020_0000)), ir.i64_halves(-2, 0xffe0_0000 - 0x0020_0000 - 1));
  },
  toF64: (_ir, a) => a,
  fromF64: (_ir, a) => a,
  toI32: (ir, a, signed) => (signed ? ir.i32_trunc_sat_f64_s(a) : ir.i32_trunc_sat_f64_u(a)),
  toI64: (ir, a, signed) => (signed ? ir.i64_trunc_sat_f64_s(a) : ir.i64_trunc_sat_f64_u(a)),
  fromI32: (ir, n, signed) => (signed ? ir.f64_convert_i32_s(n) : ir.f64_convert_i32_u(n)),
  fromI64: (ir, n, signed) => (signed ? ir.f64_convert_i64_s(n) : ir.f64_convert_i64_u(n)),
};
