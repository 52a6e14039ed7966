import type { Translate } from './simdForms.ts';
import { FP_ARITHMETIC } from './simdFpArithmetic.ts';
import { applyVectors, spread, type Width } from './simdFpForms.ts';
import type { FpSize } from './simdFpLanes.ts';
import { bitsOf, shuffleElements, type V } from './simdLanes.ts';
import type { A64Translator } from './translator.ts';

/**
 * FEAT_FCMA: complex numbers in pairs of lanes, the real part in the even one. Rotation by quarter turns is a swap of
 * the parts and changes of sign, so that the arithmetic is that of the plain instructions.
 */
interface Complex {
  readonly q: number;
  readonly size: number;
  readonly rot: number;
  readonly rn: number;
  readonly rd: number;
}

const widthOf = ({ q, size }: Complex): Width & { readonly q: number } => (size === 1 ? { q } : { q, sz: size - 2 });

/** The even lanes' signs turned where `real`, the odd ones' where `imaginary`: of NaNs, too. */
function negateParts(t: A64Translator, size: number, real: number, imaginary: number, v: V): V {
  if (!real && !imaginary) return v;
  const bits = bitsOf(size);
  const signs = new Uint8Array(16);
  for (let lane = 0; lane < 128 / bits; lane++) if (lane & 1 ? imaginary : real) signs[((lane + 1) * bits) / 8 - 1] = 0x80;
  return t.ir.v128_xor(v, t.ir.v128_const(signs));
}

/** FCADD: m is turned by 90 degrees (rot 0) or by 270 (rot 1). */
export const fpComplexAdd: Translate<Complex & { readonly rm: number }> = (t, f) => {
  const size = f.size as FpSize;
  const width = widthOf(f);
  const m = spread(t, width, t.v(f.rm));
  const swapped = shuffleElements(t.ir, size, m, m, (i) => i ^ 1);
  const turned = negateParts(t, size, 1 - f.rot, f.rot, swapped);
  applyVectors(t, { ...width, rd: f.rd }, FP_ARITHMETIC[size].add, spread(t, width, t.v(f.rn)), turned);
};

/**
 * FCMLA: half of a complex product: odd quarter turns multiply by n's imaginary parts, even ones by the real parts.
 * @param laneOf for each lane of the destination the lane of m that stands in its place before the parts are swapped
 */
function multiplyAdd(t: A64Translator, f: Complex, m: V, laneOf: (lane: number) => number): void {
  const size = f.size as FpSize;
  const width = widthOf(f);
  const swapped = f.rot & 1;
  const negative = f.rot >> 1;
  const n = spread(t, width, t.v(f.rn));
  const part = shuffleElements(t.ir, size, n, n, (i) => (i & ~1) | swapped);
  const factor = shuffleElements(t.ir, size, m, m, (i) => laneOf(i) ^ swapped);
  const addend = spread(t, width, t.v(f.rd));
  applyVectors(t, { ...width, rd: f.rd }, FP_ARITHMETIC[size].fma, addend, part, negateParts(t, size, swapped ^ negative, negative, factor));
}

/** FCMLA (vector). */
export const fpComplexMultiplyAdd: Translate<Complex & { readonly rm: number }> = (t, f) => multiplyAdd(t, f, spread(t, widthOf(f), t.v(f.rm)), (lane) => lane);

/** FCMLA (by element): the complex number H:L of halves or H of singles, of V[M:Rm]. */
export const fpComplexMultiplyAddByElement: Translate<Complex & { readonly l: number; readonly m: number; readonly rm: number; readonly h: number }> = (
  t,
  f,
) => {
  const index = f.size === 1 ? (f.h << 1) | f.l : f.h;
  multiplyAdd(t, f, t.v((f.m << 4) | f.rm), (lane) => 2 * index + (lane & 1));
};
