import type { IrBuilder, Value } from '../../../ir/index.ts';
import { attemptFmaF32x4, attemptFmaF64x2 } from './fpFused.ts';
import { fpHelpers } from './fpOperation.ts';
import type { FloatFormat, SoftFloat } from './fpSoftFloat.ts';
import { multiplyExtended, recip, recipExponent, recipStep, rsqrt, rsqrtStep } from './simdFpEstimates.ts';
import { type BySize, bySize, type Elementwise, FORMATS, FP_LANES, type FpVectorOperation, type Lane, onVectors, SHAPES } from './simdFpLanes.ts';
import { anyInfiniteOrNan, anyUnusual } from './simdFpUnusual.ts';
import { splat } from './simdLanes.ts';

/** Vector operations of simdFpEstimates.ts. */
type Soft = (unit: SoftFloat, format: FloatFormat, ...operands: bigint[]) => bigint;
/** The short way for singles and doubles. */
type AttemptAll = (size: 2 | 3) => NonNullable<Elementwise['attemptAll']>;

/** The short way for one single or double. */
type Attempt = (size: 2 | 3) => NonNullable<Elementwise['attempt']>;

interface Short {
  readonly attempt?: Attempt;
  readonly attemptAll?: AttemptAll;
}

const make = (name: string, count: 1 | 2, soft: Soft, { attempt, attemptAll }: Short = {}): BySize<FpVectorOperation> =>
  bySize((size) => {
    const format = FORMATS[size];
    const type = ({ 1: 'i32', 2: 'f32', 3: 'f64' } as const)[size];
    const helpers = fpHelpers({
      name: `fp${format.width}${name}`,
      args: new Array<typeof type>(count).fill(type),
      result: type,
      rounds: attemptAll !== undefined,
      soft: (unit, ...operands) => soft(unit, format, ...operands),
    });
    return onVectors({
      name: `f${format.width}Vector${name}`,
      operands: new Array<Lane>(count).fill(FP_LANES[size]),
      result: FP_LANES[size],
      helpers: helpers as unknown as Elementwise['helpers'],
      ...(attempt === undefined || size === 1 ? {} : { attempt: attempt(size) }),
      ...(attemptAll === undefined || size === 1 ? {} : { attemptAll: attemptAll(size) }),
    });
  });

/** A fused a * b subtracted from `minuend`; infinite results may come from infinity times zero, or overflow. */
const step =
  (minuends: { 2: number; 3: bigint }, halved: boolean): AttemptAll =>
  (size) =>
  (ir, a, b) => {
    const shape = SHAPES[size];
    const { value, doubtful } = (size === 3 ? attemptFmaF64x2 : attemptFmaF32x4)(ir, splat(ir, size, minuends[size]), ir[`${shape}_neg`](a), b);
    const unusual = ir.i32_or(doubtful, anyInfiniteOrNan(ir, shape, value));
    const half = size === 3 ? splat(ir, 3, 0x3fe0_0000_0000_0000n) : splat(ir, 2, 0x3f00_0000);
    return { value: halved ? ir[`${shape}_mul`](value, half) : value, doubtful: unusual, raises: unusual };
  };

const extendedProduct: AttemptAll = (size) => (ir, a, b) => {
  const value = ir[`${SHAPES[size]}_mul`](a, b);
  const unusual = anyUnusual(ir, SHAPES[size], value);
  return { value, doubtful: unusual, raises: unusual };
};

// Estimates of normal numbers whose estimate is normal, in 64-bit arithmetic: recip and rsqrt of simdFpEstimates.ts

/** The bits of a single or double and their fields. */
interface Fields {
  readonly bits: Value<'i64'>;
  readonly exponent: Value<'i64'>;
  /** The fraction's `count` highest bits. */
  readonly fraction: (count: number) => Value<'i64'>;
}
function fieldsOf(ir: IrBuilder, size: 2 | 3, number: Value): Fields {
  const format = FORMATS[size];
  const bits = size === 3 ? ir.i64_reinterpret_f64(number as Value<'f64'>) : ir.i64_extend_i32_u(ir.i32_reinterpret_f32(number as Value<'f32'>));
  const field = (at: number, width: number): Value<'i64'> => ir.i64_and(ir.i64_shr_u(bits, ir.i64_const(at)), ir.i64_const((1 << width) - 1));
  return { bits, exponent: field(format.fraction, format.width - 1 - format.fraction), fraction: (count) => field(format.fraction - count, count) };
}

