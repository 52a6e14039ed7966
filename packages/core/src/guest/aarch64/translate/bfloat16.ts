import type { IrBuilder, Value } from '../../../ir/index.ts';
import { SINGLE_ARITHMETIC } from './fpArithmetic.ts';
import { settleFmaF32x4 } from './fpFused.ts';
import { invalidF32 } from './fpNan.ts';
import { applyFp, type FpOperation, fpOperation } from './fpOperation.ts';
import { BFLOAT16, Fpsr, SINGLE } from './fpSoftFloat.ts';
import type { Translate } from './simdForms.ts';
import { applyVectors, narrowed } from './simdFpForms.ts';
import { type Elementwise, FP_LANES, onVectors } from './simdFpLanes.ts';
import { anyFalse, shl, splat, splatElement, type V, zero } from './simdLanes.ts';
import type { A64Translator } from './translator.ts';

/** FEAT_BF16 but for dot products: conversions from single precision, and multiply-adds, which follow FPCR as others do. */

const SMALLEST_NORMAL = 0x0080_0000;
/** Singles from here up round to infinity, are infinite or NaNs. */
const TOO_LARGE = 0x7f7f_8000;

/** A single's bits rounded to the 16 upper ones, ties to even. Not for NaNs. */
const roundedBits = (ir: IrBuilder, bits: Value<'i32'>): Value<'i32'> => {
  const last = ir.i32_and(ir.i32_shr_u(bits, ir.i32_const(16)), ir.i32_const(1));
  return ir.i32_shr_u(ir.i32_add(bits, ir.i32_add(last, ir.i32_const(0x7fff))), ir.i32_const(16));
};

/** 1 unless the number is zero, or normal before and after. */
const isUnusual = (ir: IrBuilder, bits: Value<'i32'>): Value<'i32'> => {
  const magnitude = ir.i32_and(bits, ir.i32_const(0x7fff_ffff));
  const outside = ir.i32_ge_u(ir.i32_sub(magnitude, ir.i32_const(SMALLEST_NORMAL)), ir.i32_const(TOO_LARGE - SMALLEST_NORMAL));
  return ir.i32_and(outside, ir.i32_ne(magnitude, ir.i32_const(0)));
};

/** BFCVT: a single to its 16 bits as a bfloat16. */
export const SINGLE_TO_BFLOAT16 = fpOperation({
  name: 'fpSingleToBfloat16',
  args: ['f32'],
  result: 'i32',
  rounds: true,
  attempt: (ir, a) => {
    const bits = ir.i32_reinterpret_f32(a);
    const unusual = isUnusual(ir, bits);
    return { value: roundedBits(ir, bits), doubtful: unusual, raises: unusual };
  },
  settle: (ir, a) => {
    const bits = ir.i32_reinterpret_f32(a);
    const quiet = ir.i32_or(ir.i32_shr_u(bits, ir.i32_const(16)), ir.i32_const(0x40));
    return ir.i32_select(ir.f32_ne(a, a), quiet, roundedBits(ir, bits));
  },
  quickFlags: (ir, a) => {
    const bits = ir.i32_reinterpret_f32(a);
    const nan = ir.f32_ne(a, a);
    const inexact = ir.i32_select(ir.i32_and(bits, ir.i32_const(0xffff)), ir.i32_const(Fpsr.IXC), ir.i32_const(0));
    return { raised: ir.i32_select(nan, invalidF32(ir, a), inexact), certain: ir.i32_or(nan, ir.i32_eqz(isUnusual(ir, bits))) };
  },
  soft: (unit, a) => unit.convert(SINGLE, BFLOAT16, a),
});

/** BFCVT */
export function fpToBfloat16(t: A64Translator, { rn, rd }: { readonly rn: number; readonly rd: number }): void {
  const bits = applyFp(t, SINGLE_TO_BFLOAT16, t.s(rn));
  t.setV(rd, t.ir.i16x8_replace_lane(zero(t.ir), bits, 0));
}

