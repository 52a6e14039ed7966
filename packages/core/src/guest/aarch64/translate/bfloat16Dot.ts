import { type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { F32, F64 } from './fpFloats.ts';
import { addToOdd as addDoublesToOdd } from './fpFused.ts';
import type { Translate } from './simdForms.ts';
import { addToOdd } from './simdFpHalves.ts';
import { anyFalse, clip, shl, shuffleElements, splat, splatElement, type V } from './simdLanes.ts';

/**
 * FEAT_BF16's dot products: sum + (a0 * b0 + a1 * b1) in each lane, where every step rounds to odd, overflows to infinity
 * and flushes denormals, whatever FPCR says; NaNs are the default one, and FPSR stays (Arm ARM J1.3, BFDotAdd without
 * FEAT_EBF16).
 */

const SMALLEST_NORMAL = 0x0080_0000;
/** 2^127: lanes below have overflowed nowhere. */
const LARGE = (127 + 127) << 23;

const denormalsToZero = (ir: IrBuilder, v: V): V => {
  const denormal = ir.f32x4_lt(ir.f32x4_abs(v), splat(ir, 2, SMALLEST_NORMAL));
  return ir.v128_andnot(v, ir.v128_and(denormal, splat(ir, 2, 0x7fff_ffff)));
};

/** The same for bfloat16s. */
const denormalHalvesToZero = (ir: IrBuilder, v: V): V => {
  const denormal = ir.i16x8_lt_u(ir.v128_and(v, splat(ir, 1, 0x7fff)), splat(ir, 1, SMALLEST_NORMAL >> 16));
  return ir.v128_andnot(v, ir.v128_and(denormal, splat(ir, 1, 0x7fff)));
};

/** x rounded to odd where it is no single, to zero where it is a denormal one; the default NaN for NaNs. */
function toOddSingle(ir: IrBuilder, x: Value<'f64'>): Value<'f32'> {
  const bits = ir.i64_reinterpret_f64(x);
  const below = ir.i64_const(0x1fff_ffff);
  const sticky = ir.i64_shl(ir.i64_extend_i32_u(ir.i64_ne(ir.i64_and(bits, below), ir.i64_const(0))), ir.i64_const(29));
  // a single's bits alone, whose conversion is exact or gives infinity
  const odd = ir.f32_demote_f64(ir.f64_reinterpret_i64(ir.i64_or(ir.i64_and(bits, ir.i64_xor(below, ir.i64_const(-1))), sticky)));
  const flushed = ir.f32_select(ir.f64_lt(ir.f64_abs(x), F64.power(ir, -126)), ir.f32_copysign(F32.zero(ir), odd), odd);
  return ir.f32_select(ir.f64_ne(x, x), ir.f32_const(0x7fc0_0000), flushed);
}

/** One lane, right for all operands, in double precision: there products are exact, and a sum to odd may be rounded to odd again. */
const settleLane = irHelper('bfloat16DotAddLane', ['f32', 'i32', 'i32'], 'f32', (ir, sum, n, m) => {
  const flush = (x: Value<'f32'>): Value<'f64'> => {
    const tiny = ir.f32_lt(ir.f32_abs(x), ir.f32_const(SMALLEST_NORMAL));
    return ir.f64_promote_f32(ir.f32_select(tiny, ir.f32_copysign(F32.zero(ir), x), x));
  };
  const even = (pair: Value<'i32'>): Value<'f64'> => flush(ir.f32_reinterpret_i32(ir.i32_shl(pair, ir.i32_const(16))));
  const odd = (pair: Value<'i32'>): Value<'f64'> => flush(ir.f32_reinterpret_i32(ir.i32_and(pair, ir.i32_const(0xffff_0000))));
  const add = (a: Value<'f32'>, b: Value<'f32'>): Value<'f32'> => {
    const [x, y] = [ir.f64_promote_f32(a), ir.f64_promote_f32(b)];
    const plain = ir.f64_add(x, y);
    return toOddSingle(ir, ir.f64_select(ir.f64_lt(ir.f64_abs(plain), F64.power(ir, 1024)), addDoublesToOdd(ir, x, y), plain));
  };
  const products = add(toOddSingle(ir, ir.f64_mul(even(n), even(m))), toOddSingle(ir, ir.f64_mul(odd(n), odd(m))));
  return add(ir.f32_demote_f64(flush(sum)), products);
});
const settleDotAdd = irHelper('bfloat16DotAddSettle', ['v128', 'v128', 'v128'], 'v128', (ir, sum, n, m) => {
  let result = sum;
  for (let lane = 0; lane < 4; lane++) {
    const pair = (v: V): Value<'i32'> => ir.i32x4_extract_lane(v, lane);
    result = ir.f32x4_replace_lane(result, ir.helper(settleLane, ir.f32x4_extract_lane(sum, lane), pair(n), pair(m)), lane);
  }
  return result;
});

/** (sum, n, m): in each lane of singles, the pair of n times the pair of m added to the sum. */
export const bfloat16DotAdd = irHelper('bfloat16DotAdd', ['v128', 'v128', 'v128'], 'v128', (ir, sum, n, m) => {
  const [a, b] = [denormalHalvesToZero(ir, n), denormalHalvesToZero(ir, m)];
  const upper = (v: V): V => ir.v128_and(v, splat(ir, 2, 0xffff_0000));
  // products have 16 significant bits: exact but where they are flushed
  const even = denormalsToZero(ir, ir.f32x4_mul(shl(ir, 2, a, 16), shl(ir, 2, b, 16)));
  const odd = denormalsToZero(ir, ir.f32x4_mul(upper(a), upper(b)));
  const products = denormalsToZero(ir, addToOdd(ir, even, odd));
  const value = denormalsToZero(ir, addToOdd(ir, denormalsToZero(ir, sum), products));
  const below = (v: V): V => ir.f32x4_lt(ir.f32x4_abs(v), splat(ir, 2, LARGE));
  const unusual = anyFalse(ir, 2, ir.v128_and(below(products), below(value)));
  return ir.coldHelper(unusual, value, settleDotAdd, sum, n, m);
});

interface Registers {
  readonly rn: number;
  readonly rd: number;
}

/** BFDOT (vector). */
export const bfloat16Dot: Translate<Registers & { readonly q: number; readonly rm: number }> = (t, f) =>
  t.setV(f.rd, clip(t.ir, f.q ? 16 : 8, t.ir.helper(bfloat16DotAdd, t.v(f.rd), t.v(f.rn), t.v(f.rm))));

interface ElementFields extends Registers {
  readonly q: number;
  readonly l: number;
  readonly m: number;
  readonly rm: number;
  readonly h: number;
}
/** BFDOT (by element): the pair H:L of V[M:Rm]. */
export const bfloat16DotByElement: Translate<ElementFields> = (t, f) => {
  const pair = splatElement(t.ir, 2, t.v((f.m << 4) | f.rm), (f.h << 1) | f.l);
  t.setV(f.rd, clip(t.ir, f.q ? 16 : 8, t.ir.helper(bfloat16DotAdd, t.v(f.rd), t.v(f.rn), pair)));
};

/** BFMMLA: 2x4 by 4x2 matrices, the second one by columns: two dot products of pairs for each of the four sums. */
export const bfloat16MatrixMultiply: Translate<Registers & { readonly rm: number }> = (t, f) => {
  const [n, m] = [t.v(f.rn), t.v(f.rm)];
  let sum = t.v(f.rd);
  for (const pair of [0, 1]) {
    const rows = shuffleElements(t.ir, 2, n, n, (lane) => (lane & 2) | pair);
    const columns = shuffleElements(t.ir, 2, m, m, (lane) => ((lane & 1) << 1) | pair);
    sum = t.ir.helper(bfloat16DotAdd, sum, rows, columns);
  }
  t.setV(f.rd, sum);
};
