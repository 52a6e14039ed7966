import { hostHelper, type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { F32, F64 } from './fpFloats.ts';
import { nan3F32, nan3F64 } from './fpNan.ts';
import { DOUBLE, SoftFloat } from './fpSoftFloat.ts';
import { DOUBLE_IN_DOUBT, SINGLE_IN_DOUBT } from './fpZeros.ts';
import { anyFusedInDoubt } from './simdFpUnusual.ts';

/**
 * Fused multiply-add, addend + a * b rounded once, from operations that round each time.
 *
 * Double precision: a * b = p + e exactly (Dekker's product), p + addend = h + l exactly (Knuth's sum), and the result
 * is h + (l + e), each + rounding to nearest. That is the right rounding of h + l + e unless the rounding of l + e
 * moved it onto a midpoint of h's neighbourhood:
 * - where |h| < |p| / 2, the sum cancelled exactly, so l = 0 and l + e is not rounded at all;
 * - else |l + e| is at most 1.5 units of h's last place, and the midpoints in reach have, as differences to h, at most
 *   three significant bits. Rounding is monotonic and those differences are doubles, so l + e rounds past none of them:
 *   only an equal one is in doubt, and it shows in the fraction's 50 lowest bits being zero.
 *
 * The doubtful cases go to `settleFmaF64`: those; products so small that e is inexact; zeros; overflows and NaNs (all
 * of which make the result a NaN or the sum l + e an infinity, whose fraction is zero).
 *
 * Single precision: the product is exact in double precision. Rounding the sum to double and then to single is wrong only
 * where the double is a midpoint of singles, or subnormal as a single (the smallest normal may have been below it).
 *
 * A host whose relaxed multiply-add is fused (the engine probes it) does the attempt in one operation; then only results
 * that are infinite, NaNs or so small that they may have underflowed are in doubt.
 */

/**
 * A result of plain arithmetic with the condition (i32, not 0) under which it may be wrong, is infinite or a NaN, or may
 * have underflowed.
 */
export interface Attempt<R extends 'i32' | 'i64' | 'f32' | 'f64' | 'v128'> {
  readonly value: Value<R>;
  readonly doubtful: Value<'i32'>;
}

/** 2^27 + 1: splits a double into two halves of 26 bits. */
const SPLITTER_HIGH = 0x41a0_0000;
const SPLITTER_LOW = 0x0200_0000;
/** Upper word of 2^-960: the error of a product as large as this is a double. */
const SMALLEST_PRODUCT = (1023 - 960) << 20;
/** Upper word of 2^990: far from any overflow. */
const LARGE = (1023 + 990) << 20;

/** Upper word of infinity. */
const INFINITE = 0x7ff0_0000;

/** f64 constant 2^exponent by its upper word. */
const upper = (ir: IrBuilder, high: number): Value<'f64'> => ir.f64_const(0, high);

function split(ir: IrBuilder, x: Value<'f64'>): [high: Value<'f64'>, low: Value<'f64'>] {
  const t = ir.f64_mul(x, ir.f64_const(SPLITTER_LOW, SPLITTER_HIGH));
  const high = ir.f64_sub(t, ir.f64_sub(t, x));
  return [high, ir.f64_sub(x, high)];
}

/** a * b - product, exactly, where nothing overflows or gets too small. */
export function productError(ir: IrBuilder, a: Value<'f64'>, b: Value<'f64'>, product: Value<'f64'>): Value<'f64'> {
  const [aHigh, aLow] = split(ir, a);
  const [bHigh, bLow] = split(ir, b);
  const first = ir.f64_sub(ir.f64_mul(aHigh, bHigh), product);
  const second = ir.f64_add(ir.f64_add(first, ir.f64_mul(aHigh, bLow)), ir.f64_mul(aLow, bHigh));
  return ir.f64_add(second, ir.f64_mul(aLow, bLow));
}

/** a + b - sum, exactly, where nothing overflows. */
export function sumError(ir: IrBuilder, a: Value<'f64'>, b: Value<'f64'>, sum: Value<'f64'>): Value<'f64'> {
  const bPart = ir.f64_sub(sum, a);
  const aPart = ir.f64_sub(sum, bPart);
  return ir.f64_add(ir.f64_sub(b, bPart), ir.f64_sub(a, aPart));
}

/** a + b rounded to odd: inexact sums get an odd last bit, so that a second rounding to fewer bits is right. */
export function addToOdd(ir: IrBuilder, a: Value<'f64'>, b: Value<'f64'>): Value<'f64'> {
  const sum = ir.f64_add(a, b);
  const error = sumError(ir, a, b, sum);
  const bits = ir.i64_reinterpret_f64(sum);
  const away = ir.i64_or(ir.i64_shr_s(ir.i64_xor(bits, ir.i64_reinterpret_f64(error)), ir.i64_const(63)), ir.i64_const(1));
  const even = ir.i64_eqz(ir.i64_and(bits, ir.i64_const(1)));
  const odd = ir.i64_select(ir.i32_and(even, ir.f64_ne(error, ir.f64_const(0, 0))), ir.i64_add(bits, away), bits);
  return ir.f64_reinterpret_i64(odd);
}

/** The short way to addend + a * b. */
export function attemptFmaF64(ir: IrBuilder, addend: Value<'f64'>, a: Value<'f64'>, b: Value<'f64'>): Attempt<'f64'> {
  if (ir.fusesMadd) {
    const value = ir.f64x2_extract_lane(ir.fusedMadd(64, ir.f64x2_splat(a), ir.f64x2_splat(b), ir.f64x2_splat(addend)), 0);
    return { value, doubtful: ir.coldHelper(ir.i32_eqz(F64.isOrdinary(ir, value)), ir.i32_const(0), DOUBLE_IN_DOUBT.fused, value, addend, a, b) };
  }
  const p = ir.f64_mul(a, b);
  const e = productError(ir, a, b, p);
  const h = ir.f64_add(p, addend);
  const rest = ir.f64_add(sumError(ir, p, addend, h), e);
  // a zero product leaves the sum as it is, a zero with its sign
  const value = ir.f64_select(ir.f64_eq(p, ir.f64_const(0, 0)), h, ir.f64_add(h, rest));
  const onMidpoint = ir.i32_and(ir.i64_eqz(ir.i64_shl(ir.i64_reinterpret_f64(rest), ir.i64_const(14))), ir.f64_ne(e, ir.f64_const(0, 0)));
  const tiny = ir.f64_lt(ir.f64_abs(p), upper(ir, SMALLEST_PRODUCT));
  const small = ir.coldHelper(tiny, ir.i32_const(0), DOUBLE_IN_DOUBT.product, p, a, b);
  const infiniteOrNan = ir.i32_eqz(ir.f64_lt(ir.f64_abs(value), upper(ir, INFINITE)));
  return { value, doubtful: ir.i32_or(ir.i32_or(infiniteOrNan, small), onMidpoint) };
}

const hostFmaF64 = hostHelper('hostFmaF64', ['i64', 'i64', 'i64'], 'i64', (addend, a, b) => {
  const unsigned = (n: bigint): bigint => BigInt.asUintN(64, n);
  return new SoftFloat(0).fma(DOUBLE, unsigned(addend), unsigned(a), unsigned(b));
});
const exactFmaF64 = irHelper('exactFmaF64', ['f64', 'f64', 'f64'], 'f64', (ir, addend, a, b) =>
  ir.f64_reinterpret_i64(ir.helper(hostFmaF64, ir.i64_reinterpret_f64(addend), ir.i64_reinterpret_f64(a), ir.i64_reinterpret_f64(b))),
);

/** 1 if no step of the short way overflows, and none gets too small to be exact. `p` is a * b. */
export function isOrdinaryFmaF64(ir: IrBuilder, addend: Value<'f64'>, a: Value<'f64'>, b: Value<'f64'>, p: Value<'f64'>): Value<'i32'> {
  const below = (x: Value<'f64'>): Value<'i32'> => ir.f64_lt(ir.f64_abs(x), upper(ir, LARGE));
  const factors = ir.i32_and(below(a), below(b));
  return ir.i32_and(ir.i32_and(factors, below(addend)), ir.i32_and(below(p), ir.f64_ge(ir.f64_abs(p), upper(ir, SMALLEST_PRODUCT))));
}

/** addend + a * b, right for all operands under FPCR = 0. */
export const settleFmaF64 = irHelper('settleFmaF64', ['f64', 'f64', 'f64'], 'f64', (ir, addend, a, b) => {
  const p = ir.f64_mul(a, b);
  const below = (x: Value<'f64'>, high: number): Value<'i32'> => ir.f64_lt(ir.f64_abs(x), upper(ir, high));
  const isZero = (x: Value<'f64'>): Value<'i32'> => ir.f64_eq(x, ir.f64_const(0, 0));
  const bothFinite = ir.i32_and(below(a, INFINITE), below(b, INFINITE));
  // with an infinite, NaN or zero factor, or an infinite or NaN addend, nothing is rounded
  const plainProduct = ir.i32_or(ir.i32_eqz(bothFinite), ir.i32_or(isZero(a), isZero(b)));
  const plain = ir.i32_or(plainProduct, ir.i32_eqz(below(addend, INFINITE)));
  const plainValue = ir.f64_select(plainProduct, ir.f64_add(p, addend), addend);
  const ordinary = isOrdinaryFmaF64(ir, addend, a, b, p);
  const h = ir.f64_add(p, addend);
  const rounded = ir.f64_add(h, addToOdd(ir, sumError(ir, p, addend, h), productError(ir, a, b, p)));
  const value = ir.f64_select(plain, plainValue, rounded);
  const exact = ir.coldHelper(ir.i32_eqz(ir.i32_or(plain, ordinary)), value, exactFmaF64, addend, a, b);
  return ir.coldHelper(ir.f64_ne(exact, exact), exact, nan3F64, addend, a, b);
});

/** The bits of a double below a single's fraction, and their value at a midpoint of two singles. */
const BELOW_SINGLE = 0x1fff_ffff;
const MIDPOINT_OF_SINGLES = 0x1000_0000;
const INFINITE_SINGLE = 0x7f80_0000;
/** Upper word of 2^-126, the smallest normal single. */
const SMALLEST_SINGLE = (1023 - 126) << 20;

/** The short way to addend + a * b. */
export function attemptFmaF32(ir: IrBuilder, addend: Value<'f32'>, a: Value<'f32'>, b: Value<'f32'>): Attempt<'f32'> {
  if (ir.fusesMadd) {
    const value = ir.f32x4_extract_lane(ir.fusedMadd(32, ir.f32x4_splat(a), ir.f32x4_splat(b), ir.f32x4_splat(addend)), 0);
    return { value, doubtful: ir.coldHelper(ir.i32_eqz(F32.isOrdinary(ir, value)), ir.i32_const(0), SINGLE_IN_DOUBT.fused, value, addend, a, b) };
  }
  const sum = ir.f64_add(ir.f64_mul(ir.f64_promote_f32(a), ir.f64_promote_f32(b)), ir.f64_promote_f32(addend));
  const value = ir.f32_demote_f64(sum);
  const bits = ir.i64_reinterpret_f64(sum);
  const onMidpoint = ir.i32_eq(ir.i32_and(ir.i32_wrap_i64(bits), ir.i32_const(BELOW_SINGLE)), ir.i32_const(MIDPOINT_OF_SINGLES));
  // doubled, the sign is gone; less one, zero is the largest. The smallest normal itself may have been rounded up
  const magnitude = ir.i64_sub(ir.i64_shl(bits, ir.i64_const(1)), ir.i64_const(1));
  const small = ir.i64_lt_u(magnitude, ir.i64_halves(0, SMALLEST_SINGLE * 2));
  const infiniteOrNan = ir.i32_eqz(ir.f32_lt(ir.f32_abs(value), ir.f32_const(INFINITE_SINGLE)));
  return { value, doubtful: ir.i32_or(ir.i32_or(infiniteOrNan, small), onMidpoint) };
}

/** addend + a * b, right for all operands under FPCR = 0. */
export const settleFmaF32 = irHelper('settleFmaF32', ['f32', 'f32', 'f32'], 'f32', (ir, addend, a, b) => {
  const product = ir.f64_mul(ir.f64_promote_f32(a), ir.f64_promote_f32(b));
  const sum = ir.f64_add(product, ir.f64_promote_f32(addend));
  // the error of an infinite sum is a NaN, which would count as inexact
  const finite = ir.f64_lt(ir.f64_abs(sum), upper(ir, INFINITE));
  const result = ir.f32_demote_f64(ir.f64_select(finite, addToOdd(ir, product, ir.f64_promote_f32(addend)), sum));
  return ir.coldHelper(ir.f32_ne(result, result), result, nan3F32, addend, a, b);
});

// Vectors: the same in each lane; a doubtful lane settles all

function splitF64x2(ir: IrBuilder, x: Value<'v128'>): [high: Value<'v128'>, low: Value<'v128'>] {
  const t = ir.f64x2_mul(x, ir.v128_words(SPLITTER_LOW, SPLITTER_HIGH, SPLITTER_LOW, SPLITTER_HIGH));
  const high = ir.f64x2_sub(t, ir.f64x2_sub(t, x));
  return [high, ir.f64x2_sub(x, high)];
}

/** The short way to addend + a * b in two lanes of double precision. */
export function attemptFmaF64x2(ir: IrBuilder, addend: Value<'v128'>, a: Value<'v128'>, b: Value<'v128'>): Attempt<'v128'> {
  if (ir.fusesMadd) {
    const value = ir.fusedMadd(64, a, b, addend);
    return { value, doubtful: anyFusedInDoubt(ir, 'f64x2', value, addend, a, b) };
  }
  const p = ir.f64x2_mul(a, b);
  const [aHigh, aLow] = splitF64x2(ir, a);
  const [bHigh, bLow] = splitF64x2(ir, b);
  const first = ir.f64x2_sub(ir.f64x2_mul(aHigh, bHigh), p);
  const second = ir.f64x2_add(ir.f64x2_add(first, ir.f64x2_mul(aHigh, bLow)), ir.f64x2_mul(aLow, bHigh));
  const e = ir.f64x2_add(second, ir.f64x2_mul(aLow, bLow));
  const h = ir.f64x2_add(p, addend);
  const addendPart = ir.f64x2_sub(h, p);
  const pPart = ir.f64x2_sub(h, addendPart);
  const l = ir.f64x2_add(ir.f64x2_sub(addend, addendPart), ir.f64x2_sub(p, pPart));
  const rest = ir.f64x2_add(l, e);
  const zeros = ir.v128_words(0, 0, 0, 0);
  const isZero = (x: Value<'v128'>): Value<'v128'> => ir.f64x2_eq(x, zeros);
  // a zero product leaves the sum as it is, a zero with its sign; lanes that do not count are such
  const value = ir.v128_bitselect(h, ir.f64x2_add(h, rest), isZero(p));
  const onMidpoint = ir.v128_and(ir.i64x2_eq(ir.i64x2_shl(rest, ir.i32_const(14)), zeros), ir.f64x2_ne(e, zeros));
  const below = ir.f64x2_lt(ir.f64x2_abs(p), ir.v128_words(0, SMALLEST_PRODUCT, 0, SMALLEST_PRODUCT));
  const small = ir.v128_andnot(below, ir.v128_or(isZero(a), isZero(b)));
  const finite = ir.f64x2_lt(ir.f64x2_abs(value), ir.v128_words(0, INFINITE, 0, INFINITE));
  return { value, doubtful: ir.v128_any_true(ir.v128_or(ir.v128_or(ir.v128_not(finite), small), onMidpoint)) };
}

export const settleFmaF64x2 = irHelper('settleFmaF64x2', ['v128', 'v128', 'v128'], 'v128', (ir, addend, a, b) => {
  const lane = (n: number): Value<'f64'> => ir.helper(settleFmaF64, ir.f64x2_extract_lane(addend, n), ir.f64x2_extract_lane(a, n), ir.f64x2_extract_lane(b, n));
  return ir.f64x2_replace_lane(ir.f64x2_replace_lane(addend, lane(0), 0), lane(1), 1);
});

/** The upper two singles in the place of the lower two. */
const UPPER_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
/** The lower halves of two vectors. */
const LOWER_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** The short way to addend + a * b in four lanes of single precision. */
export function attemptFmaF32x4(ir: IrBuilder, addend: Value<'v128'>, a: Value<'v128'>, b: Value<'v128'>): Attempt<'v128'> {
  if (ir.fusesMadd) {
    const value = ir.fusedMadd(32, a, b, addend);
    return { value, doubtful: anyFusedInDoubt(ir, 'f32x4', value, addend, a, b) };
  }
  const doubles = (x: Value<'v128'>, half: number): Value<'v128'> => ir.f64x2_promote_low_f32x4(half ? ir.i8x16_shuffle(x, x, UPPER_HALF) : x);
  const sums = [0, 1].map((half) => ir.f64x2_add(ir.f64x2_mul(doubles(a, half), doubles(b, half)), doubles(addend, half)));
  const [low, high] = sums.map((sum) => ir.f32x4_demote_f64x2_zero(sum)) as [Value<'v128'>, Value<'v128'>];
  const value = ir.i8x16_shuffle(low, high, LOWER_HALVES);
  const doubts = sums.map((sum) => {
    const below = ir.v128_and(sum, ir.v128_words(BELOW_SINGLE, 0, BELOW_SINGLE, 0));
    const onMidpoint = ir.i64x2_eq(below, ir.v128_words(MIDPOINT_OF_SINGLES, 0, MIDPOINT_OF_SINGLES, 0));
    const small = ir.f64x2_le(ir.f64x2_abs(sum), ir.v128_words(0, SMALLEST_SINGLE, 0, SMALLEST_SINGLE));
    return ir.v128_or(onMidpoint, ir.v128_and(small, ir.f64x2_ne(sum, ir.v128_words(0, 0, 0, 0))));
  }) as [Value<'v128'>, Value<'v128'>];
  const finite = ir.f32x4_lt(ir.f32x4_abs(value), ir.v128_words(INFINITE_SINGLE, INFINITE_SINGLE, INFINITE_SINGLE, INFINITE_SINGLE));
  return { value, doubtful: ir.v128_any_true(ir.v128_or(ir.v128_not(finite), ir.v128_or(doubts[0], doubts[1]))) };
}

export const settleFmaF32x4 = irHelper('settleFmaF32x4', ['v128', 'v128', 'v128'], 'v128', (ir, addend, a, b) => {
  let result = addend;
  for (let n = 0; n < 4; n++) {
    const lane = ir.helper(settleFmaF32, ir.f32x4_extract_lane(addend, n), ir.f32x4_extract_lane(a, n), ir.f32x4_extract_lane(b, n));
    result = ir.f32x4_replace_lane(result, lane, n);
  }
  return result;
});
