import type { IrBuilder } from '../../../ir/index.ts';
import { element, operands, type Translate } from './simdForms.ts';
import { add, clip, type Sign, shl, splat, splatElement, sshr, unzip, ushr, type V } from './simdLanes.ts';
import type { A64Translator } from './translator.ts';

/**
 * FEAT_DotProd and FEAT_I8MM: products of bytes, signed or not, added up in words. The bytes with even and those with
 * odd numbers are widened to halfwords where they are; Wasm's dot product of halfwords then adds neighbours.
 */
interface Halves {
  readonly even: V;
  readonly odd: V;
}

function widen(ir: IrBuilder, sign: Sign, a: V): Halves {
  if (sign === 'u') return { even: ir.v128_and(a, splat(ir, 1, 0xff)), odd: ushr(ir, 1, a, 8) };
  return { even: sshr(ir, 1, shl(ir, 1, a, 8), 8), odd: sshr(ir, 1, a, 8) };
}

/** For each word of n and m: the sum of the four products of its bytes. */
function dotHalves(ir: IrBuilder, n: Halves, m: Halves): V {
  return ir.i32x4_add(ir.i32x4_dot_i16x8_s(n.even, m.even), ir.i32x4_dot_i16x8_s(n.odd, m.odd));
}

interface Registers {
  readonly rn: number;
  readonly rd: number;
}

function setDotProduct(t: A64Translator, q: number, rd: number, signN: Sign, signM: Sign, n: V, m: V): void {
  const wideN = widen(t.ir, signN, n);
  const wideM = m === n && signM === signN ? wideN : widen(t.ir, signM, m);
  t.setV(rd, clip(t.ir, q ? 16 : 8, t.ir.i32x4_add(t.v(rd), dotHalves(t.ir, wideN, wideM))));
}

/** SDOT, UDOT and USDOT: which of the operands are signed. */
export const dotProduct =
  (signN: Sign, signM: Sign): Translate<Registers & { q: number; rm: number }> =>
  (t, f) =>
    setDotProduct(t, f.q, f.rd, signN, signM, ...operands(t, f));

/** The second operand is a word of m: four bytes, the same for each word of n. */
export const dotProductByElement =
  (signN: Sign, signM: Sign): Translate<Registers & { q: number; l: number; m: number; rm: number; h: number }> =>
  (t, f) =>
    setDotProduct(t, f.q, f.rd, signN, signM, t.v(f.rn), element(t, { ...f, size: 2 }));

/** SMMLA, UMMLA and USMMLA: n and m are two rows of eight bytes each; word 2i + j of the destination gets row i of n times row j of m. */
export const multiplyMatrices =
  (signN: Sign, signM: Sign): Translate<Registers & { rm: number }> =>
  (t, f) => {
    const { ir } = t;
    const [n, m] = operands(t, f);
    const wideM = widen(ir, signM, m);
    // Halves of the dot products of one row of n with both rows of m
    const [first, second] = [0, 1].map((row) => dotHalves(ir, widen(ir, signN, splatElement(ir, 3, n, row)), wideM)) as [V, V];
    const products = add(ir, 2, unzip(ir, 2, 0, first, second), unzip(ir, 2, 1, first, second));
    t.setV(f.rd, add(ir, 2, t.v(f.rd), products));
  };
