import type { LaneFunctions, PureFunctions, VectorOp } from './bits.ts';
import { popcount } from './integer.ts';

/** Lane width in bits. */
export type Width = 8 | 16 | 32 | 64;
type Vector = Uint8Array;
type Read = (v: Vector) => bigint[];

function lanes(width: Width, v: Vector): bigint[] {
  const view = new DataView(v.buffer, v.byteOffset, 16);
  const result: bigint[] = [];
  for (let at = 0; at < 16; at += width / 8) {
    if (width === 8) result.push(BigInt(view.getUint8(at)));
    else if (width === 16) result.push(BigInt(view.getUint16(at, true)));
    else if (width === 32) result.push(BigInt(view.getUint32(at, true)));
    else result.push(view.getBigUint64(at, true));
  }
  return result;
}

/** Lanes as unsigned integers, lane 0 first. */
export const unsigned =
  (width: Width): Read =>
  (v) =>
    lanes(width, v);
/** Lanes as signed integers, lane 0 first. */
export const signed =
  (width: Width): Read =>
  (v) =>
    lanes(width, v).map((lane) => BigInt.asIntN(width, lane));

/** A vector from its lanes, each wrapped to `width` bits; lanes that are not given are zero. */
export function vector(width: Width, values: readonly bigint[]): Vector {
  const result = new Uint8Array(16);
  const view = new DataView(result.buffer);
  values.forEach((value, i) => {
    const at = (i * width) / 8;
    if (width === 64) view.setBigUint64(at, BigInt.asUintN(64, value), true);
    else if (width === 32) view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
    else if (width === 16) view.setUint16(at, Number(BigInt.asUintN(16, value)), true);
    else view.setUint8(at, Number(BigInt.asUintN(8, value)));
  });
  return result;
}

const u8 = unsigned(8);
const u16 = unsigned(16);
const u32 = unsigned(32);
const u64 = unsigned(64);
const s8 = signed(8);
const s16 = signed(16);
const s32 = signed(32);
const s64 = signed(64);

type Binary = (a: bigint, b: bigint) => bigint;
type Relation = (a: bigint, b: bigint) => boolean;

const map1 =
  (width: Width, read: Read, f: (a: bigint) => bigint) =>
  (v: Vector): Vector =>
    vector(width, read(v).map(f));

function map2(width: Width, read: Read, f: Binary) {
  return (v: Vector, w: Vector): Vector => {
    const b = read(w);
    return vector(
      width,
      read(v).map((a, i) => f(a, b[i])),
    );
  };
}

const compare = (width: Width, read: Read, f: Relation) => map2(width, read, (a, b) => (f(a, b) ? -1n : 0n));
const shift =
  (width: Width, read: Read, f: Binary) =>
  (v: Vector, count: number): Vector =>
    vector(
      width,
      read(v).map((a) => f(a, BigInt(count & (width - 1)))),
    );

const clamp = (n: bigint, min: bigint, max: bigint): bigint => (n < min ? min : n > max ? max : n);
const toSigned = (width: number, n: bigint): bigint => clamp(n, -(1n << BigInt(width - 1)), (1n << BigInt(width - 1)) - 1n);
const toUnsigned = (width: number, n: bigint): bigint => clamp(n, 0n, (1n << BigInt(width)) - 1n);
const saturating = (width: Width, read: Read, limit: typeof toSigned, f: Binary) => map2(width, read, (a, b) => limit(width, f(a, b)));
const narrow =
  (width: Width, read: Read, limit: typeof toSigned) =>
  (v: Vector, w: Vector): Vector =>
    vector(
      width,
      [...read(v), ...read(w)].map((n) => limit(width, n)),
    );

const add: Binary = (a, b) => a + b;
const sub: Binary = (a, b) => a - b;
const mul: Binary = (a, b) => a * b;
// biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint
const min: Binary = (a, b) => (a < b ? a : b);
// biome-ignore lint/complexity/useMathMinMax: Math.max takes no bigint
const max: Binary = (a, b) => (a > b ? a : b);
const average: Binary = (a, b) => (a + b + 1n) >> 1n;
const left: Binary = (a, b) => a << b;
const right: Binary = (a, b) => a >> b;
const abs = (a: bigint): bigint => (a < 0n ? -a : a);
const neg = (a: bigint): bigint => -a;
const eq: Relation = (a, b) => a === b;
const ne: Relation = (a, b) => a !== b;
const lt: Relation = (a, b) => a < b;
const gt: Relation = (a, b) => a > b;
const le: Relation = (a, b) => a <= b;
const ge: Relation = (a, b) => a >= b;

