import type { Integers, IntegerValue } from './integers.ts';
import type { A64Translator } from './translator.ts';

interface Bitfield {
  readonly sf: number;
  readonly n: number;
  readonly immr: number;
  readonly imms: number;
  readonly rn: number;
  readonly rd: number;
}

/** N must equal sf, and the 32-bit form has no numbers above 31. */
function isReserved({ sf, n, immr, imms }: Bitfield): boolean {
  return n !== sf || (sf === 0 && (immr > 31 || imms > 31));
}

/** A word whose bits 0 to `count` - 1 are one; none where `count` is not positive, all from 32 on. */
const lowOnes = (count: number): number => (count >= 32 ? -1 : count <= 0 ? 0 : (1 << count) - 1);

/** A mask of `width` ones (1 to 64) from bit `lsb` up, or, with `invert`, its complement. */
function mask(i: Integers, lsb: number, width: number, invert = false): IntegerValue {
  const flip = invert ? -1 : 0;
  const end = lsb + width;
  return i.halves((lowOnes(end) & ~lowOnes(lsb)) ^ flip, (lowOnes(end - 32) & ~lowOnes(lsb - 32)) ^ flip);
}

/** UBFM, with its aliases LSL, LSR, UBFX, UBFIZ, UXTB, UXTH. */
export function unsignedBitfieldMove(t: A64Translator, f: Bitfield): void {
  if (isReserved(f)) return t.undefined();
  const i = t.integers(f.sf);
  const { immr, imms } = f;
  const value = i.reg(f.rn);
  let result: IntegerValue;
  if (imms >= immr) {
    const shifted = immr === 0 ? value : i.shr_u(value, i.constant(immr));
    result = imms === i.size - 1 ? shifted : i.and(shifted, mask(i, 0, imms - immr + 1));
  } else {
    const field = imms + 1 === immr ? value : i.and(value, mask(i, 0, imms + 1));
    result = i.shl(field, i.constant(i.size - immr));
  }
  i.setReg(f.rd, result);
}

/** SBFM, with its aliases ASR, SBFX, SBFIZ, SXTB, SXTH, SXTW. */
export function signedBitfieldMove(t: A64Translator, f: Bitfield): void {
  if (isReserved(f)) return t.undefined();
  const i = t.integers(f.sf);
  i.setReg(f.rd, signedField(t, i, f));
}

function signedField(t: A64Translator, i: Integers, { immr, imms, rn }: Bitfield): IntegerValue {
  if (immr === 0 && imms === 31 && i.size === 64) return t.ir.i64_extend32_s(t.x(rn));
  const value = i.reg(rn);
  if (immr === 0 && imms === 7) return i.extend8_s(value);
  if (immr === 0 && imms === 15) return i.extend16_s(value);
  // The field's sign bit to the top, then back down to where the field belongs
  const left = i.size - 1 - imms;
  const right = imms >= immr ? left + immr : left - (i.size - immr);
  const top = left === 0 ? value : i.shl(value, i.constant(left));
  return right === 0 ? top : i.shr_s(top, i.constant(right));
}

/** BFM, with its aliases BFI, BFXIL, BFC. */
export function bitfieldMove(t: A64Translator, f: Bitfield): void {
  if (isReserved(f)) return t.undefined();
  const i = t.integers(f.sf);
  const { immr, imms, rn, rd } = f;
  const extracts = imms >= immr;
  const lsb = extracts ? 0 : i.size - immr;
  const width = extracts ? imms - immr + 1 : imms + 1;
  if (width === i.size) return i.setReg(rd, i.reg(rn));
  const moved = immr === 0 ? i.reg(rn) : extracts ? i.shr_u(i.reg(rn), i.constant(immr)) : i.shl(i.reg(rn), i.constant(lsb));
  const inserted = rn === 31 ? undefined : i.and(moved, mask(i, lsb, width));
  const kept = i.and(i.reg(rd), mask(i, lsb, width, true));
  i.setReg(rd, inserted === undefined ? kept : i.or(kept, inserted));
}

/** EXTR, with its alias ROR (immediate): `imms` is the lowest bit taken from Rn:Rm. */
export function extract(t: A64Translator, f: { sf: number; n: number; rm: number; imms: number; rn: number; rd: number }): void {
  if (f.n !== f.sf || (f.sf === 0 && f.imms > 31)) return t.undefined();
  const i = t.integers(f.sf);
  const { imms, rm, rn, rd } = f;
  if (imms === 0) return i.setReg(rd, i.reg(rm));
  if (rm === rn) return i.setReg(rd, i.rotr(i.reg(rm), i.constant(imms)));
  i.setReg(rd, i.or(i.shl(i.reg(rn), i.constant(i.size - imms)), i.shr_u(i.reg(rm), i.constant(imms))));
}
