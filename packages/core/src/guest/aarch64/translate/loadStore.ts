import { signExtend } from '../../../base/index.ts';
import type { Value } from '../../../ir/index.ts';
import { extend64 } from './extend.ts';
import type { A64Translator } from './translator.ts';

/**
 * A transfer between register `rt` and memory at `address`. It may fault, and then nothing of its instruction has
 * happened: a load sets the register behind the memory op, and the base register is written back behind the transfer.
 */
export type Transfer = (t: A64Translator, address: Value<'i64'>, rt: number) => void;

export const loadByte: Transfer = (t, address, rt) => t.setX(rt, t.ir.i64_load8_u(address));
export const loadHalf: Transfer = (t, address, rt) => t.setX(rt, t.ir.i64_load16_u(address));
export const loadW: Transfer = (t, address, rt) => t.setX(rt, t.ir.i64_load32_u(address));
export const loadX: Transfer = (t, address, rt) => t.setX(rt, t.ir.i64_load(address));
export const loadSignedByteToX: Transfer = (t, address, rt) => t.setX(rt, t.ir.i64_load8_s(address));
export const loadSignedHalfToX: Transfer = (t, address, rt) => t.setX(rt, t.ir.i64_load16_s(address));
export const loadSignedWordToX: Transfer = (t, address, rt) => t.setX(rt, t.ir.i64_load32_s(address));
export const loadSignedByteToW: Transfer = (t, address, rt) => t.setW(rt, t.ir.i32_load8_s(address));
export const loadSignedHalfToW: Transfer = (t, address, rt) => t.setW(rt, t.ir.i32_load16_s(address));

export const storeByte: Transfer = (t, address, rt) => t.ir.i64_store8(address, t.x(rt));
export const storeHalf: Transfer = (t, address, rt) => t.ir.i64_store16(address, t.x(rt));
export const storeW: Transfer = (t, address, rt) => t.ir.i64_store32(address, t.x(rt));
export const storeX: Transfer = (t, address, rt) => t.ir.i64_store(address, t.x(rt));

/** Loads and stores of a W (0) or X (1) register, by the bit of the size field that tells them apart. */
export const LOAD_REGISTER: readonly Transfer[] = [loadW, loadX];
export const STORE_REGISTER: readonly Transfer[] = [storeW, storeX];
/** Sign-extending loads, by the low bit of the opc field: to X (0) or to W (1). */
export const LOAD_SIGNED_BYTE: readonly Transfer[] = [loadSignedByteToX, loadSignedByteToW];
export const LOAD_SIGNED_HALF: readonly Transfer[] = [loadSignedHalfToX, loadSignedHalfToW];

/** PRFM and its kin: nothing is fetched ahead. */
export const prefetch: Transfer = () => {};

// Addressing modes. Addresses wrap at 2^64; the tag in bits 63..56 is the memory's business

function plus(t: A64Translator, base: Value<'i64'>, offset: number): Value<'i64'> {
  return offset === 0 ? base : t.ir.i64_add(base, t.ir.i64_const(offset));
}

interface Immediate9 {
  readonly imm9: number;
  readonly rn: number;
  readonly rt: number;
}

/** [Xn|SP, #imm]: unsigned, in units of the `1 << scale` bytes transferred. */
export function unsignedOffset(t: A64Translator, { imm12, rn, rt }: { imm12: number; rn: number; rt: number }, transfer: Transfer, scale: number): void {
  transfer(t, plus(t, t.xOrSp(rn), imm12 << scale), rt);
}

/** [Xn|SP, #imm]: signed, in bytes. */
export function unscaledOffset(t: A64Translator, { imm9, rn, rt }: Immediate9, transfer: Transfer): void {
  transfer(t, plus(t, t.xOrSp(rn), signExtend(imm9, 9)), rt);
}

/** As unscaledOffset, for ordered accesses, which must be aligned to the `1 << scale` bytes transferred. */
export function alignedOffset(t: A64Translator, { imm9, rn, rt }: Immediate9, transfer: Transfer, scale: number): void {
  const address = plus(t, t.xOrSp(rn), signExtend(imm9, 9));
  if (scale > 0) t.ir.checkAligned(address, 1 << scale);
  transfer(t, address, rt);
}

/** [Xn|SP, #imm]! */
export function preIndex(t: A64Translator, { imm9, rn, rt }: Immediate9, transfer: Transfer): void {
  const address = plus(t, t.xOrSp(rn), signExtend(imm9, 9));
  transfer(t, address, rt);
  t.setXOrSp(rn, address);
}

/** [Xn|SP], #imm */
export function postIndex(t: A64Translator, { imm9, rn, rt }: Immediate9, transfer: Transfer): void {
  const address = t.xOrSp(rn);
  transfer(t, address, rt);
  t.setXOrSp(rn, plus(t, address, signExtend(imm9, 9)));
}

/** [Xn|SP, Xm|Wm, extend #amount]: `s` shifts by `scale`. */
export function registerOffset(
  t: A64Translator,
  f: { rm: number; option: number; s: number; rn: number; rt: number },
  transfer: Transfer,
  scale: number,
): void {
  // Extension of bytes and halfwords is not provided for
  if ((f.option & 2) === 0) return t.undefined();
  const base = t.xOrSp(f.rn);
  const extended = extend64(t, t.x(f.rm), f.option);
  const offset = f.s === 0 || scale === 0 ? extended : t.ir.i64_shl(extended, t.ir.i64_const(scale));
  transfer(t, t.ir.i64_add(base, offset), f.rt);
}

/** A literal within 1 MiB of this instruction. */
export function literal(t: A64Translator, { imm19, rt }: { imm19: number; rt: number }, transfer: Transfer): void {
  transfer(t, t.ir.i64_const(t.pc + signExtend(imm19, 19) * 4), rt);
}
