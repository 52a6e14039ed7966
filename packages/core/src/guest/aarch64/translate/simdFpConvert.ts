import type { IrBuilder, Value } from '../../../ir/index.ts';
import {
  control,
  DOUBLE_FROM_INTEGER,
  DOUBLE_TO_INTEGER,
  DOUBLE_TO_INTEGRAL,
  DOUBLE_TO_INTEGRAL_OF,
  DOUBLE_TO_SINGLE,
  fractionBitsOf,
  HALF_FROM_INTEGER,
  HALF_TO_INTEGRAL,
  HALF_TO_SINGLE,
  modeOf,
  SINGLE_FROM_INTEGER,
  SINGLE_TO_DOUBLE,
  SINGLE_TO_HALF,
  SINGLE_TO_INTEGER,
  SINGLE_TO_INTEGRAL,
  SINGLE_TO_INTEGRAL_OF,
} from './fpConversions.ts';
import { nan1F32x4, nan1F64x2 } from './fpNan.ts';
import { fpHelpers, type Outcome } from './fpOperation.ts';
import { DOUBLE, HALF, Rounding, SINGLE } from './fpSoftFloat.ts';
import { anyNan } from './simdFpArithmetic.ts';
import { anyUnusualHalf, roundToHalves, widenHalves } from './simdFpHalves.ts';
import {
  type BySize,
  bySize,
  type Elementwise,
  FORMATS,
  FP_LANES,
  type FpSize,
  type FpVectorOperation,
  integerLane,
  type Lane,
  onVectors,
  SHAPES,
  type Shape,
} from './simdFpLanes.ts';
import { anyFalse, splat, splatSign, type V, zero } from './simdLanes.ts';

/** Vector conversions: FRINT*, FCVT*, SCVTF, UCVTF. Those of halves are left to the reference arithmetic. */
type Helpers = Elementwise['helpers'];
type Attempt = NonNullable<Elementwise['attempt']>;

/** How instructions round; undefined: as FPCR says, which is to nearest unless a cold path is taken. */
type Mode = Rounding | undefined;

/** The number just below 1/2, with the signs of v. */
const nearlyHalf = (ir: IrBuilder, shape: Shape, v: V): V => {
  const [size, half] = shape === 'f32x4' ? [2, 0x3eff_ffff] : [3, 0x3fdf_ffff_ffff_ffffn];
  return ir.v128_or(ir.v128_and(v, splatSign(ir, size)), splat(ir, size, half));
};

/** Integral numbers. */
function rounded(ir: IrBuilder, shape: Shape, mode: Mode, v: V): V {
  switch (mode) {
    case Rounding.up:
      return ir[`${shape}_ceil`](v);
    case Rounding.down:
      return ir[`${shape}_floor`](v);
    case Rounding.zero:
      return ir[`${shape}_trunc`](v);
    case Rounding.nearestAway:
      return ir[`${shape}_trunc`](ir[`${shape}_add`](v, nearlyHalf(ir, shape, v)));
    default:
      return ir[`${shape}_nearest`](v);
  }
}

const INTEGRAL = { 1: HALF_TO_INTEGRAL, 2: SINGLE_TO_INTEGRAL, 3: DOUBLE_TO_INTEGRAL };

/** FRINT*. @param exact true for FRINTX: inexact results are raised */
const toIntegral = (name: string, mode: Mode, exact = false): BySize<FpVectorOperation> =>
  bySize((size) => {
    const helpers = INTEGRAL[size][exact ? 'true' : 'false'] as unknown as Helpers;
    const common = { name: `f${FORMATS[size].width}Vector${name}`, operands: [FP_LANES[size]], result: FP_LANES[size], control: control(mode), helpers };
    if (size === 1) return onVectors(common);
    const shape = SHAPES[size];
    return onVectors({
      ...common,
      attemptAll: (ir, a) => {
        const nan = anyNan(ir, shape, a);
        return { value: rounded(ir, shape, mode, a), doubtful: nan, raises: nan };
      },
      settleAll: (ir, a) => ir.helper(size === 3 ? nan1F64x2 : nan1F32x4, a, rounded(ir, shape, mode, a)),
    });
  });

export const frintn = toIntegral('Rintn', Rounding.nearestEven);
export const frintm = toIntegral('Rintm', Rounding.down);
export const frintp = toIntegral('Rintp', Rounding.up);
export const frintz = toIntegral('Rintz', Rounding.zero);
export const frinta = toIntegral('Rinta', Rounding.nearestAway);
export const frintx = toIntegral('Rintx', undefined, true);
export const frinti = toIntegral('Rinti', undefined);

