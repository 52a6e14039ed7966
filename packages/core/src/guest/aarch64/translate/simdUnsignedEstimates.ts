import type { IrBuilder } from '../../../ir/index.ts';
import { cmge, shl, signMask, splat, type Unary, ushr, type V, zero } from './simdLanes.ts';

/**
 * URECPE and URSQRTE: UnsignedRecipEstimate and UnsignedRSqrtEstimate of Arm ARM J1.3, for words. The estimate is the
 * quotient (or the root's) for the middle of the operand's interval, rounded to 9 bits. Single precision comes near
 * enough to it, for none of them is close to half of a unit.
 */
const SINGLE_2_POW_13 = 0x4600_0000;
const SINGLE_2_POW_18 = 0x4880_0000;
const SINGLE_2_POW_23 = 0x4b00_0000;

/** From quotients of 256 to 511: rounded, to the highest 9 bits. Added to 2^23, they lose their fraction and are the lowest bits of the number. */
const roundedToTop = (ir: IrBuilder, quotient: V): V => shl(ir, 2, ir.f32x4_add(quotient, splat(ir, 2, SINGLE_2_POW_23)), 23);

/** Of numbers from 1/2 on; all ones for those below. */
export const urecpe: Unary = (ir, _size, a) => {
  const middle = ir.v128_or(ushr(ir, 2, a, 22), splat(ir, 2, 1));
  const quotient = ir.f32x4_div(splat(ir, 2, SINGLE_2_POW_18), ir.f32x4_convert_i32x4_s(middle));
  return ir.v128_or(roundedToTop(ir, quotient), cmge(ir, 2, a, zero(ir)));
};

/** Of numbers from 1/4 on; all ones for those below. Intervals are twice as wide from 1/2 on. */
export const ursqrte: Unary = (ir, _size, a) => {
  const bits = ushr(ir, 2, a, 22);
  const narrow = ir.v128_or(bits, splat(ir, 2, 1));
  const wide = ir.v128_or(ir.v128_andnot(bits, splat(ir, 2, 3)), splat(ir, 2, 2));
  const middle = ir.v128_bitselect(wide, narrow, signMask(ir, 2, a));
  const quotient = ir.f32x4_div(splat(ir, 2, SINGLE_2_POW_13), ir.f32x4_sqrt(ir.f32x4_convert_i32x4_s(middle)));
  return ir.v128_or(roundedToTop(ir, quotient), ir.i32x4_lt_u(a, splat(ir, 2, 0x4000_0000)));
};