const narrowToBfloat16 = onVectors({
  name: 'f32x4ToBfloat16',
  operands: [FP_LANES[2]],
  result: FP_LANES[1],
  helpers: SINGLE_TO_BFLOAT16 as unknown as Elementwise['helpers'],
  attempt: SINGLE_TO_BFLOAT16.attempt as unknown as NonNullable<Elementwise['attempt']>,
  attemptAll: (ir, a) => {
    const last = ir.v128_and(ir.i32x4_shr_u(a, ir.i32_const(16)), splat(ir, 2, 1));
    const words = ir.i32x4_shr_u(ir.i32x4_add(a, ir.i32x4_add(last, splat(ir, 2, 0x7fff))), ir.i32_const(16));
    const magnitude = ir.v128_and(a, splat(ir, 2, 0x7fff_ffff));
    const normal = ir.i32x4_lt_u(ir.i32x4_sub(magnitude, splat(ir, 2, SMALLEST_NORMAL)), splat(ir, 2, TOO_LARGE - SMALLEST_NORMAL));
    const usual = ir.v128_or(normal, ir.i32x4_eq(magnitude, zero(ir)));
    const unusual = anyFalse(ir, 2, usual);
    return { value: ir.i16x8_narrow_i32x4_u(words, zero(ir)), doubtful: unusual, raises: unusual };
  },
});

/** BFCVTN, BFCVTN2. */
export const fpNarrowToBfloat16: Translate<{ q: number; rn: number; rd: number }> = (t, f) => narrowed(t, f, narrowToBfloat16[4] as FpOperation);

/** (addend, a, b): addend + a * b of singles, where a and b are bfloat16s, whose product is exact unless it is too small. */
const products = onVectors({
  name: 'f32x4Bfloat16Products',
  operands: [FP_LANES[2], FP_LANES[2], FP_LANES[2]],
  result: FP_LANES[2],
  helpers: SINGLE_ARITHMETIC.fma as unknown as Elementwise['helpers'],
  attemptAll: (ir, addend, a, b) => {
    const product = ir.f32x4_mul(a, b);
    const value = ir.f32x4_add(addend, product);
    const zeroFactor = ir.v128_or(ir.f32x4_eq(a, zero(ir)), ir.f32x4_eq(b, zero(ir)));
    const exact = ir.v128_or(ir.f32x4_ge(ir.f32x4_abs(product), splat(ir, 2, SMALLEST_NORMAL)), zeroFactor);
    const finite = ir.f32x4_lt(ir.f32x4_abs(value), splat(ir, 2, 0x7f80_0000));
    const unusual = anyFalse(ir, 2, ir.v128_and(exact, finite));
    return { value, doubtful: unusual, raises: unusual };
  },
  settleAll: (ir, addend, a, b) => ir.helper(settleFmaF32x4, addend, a, b),
});

interface Fields {
  /** 0: the even elements (BFMLALB), 1: the odd ones (BFMLALT). */
  readonly q: number;
  readonly rn: number;
  readonly rd: number;
}

/** The even or the odd elements as singles. */
const widen = (ir: IrBuilder, odd: number, v: V): V => (odd ? ir.v128_and(v, splat(ir, 2, 0xffff_0000)) : shl(ir, 2, v, 16));

function multiplyAdd(t: A64Translator, f: Fields, m: V): void {
  applyVectors(t, { q: 1, sz: 0, rd: f.rd }, products, t.v(f.rd), widen(t.ir, f.q, t.v(f.rn)), m);
}

/** BFMLALB, BFMLALT (vector). */
export const bfloat16Products: Translate<Fields & { readonly rm: number }> = (t, f) => multiplyAdd(t, f, widen(t.ir, f.q, t.v(f.rm)));

/** BFMLALB, BFMLALT (by element): the element H:L:M of V[Rm]. */
export const bfloat16ProductsByElement: Translate<Fields & { readonly l: number; readonly m: number; readonly rm: number; readonly h: number }> = (t, f) =>
  multiplyAdd(t, f, shl(t.ir, 2, splatElement(t.ir, 1, t.v(f.rm), (f.h << 2) | (f.l << 1) | f.m), 16));
