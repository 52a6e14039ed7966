import { assert } from '../../../base/index.ts';
import type { FamilyOf, IrBuilder, PureOp, Value } from '../../../ir/index.ts';

/**
 * Elementwise operations by element size, as the manual's `size` field counts it: 0 bytes, 1 halfwords, 2 words,
 * 3 doublewords. One Wasm op wherever Wasm has it, else a short sequence. All work on the full 128 bits.
 */
export type V = Value<'v128'>;
/** Elements `size` of a and b to elements of the same size. */
export type Binary = (ir: IrBuilder, size: number, a: V, b: V) => V;
export type Unary = (ir: IrBuilder, size: number, a: V) => V;
/** As Binary, with the destination's old value d as well. */
export type Accumulating = (ir: IrBuilder, size: number, d: V, a: V, b: V) => V;
/** A shift by a constant, the same in each element: 0 to the element's width in bits. */
export type ShiftBy = (ir: IrBuilder, size: number, a: V, count: number) => V;
/** As ShiftBy, with the destination's old value d as well. */
export type ShiftInto = (ir: IrBuilder, size: number, d: V, a: V, count: number) => V;

type OpWith<A extends readonly string[]> = { [N in PureOp]: FamilyOf<N> extends { args: A; result: 'v128' } ? N : never }[PureOp];
type BinaryOp = OpWith<readonly ['v128', 'v128']>;
type UnaryOp = OpWith<readonly ['v128']>;
type ShiftOp = OpWith<readonly ['v128', 'i32']>;

/** Bits in an element. */
export const bitsOf = (size: number): number => 8 << size;

/** A table of native ops, one an element size, the smallest first. @throws AssertionError (when used) for a size that it lacks */
function binary(...names: readonly (BinaryOp | undefined)[]): Binary {
  return (ir, size, a, b) => {
    const name = names[size];
    assert(name !== undefined, `no vector operation for elements of ${bitsOf(size)} bits`);
    return ir[name](a, b);
  };
}

function unary(...names: readonly (UnaryOp | undefined)[]): Unary {
  return (ir, size, a) => {
    const name = names[size];
    assert(name !== undefined, `no vector operation for elements of ${bitsOf(size)} bits`);
    return ir[name](a);
  };
}

// Constants

export const zero = (ir: IrBuilder): V => ir.v128_words(0, 0, 0, 0);

/** Every element of `size` is `n`, 0 to 2^32 - 1 or negative down to -2^31 (sign-extended to doublewords), or a bigint. */
export function splat(ir: IrBuilder, size: number, n: number | bigint): V {
  const bytes = new Uint8Array(16);
  const value = BigInt.asUintN(64, BigInt(n));
  for (let i = 0; i < 16; i++) bytes[i] = Number((value >> BigInt(8 * (i & ((1 << size) - 1)))) & 0xffn);
  return ir.v128_const(bytes);
}

/**
 * Not 0 if an element of a mask, whose elements are all ones or zero, is zero. By the elements' sign bits, which hosts gather
 * with one instruction.
 */
export function anyFalse(ir: IrBuilder, size: 2 | 3, mask: V): Value<'i32'> {
  return size === 2 ? ir.i32_xor(ir.i32x4_bitmask(mask), ir.i32_const(0xf)) : ir.i32_xor(ir.i64x2_bitmask(mask), ir.i32_const(3));
}

/** Every element has its sign bit alone set. */
export const splatSign = (ir: IrBuilder, size: number): V => splat(ir, size, 1n << BigInt(bitsOf(size) - 1));

// Arithmetic

export const add = binary('i8x16_add', 'i16x8_add', 'i32x4_add', 'i64x2_add');
export const sub = binary('i8x16_sub', 'i16x8_sub', 'i32x4_sub', 'i64x2_sub');
export const abs = unary('i8x16_abs', 'i16x8_abs', 'i32x4_abs', 'i64x2_abs');
export const neg = unary('i8x16_neg', 'i16x8_neg', 'i32x4_neg', 'i64x2_neg');
export const smax = binary('i8x16_max_s', 'i16x8_max_s', 'i32x4_max_s');
export const smin = binary('i8x16_min_s', 'i16x8_min_s', 'i32x4_min_s');
export const umax = binary('i8x16_max_u', 'i16x8_max_u', 'i32x4_max_u');
export const umin = binary('i8x16_min_u', 'i16x8_min_u', 'i32x4_min_u');

