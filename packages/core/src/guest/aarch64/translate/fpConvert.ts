import type { Value } from '../../../ir/index.ts';
import type { Precise } from './fpArithmetic.ts';
import * as conversions from './fpConversions.ts';
import type { Floats, FloatType } from './fpFloats.ts';
import { f64ToHalf } from './fpHalf.ts';
import { applyFp, applyOutcome, type Outcome } from './fpOperation.ts';
import { precisionOf } from './fpPrecision.ts';
import { Rounding } from './fpSoftFloat.ts';
import type { A64Translator } from './translator.ts';

/** FCVT: between half, single and double precision. */
export function fpConvert(
  t: A64Translator,
  { ptype, opc, rn, rd }: { readonly ptype: number; readonly opc: number; readonly rn: number; readonly rd: number },
): void {
  const [from, to] = [precisionOf(ptype).width, precisionOf(opc)];
  const half = (): Value<'i32'> => t.ir.i16x8_extract_lane_u(t.v(rn), 0);
  if (from === 16) to.write(t, rd, to.width === 64 ? applyFp(t, conversions.HALF_TO_DOUBLE, half()) : applyFp(t, conversions.HALF_TO_SINGLE, half()));
  else if (from === 32) to.write(t, rd, to.width === 64 ? applyFp(t, conversions.SINGLE_TO_DOUBLE, t.s(rn)) : applyFp(t, conversions.SINGLE_TO_HALF, t.s(rn)));
  else to.write(t, rd, to.width === 32 ? applyFp(t, conversions.DOUBLE_TO_SINGLE, t.d(rn)) : applyFp(t, conversions.DOUBLE_TO_HALF, t.d(rn)));
}

/** `a` rounded to an integral number under FPCR = 0. @param mode undefined: as FPCR says */
function integralPart(t: A64Translator, floats: Floats<FloatType>, a: Value<FloatType>, mode: Rounding | undefined): Value<FloatType> {
  const { ir } = t;
  switch (mode) {
    case Rounding.up:
      return floats.ceil(ir, a);
    case Rounding.down:
      return floats.floor(ir, a);
    case Rounding.zero:
      return floats.trunc(ir, a);
    case Rounding.nearestAway:
      // one half itself would carry the number below one half up to one
      return floats.trunc(ir, floats.add(ir, a, floats.copysign(ir, floats.belowHalf(ir), a)));
    default:
      return floats.nearest(ir, a);
  }
}

interface IntegerRegisters {
  readonly sf: number;
  readonly ptype: number;
  readonly rn: number;
  readonly rd: number;
}

/** FCVT{N,P,M,Z,A}{S,U}, and FCVTZ{S,U} (fixed-point): to W or X. */
export function fpToInteger(t: A64Translator, { sf, ptype, rn, rd }: IntegerRegisters, signed: boolean, mode: Rounding, fractionBits = 0): void {
  const p = precisionOf(ptype);
  const { floats } = p;
  const { ir } = t;
  const width = sf ? 64 : 32;
  const a = p.read(t, rn);
  const wide = p.widen(ir, a);
  // an overflow of the multiplication saturates as the number itself would
  const scaled = fractionBits === 0 ? wide : floats.mul(ir, wide, floats.power(ir, fractionBits));
  const integral = mode === Rounding.zero ? scaled : integralPart(t, floats, scaled, mode);
  const value = sf ? floats.toI64(ir, integral, signed) : ir.i64_extend_i32_u(floats.toI32(ir, integral, signed));
  const limit = floats.power(ir, signed ? width - 1 : width);
  // fractions between -1 and 0 have an unsigned integer part too; they are rare
  const inRange = signed
    ? floats.lt(ir, floats.abs(ir, integral), limit)
    : ir.i32_and(floats.ge(ir, integral, floats.zero(ir)), floats.lt(ir, integral, limit));
  const operation = p.toInteger[width][signed ? 'true' : 'false'];
  t.setX(rd, applyOutcome(t, operation, { value, raises: ir.i32_eqz(inRange) }, a, ir.i32_const(conversions.control(mode, fractionBits))));
}

/** SCVTF, UCVTF, from W or X, integer or fixed-point. */
export function fpFromInteger(t: A64Translator, { sf, ptype, rn, rd }: IntegerRegisters, signed: boolean, fractionBits = 0): void {
  const p = precisionOf(ptype);
  const { ir } = t;
  const operation = p.fromInteger[signed ? 'true' : 'false'];
  const n = sf ? t.x(rn) : signed ? ir.i64_extend_i32_s(t.w(rn)) : ir.i64_extend_i32_u(t.w(rn));
  const args = [n, ir.i32_const(fractionBits)] as const;
  if (p.width === 16) return p.write(t, rd, applyOutcome(t, operation, halfFromInteger(t, n, signed, fractionBits), ...args));
  const { floats } = p;
  const rounded = sf ? floats.fromI64(ir, n, signed) : floats.fromI32(ir, t.w(rn), signed);
  const value = fractionBits === 0 ? rounded : floats.mul(ir, rounded, floats.power(ir, -fractionBits));
  const exact = !sf && p.width === 64;
  p.write(t, rd, applyOutcome(t, exact ? { ...operation, rounds: false } : operation, { value: value as Value<Precise> }, ...args));
}

