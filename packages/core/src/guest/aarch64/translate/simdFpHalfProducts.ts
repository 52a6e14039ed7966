import type { Value } from '../../../ir/index.ts';
import { F32 } from './fpFloats.ts';
import { settleFmaF32x4 } from './fpFused.ts';
import { SINGLE_TESTS } from './fpInexact.ts';
import { fpHelpers } from './fpOperation.ts';
import { Fpcr, Fpsr, SINGLE } from './fpSoftFloat.ts';
import type { Translate } from './simdForms.ts';
import { applyVectors, spread } from './simdFpForms.ts';
import { widenHalves } from './simdFpHalves.ts';
import { type Elementwise, FP_LANES, onVectors } from './simdFpLanes.ts';
import { anyInfiniteOrNan } from './simdFpUnusual.ts';
import { splatElement, type V } from './simdLanes.ts';
import type { A64Translator } from './translator.ts';

/**
 * FEAT_FHM: products of halves added to singles, rounded once. A half is exact as a single, so is the product of two, and
 * neither gets small: the plain sum is the fused one.
 */

const SMALLEST_NORMAL_HALF = BigInt((127 - 14) << 23);
/** Under FPCR.FZ16 a denormal half counts as zero, whatever width it has meanwhile. */
const flushedHalf = (fpcr: number, single: bigint): bigint =>
  (fpcr & Fpcr.FZ16) !== 0 && (single & 0x7fff_ffffn) < SMALLEST_NORMAL_HALF ? single & 0x8000_0000n : single;

/** (addend, a, b): addend + a * b of singles, where a and b are halves. */
const halfProducts = onVectors({
  name: 'f32x4HalfProducts',
  operands: [FP_LANES[2], FP_LANES[2], FP_LANES[2]],
  result: FP_LANES[2],
  helpers: fpHelpers({
    name: 'fp32HalfProduct',
    args: ['f32', 'f32', 'f32'],
    result: 'f32',
    rounds: true,
    plain: (ir, addend, a, b) => {
      const value = ir.f32_add(addend, ir.f32_mul(a, b));
      const denormal = (half: Value<'f32'>): Value<'i32'> => ir.i32_and(ir.f32_lt(ir.f32_abs(half), F32.power(ir, -14)), ir.f32_ne(half, F32.zero(ir)));
      const infiniteOrNan = ir.i32_eqz(ir.f32_lt(ir.f32_abs(value), F32.power(ir, 128)));
      return { value, doubtful: ir.i32_or(infiniteOrNan, ir.i32_or(denormal(a), denormal(b))) };
    },
    quickFlags: (ir, addend, a, b) => {
      const product = ir.f32_mul(a, b);
      const { inexact, certain } = SINGLE_TESTS.add(ir, product, addend, ir.f32_add(product, addend));
      return { raised: ir.i32_select(inexact, ir.i32_const(Fpsr.IXC), ir.i32_const(0)), certain };
    },
    soft: (unit, addend, a, b) => unit.fma(SINGLE, addend, flushedHalf(unit.fpcr, a), flushedHalf(unit.fpcr, b)),
  }) as unknown as Elementwise['helpers'],
  attemptAll: (ir, addend, a, b) => {
    const value = ir.f32x4_add(addend, ir.f32x4_mul(a, b));
    const unusual = anyInfiniteOrNan(ir, 'f32x4', value);
    return { value, doubtful: unusual, raises: unusual };
  },
  settleAll: (ir, addend, a, b) => ir.helper(settleFmaF32x4, addend, a, b),
});

interface Fields {
  readonly q: number;
  readonly rn: number;
  readonly rd: number;
}
/** The part of V[n] that the instruction takes, FMLAL and FMLSL the lower one. */
type Part = 'low' | 'high';

/** As many halves of V[n] as the destination has singles, from its low 64 or 32 bits or from those above. */
function halvesOf(t: A64Translator, q: number, part: Part, v: V): V {
  const high = part === 'high' ? 1 : 0;
  return q ? widenHalves(t.ir, high, v) : widenHalves(t.ir, 0, splatElement(t.ir, 2, v, high));
}

function multiplyAdd(t: A64Translator, f: Fields, part: Part, subtract: boolean, m: V): void {
  const n = halvesOf(t, f.q, part, t.v(f.rn));
  applyVectors(t, { q: f.q, sz: 0, rd: f.rd }, halfProducts, spread(t, f, t.v(f.rd)), subtract ? t.ir.f32x4_neg(n) : n, m);
}

/** FMLAL, FMLAL2, FMLSL, FMLSL2 (vector). */
export const halfProductsVector =
  (part: Part, subtract = false): Translate<Fields & { readonly rm: number }> =>
  (t, f) =>
    multiplyAdd(t, f, part, subtract, halvesOf(t, f.q, part, t.v(f.rm)));

/** FMLAL, FMLAL2, FMLSL, FMLSL2 (by element): the half H:L:M of V[Rm]. */
export const halfProductsByElement =
  (part: Part, subtract = false): Translate<Fields & { readonly l: number; readonly m: number; readonly rm: number; readonly h: number }> =>
  (t, f) =>
    multiplyAdd(t, f, part, subtract, widenHalves(t.ir, 0, splatElement(t.ir, 1, t.v(f.rm), (f.h << 2) | (f.l << 1) | f.m)));