/** A number from its sign and exponent, in place, and the low 8 bits of an estimate. */
function fromEstimate(ir: IrBuilder, size: 2 | 3, upper: Value<'i64'>, estimate: Value<'i64'>): Value {
  const fraction = ir.i64_shl(ir.i64_and(estimate, ir.i64_const(255)), ir.i64_const(FORMATS[size].fraction - 8));
  const bits = ir.i64_or(upper, fraction);
  return size === 3 ? ir.f64_reinterpret_i64(bits) : ir.f32_reinterpret_i32(ir.i32_wrap_i64(bits));
}
const inPlace = (ir: IrBuilder, size: 2 | 3, exponent: Value<'i64'>): Value<'i64'> => ir.i64_shl(exponent, ir.i64_const(FORMATS[size].fraction));
const plusOneHalved = (ir: IrBuilder, n: Value<'i64'>): Value<'i64'> => ir.i64_shr_u(ir.i64_add(n, ir.i64_const(1)), ir.i64_const(1));
const twicePlusOne = (ir: IrBuilder, n: Value<'i64'>): Value<'i64'> => ir.i64_add(ir.i64_shl(n, ir.i64_const(1)), ir.i64_const(1));

const attemptRecip: Attempt = (size) => (ir, a) => {
  const { width, bias } = FORMATS[size];
  const { bits, exponent, fraction } = fieldsOf(ir, size, a as Value);
  const operand = ir.i64_or(fraction(8), ir.i64_const(256));
  const estimate = plusOneHalved(ir, ir.i64_div_u(ir.i64_const(1 << 19), twicePlusOne(ir, operand)));
  const sign = ir.i64_and(bits, ir.i64_const(1n << BigInt(width - 1)));
  const upper = ir.i64_or(sign, inPlace(ir, size, ir.i64_sub(ir.i64_const(2 * bias - 1), exponent)));
  // from 1 to the exponent whose reciprocal has exponent 1
  const unusual = ir.i64_ge_u(ir.i64_sub(exponent, ir.i64_const(1)), ir.i64_const(2 * bias - 2));
  return { value: fromEstimate(ir, size, upper, estimate), doubtful: unusual, raises: unusual };
};

const attemptRsqrt: Attempt = (size) => (ir, a) => {
  const { width, bias } = FORMATS[size];
  const { bits, exponent, fraction } = fieldsOf(ir, size, a as Value);
  const isOdd = ir.i32_wrap_i64(ir.i64_and(exponent, ir.i64_const(1)));
  const one = ir.i64_const(1);
  // the middle of the operand's interval, as rsqrtEstimate has it
  const odd = twicePlusOne(ir, ir.i64_or(fraction(7), ir.i64_const(128)));
  const even = ir.i64_shl(ir.i64_or(ir.i64_or(fraction(8), ir.i64_const(256)), one), one);
  const quotient = ir.i64_div_u(ir.i64_const((1 << 28) - 1), ir.i64_select(isOdd, odd, even));
  const estimate = plusOneHalved(ir, ir.i64_trunc_sat_f64_u(ir.f64_sqrt(ir.f64_convert_i64_u(quotient))));
  const upper = inPlace(ir, size, ir.i64_shr_u(ir.i64_sub(ir.i64_const(3 * bias - 1), exponent), one));
  const outside = ir.i64_ge_u(ir.i64_sub(exponent, one), ir.i64_const(2 * bias));
  const unusual = ir.i32_or(outside, ir.i64_ne(ir.i64_shr_u(bits, ir.i64_const(width - 1)), ir.i64_const(0)));
  return { value: fromEstimate(ir, size, upper, estimate), doubtful: unusual, raises: unusual };
};

export const fmulx = make('MultiplyExtended', 2, multiplyExtended, { attemptAll: extendedProduct });
export const frecps = make('RecipStep', 2, recipStep, { attemptAll: step({ 2: 0x4000_0000, 3: 0x4000_0000_0000_0000n }, false) });
export const frsqrts = make('RsqrtStep', 2, rsqrtStep, { attemptAll: step({ 2: 0x4040_0000, 3: 0x4008_0000_0000_0000n }, true) });
export const frecpe = make('RecipEstimate', 1, recip, { attempt: attemptRecip });
export const frsqrte = make('RsqrtEstimate', 1, rsqrt, { attempt: attemptRsqrt });
export const frecpx = make('RecipExponent', 1, recipExponent);
