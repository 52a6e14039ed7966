import type { IrBuilder, Value } from '../../../ir/index.ts';
import type { Outcome } from './fpOperation.ts';
import { extend, splat, type V, zero } from './simdLanes.ts';

/**
 * Vectors of halves by way of singles, which have the 2 * 11 + 2 bits that a sum, product, quotient or square root of
 * halves may be rounded to before it is rounded to a half; a fused sum is rounded to odd in between.
 */

const ONE = 127;
/** The bits of a single that is a power of two, in each lane. */
const powers = (ir: IrBuilder, exponent: number): V => splat(ir, 2, (ONE + exponent) << 23);

/** Four halves, the low or the high ones, as singles of the same value; a NaN's payload and quiet bit stay. */
export function widenHalves(ir: IrBuilder, high: number, halves: V): V {
  // sign, exponent and fraction where a single has them; copies of the sign in between are masked out
  const bits = ir.v128_and(ir.i32x4_shl(extend(ir, 1, 's', high, halves), ir.i32_const(13)), splat(ir, 2, 0x8fff_e000));
  // the multiplication aligns the exponents exactly, and makes denormals normal
  const scaled = ir.f32x4_mul(bits, powers(ir, 112));
  const notFinite = ir.f32x4_ge(ir.f32x4_abs(scaled), powers(ir, 16));
  return ir.v128_or(scaled, ir.v128_and(notFinite, splat(ir, 2, 0x7f80_0000)));
}

/**
 * Singles rounded to halves, ties to even, in the low half of each word. NaNs become infinite, and no number but zero
 * becomes zero: the smallest denormal stands for smaller ones, since all denormals are in doubt.
 */
export function roundToHalves(ir: IrBuilder, v: V): V {
  const nonzero = ir.v128_and(ir.f32x4_ne(v, zero(ir)), powers(ir, -24));
  // 65536 has the bits of infinity
  const magnitude = ir.f32x4_pmax(ir.f32x4_pmin(powers(ir, 16), ir.f32x4_abs(v)), nonzero);
  const power = ir.v128_and(magnitude, splat(ir, 2, 0x7f80_0000));
  // 2^13 times the magnitude's power of two has its last place where the half's is, 1/2 where the denormals' is
  const aligner = ir.f32x4_pmax(ir.i32x4_add(power, splat(ir, 2, 13 << 23)), powers(ir, -1));
  const rounded = ir.f32x4_sub(ir.f32x4_add(magnitude, aligner), aligner);
  const bits = ir.i32x4_shr_u(ir.f32x4_mul(rounded, powers(ir, -112)), ir.i32_const(13));
  return ir.v128_or(bits, ir.v128_and(ir.i32x4_shr_u(v, ir.i32_const(16)), splat(ir, 2, 0x8000)));
}

/** a + b of singles rounded to odd where it is below 2^127: where the sum to nearest is inexact and even, the odd neighbour on the exact sum's side. */
export function addToOdd(ir: IrBuilder, a: V, b: V): V {
  const sum = ir.f32x4_add(a, b);
  const bPart = ir.f32x4_sub(sum, a);
  const error = ir.f32x4_add(ir.f32x4_sub(b, bPart), ir.f32x4_sub(a, ir.f32x4_sub(sum, bPart)));
  const even = ir.i32x4_eq(ir.v128_and(sum, splat(ir, 2, 1)), zero(ir));
  const wrong = ir.v128_and(even, ir.f32x4_gt(ir.f32x4_abs(error), zero(ir)));
  const away = ir.v128_or(ir.i32x4_shr_s(ir.v128_xor(sum, error), ir.i32_const(31)), splat(ir, 2, 1));
  return ir.i32x4_add(sum, ir.v128_and(away, wrong));
}

/** Not 0 if a half is denormal, the smallest normal number, infinite or a NaN. */
export function anyUnusualHalf(ir: IrBuilder, halves: V): Value<'i32'> {
  const magnitude = ir.v128_and(halves, splat(ir, 1, 0x7fff));
  const normal = ir.i16x8_lt_u(ir.i16x8_sub(magnitude, splat(ir, 1, 0x0401)), splat(ir, 1, 0x7c00 - 0x0401));
  return ir.i32_eqz(ir.i16x8_all_true(ir.v128_or(normal, ir.i16x8_eq(magnitude, zero(ir)))));
}

/** Not 0 if a half is a NaN. */
export function anyNanHalf(ir: IrBuilder, ...vectors: V[]): Value<'i32'> {
  const nans = vectors.map((v) => ir.i16x8_gt_s(ir.v128_and(v, splat(ir, 1, 0x7fff)), splat(ir, 1, 0x7c00)));
  return ir.v128_any_true(nans.reduce((a, b) => ir.v128_or(a, b)));
}

type OnSingles = (ir: IrBuilder, ...singles: V[]) => V;
type Attempt = (ir: IrBuilder, ...vectors: V[]) => Outcome<'v128'>;

/**
 * The short way of an operation that rounds, by what it does to singles: of eight halves, or of the low four. A zero
 * result must be exact, but for those that `compute` makes of numbers too small for a half.
 */
export function roundingAttempts(compute: OnSingles): { readonly low: Attempt; readonly all: Attempt } {
  const part = (ir: IrBuilder, high: number, halves: readonly V[]): V => roundToHalves(ir, compute(ir, ...halves.map((v) => widenHalves(ir, high, v))));
  const outcome = (ir: IrBuilder, low: V, high: V): Outcome<'v128'> => {
    const value = ir.i16x8_narrow_i32x4_u(low, high);
    const unusual = anyUnusualHalf(ir, value);
    return { value, doubtful: unusual, raises: unusual };
  };
  return {
    low: (ir, ...halves) => outcome(ir, part(ir, 0, halves), zero(ir)),
    all: (ir, ...halves) => outcome(ir, part(ir, 0, halves), part(ir, 1, halves)),
  };
}

/** The larger or the smaller halves, -0 below +0: as integers whose order is that of the numbers. */
export function extremeHalves(ir: IrBuilder, max: boolean, a: V, b: V): Outcome<'v128'> {
  const ordered = (v: V): V => ir.v128_xor(v, ir.v128_and(ir.i16x8_shr_s(v, ir.i32_const(15)), splat(ir, 1, 0x7fff)));
  const [x, y] = [ordered(a), ordered(b)];
  const nan = anyNanHalf(ir, a, b);
  return { value: ordered(max ? ir.i16x8_max_s(x, y) : ir.i16x8_min_s(x, y)), doubtful: nan, raises: nan };
}
