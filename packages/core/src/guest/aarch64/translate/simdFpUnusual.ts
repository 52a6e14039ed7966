import type { IrBuilder, Value } from '../../../ir/index.ts';
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
const halfwords = (ir: IrBuilder, n: number): V => splat(ir, 1, n);
const doubled = (ir: IrBuilder, v: V): V => ir.i16x8_add(v, v);

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
  const { infinite, normal } = LIMITS[shape];
  // infinity comes to 0, the smallest normal number to `last`; up to there 8000 and more is left
  const toZero = 0x1_0000 - infinite;
  const last = toZero + normal;
  const unusual = ir.i16x8_sub_sat_u(halfwords(ir, 0x8000 + last), ir.i16x8_add(doubled(ir, v), halfwords(ir, toZero)));
  if (zeroOperands.length === 0) return signs(ir, shape, unusual);
  const isZero = (x: V): V => ir[`${shape}_eq`](x, zero(ir));
  const zeroOperand = zeroOperands.map(isZero).reduce((a, b) => ir.v128_or(a, b));
  return signs(ir, shape, ir.v128_andnot(unusual, ir.v128_and(isZero(v), zeroOperand)));
}
