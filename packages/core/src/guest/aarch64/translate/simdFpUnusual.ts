import { type Helper, type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { DOUBLE, SINGLE } from './fpSoftFloat.ts';
import { exactZeroExponent } from './fpZeros.ts';
import type { Shape } from './simdFpLanes.ts';
import { splat, type V, zero } from './simdLanes.ts';

/**
 * Tests of results in all lanes at once, by each lane's upper 16 bits: hosts gather sign bits with one instruction, and
 * saturating subtractions of halfwords bring about sign bits from comparisons. What they do in a lane's other halfwords
 * does not count.
 *
 *     doubled halfword    exponent | upper bits of the fraction | 0        (one bit up: the sign is gone)
 *     ffff .. INFINITE    NaNs and infinities
 *     2 * NORMAL .. 0     denormal numbers, zeros
 */
const LIMITS = {
  /** Doubled: what infinity has; and what the smallest normal number has. */
  f32x4: { infinite: 0xff00, normal: 0x0100 },
  f64x2: { infinite: 0xffe0, normal: 0x0020 },
} as const;

const signs = (ir: IrBuilder, shape: Shape, v: V): Value<'i32'> => (shape === 'f32x4' ? ir.i32x4_bitmask(v) : ir.i64x2_bitmask(v));
/** From here on a fused sum that is zero is exact, see fpZeros.ts. */
const power = (ir: IrBuilder, shape: Shape): V =>
  shape === 'f32x4'
    ? splat(ir, 2, (exactZeroExponent(SINGLE) + SINGLE.bias) << SINGLE.fraction)
    : splat(ir, 3, BigInt(exactZeroExponent(DOUBLE) + DOUBLE.bias) << BigInt(DOUBLE.fraction));
const halfwords = (ir: IrBuilder, n: number): V => splat(ir, 1, n);
const doubled = (ir: IrBuilder, v: V): V => ir.i16x8_add(v, v);

/** Not 0 if a lane of one of the vectors is a denormal number. */
export function anyDenormal(ir: IrBuilder, shape: Shape, ...vectors: V[]): Value<'i32'> {
  const smallestNormal = shape === 'f32x4' ? splat(ir, 2, 0x0080_0000) : splat(ir, 3, 0x0010_0000_0000_0000n);
  const denormal = (v: V): V => ir.v128_and(ir[`${shape}_lt`](ir[`${shape}_abs`](v), smallestNormal), ir[`${shape}_ne`](v, zero(ir)));
  return ir.v128_any_true(vectors.map(denormal).reduce((a, b) => ir.v128_or(a, b)));
}

/** Not 0 if a lane is infinite or a NaN. */
export function anyInfiniteOrNan(ir: IrBuilder, shape: Shape, v: V): Value<'i32'> {
  // at least `infinite` becomes at least 8000
  return signs(ir, shape, ir.i16x8_sub_sat_u(doubled(ir, v), halfwords(ir, LIMITS[shape].infinite - 0x8000)));
}

/**
 * Not 0 if a lane is subnormal, hardly larger than the smallest normal number, infinite or a NaN, or zero where none of
 * `zeroOperands` is (without them: zero).
 */
export function anyUnusual(ir: IrBuilder, shape: Shape, v: V, ...zeroOperands: V[]): Value<'i32'> {
  const unusual = unusualSigns(ir, shape, v);
  if (zeroOperands.length === 0) return signs(ir, shape, unusual);
  const zeroOperand = zeroOperands.map((x) => isZero(ir, shape, x)).reduce((a, b) => ir.v128_or(a, b));
  return signs(ir, shape, ir.v128_andnot(unusual, ir.v128_and(isZero(ir, shape, v), zeroOperand)));
}

const isZero = (ir: IrBuilder, shape: Shape, v: V): V => ir[`${shape}_eq`](v, zero(ir));

/** Sign bits where a lane is zero, subnormal, hardly larger than the smallest normal number, infinite or a NaN. */
function unusualSigns(ir: IrBuilder, shape: Shape, v: V): V {
  const { infinite, normal } = LIMITS[shape];
  // infinity comes to 0, the smallest normal number to `last`; up to there 8000 and more is left
  const toZero = 0x1_0000 - infinite;
  const last = toZero + normal;
  return ir.i16x8_sub_sat_u(halfwords(ir, 0x8000 + last), ir.i16x8_add(doubled(ir, v), halfwords(ir, toZero)));
}

/** (result, addend, a, b), of addend + a * b: as `anyUnusual`, but zeros that are exact are usual. */
const FUSED_IN_DOUBT = { f32x4: fusedInDoubt('f32x4'), f64x2: fusedInDoubt('f64x2') } as const;

function fusedInDoubt(shape: Shape): Helper<readonly ['v128', 'v128', 'v128', 'v128'], 'i32'> {
  return irHelper(`${shape}FusedInDoubt`, ['v128', 'v128', 'v128', 'v128'], 'i32', (ir, result, addend, a, b) => {
    const large = ir[`${shape}_ge`](ir[`${shape}_abs`](addend), power(ir, shape));
    const exact = ir.v128_or(ir.v128_or(isZero(ir, shape, a), isZero(ir, shape, b)), large);
    return signs(ir, shape, ir.v128_andnot(unusualSigns(ir, shape, result), ir.v128_and(isZero(ir, shape, result), exact)));
  });
}

/**
 * Not 0 if a lane of `result`, addend + a * b, is unusual and not an exact zero. Those of sums that cancel are told apart in
 * a helper: they are rarer than those of zero factors.
 */
export function anyFusedInDoubt(ir: IrBuilder, shape: Shape, result: V, addend: V, a: V, b: V): Value<'i32'> {
  return ir.coldHelper(anyUnusual(ir, shape, result, a, b), ir.i32_const(0), FUSED_IN_DOUBT[shape], result, addend, a, b);
}
