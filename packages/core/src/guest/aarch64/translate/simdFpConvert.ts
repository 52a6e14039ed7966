import type { Helper, IrBuilder, Value } from '../../../ir/index.ts';
import {
  control,
  DOUBLE_FROM_INTEGER,
  DOUBLE_TO_INTEGER,
  DOUBLE_TO_INTEGRAL,
  DOUBLE_TO_SINGLE,
  HALF_TO_SINGLE,
  SINGLE_FROM_INTEGER,
  SINGLE_TO_DOUBLE,
  SINGLE_TO_HALF,
  SINGLE_TO_INTEGER,
  SINGLE_TO_INTEGRAL,
} from './fpConversions.ts';
import { nan1F32x4, nan1F64x2 } from './fpNan.ts';
import { fpHelpers, type Outcome } from './fpOperation.ts';
import { DOUBLE, Rounding, SINGLE } from './fpSoftFloat.ts';
import { anyNan, anyUnusual, type Shape } from './simdFpArithmetic.ts';
import { DOUBLE_LANE, type Elementwise, type FpVectorOperation, HALF_LANE, integerLane, type Lane, onVectors, SINGLE_LANE } from './simdFpLanes.ts';
import { lowHalves, splat, splatSign, type V, zero } from './simdLanes.ts';

/** Vector conversions: FRINT*, FCVT*, SCVTF, UCVTF. Pairs are by the manual's `sz` field: 0 single, 1 double. */
export type FpVectorPair = readonly [FpVectorOperation, FpVectorOperation];
const both = (make: (sz: 0 | 1) => FpVectorOperation): FpVectorPair => [make(0), make(1)];
const SHAPES: readonly [Shape, Shape] = ['f32x4', 'f64x2'];
const LANES = [SINGLE_LANE as Lane, DOUBLE_LANE as Lane] as const;

/** How instructions round; undefined: as FPCR says, which is to nearest unless a cold path is taken. */
type Mode = Rounding | undefined;

