import type { IrBuilder } from '../../../ir/index.ts';
import {
  abs,
  add,
  bitsOf,
  cmeq,
  cmhi,
  cmne,
  extend,
  multiplyLong,
  neg,
  packHigh,
  type Sign,
  shl,
  signMask,
  smax,
  smin,
  splat,
  splatSign,
  sshr,
  sub,
  umin,
  unzip,
  ushr,
  type V,
  zero,
} from './simdLanes.ts';

/** What a saturating operation gives: the result, and a vector with some bit set if an element was saturated (FPSR.QC). */
export interface Saturated {
  readonly value: V;
  readonly saturated: V;
}
export type SaturatingUnary = (ir: IrBuilder, size: number, a: V) => Saturated;
export type SaturatingBinary = (ir: IrBuilder, size: number, a: V, b: V) => Saturated;
export type SaturatingShift = (ir: IrBuilder, size: number, a: V, count: number) => Saturated;

/** The largest number (where `negative` has zeros) or the smallest one (where it has ones) of signed elements. */
export const signedLimit = (ir: IrBuilder, size: number, negative: V): V => ir.v128_xor(negative, splat(ir, size, (1n << BigInt(bitsOf(size) - 1)) - 1n));

/** Of native saturating arithmetic: elements differ from the wrapped result where they were saturated. */
const compared = (ir: IrBuilder, value: V, wrapped: V): Saturated => ({ value, saturated: ir.v128_xor(value, wrapped) });

export const sqadd: SaturatingBinary = (ir, size, a, b) => {
  const wrapped = add(ir, size, a, b);
  if (size === 0) return compared(ir, ir.i8x16_add_sat_s(a, b), wrapped);
  if (size === 1) return compared(ir, ir.i16x8_add_sat_s(a, b), wrapped);
  // Overflow: both operands have the sign that the result has not.
  const saturated = signMask(ir, size, ir.v128_and(ir.v128_xor(a, wrapped), ir.v128_xor(b, wrapped)));
  return { value: ir.v128_bitselect(signedLimit(ir, size, signMask(ir, size, a)), wrapped, saturated), saturated };
};

export const sqsub: SaturatingBinary = (ir, size, a, b) => {
  const wrapped = sub(ir, size, a, b);
  if (size === 0) return compared(ir, ir.i8x16_sub_sat_s(a, b), wrapped);
  if (size === 1) return compared(ir, ir.i16x8_sub_sat_s(a, b), wrapped);
  // Overflow: the operands have different signs, and the result has not a's.
  const saturated = signMask(ir, size, ir.v128_and(ir.v128_xor(a, b), ir.v128_xor(a, wrapped)));
  return { value: ir.v128_bitselect(signedLimit(ir, size, signMask(ir, size, a)), wrapped, saturated), saturated };
};

export const uqadd: SaturatingBinary = (ir, size, a, b) => {
  const wrapped = add(ir, size, a, b);
  if (size === 0) return compared(ir, ir.i8x16_add_sat_u(a, b), wrapped);
  if (size === 1) return compared(ir, ir.i16x8_add_sat_u(a, b), wrapped);
  const saturated = cmhi(ir, size, a, wrapped);
  return { value: ir.v128_or(wrapped, saturated), saturated };
};

export const uqsub: SaturatingBinary = (ir, size, a, b) => {
  const wrapped = sub(ir, size, a, b);
  if (size === 0) return compared(ir, ir.i8x16_sub_sat_u(a, b), wrapped);
  if (size === 1) return compared(ir, ir.i16x8_sub_sat_u(a, b), wrapped);
  const saturated = cmhi(ir, size, b, a);
  return { value: ir.v128_andnot(wrapped, saturated), saturated };
};

/** d signed, n unsigned, result signed: the unsigned sum with the range moved up by half of it. */
export const suqadd: SaturatingBinary = (ir, size, d, n) => {
  const sign = splatSign(ir, size);
  const { value, saturated } = uqadd(ir, size, ir.v128_xor(d, sign), n);
  return { value: ir.v128_xor(value, sign), saturated };
};

/** d unsigned, n signed, result unsigned. */
export const usqadd: SaturatingBinary = (ir, size, d, n) => {
  const wrapped = add(ir, size, d, n);
  if (size < 2) {
    const none = zero(ir);
    const [up, down] = [smax(ir, size, n, none), neg(ir, size, smin(ir, size, n, none))];
    if (size === 0) return compared(ir, ir.i8x16_sub_sat_u(ir.i8x16_add_sat_u(d, up), down), wrapped);
    return compared(ir, ir.i16x8_sub_sat_u(ir.i16x8_add_sat_u(d, up), down), wrapped);
  }
  // A sum below d is right where n is negative, and only there.
  const negative = signMask(ir, size, n);
  const saturated = ir.v128_xor(cmhi(ir, size, d, wrapped), negative);
  return { value: ir.v128_bitselect(ir.v128_not(negative), wrapped, saturated), saturated };
};

/** The absolute value of the smallest number is that number still: it becomes the largest one. */
export const sqabs: SaturatingUnary = (ir, size, a) => {
  const magnitude = abs(ir, size, a);
  const saturated = signMask(ir, size, magnitude);
  return { value: ir.v128_xor(magnitude, saturated), saturated };
};

export const sqneg: SaturatingUnary = (ir, size, a) => {
  const negated = neg(ir, size, a);
  const saturated = signMask(ir, size, ir.v128_and(a, negated));
  return { value: ir.v128_xor(negated, saturated), saturated };
};

