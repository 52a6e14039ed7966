import type { Helper, IrBuilder, Value } from '../../../ir/index.ts';
import { F32, F64, type Floats, type FloatType } from './fpFloats.ts';
import { f64ToHalf, halfToF32 } from './fpHalf.ts';
import { any, below } from './fpInexact.ts';
import { invalidF32, invalidF64, nan1F32, nan1F64, nanF32ToF64, nanF64ToF32 } from './fpNan.ts';
import { type FpHelpers, type FpOperation, fpHelpers, fpOperation } from './fpOperation.ts';
import { DOUBLE, type FloatFormat, Fpsr, HALF, Rounding, SINGLE, type SoftFloat } from './fpSoftFloat.ts';

/** Operations between formats, between numbers and integers, comparison: those of fpOperation.ts that are no arithmetic. */

const inexactBit = (ir: IrBuilder, inexact: Value<'i32'>): Value<'i32'> => ir.i32_select(inexact, ir.i32_const(Fpsr.IXC), ir.i32_const(0));

/** FCVT Dd, Sn. */
export const SINGLE_TO_DOUBLE = fpOperation({
  name: 'fpSingleToDouble',
  args: ['f32'],
  result: 'f64',
  rounds: false,
  attempt: (ir, a) => {
    const nan = ir.f32_ne(a, a);
    return { value: ir.f64_promote_f32(a), doubtful: nan, raises: nan };
  },
  settle: (ir, a) => ir.coldHelper(ir.f32_ne(a, a), ir.f64_promote_f32(a), nanF32ToF64, a),
  quickFlags: (ir, a) => ({ raised: ir.i32_and(ir.f32_ne(a, a), invalidF32(ir, a)), certain: ir.i32_const(1) }),
  soft: (unit, a) => unit.convert(SINGLE, DOUBLE, a),
});

/** FCVT Sd, Dn. */
export const DOUBLE_TO_SINGLE = fpOperation({
  name: 'fpDoubleToSingle',
  args: ['f64'],
  result: 'f32',
  rounds: true,
  attempt: (ir, a) => {
    const value = ir.f32_demote_f64(a);
    const unusual = ir.i32_and(ir.i32_eqz(F32.isOrdinary(ir, value)), ir.f64_ne(a, ir.f64_const(0, 0)));
    return { value, doubtful: unusual, raises: unusual };
  },
  settle: (ir, a) => ir.coldHelper(ir.f64_ne(a, a), ir.f32_demote_f64(a), nanF64ToF32, a),
  quickFlags: (ir, a) => {
    const value = ir.f32_demote_f64(a);
    const nan = ir.f64_ne(a, a);
    const harmless = ir.i32_or(ir.f64_eq(a, ir.f64_const(0, 0)), ir.f64_eq(ir.f64_abs(a), F64.power(ir, 1024)));
    return {
      raised: ir.i32_select(nan, invalidF64(ir, a), inexactBit(ir, ir.f64_ne(ir.f64_promote_f32(value), a))),
      certain: any(ir, nan, harmless, F32.isOrdinary(ir, value)),
    };
  },
  soft: (unit, a) => unit.convert(DOUBLE, SINGLE, a),
});

/** Not 0 if the half is a NaN. */
const halfIsNan = (ir: IrBuilder, a: Value<'i32'>): Value<'i32'> => ir.i32_gt_u(ir.i32_and(a, ir.i32_const(0x7fff)), ir.i32_const(0x7c00));

/** FCVT Sd, Hn. */
export const HALF_TO_SINGLE = fpOperation({
  name: 'fpHalfToSingle',
  args: ['i32'],
  result: 'f32',
  rounds: false,
  attempt: (ir, a) => {
    const nan = halfIsNan(ir, a);
    return { value: halfToF32(ir, a), doubtful: nan, raises: nan };
  },
  soft: (unit, a) => unit.convert(HALF, SINGLE, a),
});

/** FCVT Dd, Hn. */
export const HALF_TO_DOUBLE = fpOperation({
  name: 'fpHalfToDouble',
  args: ['i32'],
  result: 'f64',
  rounds: false,
  attempt: (ir, a) => {
    const nan = halfIsNan(ir, a);
    return { value: ir.f64_promote_f32(halfToF32(ir, a)), doubtful: nan, raises: nan };
  },
  soft: (unit, a) => unit.convert(HALF, DOUBLE, a),
});

