import {
  type Accumulating,
  add,
  type Binary,
  bitsOf,
  cmeq,
  packHigh,
  type ShiftBy,
  type ShiftInto,
  shl,
  shuffleElements,
  signMask,
  smax,
  smin,
  splat,
  sshr,
  sub,
  type Unary,
  umax,
  umin,
  unzip,
  ushr,
  zero,
} from './simdLanes.ts';

/** Integer operations of AdvSIMD that are one element to one element and do not saturate, by the manual's names. */

/** a AND NOT b, element sizes aside. */
export const bic: Binary = (ir, _size, a, b) => ir.v128_andnot(a, b);
export const and: Binary = (ir, _size, a, b) => ir.v128_and(a, b);
/** ORR with both operands the same register is MOV. */
export const orr: Binary = (ir, _size, a, b) => (a === b ? a : ir.v128_or(a, b));
export const orn: Binary = (ir, _size, a, b) => ir.v128_or(a, ir.v128_not(b));
export const eor: Binary = (ir, _size, a, b) => (a === b ? zero(ir) : ir.v128_xor(a, b));

export const sabd: Binary = (ir, size, a, b) => sub(ir, size, smax(ir, size, a, b), smin(ir, size, a, b));
export const uabd: Binary = (ir, size, a, b) => sub(ir, size, umax(ir, size, a, b), umin(ir, size, a, b));

// Halving: a + b = 2 (a AND b) + (a EOR b) = 2 (a OR b) - (a EOR b), and a - b = (a EOR b) - 2 (b AND NOT a); no carry is lost

const halvingAdd =
  (shift: ShiftBy): Binary =>
  (ir, size, a, b) =>
    add(ir, size, ir.v128_and(a, b), shift(ir, size, ir.v128_xor(a, b), 1));
const halvingSub =
  (shift: ShiftBy): Binary =>
  (ir, size, a, b) =>
    sub(ir, size, shift(ir, size, ir.v128_xor(a, b), 1), ir.v128_andnot(b, a));
const roundingHalvingAdd =
  (shift: ShiftBy): Binary =>
  (ir, size, a, b) =>
    sub(ir, size, ir.v128_or(a, b), shift(ir, size, ir.v128_xor(a, b), 1));

export const shadd = halvingAdd(sshr);
export const uhadd = halvingAdd(ushr);
export const shsub = halvingSub(sshr);
export const uhsub = halvingSub(ushr);
export const srhadd = roundingHalvingAdd(sshr);
export const urhadd: Binary = (ir, size, a, b) =>
  size === 0 ? ir.i8x16_avgr_u(a, b) : size === 1 ? ir.i16x8_avgr_u(a, b) : roundingHalvingAdd(ushr)(ir, size, a, b);

// Shifts right that round: the last bit shifted out is added

export const srshr: ShiftBy = (ir, size, a, count) => {
  const doubled = sshr(ir, size, a, count - 1);
  return add(ir, size, sshr(ir, size, doubled, 1), ir.v128_and(doubled, splat(ir, size, 1)));
};
export const urshr: ShiftBy = (ir, size, a, count) => {
  const doubled = ushr(ir, size, a, count - 1);
  if (size < 2) return urhadd(ir, size, doubled, zero(ir));
  return add(ir, size, ushr(ir, size, doubled, 1), ir.v128_and(doubled, splat(ir, size, 1)));
};

/**
 * An operation on neighbouring elements of a, then of b. Elements up to a halfword stay in place: with the vector
 * shifted by one element, the upper one of each pair gets the pair's result.
 */
export const pairwise =
  (op: Binary): Binary =>
  (ir, size, a, b) => {
    if (size >= 2) return op(ir, size, unzip(ir, size, 0, a, b), unzip(ir, size, 1, a, b));
    const x = op(ir, size, a, shl(ir, size + 1, a, bitsOf(size)));
    return packHigh(ir, size, x, a === b ? x : op(ir, size, b, shl(ir, size + 1, b, bitsOf(size))));
  };

