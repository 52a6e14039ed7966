import { signExtend } from '../../../base/index.ts';
import type { A64Translator } from './translator.ts';

interface MoveWide {
  readonly sf: number;
  readonly hw: number;
  readonly imm16: number;
  readonly rd: number;
}

/** MOVZ and MOVN: a 16-bit constant at bit 16 * `hw`, complemented for MOVN. */
export function moveWide(t: A64Translator, { sf, hw, imm16, rd }: MoveWide, invert: boolean): void {
  if (sf === 0 && hw > 1) return t.undefined();
  const shifted = imm16 << (16 * (hw & 1));
  const lo = hw < 2 ? shifted : 0;
  const hi = hw < 2 ? 0 : shifted;
  const ones = invert ? -1 : 0;
  t.setX(rd, t.ir.i64_halves(lo ^ ones, sf === 0 ? 0 : hi ^ ones));
}

/** MOVK: replaces 16 bits. */
export function moveKeep(t: A64Translator, { sf, hw, imm16, rd }: MoveWide): void {
  if (sf === 0 && hw > 1) return t.undefined();
  const i = t.integers(sf);
  const half = (bits: number): readonly [number, number] => {
    const shifted = bits << (16 * (hw & 1));
    return hw < 2 ? [shifted, 0] : [0, shifted];
  };
  const [maskLo, maskHi] = half(0xffff);
  const kept = i.and(i.reg(rd), i.halves(~maskLo, ~maskHi));
  i.setReg(rd, imm16 === 0 ? kept : i.or(kept, i.halves(...half(imm16))));
}

/** ADR: an address within 1 MiB of this instruction. */
export function address(t: A64Translator, { immlo, immhi, rd }: { immlo: number; immhi: number; rd: number }): void {
  t.setX(rd, t.ir.i64_const(t.pc + signExtend((immhi << 2) | immlo, 21)));
}

/** ADRP: the address of a 4 KiB page within 4 GiB of this instruction's. */
export function addressOfPage(t: A64Translator, { immlo, immhi, rd }: { immlo: number; immhi: number; rd: number }): void {
  const page = t.pc - (t.pc % 4096);
  t.setX(rd, t.ir.i64_const(page + signExtend((immhi << 2) | immlo, 21) * 4096));
}