/** The number just below 1/2, with the signs of v. */
const nearlyHalf = (ir: IrBuilder, shape: Shape, v: V): V => {
  const size = shape === 'f32x4' ? 2 : 3;
  const half = size === 2 ? splat(ir, 2, 0x3eff_ffff) : splat(ir, 3, 0x3fdf_ffff_ffff_ffffn);
  return ir.v128_or(ir.v128_and(v, splatSign(ir, size)), half);
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

/** FRINT*. @param exact true for FRINTX: inexact results are raised */
export const toIntegral = (name: string, mode: Mode, exact = false): FpVectorPair =>
  both((sz) => {
    const shape = SHAPES[sz];
    const helpers = (sz ? DOUBLE_TO_INTEGRAL : SINGLE_TO_INTEGRAL)[exact ? 'true' : 'false'];
    const nan1 = sz ? nan1F64x2 : nan1F32x4;
    return onVectors({
      name: `${shape}${name}`,
      operands: [LANES[sz]],
      result: LANES[sz],
      control: control(mode),
      helpers: helpers as Elementwise['helpers'],
      attemptAll: (ir, a) => {
        const nan = anyNan(ir, shape, a);
        return { value: rounded(ir, shape, mode, a), doubtful: nan, raises: nan };
      },
      settleAll: (ir, a) => ir.helper(nan1 as Helper<readonly ['v128', 'v128'], 'v128'>, a, rounded(ir, shape, mode, a)),
    });
  });

/** 2^exponent in each lane. */
const powers = (ir: IrBuilder, sz: 0 | 1, exponent: number): V => (sz ? splat(ir, 3, BigInt(1023 + exponent) << 52n) : splat(ir, 2, (127 + exponent) << 23));
const scaled = (ir: IrBuilder, sz: 0 | 1, v: V, exponent: number): V => (exponent === 0 ? v : ir[`${SHAPES[sz]}_mul`](v, powers(ir, sz, exponent)));

const truncate = (ir: IrBuilder, sz: 0 | 1, signed: boolean, v: V): V => {
  if (sz === 0) return signed ? ir.i32x4_trunc_sat_f32x4_s(v) : ir.i32x4_trunc_sat_f32x4_u(v);
  const lane = (n: number): Value<'i64'> => {
    const number = ir.f64x2_extract_lane(v, n);
    return signed ? ir.i64_trunc_sat_f64_s(number) : ir.i64_trunc_sat_f64_u(number);
  };
  return ir.i64x2_replace_lane(ir.i64x2_splat(lane(0)), lane(1), 1);
};

/** FCVT{N,P,M,Z,A}{S,U}: Wasm saturates and makes 0 of NaNs as Arm does. */
export interface ToInteger {
  readonly helpers: FpVectorOperation;
  readonly attempt: (ir: IrBuilder, mode: Rounding, fractionBits: number, a: V) => Outcome<'v128'>;
}
const toIntegerOf = (signed: boolean, sz: 0 | 1): ToInteger => {
  const width = sz ? 64 : 32;
  const shape = SHAPES[sz];
  const helpers = (sz ? DOUBLE_TO_INTEGER : SINGLE_TO_INTEGER)[width][signed ? 'true' : 'false'];
  return {
    helpers: onVectors({ name: `${shape}To${signed ? 'Signed' : 'Unsigned'}`, operands: [LANES[sz]], result: integerLane(2 + sz, signed) as Lane, control: 'argument', helpers: helpers as Elementwise['helpers'] }),
    attempt: (ir, mode, fractionBits, a) => {
      const number = rounded(ir, shape, mode, scaled(ir, sz, a, fractionBits));
      // beyond the integers' range, or a NaN
      const below = ir[`${shape}_lt`](signed ? ir[`${shape}_abs`](number) : number, powers(ir, sz, signed ? width - 1 : width));
      const inRange = signed ? below : ir.v128_and(below, ir[`${shape}_ge`](number, zero(ir)));
      const raises = ir.i32_eqz(sz ? ir.i64x2_all_true(inRange) : ir.i32x4_all_true(inRange));
      return { value: truncate(ir, sz, signed, number), raises };
    },
  };
};
/** By `sz`. */
export const TO_SIGNED = [toIntegerOf(true, 0), toIntegerOf(true, 1)] as const;
export const TO_UNSIGNED = [toIntegerOf(false, 0), toIntegerOf(false, 1)] as const;

const convertIntegers = (ir: IrBuilder, sz: 0 | 1, signed: boolean, v: V): V => {
  if (sz === 0) return signed ? ir.f32x4_convert_i32x4_s(v) : ir.f32x4_convert_i32x4_u(v);
  const lane = (n: number): Value<'f64'> => {
    const number = ir.i64x2_extract_lane(v, n);
    return signed ? ir.f64_convert_i64_s(number) : ir.f64_convert_i64_u(number);
  };
  return ir.f64x2_replace_lane(ir.f64x2_splat(lane(0)), lane(1), 1);
};

/** SCVTF, UCVTF: the scaling is exact. */
export interface FromInteger {
  readonly helpers: FpVectorOperation;
  readonly attempt: (ir: IrBuilder, fractionBits: number, a: V) => Outcome<'v128'>;
}
const fromIntegerOf = (signed: boolean, sz: 0 | 1): FromInteger => {
  const helpers = (sz ? DOUBLE_FROM_INTEGER : SINGLE_FROM_INTEGER)[signed ? 'true' : 'false'];
  return {
    helpers: onVectors({ name: `${SHAPES[sz]}From${signed ? 'Signed' : 'Unsigned'}`, operands: [integerLane(2 + sz, signed) as Lane], result: LANES[sz], control: 'argument', helpers: helpers as Elementwise['helpers'] }),
    attempt: (ir, fractionBits, a) => ({ value: scaled(ir, sz, convertIntegers(ir, sz, signed, a), -fractionBits) }),
  };
};
/** By `sz`. */
export const FROM_SIGNED = [fromIntegerOf(true, 0), fromIntegerOf(true, 1)] as const;
export const FROM_UNSIGNED = [fromIntegerOf(false, 0), fromIntegerOf(false, 1)] as const;

// Between precisions, in the low lanes

/** FCVTL to single and to double. */
export const lengthen: FpVectorPair = [
  onVectors({ name: 'f32x4FromHalf', operands: [HALF_LANE as Lane], result: SINGLE_LANE as Lane, helpers: HALF_TO_SINGLE as Elementwise['helpers'], attempt: HALF_TO_SINGLE.attempt as NonNullable<Elementwise['attempt']> }),
  onVectors({
    name: 'f64x2FromSingle',
    operands: [SINGLE_LANE as Lane],
    result: DOUBLE_LANE as Lane,
    helpers: SINGLE_TO_DOUBLE as Elementwise['helpers'],
    attempt: SINGLE_TO_DOUBLE.attempt as NonNullable<Elementwise['attempt']>,
    attemptAll: (ir, a) => {
      const value = ir.f64x2_promote_low_f32x4(a);
      const nan = anyNan(ir, 'f64x2', value);
      return { value, doubtful: nan, raises: nan };
    },
  }),
];

/** FCVTN from single and from double. */
export const narrow: FpVectorPair = [
  onVectors({ name: 'f32x4ToHalf', operands: [SINGLE_LANE as Lane], result: HALF_LANE as Lane, helpers: SINGLE_TO_HALF as Elementwise['helpers'], attempt: SINGLE_TO_HALF.attempt as NonNullable<Elementwise['attempt']> }),
  onVectors({
    name: 'f64x2ToSingle',
    operands: [DOUBLE_LANE as Lane],
    result: SINGLE_LANE as Lane,
    helpers: DOUBLE_TO_SINGLE as Elementwise['helpers'],
    attempt: DOUBLE_TO_SINGLE.attempt as NonNullable<Elementwise['attempt']>,
    attemptAll: (ir, a) => {
      const value = ir.f32x4_demote_f64x2_zero(a);
      const unusual = anyUnusual(ir, 'f32x4', lowHalves(ir, value, value));
      return { value, doubtful: unusual, raises: unusual };
    },
  }),
];

/** FCVTXN: an inexact result gets an odd last bit. */
export const narrowToOdd: FpVectorOperation = onVectors({
  name: 'f64x2ToSingleOdd',
  operands: [DOUBLE_LANE as Lane],
  result: SINGLE_LANE as Lane,
  helpers: fpHelpers({ name: 'fpDoubleToSingleOdd', args: ['f64'], result: 'f32', rounds: true, soft: (unit, a) => unit.convert(DOUBLE, SINGLE, a, Rounding.odd) }) as unknown as Elementwise['helpers'],
});