/** FRINT32*, FRINT64*, of singles and of doubles: numbers beyond the integers of `width` bits are left to the cold paths, as is -2^(width - 1). */
const toIntegralOf = (name: string, width: 32 | 64, mode: Mode): readonly [FpVectorOperation, FpVectorOperation] => {
  const make = (size: 2 | 3): FpVectorOperation => {
    const shape = SHAPES[size];
    return onVectors({
      name: `f${FORMATS[size].width}Vector${name}`,
      operands: [FP_LANES[size]],
      result: FP_LANES[size],
      control: control(mode, width),
      helpers: (size === 2 ? SINGLE_TO_INTEGRAL_OF : DOUBLE_TO_INTEGRAL_OF) as unknown as Helpers,
      attemptAll: (ir, a) => {
        const value = rounded(ir, shape, mode, a);
        const inRange = ir[`${shape}_lt`](ir[`${shape}_abs`](value), powers(ir, size, width - 1));
        const unusual = anyFalse(ir, size, inRange);
        return { value, doubtful: unusual, raises: unusual };
      },
    });
  };
  return [make(2), make(3)];
};
export const frint32z = toIntegralOf('Rint32z', 32, Rounding.zero);
export const frint32x = toIntegralOf('Rint32x', 32, undefined);
export const frint64z = toIntegralOf('Rint64z', 64, Rounding.zero);
export const frint64x = toIntegralOf('Rint64x', 64, undefined);

/** 2^exponent in each lane. */
const powers = (ir: IrBuilder, size: 2 | 3, exponent: number): V =>
  size === 3 ? splat(ir, 3, BigInt(1023 + exponent) << 52n) : splat(ir, 2, (127 + exponent) << 23);
const scaled = (ir: IrBuilder, size: 2 | 3, v: V, exponent: number): V => (exponent === 0 ? v : ir[`${SHAPES[size]}_mul`](v, powers(ir, size, exponent)));

const truncate = (ir: IrBuilder, size: 2 | 3, signed: boolean, v: V): V => {
  if (size === 2) return signed ? ir.i32x4_trunc_sat_f32x4_s(v) : ir.i32x4_trunc_sat_f32x4_u(v);
  const lane = (n: number): Value<'i64'> => {
    const number = ir.f64x2_extract_lane(v, n);
    return signed ? ir.i64_trunc_sat_f64_s(number) : ir.i64_trunc_sat_f64_u(number);
  };
  return ir.i64x2_replace_lane(ir.i64x2_splat(lane(0)), lane(1), 1);
};

const halfToInteger = (signed: boolean) =>
  fpHelpers({
    name: `fp16To${signed ? 'Signed' : 'Unsigned'}16`,
    args: ['i32', 'i32'],
    result: 'i64',
    rounds: true,
    soft: (unit, a, word) => unit.toInteger(HALF, a, 16, signed, fractionBitsOf(word), modeOf(word)),
  });

/** FCVT{N,P,M,Z,A}{S,U}: Wasm saturates and makes 0 of NaNs as Arm does. */
export interface ToInteger {
  /** With a control word (see fpConversions.ts) as last argument. */
  readonly operation: FpVectorOperation;
  readonly attempt: ((ir: IrBuilder, mode: Rounding, fractionBits: number, a: V) => Outcome<'v128'>) | undefined;
}
const toInteger = (size: FpSize, signed: boolean): ToInteger => {
  const key = signed ? 'true' : 'false';
  const helpers = size === 1 ? halfToInteger(signed) : size === 2 ? SINGLE_TO_INTEGER[32][key] : DOUBLE_TO_INTEGER[64][key];
  const { width } = FORMATS[size];
  const operation = onVectors({
    name: `f${width}VectorTo${signed ? 'Signed' : 'Unsigned'}`,
    operands: [FP_LANES[size]],
    result: integerLane(size, signed) as Lane,
    control: 'argument',
    helpers: helpers as unknown as Helpers,
  });
  if (size === 1) return { operation, attempt: undefined };
  const shape = SHAPES[size];
  return {
    operation,
    attempt: (ir, mode, fractionBits, a) => {
      const number = rounded(ir, shape, mode, scaled(ir, size, a, fractionBits));
      // beyond the integers' range, or a NaN
      const below = ir[`${shape}_lt`](signed ? ir[`${shape}_abs`](number) : number, powers(ir, size, signed ? width - 1 : width));
      const inRange = signed ? below : ir.v128_and(below, ir[`${shape}_ge`](number, zero(ir)));
      const raises = anyFalse(ir, size, inRange);
      return { value: truncate(ir, size, signed, number), raises };
    },
  };
};
export const TO_SIGNED: BySize<ToInteger> = bySize((size) => toInteger(size, true));
export const TO_UNSIGNED: BySize<ToInteger> = bySize((size) => toInteger(size, false));

const convertIntegers = (ir: IrBuilder, size: 2 | 3, signed: boolean, v: V): V => {
  if (size === 2) return signed ? ir.f32x4_convert_i32x4_s(v) : ir.f32x4_convert_i32x4_u(v);
  const lane = (n: number): Value<'f64'> => {
    const number = ir.i64x2_extract_lane(v, n);
    return signed ? ir.f64_convert_i64_s(number) : ir.f64_convert_i64_u(number);
  };
  return ir.f64x2_replace_lane(ir.f64x2_splat(lane(0)), lane(1), 1);
};