const wideMul = binary(undefined, 'i16x8_mul', 'i32x4_mul', 'i64x2_mul');

/** Low half of the products. Bytes are multiplied as halfwords, even and odd ones apart. */
export const mul: Binary = (ir, size, a, b) => {
  if (size !== 0) return wideMul(ir, size, a, b);
  const even = ir.i16x8_mul(a, b);
  const odd = ir.i16x8_mul(ir.i16x8_shr_u(a, ir.i32_const(8)), ir.i16x8_shr_u(b, ir.i32_const(8)));
  return ir.v128_bitselect(even, ir.i16x8_shl(odd, ir.i32_const(8)), splat(ir, 1, 0xff));
};

// Comparisons: all ones or zero

export const cmeq = binary('i8x16_eq', 'i16x8_eq', 'i32x4_eq', 'i64x2_eq');
export const cmne = binary('i8x16_ne', 'i16x8_ne', 'i32x4_ne', 'i64x2_ne');
export const cmgt = binary('i8x16_gt_s', 'i16x8_gt_s', 'i32x4_gt_s', 'i64x2_gt_s');
export const cmge = binary('i8x16_ge_s', 'i16x8_ge_s', 'i32x4_ge_s', 'i64x2_ge_s');

const unsignedGreater = binary('i8x16_gt_u', 'i16x8_gt_u', 'i32x4_gt_u');
const unsignedGreaterOrEqual = binary('i8x16_ge_u', 'i16x8_ge_u', 'i32x4_ge_u');

/** Wasm has no unsigned comparison of doublewords: it is the signed one with sign bits turned over. */
export const cmhi: Binary = (ir, size, a, b) => {
  if (size !== 3) return unsignedGreater(ir, size, a, b);
  const sign = splatSign(ir, 3);
  return ir.i64x2_gt_s(ir.v128_xor(a, sign), ir.v128_xor(b, sign));
};
export const cmhs: Binary = (ir, size, a, b) => {
  if (size !== 3) return unsignedGreaterOrEqual(ir, size, a, b);
  const sign = splatSign(ir, 3);
  return ir.i64x2_ge_s(ir.v128_xor(a, sign), ir.v128_xor(b, sign));
};
export const cmtst: Binary = (ir, size, a, b) => cmne(ir, size, a === b ? a : ir.v128_and(a, b), zero(ir));

// Shifts by a constant

function shiftOp(...names: readonly ShiftOp[]): ShiftBy {
  return (ir, size, a, count) => (count === 0 ? a : ir[names[size] as ShiftOp](a, ir.i32_const(count)));
}
const shiftLeft = shiftOp('i8x16_shl', 'i16x8_shl', 'i32x4_shl', 'i64x2_shl');
const shiftRightSigned = shiftOp('i8x16_shr_s', 'i16x8_shr_s', 'i32x4_shr_s', 'i64x2_shr_s');
const shiftRightUnsigned = shiftOp('i8x16_shr_u', 'i16x8_shr_u', 'i32x4_shr_u', 'i64x2_shr_u');

/** Bytes are shifted as halfwords and masked, as engines do, whose masks are dearer than constants. */
export const shl: ShiftBy = (ir, size, a, count) => {
  if (count >= bitsOf(size)) return zero(ir);
  if (size !== 0 || count === 0) return shiftLeft(ir, size, a, count);
  return count === 1 ? ir.i8x16_add(a, a) : ir.v128_and(shiftLeft(ir, 1, a, count), splat(ir, 0, 0xff << count));
};
export const sshr: ShiftBy = (ir, size, a, count) => shiftRightSigned(ir, size, a, Math.min(count, bitsOf(size) - 1));
export const ushr: ShiftBy = (ir, size, a, count) => {
  if (count >= bitsOf(size)) return zero(ir);
  if (size !== 0 || count === 0) return shiftRightUnsigned(ir, size, a, count);
  return ir.v128_and(shiftRightUnsigned(ir, 1, a, count), splat(ir, 0, 0xff >> count));
};
/** All ones where the element is negative. Few machines shift bytes or doublewords with their sign, so those are compared. */
export const signMask: Unary = (ir, size, a) => (size === 0 || size === 3 ? cmgt(ir, size, zero(ir), a) : sshr(ir, size, a, bitsOf(size)));