// Bits within elements

export const cnt: Unary = (ir, _size, a) => ir.i8x16_popcnt(a);
export const not: Unary = (ir, _size, a) => ir.v128_not(a);

/** The bits of each byte in reverse, by tables of reversed nibbles. */
export const rbit: Unary = (ir, _size, a) => {
  const reversed = Array.from({ length: 16 }, (_, n) => ((n & 1) << 3) | ((n & 2) << 1) | ((n & 4) >> 1) | ((n & 8) >> 3));
  const low = ir.i8x16_swizzle(ir.v128_const(reversed.map((n) => n << 4)), ir.v128_and(a, splat(ir, 0, 15)));
  return ir.v128_or(low, ir.i8x16_swizzle(ir.v128_const(reversed), ushr(ir, 0, a, 4)));
};

/**
 * Leading zeros. Those of words from the exponent of the number in single precision: with the bit below the highest one
 * cleared, rounding to it does not reach the next power of two; words with the sign bit set become negative numbers.
 * Those of bytes by tables of nibbles (the low one's counts only if the high one is zero, and its look-up gives zero
 * otherwise), and from them those of halfwords.
 */
export const clz: Unary = (ir, size, a) => {
  if (size === 2) {
    const float = ir.f32x4_convert_i32x4_s(ir.v128_andnot(a, ushr(ir, 2, a, 1)));
    const count = sub(ir, 2, splat(ir, 2, 158), ushr(ir, 2, float, 23));
    return smax(ir, 2, smin(ir, 2, count, splat(ir, 2, 32)), zero(ir));
  }
  const ofHigh = ir.i8x16_swizzle(ir.v128_const([4, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]), ushr(ir, 0, a, 4));
  const ofLow = ir.i8x16_swizzle(ir.v128_const([4, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]), a);
  const count = add(ir, 0, ofHigh, ofLow);
  if (size === 0) return count;
  // The low byte counts where the high one is all zeros.
  const highIsZero = ushr(ir, 1, cmeq(ir, 0, count, splat(ir, 0, 8)), 8);
  return add(ir, 1, ushr(ir, 1, count, 8), ir.v128_and(count, highIsZero));
};

/** Leading sign bits, the sign itself not counted: leading zeros of the number, or of its complement if it is negative. */
export const cls: Unary = (ir, size, a) => add(ir, size, clz(ir, size, ir.v128_xor(a, signMask(ir, size, a))), splat(ir, size, -1));

/** The elements of `size` in reverse order within each container of `bytes` bytes. */
export const reverse =
  (bytes: number): Unary =>
  (ir, size, a) =>
    shuffleElements(ir, size, a, a, (i) => i ^ ((bytes >> size) - 1));

// Shifts that insert, and accumulation

/** SLI: the low `count` bits of the destination stay. */
export const sli: ShiftInto = (ir, size, d, n, count) =>
  count === 0 ? n : ir.v128_or(shl(ir, size, n, count), ir.v128_and(d, splat(ir, size, (1n << BigInt(count)) - 1n)));

/** SRI: the high `count` bits of the destination stay. */
export const sri: ShiftInto = (ir, size, d, n, count) => {
  const kept = ((1n << BigInt(count)) - 1n) << BigInt(bitsOf(size) - count);
  return ir.v128_or(ushr(ir, size, n, count), ir.v128_and(d, splat(ir, size, kept)));
};

/** The old destination plus the result of a shift: SSRA and the like. */
export const plusShifted =
  (shift: ShiftBy): ShiftInto =>
  (ir, size, d, n, count) =>
    add(ir, size, d, shift(ir, size, n, count));

/** The old destination plus the result of an operation: MLA, SABA and the like. */
export const plus =
  (op: Binary): Accumulating =>
  (ir, size, d, a, b) =>
    add(ir, size, d, op(ir, size, a, b));
export const minus =
  (op: Binary): Accumulating =>
  (ir, size, d, a, b) =>
    sub(ir, size, d, op(ir, size, a, b));
