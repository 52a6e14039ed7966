import type { IrBuilder } from '../../../ir/index.ts';
import { srshr, urshr } from './simdArithmetic.ts';
import {
  add,
  type Binary,
  bitsOf,
  cmne,
  mul,
  multiplyLong,
  packHigh,
  type Sign,
  shl,
  shuffleElements,
  signMask,
  splat,
  unzip,
  ushr,
  type V,
  zero,
} from './simdLanes.ts';
import { type Saturated, type SaturatingBinary, signedLimit } from './simdSaturating.ts';

/**
 * Shifts of each element by the signed low byte of the other operand's element: left where it is positive, right where
 * it is negative (SSHL, USHL and their rounding and saturating kinds). Wasm shifts all elements alike, so elements up to
 * words are multiplied by a power of two: the product's low half is the element shifted left, its high half the element
 * shifted right by what the power lacks to the element's width. Doublewords are shifted one by one.
 */

/** In each byte of an element: the low byte of that element. */
const counts = (ir: IrBuilder, size: number, a: V): V => (size === 0 ? a : shuffleElements(ir, 0, a, a, (i) => (i >> size) << size));

/** 2^0 to 2^7. */
const POWERS = [1, 2, 4, 8, 16, 32, 64, 128];

/** 2^(count + offset) in each element, 0 where that is no power the element holds. A table gives each byte its bit. */
function power(ir: IrBuilder, size: number, count: V, offset: number): V {
  const placed = Array.from({ length: 16 }, (_, i) => (offset - 8 * (i & ((1 << size) - 1))) & 255);
  return ir.i8x16_swizzle(ir.v128_const([...POWERS, 0, 0, 0, 0, 0, 0, 0, 0]), ir.i8x16_add(count, ir.v128_const(placed)));
}

/** 2^count where it is from 0 to the element's width, 2^(width + count) where it is from -width to -1, else 0. */
function factors(ir: IrBuilder, size: number, count: V): V {
  if (size > 0) return ir.v128_or(power(ir, size, count, 0), power(ir, size, count, bitsOf(size)));
  return ir.i8x16_swizzle(ir.v128_const([...POWERS, ...POWERS]), ir.i8x16_add(count, splat(ir, 0, 8)));
}

/** Of an element x and its factor: the full products' high halves, plus `rounding` times half of a unit. */
function highProduct(ir: IrBuilder, size: number, x: V, factor: V, rounding: boolean): V {
  const [low, high] = [0, 1].map((part) => {
    const product = multiplyLong(ir, size, 'u', part, x, factor);
    return rounding ? add(ir, size + 1, product, splat(ir, size + 1, 1n << BigInt(bitsOf(size) - 1))) : product;
  }) as [V, V];
  return packHigh(ir, size, low, high);
}

function lowProduct(ir: IrBuilder, size: number, x: V, factor: V): V {
  if (size > 0) return mul(ir, size, x, factor);
  return unzip(ir, 0, 0, multiplyLong(ir, 0, 'u', 0, x, factor), multiplyLong(ir, 0, 'u', 1, x, factor));
}

/** What the kinds of shift share. `left` counts where the shift is to the left, `right` where it is to the right. */
interface Shifted {
  readonly left: V;
  readonly right: V;
  /** For saturating shifts: not zero where a shift to the left by less than the element's width loses bits. */
  readonly lost: V;
}

interface Kind {
  readonly sign: Sign;
  readonly rounding: boolean;
  readonly saturating: boolean;
}

/** Bytes, halfwords and words. `flip` has all ones where x is taken for a negative number: its complement is shifted right. */
function shiftByProduct(ir: IrBuilder, size: number, { sign, rounding, saturating }: Kind, x: V, flip: V, count: V): Shifted {
  const factor = factors(ir, size, count);
  const left = lowProduct(ir, size, x, factor);
  if (sign === 'u') {
    const right = highProduct(ir, size, x, factor, rounding);
    return { left, right, lost: rounding && saturating ? highProduct(ir, size, x, factor, false) : right };
  }
  const magnitude = ir.v128_xor(x, flip);
  if (!rounding && !saturating) return { left, right: ir.v128_xor(highProduct(ir, size, magnitude, factor, false), flip), lost: flip };
  // With one place more, the last bit shifted out to the right is at hand, and the sign bit counts as lost to the left.
  const doubled = highProduct(ir, size, shl(ir, size, magnitude, 1), factor, false);
  const right = rounding ? srshr(ir, size, ir.v128_xor(doubled, flip), 1) : ir.v128_xor(ushr(ir, size, doubled, 1), flip);
  return { left, right, lost: doubled };
}