// Widening: elements of `size` become elements of twice that size; `high` takes the upper half of the vector

const EXTEND = {
  s: [
    ['i16x8_extend_low_i8x16_s', 'i32x4_extend_low_i16x8_s', 'i64x2_extend_low_i32x4_s'],
    ['i16x8_extend_high_i8x16_s', 'i32x4_extend_high_i16x8_s', 'i64x2_extend_high_i32x4_s'],
  ],
  u: [
    ['i16x8_extend_low_i8x16_u', 'i32x4_extend_low_i16x8_u', 'i64x2_extend_low_i32x4_u'],
    ['i16x8_extend_high_i8x16_u', 'i32x4_extend_high_i16x8_u', 'i64x2_extend_high_i32x4_u'],
  ],
} as const;
const MULTIPLY = {
  s: [
    ['i16x8_extmul_low_i8x16_s', 'i32x4_extmul_low_i16x8_s', 'i64x2_extmul_low_i32x4_s'],
    ['i16x8_extmul_high_i8x16_s', 'i32x4_extmul_high_i16x8_s', 'i64x2_extmul_high_i32x4_s'],
  ],
  u: [
    ['i16x8_extmul_low_i8x16_u', 'i32x4_extmul_low_i16x8_u', 'i64x2_extmul_low_i32x4_u'],
    ['i16x8_extmul_high_i8x16_u', 'i32x4_extmul_high_i16x8_u', 'i64x2_extmul_high_i32x4_u'],
  ],
} as const;

/** Whether elements are signed or unsigned numbers. */
export type Sign = 's' | 'u';

export function extend(ir: IrBuilder, size: number, sign: Sign, high: number, a: V): V {
  const name = EXTEND[sign][high ? 1 : 0][size];
  assert(name !== undefined, 'only bytes, halfwords and words are widened');
  return ir[name](a);
}

/** Full products. */
export function multiplyLong(ir: IrBuilder, size: number, sign: Sign, high: number, a: V, b: V): V {
  const name = MULTIPLY[sign][high ? 1 : 0][size];
  assert(name !== undefined, 'only bytes, halfwords and words are widened');
  return ir[name](a, b);
}

/** Adds neighbours: elements of `size` to half as many elements of twice that size. */
export function addLongPairwise(ir: IrBuilder, size: number, sign: Sign, a: V): V {
  switch (size) {
    case 0:
      return sign === 's' ? ir.i16x8_extadd_pairwise_i8x16_s(a) : ir.i16x8_extadd_pairwise_i8x16_u(a);
    case 1:
      return sign === 's' ? ir.i32x4_extadd_pairwise_i16x8_s(a) : ir.i32x4_extadd_pairwise_i16x8_u(a);
    default: {
      const shift = sign === 's' ? sshr : ushr;
      return ir.i64x2_add(shift(ir, 3, a, 32), shift(ir, 3, shl(ir, 3, a, 32), 32));
    }
  }
}

// Shuffles

/** Bytes of a shuffle that picks elements of `size`: `lanes` number the elements of a, then those of b. */
export function shuffleElements(ir: IrBuilder, size: number, a: V, b: V, lane: (index: number) => number): V {
  const bytes = new Uint8Array(16);
  const mask = (1 << size) - 1;
  for (let i = 0; i < 16; i++) bytes[i] = (lane(i >> size) << size) | (i & mask);
  return ir.i8x16_shuffle(a, b, bytes);
}

/** The low halves of a (to bits 63..0) and b (to bits 127..64). */
export const lowHalves = (ir: IrBuilder, a: V, b: V): V => shuffleElements(ir, 3, a, b, (i) => 2 * i);

