import type { IrBuilder } from '../../../ir/index.ts';
import type { Translate } from './simdForms.ts';
import { shl, ushr, type V } from './simdLanes.ts';

/** FEAT_SHA3: what SHA-3 does to its state most. */
interface Three {
  readonly rm: number;
  readonly rn: number;
  readonly rd: number;
}
interface Four extends Three {
  readonly ra: number;
}

/** EOR3: n + m + a, without carries. */
export const exclusiveOrOfThree: Translate<Four> = (t, { rm, ra, rn, rd }) => t.setV(rd, t.ir.v128_xor(t.ir.v128_xor(t.v(rn), t.v(rm)), t.v(ra)));

/** BCAX: n + (m and not a). */
export const bitClearAndExclusiveOr: Translate<Four> = (t, { rm, ra, rn, rd }) => t.setV(rd, t.ir.v128_xor(t.v(rn), t.ir.v128_andnot(t.v(rm), t.v(ra))));

/** Doublewords turned right by `count`, 0 to 63. */
const rotateRight = (ir: IrBuilder, v: V, count: number): V => (count === 0 ? v : ir.v128_or(ushr(ir, 3, v, count), shl(ir, 3, v, 64 - count)));

export const rotateAndExclusiveOr: Translate<Three> = (t, { rm, rn, rd }) => t.setV(rd, t.ir.v128_xor(t.v(rn), rotateRight(t.ir, t.v(rm), 63)));

export const exclusiveOrAndRotate: Translate<Three & { readonly imm6: number }> = (t, { rm, imm6, rn, rd }) =>
  t.setV(rd, rotateRight(t.ir, t.ir.v128_xor(t.v(rn), t.v(rm)), imm6));