/** Each doubleword of x shifted by the count that `count` has for it. Wasm takes counts modulo 64. */
function shiftEach(ir: IrBuilder, op: 'i64x2_shl' | 'i64x2_shr_u', x: V, count: V): V {
  const [low, high] = ([0, 8] as const).map((lane) => ir[op](x, ir.i8x16_extract_lane_u(count, lane))) as [V, V];
  return shuffleElements(ir, 3, low, high, (i) => 3 * i);
}

/** Doublewords. */
function shiftDoublewords(ir: IrBuilder, { sign, rounding }: Kind, x: V, flip: V, count: V): Shifted {
  // Counts from -64 to 63; any other shift gives zero, or the sign.
  const near = ir.i8x16_ge_s(ir.i8x16_add(count, splat(ir, 0, 64)), zero(ir));
  const nearX = ir.v128_and(x, near);
  const left = shiftEach(ir, 'i64x2_shl', nearX, count);
  const magnitude = sign === 'u' ? nearX : ir.v128_and(ir.v128_xor(x, flip), near);
  // The complement of a count -n is n - 1, so that the last bit shifted out is at hand; that of a count to the left is
  // 63 less the count, which leaves the bits that the left shift loses, and the highest one kept.
  const doubled = shiftEach(ir, 'i64x2_shr_u', magnitude, ir.v128_not(count));
  if (sign === 'u') {
    const right = rounding ? urshr(ir, 3, doubled, 1) : ushr(ir, 3, doubled, 1);
    return { left, right, lost: rounding ? ushr(ir, 3, doubled, 1) : right };
  }
  const right = rounding ? srshr(ir, 3, ir.v128_xor(doubled, flip), 1) : ir.v128_xor(ushr(ir, 3, doubled, 1), flip);
  return { left, right, lost: doubled };
}

function shift(ir: IrBuilder, size: number, kind: Kind, x: V, countElements: V): Saturated {
  const count = counts(ir, size, countElements);
  const flip = kind.sign === 's' ? signMask(ir, size, x) : zero(ir);
  const { left, right, lost } = size === 3 ? shiftDoublewords(ir, kind, x, flip, count) : shiftByProduct(ir, size, kind, x, flip, count);
  const isRight = ir.i8x16_lt_s(count, zero(ir));
  const value = ir.v128_bitselect(right, left, isRight);
  if (!kind.saturating) return { value, saturated: isRight };
  // Further to the left than the element is wide, every bit is lost.
  const allLost = ir.v128_bitselect(x, lost, ir.i8x16_gt_s(count, splat(ir, 0, bitsOf(size) - 1)));
  const saturated = ir.v128_andnot(cmne(ir, size, allLost, zero(ir)), isRight);
  if (kind.sign === 'u') return { value: ir.v128_or(value, saturated), saturated };
  return { value: ir.v128_bitselect(signedLimit(ir, size, flip), value, saturated), saturated };
}

const shiftBy =
  (sign: Sign, rounding: boolean): Binary =>
  (ir, size, a, countElements) =>
    shift(ir, size, { sign, rounding, saturating: false }, a, countElements).value;
const saturatingShiftBy =
  (sign: Sign, rounding: boolean): SaturatingBinary =>
  (ir, size, a, countElements) =>
    shift(ir, size, { sign, rounding, saturating: true }, a, countElements);

export const sshl = shiftBy('s', false);
export const ushl = shiftBy('u', false);
export const srshl = shiftBy('s', true);
export const urshl = shiftBy('u', true);
export const sqshl = saturatingShiftBy('s', false);
export const uqshl = saturatingShiftBy('u', false);
export const sqrshl = saturatingShiftBy('s', true);
export const uqrshl = saturatingShiftBy('u', true);