/** Every second element of a, then of b: the even ones, or the odd ones. */
export function unzip(ir: IrBuilder, size: number, odd: number, a: V, b: V): V {
  return shuffleElements(ir, size, a, b, (i) => 2 * i + odd);
}

/**
 * Packs the upper half of each element of twice `size`, of a, then of b (or zeros): the odd elements of `size`. Bytes,
 * halfwords and words. By shifts and a pack instruction, which engines turn into fewer machine instructions than a shuffle.
 */
export function packHigh(ir: IrBuilder, size: number, a: V, b?: V): V {
  if (size === 2) return unzip(ir, 2, 1, a, b ?? zero(ir));
  const bits = bitsOf(size);
  const x = ushr(ir, size + 1, a, bits);
  const y = b === undefined ? zero(ir) : a === b ? x : ushr(ir, size + 1, b, bits);
  return size === 0 ? ir.i8x16_narrow_i16x8_u(x, y) : ir.i16x8_narrow_i32x4_u(x, y);
}

// Parts of registers

/** The low `bytes` (1, 2, 4, 8, 16) of a register, the rest zero: what an instruction that writes fewer than 128 bits leaves. */
export function clip(ir: IrBuilder, bytes: number, a: V): V {
  if (bytes === 16) return a;
  if (bytes === 8) return ir.i64x2_replace_lane(a, ir.i64_const(0), 1);
  return ir.v128_and(a, ir.v128_words(bytes === 4 ? -1 : (1 << (8 * bytes)) - 1, 0, 0, 0));
}

/** A 64-bit value in the low half, the rest zero. */
export const fromI64 = (ir: IrBuilder, value: Value<'i64'>): V => ir.i64x2_replace_lane(zero(ir), value, 0);
/** A 32-bit value in the low word, the rest zero. */
export const fromI32 = (ir: IrBuilder, value: Value<'i32'>): V => ir.i32x4_replace_lane(zero(ir), value, 0);

/** Element `lane`, zero- or sign-extended to i64. */
export function elementAsI64(ir: IrBuilder, size: number, sign: Sign, a: V, lane: number): Value<'i64'> {
  if (size === 3) return ir.i64x2_extract_lane(a, lane);
  const value = elementAsI32(ir, size, sign, a, lane);
  return sign === 's' ? ir.i64_extend_i32_s(value) : ir.i64_extend_i32_u(value);
}

/** Element `lane` (at most a word), zero- or sign-extended to i32. */
export function elementAsI32(ir: IrBuilder, size: number, sign: Sign, a: V, lane: number): Value<'i32'> {
  if (size === 2) return ir.i32x4_extract_lane(a, lane);
  if (size === 1) return sign === 's' ? ir.i16x8_extract_lane_s(a, lane) : ir.i16x8_extract_lane_u(a, lane);
  return sign === 's' ? ir.i8x16_extract_lane_s(a, lane) : ir.i8x16_extract_lane_u(a, lane);
}

/** `a` with element `lane` replaced by the low bits of `value`. */
export function withElement(ir: IrBuilder, size: number, a: V, lane: number, value: Value<'i64'>): V {
  return size === 3 ? ir.i64x2_replace_lane(a, value, lane) : withElementI32(ir, size, a, lane, ir.i32_wrap_i64(value));
}

/** As `withElement`, for elements of at most a word. */
export function withElementI32(ir: IrBuilder, size: number, a: V, lane: number, value: Value<'i32'>): V {
  if (size === 2) return ir.i32x4_replace_lane(a, value, lane);
  return size === 1 ? ir.i16x8_replace_lane(a, value, lane) : ir.i8x16_replace_lane(a, value, lane);
}

/** Every element of `size` is the low bits of `value`. */
export function splatValue(ir: IrBuilder, size: number, value: Value<'i64'>): V {
  if (size === 3) return ir.i64x2_splat(value);
  const low = ir.i32_wrap_i64(value);
  return size === 2 ? ir.i32x4_splat(low) : size === 1 ? ir.i16x8_splat(low) : ir.i8x16_splat(low);
}

/** Every element of `size` is element `lane` of a. */
export const splatElement = (ir: IrBuilder, size: number, a: V, lane: number): V => shuffleElements(ir, size, a, a, () => lane);