const lowHalf = (values: readonly bigint[]): bigint[] => values.slice(0, values.length / 2);
const highHalf = (values: readonly bigint[]): bigint[] => values.slice(values.length / 2);
/** `width` is that of the result. */
const extend =
  (width: Width, read: Read, half: typeof lowHalf) =>
  (v: Vector): Vector =>
    vector(width, half(read(v)));
const multiplyHalf =
  (width: Width, read: Read, half: typeof lowHalf) =>
  (v: Vector, w: Vector): Vector => {
    const b = half(read(w));
    return vector(
      width,
      half(read(v)).map((a, i) => a * b[i]),
    );
  };
const pairs = (values: readonly bigint[]): bigint[] => lowHalf(values).map((_, i) => values[2 * i] + values[2 * i + 1]);
const addPairs =
  (width: Width, read: Read) =>
  (v: Vector): Vector =>
    vector(width, pairs(read(v)));

const bitwise =
  (f: (a: number, b: number) => number) =>
  (v: Vector, w: Vector): Vector =>
    v.map((a, i) => f(a, w[i]));
const anyTrue = (v: Vector): number => (v.some((b) => b !== 0) ? 1 : 0);
const allTrue =
  (read: Read) =>
  (v: Vector): number =>
    read(v).every((lane) => lane !== 0n) ? 1 : 0;
const bitmask =
  (read: Read) =>
  (v: Vector): number =>
    read(v).reduce((mask, lane, i) => mask | (lane < 0n ? 1 << i : 0), 0);
const splat = (width: Width, value: bigint): Vector => vector(width, new Array<bigint>(128 / width).fill(value));