/** FCVT Hd, Sn and FCVT Hd, Dn. */
function toHalf<T extends FloatType>(floats: Floats<T>, name: string): FpOperation<readonly [T], 'i32'> {
  const { type, format, toF64 } = floats;
  /** Above the subnormal halves and below those that may overflow. */
  const isOrdinary = (ir: IrBuilder, x: Value<'f64'>): Value<'i32'> => {
    const magnitude = ir.f64_abs(x);
    return any(ir, ir.i32_and(ir.f64_ge(magnitude, F64.power(ir, -13)), ir.f64_lt(magnitude, F64.power(ir, 15))), ir.f64_eq(x, ir.f64_const(0, 0)));
  };
  return fpOperation<readonly [T], 'i32'>({
    name,
    args: [type],
    result: 'i32',
    rounds: true,
    attempt: (ir, a) => {
      const x = toF64(ir, a);
      const unusual = ir.i32_eqz(isOrdinary(ir, x));
      return { value: f64ToHalf(ir, x), doubtful: unusual, raises: unusual };
    },
    quickFlags: (ir, a) => {
      const x = toF64(ir, a);
      const inexact = ir.f64_ne(ir.f64_promote_f32(halfToF32(ir, f64ToHalf(ir, x))), x);
      return { raised: inexactBit(ir, inexact), certain: isOrdinary(ir, x) };
    },
    soft: (unit, a) => unit.convert(format, HALF, a),
  });
}
export const SINGLE_TO_HALF = toHalf(F32, 'fpSingleToHalf');
export const DOUBLE_TO_HALF = toHalf(F64, 'fpDoubleToHalf');

/** Cold paths of (number, control word): to an integer, or to an integral number. */
export type Controlled<T extends FloatType | 'i32', R extends FloatType | 'i32' | 'i64'> = FpHelpers<readonly [T, 'i32'], R>;

/** Rounding mode as FPCR says, in control words. */
const BY_FPCR = 7;
/** Control word: fraction bits of the fixed-point side, and how to round (undefined: as FPCR says). */
export const control = (mode: Rounding | undefined, fractionBits = 0): number => (mode ?? BY_FPCR) | (fractionBits << 8);
export const modeOf = (word: bigint): Rounding | undefined => ((Number(word) & 7) === BY_FPCR ? undefined : ((Number(word) & 7) as Rounding));
export const fractionBitsOf = (word: bigint): number => Number(word) >> 8;

/** 2^(fraction bits of the control word). */
const scaleOf = (ir: IrBuilder, word: Value<'i32'>): Value<'f64'> =>
  ir.f64_reinterpret_i64(ir.i64_shl(ir.i64_extend_i32_u(ir.i32_add(ir.i32_shr_u(word, ir.i32_const(8)), ir.i32_const(1023))), ir.i64_const(52)));

function toInteger<T extends FloatType>(floats: Floats<T>, width: 32 | 64, signed: boolean): Controlled<T, 'i64'> {
  const { type, format } = floats;
  return fpHelpers<readonly [T, 'i32'], 'i64'>({
    name: `fp${format.width}To${signed ? 'Signed' : 'Unsigned'}${width}`,
    args: [type, 'i32'],
    result: 'i64',
    rounds: true,
    // truncation alone: what programs do most
    plain: (ir, a, word) => {
      const scaled = ir.f64_mul(floats.toF64(ir, a), scaleOf(ir, word));
      const value = width === 64 ? F64.toI64(ir, scaled, signed) : ir.i64_extend_i32_u(F64.toI32(ir, scaled, signed));
      return { value, doubtful: ir.i32_ne(ir.i32_and(word, ir.i32_const(7)), ir.i32_const(Rounding.zero)) };
    },
    quickFlags: (ir, a, word) => {
      const scaled = ir.f64_mul(floats.toF64(ir, a), scaleOf(ir, word));
      const inRange = below(ir, scaled, width - 2);
      const certain = signed ? inRange : ir.i32_and(inRange, ir.f64_ge(scaled, ir.f64_const(0, 0)));
      return { raised: inexactBit(ir, ir.f64_ne(ir.f64_trunc(scaled), scaled)), certain };
    },
    soft: (unit, a, word) => unit.toInteger(format, a, width, signed, fractionBitsOf(word), modeOf(word)),
  });
}