/** SCVTF, UCVTF: the scaling is exact. */
export interface FromInteger {
  /** With the number of fraction bits as last argument. */
  readonly operation: FpVectorOperation;
  readonly attempt: ((ir: IrBuilder, fractionBits: number, a: V) => Outcome<'v128'>) | undefined;
}
const FROM_INTEGER = { 1: HALF_FROM_INTEGER, 2: SINGLE_FROM_INTEGER, 3: DOUBLE_FROM_INTEGER };
const fromInteger = (size: FpSize, signed: boolean): FromInteger => {
  const helpers = FROM_INTEGER[size][signed ? 'true' : 'false'] as unknown as Helpers;
  const name = `f${FORMATS[size].width}VectorFrom${signed ? 'Signed' : 'Unsigned'}`;
  return {
    operation: onVectors({ name, operands: [integerLane(size, signed) as Lane], result: FP_LANES[size], control: 'argument', helpers }),
    attempt: size === 1 ? undefined : (ir, fractionBits, a) => ({ value: scaled(ir, size, convertIntegers(ir, size, signed, a), -fractionBits) }),
  };
};
export const FROM_SIGNED: BySize<FromInteger> = bySize((size) => fromInteger(size, true));
export const FROM_UNSIGNED: BySize<FromInteger> = bySize((size) => fromInteger(size, false));

// Between precisions, in the low lanes

/** FCVTL to single (by the manual's `sz`: 0) and to double (1). */
export const lengthen: readonly [FpVectorOperation, FpVectorOperation] = [
  onVectors({
    name: 'f32x4FromHalf',
    operands: [FP_LANES[1]],
    result: FP_LANES[2],
    helpers: HALF_TO_SINGLE as unknown as Helpers,
    attempt: HALF_TO_SINGLE.attempt as Attempt,
    attemptAll: (ir, a) => {
      const value = widenHalves(ir, 0, a as V);
      const nan = anyNan(ir, 'f32x4', value);
      return { value, doubtful: nan, raises: nan };
    },
  }),
  onVectors({
    name: 'f64x2FromSingle',
    operands: [FP_LANES[2]],
    result: FP_LANES[3],
    helpers: SINGLE_TO_DOUBLE as unknown as Helpers,
    attempt: SINGLE_TO_DOUBLE.attempt as Attempt,
    attemptAll: (ir, a) => {
      const value = ir.f64x2_promote_low_f32x4(a);
      const nan = anyNan(ir, 'f64x2', value);
      return { value, doubtful: nan, raises: nan };
    },
  }),
];

/** FCVTN from single (0) and from double (1). */
export const narrow: readonly [FpVectorOperation, FpVectorOperation] = [
  onVectors({
    name: 'f32x4ToHalf',
    operands: [FP_LANES[2]],
    result: FP_LANES[1],
    helpers: SINGLE_TO_HALF as unknown as Helpers,
    attempt: SINGLE_TO_HALF.attempt as Attempt,
    attemptAll: (ir, a) => {
      const value = ir.i16x8_narrow_i32x4_u(roundToHalves(ir, a as V), zero(ir));
      const unusual = anyUnusualHalf(ir, value);
      return { value, doubtful: unusual, raises: unusual };
    },
  }),
  onVectors({
    name: 'f64x2ToSingle',
    operands: [FP_LANES[3]],
    result: FP_LANES[2],
    helpers: DOUBLE_TO_SINGLE as unknown as Helpers,
    attempt: DOUBLE_TO_SINGLE.attempt as Attempt,
    attemptAll: (ir, a) => {
      const magnitude = ir.f64x2_abs(a as V);
      // above the smallest normal single and below the midpoint of the largest one and infinity
      const normal = ir.v128_and(ir.f64x2_gt(magnitude, powers(ir, 3, -126)), ir.f64x2_lt(magnitude, splat(ir, 3, 0x47ef_ffff_f000_0000n)));
      const unusual = anyFalse(ir, 3, ir.v128_or(normal, ir.f64x2_eq(magnitude, zero(ir))));
      return { value: ir.f32x4_demote_f64x2_zero(a as V), doubtful: unusual, raises: unusual };
    },
  }),
];

/** FCVTXN: an inexact result gets an odd last bit. */
export const narrowToOdd: FpVectorOperation = onVectors({
  name: 'f64x2ToSingleOdd',
  operands: [FP_LANES[3]],
  result: FP_LANES[2],
  helpers: fpHelpers({
    name: 'fpDoubleToSingleOdd',
    args: ['f64'],
    result: 'f32',
    rounds: true,
    soft: (unit, a) => unit.convert(DOUBLE, SINGLE, a, Rounding.odd),
  }) as unknown as Helpers,
});