// Products doubled; only the product of two smallest numbers does not fit

export const bothSmallest: (ir: IrBuilder, size: number, a: V, b: V) => V = (ir, size, a, b) => {
  const smallest = splatSign(ir, size);
  const isSmallest = cmeq(ir, size, a, smallest);
  return a === b ? isSmallest : ir.v128_and(isSmallest, cmeq(ir, size, b, smallest));
};

/** High half of the doubled product, halfwords or words. */
const doublingMultiplyHigh =
  (rounding: boolean): SaturatingBinary =>
  (ir, size, a, b) => {
    const saturated = bothSmallest(ir, size, a, b);
    if (size === 1 && rounding) return { value: ir.i16x8_q15mulr_sat_s(a, b), saturated };
    if (size === 1) {
      const [low, high] = [0, 1].map((part) => sshr(ir, 2, multiplyLong(ir, 1, 's', part, a, b), 15)) as [V, V];
      return { value: ir.i16x8_narrow_i32x4_s(low, high), saturated };
    }
    const half = (high: number): V => {
      const product = shl(ir, size + 1, multiplyLong(ir, size, 's', high, a, b), 1);
      return rounding ? add(ir, size + 1, product, splat(ir, size + 1, 1n << BigInt(bitsOf(size) - 1))) : product;
    };
    // The doubled product wraps to the smallest number where it does not fit; turning every bit over makes the largest.
    return { value: ir.v128_xor(packHigh(ir, size, half(0), half(1)), saturated), saturated };
  };
export const sqdmulh = doublingMultiplyHigh(false);
export const sqrdmulh = doublingMultiplyHigh(true);

/** SQDMULL: halfwords or words of the low or high half to doubled products of twice that size. */
export function doublingMultiplyLong(ir: IrBuilder, size: number, high: number, a: V, b: V): Saturated {
  const product = shl(ir, size + 1, multiplyLong(ir, size, 's', high, a, b), 1);
  const saturated = cmeq(ir, size + 1, product, splatSign(ir, size + 1));
  return { value: ir.v128_xor(product, saturated), saturated };
}

// Shifts left by a constant: saturated where shifting back does not give the operand

export const sqshlBy: SaturatingShift = (ir, size, a, count) => {
  const shifted = shl(ir, size, a, count);
  const saturated = cmne(ir, size, sshr(ir, size, shifted, count), a);
  return { value: ir.v128_bitselect(signedLimit(ir, size, signMask(ir, size, a)), shifted, saturated), saturated };
};
export const uqshlBy: SaturatingShift = (ir, size, a, count) => {
  const shifted = shl(ir, size, a, count);
  const saturated = cmne(ir, size, ushr(ir, size, shifted, count), a);
  return { value: ir.v128_or(shifted, saturated), saturated };
};
/** SQSHLU: signed operand, unsigned result. */
export const sqshluBy: SaturatingShift = (ir, size, a, count) => {
  const negative = signMask(ir, size, a);
  const { value, saturated } = uqshlBy(ir, size, ir.v128_andnot(a, negative), count);
  return { value, saturated: ir.v128_or(saturated, negative) };
};

// Narrowing: elements of twice `size` to elements of `size` in the low half, the high half zero

/** Which numbers go in and come out of a narrowing that saturates. */
export type Narrowing = 'signed' | 'signedToUnsigned' | 'unsigned';

function narrowNative(ir: IrBuilder, size: number, kind: Narrowing, a: V): V {
  // The pack instructions take signed elements, so unsigned ones are first brought below their limit.
  const operand = kind === 'unsigned' ? umin(ir, size + 1, a, splat(ir, size + 1, (1 << bitsOf(size)) - 1)) : a;
  if (size === 0) return kind === 'signed' ? ir.i8x16_narrow_i16x8_s(operand, zero(ir)) : ir.i8x16_narrow_i16x8_u(operand, zero(ir));
  return kind === 'signed' ? ir.i16x8_narrow_i32x4_s(operand, zero(ir)) : ir.i16x8_narrow_i32x4_u(operand, zero(ir));
}

function narrowDoublewords(ir: IrBuilder, kind: Narrowing, a: V): Saturated {
  const words = unzip(ir, 2, 0, a, zero(ir));
  const highWords = unzip(ir, 2, 1, a, zero(ir));
  if (kind === 'signed') {
    const fits = cmeq(ir, 2, highWords, signMask(ir, 2, words));
    return { value: ir.v128_bitselect(words, signedLimit(ir, 2, signMask(ir, 2, highWords)), fits), saturated: ir.v128_not(fits) };
  }
  const saturated = cmne(ir, 2, highWords, zero(ir));
  if (kind === 'unsigned') return { value: ir.v128_or(words, saturated), saturated };
  return { value: ir.v128_andnot(ir.v128_or(words, saturated), signMask(ir, 2, highWords)), saturated };
}

export function narrowSaturating(ir: IrBuilder, size: number, kind: Narrowing, a: V): Saturated {
  if (size === 2) return narrowDoublewords(ir, kind, a);
  const narrowed = narrowNative(ir, size, kind, a);
  const sign: Sign = kind === 'signed' ? 's' : 'u';
  return { value: narrowed, saturated: ir.v128_xor(extend(ir, size, sign, 0, narrowed), a) };
}