const halfToInteger = (width: 32 | 64, signed: boolean): Controlled<'i32', 'i64'> =>
  fpHelpers({
    name: `fp16To${signed ? 'Signed' : 'Unsigned'}${width}`,
    args: ['i32', 'i32'],
    result: 'i64',
    rounds: true,
    soft: (unit, a, word) => unit.toInteger(HALF, a, width, signed, fractionBitsOf(word), modeOf(word)),
  });

/** FCVT*S (true) and FCVT*U (false) by destination width. The result of 32 bits is zero-extended. */
export interface ToInteger<T extends FloatType | 'i32'> {
  readonly 32: { readonly true: Controlled<T, 'i64'>; readonly false: Controlled<T, 'i64'> };
  readonly 64: { readonly true: Controlled<T, 'i64'>; readonly false: Controlled<T, 'i64'> };
}
const eachInteger = <T extends FloatType | 'i32'>(make: (width: 32 | 64, signed: boolean) => Controlled<T, 'i64'>): ToInteger<T> => ({
  32: { true: make(32, true), false: make(32, false) },
  64: { true: make(64, true), false: make(64, false) },
});
export const SINGLE_TO_INTEGER = eachInteger((width, signed) => toInteger(F32, width, signed));
export const DOUBLE_TO_INTEGER = eachInteger((width, signed) => toInteger(F64, width, signed));
export const HALF_TO_INTEGER = eachInteger(halfToInteger);

/** SCVTF, UCVTF of (i64, fraction bits); 32-bit sources are extended by their sign, or zero-extended. */
function fromInteger<T extends 'f32' | 'f64' | 'i32'>(type: T, format: FloatFormat, signed: boolean): FpHelpers<readonly ['i64', 'i32'], T> {
  return fpHelpers<readonly ['i64', 'i32'], T>({
    name: `fp${format.width}From${signed ? 'Signed' : 'Unsigned'}`,
    args: ['i64', 'i32'],
    result: type,
    rounds: true,
    ...(format === HALF
      ? {}
      : {
          plain: (ir: IrBuilder, n: Value<'i64'>, fractionBits: Value<'i32'>) => {
            const inverse = ir.f64_reinterpret_i64(ir.i64_shl(ir.i64_extend_i32_u(ir.i32_sub(ir.i32_const(1023), fractionBits)), ir.i64_const(52)));
            const value =
              format === SINGLE ? ir.f32_mul(F32.fromI64(ir, n, signed), ir.f32_demote_f64(inverse)) : ir.f64_mul(F64.fromI64(ir, n, signed), inverse);
            return { value: value as Value<T> };
          },
          quickFlags: (ir: IrBuilder, n: Value<'i64'>) => {
            const negative = ir.i64_shr_s(n, ir.i64_const(63));
            const magnitude = signed ? ir.i64_sub(ir.i64_xor(n, negative), negative) : n;
            // bits beside those from the first to the last that is set
            const spare = ir.i64_add(ir.i64_clz(magnitude), ir.i64_ctz(magnitude));
            return { raised: inexactBit(ir, ir.i64_lt_u(spare, ir.i64_const(63 - format.fraction))), certain: ir.i32_const(1) };
          },
        }),
    soft: (unit, n, fractionBits) => unit.fromInteger(format, signed ? BigInt.asIntN(64, n) : n, Number(fractionBits)),
  });
}
export const SINGLE_FROM_INTEGER = { true: fromInteger('f32', SINGLE, true), false: fromInteger('f32', SINGLE, false) };
export const DOUBLE_FROM_INTEGER = { true: fromInteger('f64', DOUBLE, true), false: fromInteger('f64', DOUBLE, false) };
export const HALF_FROM_INTEGER = { true: fromInteger('i32', HALF, true), false: fromInteger('i32', HALF, false) };

