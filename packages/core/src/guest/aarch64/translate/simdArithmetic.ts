import { irHelper } from '../../../ir/index.ts';
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
  return sub(ir, size, sshr(ir, size, doubled, 1), signMask(ir, size, shl(ir, size, doubled, bitsOf(size) - 1)));
};
export const urshr: ShiftBy = (ir, size, a, count) => {
  const doubled = ushr(ir, size, a, count - 1);
  if (size < 2) return urhadd(ir, size, doubled, zero(ir));
  return sub(ir, size, ushr(ir, size, doubled, 1), signMask(ir, size, shl(ir, size, doubled, bitsOf(size) - 1)));
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

/** Polynomial product of bytes over {0, 1}: the low 8 bits. */
const polynomialMultiply = irHelper('polynomialMultiply', ['v128', 'v128'], 'v128', (ir, a, b) => {
  let sum = zero(ir);
  for (let bit = 0; bit < 8; bit++) {
    const chosen = signMask(ir, 0, shl(ir, 0, b, 7 - bit));
    sum = ir.v128_xor(sum, ir.v128_and(shl(ir, 0, a, bit), chosen));
  }
  return sum;
});
export const pmul: Binary = (ir, _size, a, b) => ir.helper(polynomialMultiply, a, b);

// Bits within elements

export const cnt: Unary = (ir, _size, a) => ir.i8x16_popcnt(a);
export const not: Unary = (ir, _size, a) => ir.v128_not(a);

/** The bits of each byte in reverse, by tables of reversed nibbles. */
export const rbit: Unary = (ir, _size, a) => {
  const reversed = Array.from({ length: 16 }, (_, n) => ((n & 1) << 3) | ((n & 2) << 1) | ((n & 4) >> 1) | ((n & 8) >> 3));
  const low = ir.i8x16_swizzle(ir.v128_const(reversed.map((n) => n << 4)), ir.v128_and(a, splat(ir, 0, 15)));
  return ir.v128_or(low, ir.i8x16_swizzle(ir.v128_const(reversed), ushr(ir, 0, a, 4)));
};

/** Leading zeros: of nibbles by a table, then of ever larger elements from those of their halves. */
export const clz: Unary = (ir, size, a) => {
  const ofNibble = ir.v128_const([4, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const highNibbles = ushr(ir, 0, a, 4);
  const low = ir.i8x16_swizzle(ofNibble, ir.v128_and(a, splat(ir, 0, 15)));
  let count = ir.i8x16_add(ir.i8x16_swizzle(ofNibble, highNibbles), ir.v128_and(low, cmeq(ir, 0, highNibbles, zero(ir))));
  for (let half = 0; half < size; half++) {
    const high = ushr(ir, half + 1, count, bitsOf(half));
    const lowHalf = ushr(ir, half + 1, shl(ir, half + 1, count, bitsOf(half)), bitsOf(half));
    const highIsZero = cmeq(ir, half + 1, high, splat(ir, half + 1, bitsOf(half)));
    count = add(ir, half + 1, high, ir.v128_and(lowHalf, highIsZero));
  }
  return count;
};

/** Leading sign bits, the sign itself not counted: bits that differ from their left neighbour become ones. */
export const cls: Unary = (ir, size, a) => add(ir, size, clz(ir, size, ir.v128_xor(a, sshr(ir, size, a, 1))), splat(ir, size, -1));

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
