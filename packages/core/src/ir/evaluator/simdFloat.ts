import type { FloatOp, PureFunctions, VectorFloatOp } from './bits.ts';
import { signed, unsigned, vector } from './simd.ts';

type Vector = Uint8Array;
type Unary32 = (a: number) => number;
type Binary32 = (a: number, b: number) => number;
type Unary64 = (a: bigint) => bigint;
type Binary64 = (a: bigint, b: bigint) => bigint;

const bits32 = (v: Vector): number[] => signed(32)(v).map(Number);
const bits64 = unsigned(64);
const vector32 = (values: readonly number[]): Vector =>
  vector(
    32,
    values.map((n) => BigInt(n)),
  );
const vector64 = (values: readonly bigint[]): Vector => vector(64, values);

const map32 =
  (f: Unary32) =>
  (v: Vector): Vector =>
    vector32(bits32(v).map(f));
const map64 =
  (f: Unary64) =>
  (v: Vector): Vector =>
    vector64(bits64(v).map(f));
const zip32 =
  (f: Binary32) =>
  (v: Vector, w: Vector): Vector => {
    const b = bits32(w);
    return vector32(bits32(v).map((a, i) => f(a, b[i])));
  };
const zip64 =
  (f: Binary64) =>
  (v: Vector, w: Vector): Vector => {
    const b = bits64(w);
    return vector64(bits64(v).map((a, i) => f(a, b[i])));
  };
const compare32 = (f: Binary32) => zip32((a, b) => -f(a, b));
const compare64 = (f: (a: bigint, b: bigint) => number) => zip64((a, b) => BigInt(-f(a, b)));

/** Makes the ops on vectors of floating-point numbers from the scalar ones. */
export function createVectorFloatOps(f: PureFunctions<FloatOp>): PureFunctions<VectorFloatOp> {
  return {
    f32x4_add: zip32(f.f32_add),
    f32x4_sub: zip32(f.f32_sub),
    f32x4_mul: zip32(f.f32_mul),
    f32x4_div: zip32(f.f32_div),
    f32x4_min: zip32(f.f32_min),
    f32x4_max: zip32(f.f32_max),
    // One of the operands as it is, as in C's a < b ? a : b.
    f32x4_pmin: zip32((a, b) => (f.f32_lt(b, a) !== 0 ? b : a)),
    f32x4_pmax: zip32((a, b) => (f.f32_lt(a, b) !== 0 ? b : a)),
    f32x4_abs: map32(f.f32_abs),
    f32x4_neg: map32(f.f32_neg),
    f32x4_sqrt: map32(f.f32_sqrt),
    f32x4_ceil: map32(f.f32_ceil),
    f32x4_floor: map32(f.f32_floor),
    f32x4_trunc: map32(f.f32_trunc),
    f32x4_nearest: map32(f.f32_nearest),
    f32x4_eq: compare32(f.f32_eq),
    f32x4_ne: compare32(f.f32_ne),
    f32x4_lt: compare32(f.f32_lt),
    f32x4_gt: compare32(f.f32_gt),
    f32x4_le: compare32(f.f32_le),
    f32x4_ge: compare32(f.f32_ge),
    f32x4_splat: (n) => vector32(new Array<number>(4).fill(n)),

    f64x2_add: zip64(f.f64_add),
    f64x2_sub: zip64(f.f64_sub),
    f64x2_mul: zip64(f.f64_mul),
    f64x2_div: zip64(f.f64_div),
    f64x2_min: zip64(f.f64_min),
    f64x2_max: zip64(f.f64_max),
    f64x2_pmin: zip64((a, b) => (f.f64_lt(b, a) !== 0 ? b : a)),
    f64x2_pmax: zip64((a, b) => (f.f64_lt(a, b) !== 0 ? b : a)),
    f64x2_abs: map64(f.f64_abs),
    f64x2_neg: map64(f.f64_neg),
    f64x2_sqrt: map64(f.f64_sqrt),
    f64x2_ceil: map64(f.f64_ceil),
    f64x2_floor: map64(f.f64_floor),
    f64x2_trunc: map64(f.f64_trunc),
    f64x2_nearest: map64(f.f64_nearest),
    f64x2_eq: compare64(f.f64_eq),
    f64x2_ne: compare64(f.f64_ne),
    f64x2_lt: compare64(f.f64_lt),
    f64x2_gt: compare64(f.f64_gt),
    f64x2_le: compare64(f.f64_le),
    f64x2_ge: compare64(f.f64_ge),
    f64x2_splat: (n) => vector64(new Array<bigint>(2).fill(n)),

    i32x4_trunc_sat_f32x4_s: map32(f.i32_trunc_sat_f32_s),
    i32x4_trunc_sat_f32x4_u: map32(f.i32_trunc_sat_f32_u),
    f32x4_convert_i32x4_s: map32(f.f32_convert_i32_s),
    f32x4_convert_i32x4_u: map32(f.f32_convert_i32_u),
    i32x4_trunc_sat_f64x2_s_zero: (v) => vector32(bits64(v).map(f.i32_trunc_sat_f64_s)),
    i32x4_trunc_sat_f64x2_u_zero: (v) => vector32(bits64(v).map(f.i32_trunc_sat_f64_u)),
    f64x2_convert_low_i32x4_s: (v) => vector64(bits32(v).slice(0, 2).map(f.f64_convert_i32_s)),
    f64x2_convert_low_i32x4_u: (v) => vector64(bits32(v).slice(0, 2).map(f.f64_convert_i32_u)),
    f32x4_demote_f64x2_zero: (v) => vector32(bits64(v).map(f.f32_demote_f64)),
    f64x2_promote_low_f32x4: (v) => vector64(bits32(v).slice(0, 2).map(f.f64_promote_f32)),
  };
}