/** FRINT*: in doubt only where the operand is a NaN. Where inexact results count, `toIntegralExact`. */
function toIntegral<T extends FloatType>(
  floats: Floats<T>,
  nan1: Helper<readonly [T], T>,
  invalid: (ir: IrBuilder, a: Value<T>) => Value<'i32'>,
  exact: boolean,
): Controlled<T, T> {
  const { type, format } = floats;
  return fpHelpers<readonly [T, 'i32'], T>({
    name: `fp${format.width}ToIntegral${exact ? 'Exact' : ''}`,
    args: [type, 'i32'],
    result: type,
    rounds: exact,
    settle: (ir, a) => ir.helper<readonly [T], T>(nan1, a),
    plain: (ir, a, word) => {
      const mode = ir.i32_and(word, ir.i32_const(7));
      const is = (each: Rounding): Value<'i32'> => ir.i32_eq(mode, ir.i32_const(each));
      const byDirection = floats.select(
        ir,
        is(Rounding.down),
        floats.floor(ir, a),
        floats.select(ir, is(Rounding.up), floats.ceil(ir, a), floats.nearest(ir, a)),
      );
      const value = floats.select(ir, is(Rounding.zero), floats.trunc(ir, a), byDirection);
      return { value, doubtful: ir.i32_or(floats.ne(ir, a, a), is(Rounding.nearestAway)) };
    },
    quickFlags: (ir, a) => {
      const nan = floats.ne(ir, a, a);
      const inexact = exact ? inexactBit(ir, floats.ne(ir, floats.trunc(ir, a), a)) : ir.i32_const(0);
      return { raised: ir.i32_select(nan, invalid(ir, a), inexact), certain: ir.i32_const(1) };
    },
    soft: (unit, a, word) => unit.roundToIntegral(format, a, modeOf(word), exact),
  });
}
const halfToIntegral = (exact: boolean): Controlled<'i32', 'i32'> =>
  fpHelpers({
    name: `fp16ToIntegral${exact ? 'Exact' : ''}`,
    args: ['i32', 'i32'],
    result: 'i32',
    rounds: exact,
    soft: (unit, a, word) => unit.roundToIntegral(HALF, a, modeOf(word), exact),
  });
/** By whether inexact results raise FPSR.IXC. */
export const SINGLE_TO_INTEGRAL = { true: toIntegral(F32, nan1F32, invalidF32, true), false: toIntegral(F32, nan1F32, invalidF32, false) };
export const DOUBLE_TO_INTEGRAL = { true: toIntegral(F64, nan1F64, invalidF64, true), false: toIntegral(F64, nan1F64, invalidF64, false) };
export const HALF_TO_INTEGRAL = { true: halfToIntegral(true), false: halfToIntegral(false) };

/** FRINT32*, FRINT64*: the control word's fraction bits are the width. */
function toIntegralOf<T extends FloatType>(floats: Floats<T>): Controlled<T, T> {
  const { type, format } = floats;
  return fpHelpers<readonly [T, 'i32'], T>({
    name: `fp${format.width}ToIntegralOf`,
    args: [type, 'i32'],
    result: type,
    rounds: true,
    quickFlags: (ir, a, word) => ({
      raised: inexactBit(ir, floats.ne(ir, floats.trunc(ir, a), a)),
      certain: ir.f64_lt(ir.f64_abs(ir.f64_mul(floats.toF64(ir, a), F64.power(ir, 1))), scaleOf(ir, word)),
    }),
    soft: (unit, a, word) => unit.roundToIntegralOf(format, a, fractionBitsOf(word) as 32 | 64, modeOf(word)),
  });
}
export const SINGLE_TO_INTEGRAL_OF = toIntegralOf(F32);
export const DOUBLE_TO_INTEGRAL_OF = toIntegralOf(F64);

