import type { FloatOp, PureFunctions } from './bits.ts';

/** The quiet NaN that every NaN result becomes: WebAssembly leaves sign and payload open, translators must not rely on them. */
const CANONICAL_NAN32 = 0x7fc0_0000;
const CANONICAL_NAN64 = 0x7ff8_0000_0000_0000n;
const SIGN64 = 1n << 63n;

const flag = (condition: boolean): number => (condition ? 1 : 0);

/** Rounds to an integer, ties to even; keeps the sign of zero. */
function nearest(x: number): number {
  // From 2^52 on every double is an integer; NaN and infinities go the same way.
  if (!(Math.abs(x) < 0x10_0000_0000_0000)) return x;
  const below = Math.floor(x);
  const rest = x - below;
  const rounded = rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

/** Truncates to a number in `min`..`max`, saturating; NaN gives 0. */
function truncate32(x: number, min: number, max: number): number {
  return Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), min), max);
}

function truncate64(x: number, min: bigint, max: bigint): bigint {
  if (Number.isNaN(x)) return 0n;
  if (x <= Number(min)) return min;
  // Number(max) rounds up to a power of two, which is out of range itself.
  if (x >= Number(max)) return max;
  return BigInt(Math.trunc(x));
}

const INT64_MIN = -SIGN64;
const INT64_MAX = SIGN64 - 1n;
const UINT64_MAX = (1n << 64n) - 1n;

/** An integer (below 2^64) as a double whose rounding to f32 equals that of the integer itself: what a double cannot hold makes its last bit sticky. */
function forSingle(n: bigint): number {
  const negative = n < 0n;
  let rest = negative ? -n : n;
  let scale = 1;
  if (rest >> 53n !== 0n) {
    const lost = rest & 0xff_ffffn;
    rest = (rest >> 24n) | (lost !== 0n ? 1n : 0n);
    scale = 0x100_0000;
  }
  return (negative ? -Number(rest) : Number(rest)) * scale;
}

/** Makes the floating-point ops; each set has a scratch area of its own. */
export function createFloatOps(): PureFunctions<FloatOp> {
  const view = new DataView(new ArrayBuffer(8));
  /** Number with these f32 bits; of a NaN only that it is one. */
  const s = (bits: number): number => {
    view.setInt32(0, bits);
    return view.getFloat32(0);
  };
  const d = (bits: bigint): number => {
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  };
  /** Bits of a number rounded to f32. One rounding from a double result is exact for + - * / and square root. */
  const single = (x: number): number => {
    if (Number.isNaN(x)) return CANONICAL_NAN32;
    view.setFloat32(0, x);
    return view.getInt32(0);
  };
  const double = (x: number): bigint => {
    if (Number.isNaN(x)) return CANONICAL_NAN64;
    view.setFloat64(0, x);
    return view.getBigUint64(0);
  };
  const signed = (n: bigint): bigint => BigInt.asIntN(64, n);
  return {
    f32_add: (a, b) => single(s(a) + s(b)),
    f32_sub: (a, b) => single(s(a) - s(b)),
    f32_mul: (a, b) => single(s(a) * s(b)),
    f32_div: (a, b) => single(s(a) / s(b)),
    f32_min: (a, b) => single(Math.min(s(a), s(b))),
    f32_max: (a, b) => single(Math.max(s(a), s(b))),
    f32_copysign: (a, b) => (a & 0x7fff_ffff) | (b & 0x8000_0000),
    f32_abs: (a) => a & 0x7fff_ffff,
    f32_neg: (a) => a ^ 0x8000_0000,
    f32_ceil: (a) => single(Math.ceil(s(a))),
    f32_floor: (a) => single(Math.floor(s(a))),
    f32_trunc: (a) => single(Math.trunc(s(a))),
    f32_nearest: (a) => single(nearest(s(a))),
    f32_sqrt: (a) => single(Math.sqrt(s(a))),
    f32_eq: (a, b) => flag(s(a) === s(b)),
    f32_ne: (a, b) => flag(s(a) !== s(b)),
    f32_lt: (a, b) => flag(s(a) < s(b)),
    f32_gt: (a, b) => flag(s(a) > s(b)),
    f32_le: (a, b) => flag(s(a) <= s(b)),
    f32_ge: (a, b) => flag(s(a) >= s(b)),
    f32_select: (condition, a, b) => (condition !== 0 ? a : b),

    f64_add: (a, b) => double(d(a) + d(b)),
    f64_sub: (a, b) => double(d(a) - d(b)),
    f64_mul: (a, b) => double(d(a) * d(b)),
    f64_div: (a, b) => double(d(a) / d(b)),
    f64_min: (a, b) => double(Math.min(d(a), d(b))),
    f64_max: (a, b) => double(Math.max(d(a), d(b))),
    f64_copysign: (a, b) => (a & ~SIGN64) | (b & SIGN64),
    f64_abs: (a) => a & ~SIGN64,
    f64_neg: (a) => a ^ SIGN64,
    f64_ceil: (a) => double(Math.ceil(d(a))),
    f64_floor: (a) => double(Math.floor(d(a))),
    f64_trunc: (a) => double(Math.trunc(d(a))),
    f64_nearest: (a) => double(nearest(d(a))),
    f64_sqrt: (a) => double(Math.sqrt(d(a))),
    f64_eq: (a, b) => flag(d(a) === d(b)),
    f64_ne: (a, b) => flag(d(a) !== d(b)),
    f64_lt: (a, b) => flag(d(a) < d(b)),
    f64_gt: (a, b) => flag(d(a) > d(b)),
    f64_le: (a, b) => flag(d(a) <= d(b)),
    f64_ge: (a, b) => flag(d(a) >= d(b)),
    f64_select: (condition, a, b) => (condition !== 0 ? a : b),

    i32_trunc_sat_f32_s: (a) => truncate32(s(a), -0x8000_0000, 0x7fff_ffff),
    i32_trunc_sat_f32_u: (a) => truncate32(s(a), 0, 0xffff_ffff),
    i32_trunc_sat_f64_s: (a) => truncate32(d(a), -0x8000_0000, 0x7fff_ffff),
    i32_trunc_sat_f64_u: (a) => truncate32(d(a), 0, 0xffff_ffff),
    i64_trunc_sat_f32_s: (a) => truncate64(s(a), INT64_MIN, INT64_MAX),
    i64_trunc_sat_f32_u: (a) => truncate64(s(a), 0n, UINT64_MAX),
    i64_trunc_sat_f64_s: (a) => truncate64(d(a), INT64_MIN, INT64_MAX),
    i64_trunc_sat_f64_u: (a) => truncate64(d(a), 0n, UINT64_MAX),
    i32_reinterpret_f32: (a) => a,
    i64_reinterpret_f64: (a) => a,
    f32_convert_i32_s: (a) => single(a),
    f32_convert_i32_u: (a) => single(a >>> 0),
    f32_convert_i64_s: (a) => single(forSingle(signed(a))),
    f32_convert_i64_u: (a) => single(forSingle(a)),
    f32_reinterpret_i32: (a) => a,
    f64_convert_i32_s: (a) => double(a),
    f64_convert_i32_u: (a) => double(a >>> 0),
    // The conversion of a bigint rounds to nearest, ties to even.
    f64_convert_i64_s: (a) => double(Number(signed(a))),
    f64_convert_i64_u: (a) => double(Number(a)),
    f64_reinterpret_i64: (a) => a,
    f32_demote_f64: (a) => single(d(a)),
    f64_promote_f32: (a) => double(s(a)),
  };
}