/** The ops on vectors of integers; semantics of the WebAssembly instructions of the same names. */
export const vectorOps: PureFunctions<VectorOp> = {
  v128_and: bitwise((a, b) => a & b),
  v128_andnot: bitwise((a, b) => a & ~b),
  v128_or: bitwise((a, b) => a | b),
  v128_xor: bitwise((a, b) => a ^ b),
  v128_not: (v) => v.map((a) => ~a),
  v128_bitselect: (v, w, mask) => v.map((a, i) => (a & mask[i]) | (w[i] & ~mask[i])),
  v128_select: (condition, a, b) => (condition !== 0 ? a : b),
  v128_any_true: anyTrue,
  i8x16_swizzle: (v, indices) => indices.map((index) => v[index] ?? 0),
  i8x16_relaxed_swizzle: (v, indices) => indices.map((index) => v[index] ?? 0),

  i8x16_eq: compare(8, u8, eq),
  i8x16_ne: compare(8, u8, ne),
  i8x16_lt_s: compare(8, s8, lt),
  i8x16_lt_u: compare(8, u8, lt),
  i8x16_gt_s: compare(8, s8, gt),
  i8x16_gt_u: compare(8, u8, gt),
  i8x16_le_s: compare(8, s8, le),
  i8x16_le_u: compare(8, u8, le),
  i8x16_ge_s: compare(8, s8, ge),
  i8x16_ge_u: compare(8, u8, ge),
  i8x16_add: map2(8, u8, add),
  i8x16_sub: map2(8, u8, sub),
  i8x16_add_sat_s: saturating(8, s8, toSigned, add),
  i8x16_add_sat_u: saturating(8, u8, toUnsigned, add),
  i8x16_sub_sat_s: saturating(8, s8, toSigned, sub),
  i8x16_sub_sat_u: saturating(8, u8, toUnsigned, sub),
  i8x16_avgr_u: map2(8, u8, average),
  i8x16_narrow_i16x8_s: narrow(8, s16, toSigned),
  i8x16_narrow_i16x8_u: narrow(8, s16, toUnsigned),
  i8x16_min_s: map2(8, s8, min),
  i8x16_min_u: map2(8, u8, min),
  i8x16_max_s: map2(8, s8, max),
  i8x16_max_u: map2(8, u8, max),
  i8x16_abs: map1(8, s8, abs),
  i8x16_neg: map1(8, s8, neg),
  i8x16_popcnt: map1(8, u8, (a) => BigInt(popcount(a))),
  i8x16_shl: shift(8, u8, left),
  i8x16_shr_s: shift(8, s8, right),
  i8x16_shr_u: shift(8, u8, right),
  i8x16_all_true: allTrue(u8),
  i8x16_bitmask: bitmask(s8),
  i8x16_splat: (n) => splat(8, BigInt(n)),

  i16x8_eq: compare(16, u16, eq),
  i16x8_ne: compare(16, u16, ne),
  i16x8_lt_s: compare(16, s16, lt),
  i16x8_lt_u: compare(16, u16, lt),
  i16x8_gt_s: compare(16, s16, gt),
  i16x8_gt_u: compare(16, u16, gt),
  i16x8_le_s: compare(16, s16, le),
  i16x8_le_u: compare(16, u16, le),
  i16x8_ge_s: compare(16, s16, ge),
  i16x8_ge_u: compare(16, u16, ge),
  i16x8_add: map2(16, u16, add),
  i16x8_sub: map2(16, u16, sub),
  i16x8_mul: map2(16, u16, mul),
  i16x8_add_sat_s: saturating(16, s16, toSigned, add),
  i16x8_add_sat_u: saturating(16, u16, toUnsigned, add),
  i16x8_sub_sat_s: saturating(16, s16, toSigned, sub),
  i16x8_sub_sat_u: saturating(16, u16, toUnsigned, sub),
  i16x8_avgr_u: map2(16, u16, average),
  i16x8_narrow_i32x4_s: narrow(16, s32, toSigned),
  i16x8_narrow_i32x4_u: narrow(16, s32, toUnsigned),
  i16x8_min_s: map2(16, s16, min),
  i16x8_min_u: map2(16, u16, min),
  i16x8_max_s: map2(16, s16, max),
  i16x8_max_u: map2(16, u16, max),
  i16x8_abs: map1(16, s16, abs),
  i16x8_neg: map1(16, s16, neg),
  i16x8_shl: shift(16, u16, left),
  i16x8_shr_s: shift(16, s16, right),
  i16x8_shr_u: shift(16, u16, right),
  i16x8_all_true: allTrue(u16),
  i16x8_bitmask: bitmask(s16),
  i16x8_splat: (n) => splat(16, BigInt(n)),
  i16x8_extend_low_i8x16_s: extend(16, s8, lowHalf),
  i16x8_extend_low_i8x16_u: extend(16, u8, lowHalf),
  i16x8_extend_high_i8x16_s: extend(16, s8, highHalf),
  i16x8_extend_high_i8x16_u: extend(16, u8, highHalf),
  i16x8_extmul_low_i8x16_s: multiplyHalf(16, s8, lowHalf),
  i16x8_extmul_low_i8x16_u: multiplyHalf(16, u8, lowHalf),
  i16x8_extmul_high_i8x16_s: multiplyHalf(16, s8, highHalf),
  i16x8_extmul_high_i8x16_u: multiplyHalf(16, u8, highHalf),
  i16x8_extadd_pairwise_i8x16_s: addPairs(16, s8),
  i16x8_extadd_pairwise_i8x16_u: addPairs(16, u8),
  i16x8_q15mulr_sat_s: map2(16, s16, (a, b) => toSigned(16, (a * b + 0x4000n) >> 15n)),

  i32x4_eq: compare(32, u32, eq),
  i32x4_ne: compare(32, u32, ne),
  i32x4_lt_s: compare(32, s32, lt),
  i32x4_lt_u: compare(32, u32, lt),
  i32x4_gt_s: compare(32, s32, gt),
  i32x4_gt_u: compare(32, u32, gt),
  i32x4_le_s: compare(32, s32, le),
  i32x4_le_u: compare(32, u32, le),
  i32x4_ge_s: compare(32, s32, ge),
  i32x4_ge_u: compare(32, u32, ge),
  i32x4_add: map2(32, u32, add),
  i32x4_sub: map2(32, u32, sub),
  i32x4_mul: map2(32, u32, mul),
  i32x4_min_s: map2(32, s32, min),
  i32x4_min_u: map2(32, u32, min),
  i32x4_max_s: map2(32, s32, max),
  i32x4_max_u: map2(32, u32, max),
  i32x4_abs: map1(32, s32, abs),
  i32x4_neg: map1(32, s32, neg),
  i32x4_shl: shift(32, u32, left),
  i32x4_shr_s: shift(32, s32, right),
  i32x4_shr_u: shift(32, u32, right),
  i32x4_all_true: allTrue(u32),
  i32x4_bitmask: bitmask(s32),
  i32x4_splat: (n) => splat(32, BigInt(n)),
  i32x4_extend_low_i16x8_s: extend(32, s16, lowHalf),
  i32x4_extend_low_i16x8_u: extend(32, u16, lowHalf),
  i32x4_extend_high_i16x8_s: extend(32, s16, highHalf),
  i32x4_extend_high_i16x8_u: extend(32, u16, highHalf),
  i32x4_extmul_low_i16x8_s: multiplyHalf(32, s16, lowHalf),
  i32x4_extmul_low_i16x8_u: multiplyHalf(32, u16, lowHalf),
  i32x4_extmul_high_i16x8_s: multiplyHalf(32, s16, highHalf),
  i32x4_extmul_high_i16x8_u: multiplyHalf(32, u16, highHalf),
  i32x4_extadd_pairwise_i16x8_s: addPairs(32, s16),
  i32x4_extadd_pairwise_i16x8_u: addPairs(32, u16),
  i32x4_dot_i16x8_s: (v, w) => {
    const b = s16(w);
    return vector(32, pairs(s16(v).map((a, i) => a * b[i])));
  },

  i64x2_eq: compare(64, u64, eq),
  i64x2_ne: compare(64, u64, ne),
  i64x2_lt_s: compare(64, s64, lt),
  i64x2_gt_s: compare(64, s64, gt),
  i64x2_le_s: compare(64, s64, le),
  i64x2_ge_s: compare(64, s64, ge),
  i64x2_add: map2(64, u64, add),
  i64x2_sub: map2(64, u64, sub),
  i64x2_mul: map2(64, u64, mul),
  i64x2_abs: map1(64, s64, abs),
  i64x2_neg: map1(64, s64, neg),
  i64x2_shl: shift(64, u64, left),
  i64x2_shr_s: shift(64, s64, right),
  i64x2_shr_u: shift(64, u64, right),
  i64x2_all_true: allTrue(u64),
  i64x2_bitmask: bitmask(s64),
  i64x2_splat: (n) => splat(64, n),
  i64x2_extend_low_i32x4_s: extend(64, s32, lowHalf),
  i64x2_extend_low_i32x4_u: extend(64, u32, lowHalf),
  i64x2_extend_high_i32x4_s: extend(64, s32, highHalf),
  i64x2_extend_high_i32x4_u: extend(64, u32, highHalf),
  i64x2_extmul_low_i32x4_s: multiplyHalf(64, s32, lowHalf),
  i64x2_extmul_low_i32x4_u: multiplyHalf(64, u32, lowHalf),
  i64x2_extmul_high_i32x4_s: multiplyHalf(64, s32, highHalf),
  i64x2_extmul_high_i32x4_u: multiplyHalf(64, u32, highHalf),
};

const extract =
  (read: Read) =>
  (v: Vector, lane: number): number =>
    Number(read(v)[lane]);

function replace(width: Width) {
  return (v: Vector, value: number | bigint, lane: number): Vector => {
    const values = lanes(width, v);
    values[lane] = BigInt(value);
    return vector(width, values);
  };
}

/** The ops on one lane. Floating-point lanes are moved as bits. */
export const laneOps: LaneFunctions = {
  i8x16_extract_lane_s: extract(s8),
  i8x16_extract_lane_u: extract(u8),
  i16x8_extract_lane_s: extract(s16),
  i16x8_extract_lane_u: extract(u16),
  i32x4_extract_lane: extract(s32),
  i64x2_extract_lane: (v, lane) => u64(v)[lane],
  f32x4_extract_lane: extract(s32),
  f64x2_extract_lane: (v, lane) => u64(v)[lane],
  i8x16_replace_lane: replace(8),
  i16x8_replace_lane: replace(16),
  i32x4_replace_lane: replace(32),
  i64x2_replace_lane: replace(64),
  f32x4_replace_lane: replace(32),
  f64x2_replace_lane: replace(64),
};
