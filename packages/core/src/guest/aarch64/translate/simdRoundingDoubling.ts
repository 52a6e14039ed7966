import type { IrBuilder } from '../../../ir/index.ts';
import { type SecondOperand, setSaturated, type Translate, type Width, widthOf } from './simdForms.ts';
import { add, clip, cmeq, multiplyLong, neg, packHigh, shl, signMask, splat, splatSign, sub, type V } from './simdLanes.ts';
import { bothSmallest, type Saturated, signedLimit, sqadd } from './simdSaturating.ts';

/**
 * FEAT_RDM: the destination plus or minus the doubled product's high half, rounded as one sum and saturated. The
 * destination counts whole units of the high half, so that rounding concerns the product alone.
 */
type SaturatingAccumulating = (ir: IrBuilder, size: number, d: V, a: V, b: V) => Saturated;

/** High words of the rounded doubled products, or of their negatives. Of two smallest numbers the product wraps: 2^31 becomes -2^31. */
function roundedHighWords(ir: IrBuilder, negative: boolean, a: V, b: V): V {
  const half = splat(ir, 3, 1n << 30n);
  const [low, high] = [0, 1].map((part) => {
    const product = multiplyLong(ir, 2, 's', part, a, b);
    return shl(ir, 3, negative ? sub(ir, 3, half, product) : add(ir, 3, half, product), 1);
  }) as [V, V];
  return packHigh(ir, 2, low, high);
}

/** Halfwords or words. The product of two smallest numbers is one more than the largest number: a case apart. */
export const sqrdmlah: SaturatingAccumulating = (ir, size, d, a, b) => {
  const both = bothSmallest(ir, size, a, b);
  if (size === 1) {
    // Their product is taken for the largest number; the 1 that is missing is added apart.
    const product = ir.i16x8_q15mulr_sat_s(a, b);
    const value = ir.i16x8_sub_sat_s(ir.i16x8_add_sat_s(d, product), both);
    const wrapped = ir.i16x8_sub(ir.i16x8_add(d, product), both);
    return { value, saturated: ir.v128_xor(value, wrapped) };
  }
  const product = roundedHighWords(ir, false, a, b);
  const wrapped = ir.i32x4_add(d, product);
  // Overflow: destination and product have the sign that the sum has not. The wrapped product has the wrong sign.
  const sign = ir.v128_xor(ir.v128_xor(product, both), wrapped);
  const saturated = signMask(ir, 2, ir.v128_and(ir.v128_xor(d, wrapped), sign));
  return { value: ir.v128_bitselect(signedLimit(ir, 2, signMask(ir, 2, d)), wrapped, saturated), saturated };
};

/** Halfwords or words. The negative product always fits. */
export const sqrdmlsh: SaturatingAccumulating = (ir, size, d, a, b) => {
  if (size === 2) return sqadd(ir, 2, d, roundedHighWords(ir, true, a, b));
  // The smallest number has no negative: its negative product is the other factor.
  const product = ir.i16x8_q15mulr_sat_s(neg(ir, 1, a), b);
  return sqadd(ir, 1, d, ir.v128_bitselect(b, product, cmeq(ir, 1, a, splatSign(ir, 1))));
};

interface Fields extends Width {
  readonly rn: number;
  readonly rd: number;
}

/** With d and n cut to the instruction's width, elements beyond it are zero and do not saturate. */
export const accumulateDoublingByElement =
  <F>(op: SaturatingAccumulating, second: SecondOperand<F>): Translate<Fields & F> =>
  (t, f) => {
    const width = widthOf(f);
    setSaturated(t, f.rd, op(t.ir, f.size, clip(t.ir, width, t.v(f.rd)), clip(t.ir, width, t.v(f.rn)), second(t, f)));
  };

export const accumulateDoubling = (op: SaturatingAccumulating): Translate<Fields & { rm: number }> =>
  accumulateDoublingByElement<{ rm: number }>(op, (t, { rm }) => t.v(rm));