/** FJCVTZS: bits 31..0 the result, bit 32 set if it is not exact. */
export const DOUBLE_TO_INT32 = fpHelpers({
  name: 'fpDoubleToInt32',
  args: ['f64'],
  result: 'i64',
  rounds: true,
  settle: (ir, a) => {
    // from 2^63 up the low bits are a shift of the fraction; infinities and NaNs have the exponent of integers whose low bits are zero
    const bits = ir.i64_reinterpret_f64(a);
    const shift = ir.i64_sub(ir.i64_and(ir.i64_shr_u(bits, ir.i64_const(52)), ir.i64_const(0x7ff)), ir.i64_const(1023 + 52));
    const shifted = ir.i32_shl(ir.i32_wrap_i64(bits), ir.i32_wrap_i64(shift));
    const magnitude = ir.i32_select(ir.i64_lt_u(shift, ir.i64_const(32)), shifted, ir.i32_const(0));
    const large = ir.i32_select(ir.i64_lt_s(bits, ir.i64_const(0)), ir.i32_sub(ir.i32_const(0), magnitude), magnitude);
    const low = ir.i32_select(below(ir, a, 63), ir.i32_wrap_i64(ir.i64_trunc_sat_f64_s(a)), large);
    const exact = ir.i64_eq(ir.i64_reinterpret_f64(ir.f64_convert_i32_s(low)), bits);
    return ir.i64_or(ir.i64_extend_i32_u(low), ir.i64_select(exact, ir.i64_const(0), ir.i64_halves(0, 1)));
  },
  quickFlags: (ir, a) => {
    const value = ir.f64_trunc(a);
    const inRange = ir.i32_and(ir.f64_ge(value, ir.f64_neg(F64.power(ir, 31))), ir.f64_lt(value, F64.power(ir, 31)));
    return { raised: ir.i32_select(inRange, inexactBit(ir, ir.f64_ne(value, a)), ir.i32_const(Fpsr.IOC)), certain: ir.i32_const(1) };
  },
  soft: (unit, a) => unit.toInt32(a),
});

/** A denormal operand flushed to zero, where nothing else is done to it. */
function flush<T extends FloatType | 'i32'>(type: T, format: FloatFormat): FpHelpers<readonly [T], T> {
  const soft = (unit: SoftFloat, a: bigint): bigint => unit.flush(format, a);
  return fpHelpers<readonly [T], T>({ name: `fp${format.width}Flush`, args: [type], result: type, rounds: false, plain: (_ir, a) => ({ value: a }), soft });
}
export const SINGLE_FLUSH = flush('f32', SINGLE);
export const DOUBLE_FLUSH = flush('f64', DOUBLE);
export const HALF_FLUSH = flush('i32', HALF);

/** FCMP (false) and FCMPE (true): for FPSR. The result, N Z C V in bits 3..0, is not used. */
function comparison<T extends FloatType>(
  floats: Floats<T>,
  invalid: (ir: IrBuilder, a: Value<T>, b: Value<T>) => Value<'i32'>,
  signalQuiet: boolean,
): FpHelpers<readonly [T, T], 'i32'> {
  const { type, format } = floats;
  return fpHelpers<readonly [T, T], 'i32'>({
    name: `fp${format.width}Compare${signalQuiet ? 'Signalling' : ''}`,
    args: [type, type],
    result: 'i32',
    rounds: false,
    plain: (ir) => ({ value: ir.i32_const(0) }),
    quickFlags: (ir, a, b) => {
      const nan = ir.i32_or(floats.ne(ir, a, a), floats.ne(ir, b, b));
      return { raised: signalQuiet ? nan : ir.i32_and(nan, invalid(ir, a, b)), certain: ir.i32_const(1) };
    },
    soft: (unit, a, b) => BigInt(unit.compare(format, a, b, signalQuiet)),
  });
}
const halfComparison = (signalQuiet: boolean): FpHelpers<readonly ['i32', 'i32'], 'i32'> =>
  fpHelpers({
    name: `fp16Compare${signalQuiet ? 'Signalling' : ''}`,
    args: ['i32', 'i32'],
    result: 'i32',
    rounds: false,
    soft: (unit, a, b) => BigInt(unit.compare(HALF, a, b, signalQuiet)),
  });
export const SINGLE_COMPARE = { true: comparison(F32, invalidF32, true), false: comparison(F32, invalidF32, false) };
export const DOUBLE_COMPARE = { true: comparison(F64, invalidF64, true), false: comparison(F64, invalidF64, false) };
export const HALF_COMPARE = { true: halfComparison(true), false: halfComparison(false) };