/** Right where the integer is a double, the result neither small nor large. */
function halfFromInteger(t: A64Translator, n: Value<'i64'>, signed: boolean, fractionBits: number): Outcome<'i32'> {
  const { ir } = t;
  const double = signed ? ir.f64_convert_i64_s(n) : ir.f64_convert_i64_u(n);
  const scaled = ir.f64_mul(double, ir.f64_const(0, (1023 - fractionBits) << 20));
  const small = ir.i64_lt_u(ir.i64_add(n, ir.i64_const(2 ** 51)), ir.i64_const(2 ** 52));
  const magnitude = ir.f64_abs(scaled);
  const ordinary = ir.i32_and(ir.f64_ge(magnitude, ir.f64_const(0, (1023 - 13) << 20)), ir.f64_lt(magnitude, ir.f64_const(0, (1023 + 15) << 20)));
  const unusual = ir.i32_eqz(ir.i32_and(small, ir.i32_or(ordinary, ir.i64_eqz(n))));
  return { value: f64ToHalf(ir, scaled), doubtful: unusual, raises: unusual };
}

interface Registers {
  readonly ptype: number;
  readonly rn: number;
  readonly rd: number;
}

/** FRINTN, P, M, Z, A, I (mode undefined: as FPCR says) and X (`exact`: inexact results raise IXC). */
export function fpToIntegral(t: A64Translator, { ptype, rn, rd }: Registers, mode: Rounding | undefined, exact: boolean): void {
  const p = precisionOf(ptype);
  const { ir } = t;
  const a = p.read(t, rn);
  const wide = p.widen(ir, a);
  const nan = p.floats.ne(ir, wide, wide);
  const value = p.narrow(ir, integralPart(t, p.floats, wide, mode));
  p.write(t, rd, applyOutcome(t, p.toIntegral[exact ? 'true' : 'false'], { value, doubtful: nan, raises: nan }, a, ir.i32_const(conversions.control(mode))));
}

/** FRINT32Z, FRINT32X, FRINT64Z, FRINT64X. */
export function fpToIntegralOf(t: A64Translator, { ptype, rn, rd }: Registers, width: 32 | 64, mode: Rounding | undefined): void {
  const p = precisionOf(ptype);
  const { ir } = t;
  const a = p.read(t, rn);
  const wide = p.widen(ir, a);
  const value = integralPart(t, p.floats, wide, mode);
  const unusual = ir.i32_eqz(p.floats.lt(ir, p.floats.abs(ir, value), p.floats.power(ir, width - 1)));
  const operation = ptype === 1 ? conversions.DOUBLE_TO_INTEGRAL_OF : conversions.SINGLE_TO_INTEGRAL_OF;
  const outcome = { value, doubtful: unusual, raises: unusual };
  p.write(t, rd, applyOutcome<readonly [Precise, 'i32'], Precise>(t, operation, outcome, a, ir.i32_const(conversions.control(mode, width))));
}

/** FJCVTZS: to a signed 32-bit integer as ECMAScript does, Z telling whether it is exact. */
export function fpToInt32(t: A64Translator, { rn, rd }: { readonly rn: number; readonly rd: number }): void {
  const { ir } = t;
  const a = t.d(rn);
  const result = ir.i32_trunc_sat_f64_s(a);
  const exact = ir.i64_eq(ir.i64_reinterpret_f64(ir.f64_convert_i32_s(result)), ir.i64_reinterpret_f64(a));
  const value = ir.i64_or(ir.i64_extend_i32_u(result), ir.i64_shl(ir.i64_extend_i32_u(ir.i32_eqz(exact)), ir.i64_const(32)));
  const unusual = ir.i32_eqz(ir.f64_lt(ir.f64_abs(a), ir.f64_const(0, (1023 + 31) << 20)));
  const packed = applyOutcome(t, conversions.DOUBLE_TO_INT32, { value, doubtful: unusual, raises: unusual }, a);
  t.setW(rd, ir.i32_wrap_i64(packed));
  const inexact = ir.i32_wrap_i64(ir.i64_shr_u(packed, ir.i64_const(32)));
  t.setNzcv(ir.i32_shl(ir.i32_eqz(inexact), ir.i32_const(30)));
}
