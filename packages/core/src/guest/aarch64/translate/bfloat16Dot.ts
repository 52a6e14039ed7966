import { hostHelper, type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { Fpcr, Rounding, SINGLE, SoftFloat } from './fpSoftFloat.ts';
import type { Translate } from './simdForms.ts';
import { addToOdd } from './simdFpHalves.ts';
import { clip, shl, shuffleElements, splat, splatElement, type V } from './simdLanes.ts';

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

const softDotAdd = hostHelper('bfloat16DotAddSoft', ['i32', 'i32', 'i32'], 'i32', (sum, n, m) => {
  const unit = new SoftFloat(Fpcr.FZ | Fpcr.DN, Rounding.oddToInfinity);
  const parts = (pair: number): readonly [bigint, bigint] => [BigInt((pair << 16) >>> 0), BigInt((pair & 0xffff_0000) >>> 0)];
  const [[a0, a1], [b0, b1]] = [parts(n), parts(m)];
  const products = unit.add(SINGLE, unit.mul(SINGLE, a0, b0), unit.mul(SINGLE, a1, b1));
  return Number(unit.add(SINGLE, BigInt(sum >>> 0), products));
});
const settleDotAdd = irHelper('bfloat16DotAddSettle', ['v128', 'v128', 'v128'], 'v128', (ir, sum, n, m) => {
  let result = sum;
  for (let lane = 0; lane < 4; lane++) {
    const word = (v: V): Value<'i32'> => ir.i32x4_extract_lane(v, lane);
    result = ir.i32x4_replace_lane(result, ir.helper(softDotAdd, word(sum), word(n), word(m)), lane);
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
  const unusual = ir.i32_eqz(ir.i32x4_all_true(ir.v128_and(below(products), below(value))));
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
