import type { Translate } from './simdForms.ts';
import {
  bitsOf,
  clip,
  elementAsI32,
  elementAsI64,
  fromI32,
  shuffleElements,
  splat,
  splatElement,
  splatValue,
  type V,
  withElement,
  withElementI32,
  zero,
} from './simdLanes.ts';

/**
 * Advanced SIMD copy and modified immediate. The lowest set bit of imm5 gives the element's size; the bits above it
 * are the element's index.
 */
const sizeOf = (imm5: number): number => 31 - Math.clz32(imm5 & -imm5);
const indexOf = (imm5: number): number => imm5 >> (sizeOf(imm5) + 1);

interface Copy {
  readonly imm5: number;
  readonly rn: number;
  readonly rd: number;
}

/** DUP (element), vector. */
export const duplicateElement: Translate<Copy & { q: number }> = (t, { q, imm5, rn, rd }) =>
  t.setV(rd, clip(t.ir, q ? 16 : 8, splatElement(t.ir, sizeOf(imm5), t.v(rn), indexOf(imm5))));

/** DUP (element), scalar: the element alone. */
export const moveElement: Translate<Copy> = (t, { imm5, rn, rd }) => {
  const size = sizeOf(imm5);
  const index = indexOf(imm5);
  const n = t.v(rn);
  if (index === 0) t.setV(rd, clip(t.ir, 1 << size, n));
  else if (size < 2) t.setV(rd, fromI32(t.ir, elementAsI32(t.ir, size, 'u', n, index)));
  else
    t.setV(
      rd,
      shuffleElements(t.ir, size, n, zero(t.ir), (i) => (i === 0 ? index : 16 >> size)),
    );
};

/** DUP (general). */
export const duplicateGeneral: Translate<Copy & { q: number }> = (t, { q, imm5, rn, rd }) => {
  t.setV(rd, clip(t.ir, q ? 16 : 8, splatValue(t.ir, sizeOf(imm5), t.x(rn))));
};

export const signedMoveToGeneral: Translate<Copy & { q: number }> = (t, { q, imm5, rn, rd }) => {
  const value = elementAsI32(t.ir, sizeOf(imm5), 's', t.v(rn), indexOf(imm5));
  t.setX(rd, q ? t.ir.i64_extend_i32_s(value) : t.ir.i64_extend_i32_u(value));
};

export const unsignedMoveToGeneral: Translate<Copy> = (t, { imm5, rn, rd }) => t.setX(rd, elementAsI64(t.ir, sizeOf(imm5), 'u', t.v(rn), indexOf(imm5)));

export const insertGeneral: Translate<Copy> = (t, { imm5, rn, rd }) => {
  const size = sizeOf(imm5);
  const d = t.v(rd);
  t.setV(rd, size === 3 ? withElement(t.ir, 3, d, indexOf(imm5), t.x(rn)) : withElementI32(t.ir, size, d, indexOf(imm5), t.w(rn)));
};

/** INS (element): imm4 holds the source's index, from the bit of the element's size up. */
export const insertElement: Translate<Copy & { imm4: number }> = (t, { imm5, imm4, rn, rd }) => {
  const size = sizeOf(imm5);
  const to = indexOf(imm5);
  const from = imm4 >> size;
  const [d, n] = [t.v(rd), t.v(rn)];
  if (size >= 2)
    t.setV(
      rd,
      shuffleElements(t.ir, size, d, n, (i) => (i === to ? (16 >> size) + from : i)),
    );
  else t.setV(rd, withElementI32(t.ir, size, d, to, elementAsI32(t.ir, size, 'u', n, from)));
};

/** Size of the elements that imm5 names, or 4 and more if it names none. */
export const copySize = (imm5: number): number => (imm5 & 15 ? sizeOf(imm5) : 4);

// Modified immediate

interface Immediate {
  readonly abc: number;
  readonly defgh: number;
  readonly q: number;
  readonly rd: number;
}
const imm8 = ({ abc, defgh }: Immediate): number => (abc << 5) | defgh;

/** The immediate as 64 bits. `size` is that of the elements which hold it. */
const repeated = (value: bigint, size: number): bigint => {
  let bits = 0n;
  for (let at = 0; at < 64; at += bitsOf(size)) bits |= value << BigInt(at);
  return bits;
};

/** imm8 shifted left by whole bytes, in each element. */
const shifted =
  (size: number) =>
  (f: Immediate & { readonly shift: number }): bigint =>
    repeated(BigInt(imm8(f)) << BigInt(8 * f.shift), size);
export const shiftedWords = shifted(2);
export const shiftedHalfwords = shifted(1);

/** MOVI and MVNI "shifting ones": the bits below imm8 are ones. */
export const onesBelow = (f: Immediate & { readonly shift: number }): bigint => {
  const count = f.shift ? 16n : 8n;
  return repeated((BigInt(imm8(f)) << count) | ((1n << count) - 1n), 2);
};
export const bytes = (f: Immediate): bigint => repeated(BigInt(imm8(f)), 0);

/** Each bit of imm8 becomes a byte of zeros or ones. */
export const byteMask = (f: Immediate): bigint => {
  let bits = 0n;
  for (let i = 0; i < 8; i++) if ((imm8(f) >> i) & 1) bits |= 0xffn << BigInt(8 * i);
  return bits;
};

/** VFPExpandImm (Arm ARM): sign, three exponent bits of which the first is repeated, four fraction bits. */
const expanded = (imm: number, exponentBits: number, fractionBits: number): bigint => {
  const b = (imm >> 6) & 1;
  const exponent = (BigInt(b ^ 1) << BigInt(exponentBits - 1)) | (b ? ((1n << BigInt(exponentBits - 3)) - 1n) << 2n : 0n) | BigInt((imm >> 4) & 3);
  return (BigInt(imm >> 7) << BigInt(exponentBits + fractionBits)) | (exponent << BigInt(fractionBits)) | (BigInt(imm & 15) << BigInt(fractionBits - 4));
};
export const halves = (f: Immediate): bigint => repeated(expanded(imm8(f), 5, 10), 1);
export const singles = (f: Immediate): bigint => repeated(expanded(imm8(f), 8, 23), 2);
export const doubles = (f: Immediate): bigint => expanded(imm8(f), 11, 52);

const inverse = (bits: bigint): bigint => bits ^ 0xffff_ffff_ffff_ffffn;

/** In both halves, or with Q = 0 in the low half alone. */
function immediate<F extends Immediate>(t: Parameters<Translate<F>>[0], { q }: F, bits: bigint): V {
  if (q) return splat(t.ir, 3, bits);
  const [low, high] = [Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n))];
  return t.ir.v128_words(low, high, 0, 0);
}

export const moveImmediate =
  <F extends Immediate>(bits: (f: F) => bigint): Translate<F> =>
  (t, f) =>
    t.setV(f.rd, immediate(t, f, bits(f)));
export const moveInvertedImmediate =
  <F extends Immediate>(bits: (f: F) => bigint): Translate<F> =>
  (t, f) =>
    t.setV(f.rd, immediate(t, f, inverse(bits(f))));
export const orImmediate =
  <F extends Immediate>(bits: (f: F) => bigint): Translate<F> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, f.q ? 16 : 8, t.ir.v128_or(t.v(f.rd), immediate(t, f, bits(f)))));
/** With Q = 0 the mask's upper half is zero, and so is the result's. */
export const clearImmediate =
  <F extends Immediate>(bits: (f: F) => bigint): Translate<F> =>
  (t, f) =>
    t.setV(f.rd, t.ir.v128_and(t.v(f.rd), immediate(t, f, inverse(bits(f)))));
