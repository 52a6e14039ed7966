import type { Value } from '../../../ir/index.ts';
import type { A64Translator } from './translator.ts';

const N = 1 << 31;
const Z = 1 << 30;
const C = 1 << 29;
const V = 1 << 28;

/** The flags in `mask` from `value`, the others as they are. */
function replaceFlags(t: A64Translator, mask: number, value: Value<'i32'>): void {
  const { ir } = t;
  t.setNzcv(ir.i32_or(ir.i32_and(ir.getNzcv(), ir.i32_const(~mask)), value));
}

/** RMIF: Xn rotated right by `imm6`; its bits 3..0 replace those of N Z C V that `mask` names. */
export function rotateIntoFlags(t: A64Translator, { imm6, rn, mask }: { imm6: number; rn: number; mask: number }): void {
  const { ir } = t;
  const rotated = ir.i32_wrap_i64(ir.i64_rotr(t.x(rn), ir.i64_const(imm6)));
  const flags = ir.i32_and(ir.i32_shl(rotated, ir.i32_const(28)), ir.i32_const(mask << 28));
  replaceFlags(t, mask << 28, flags);
}

/** SETF8 and SETF16: N, Z and V of a value of 8 or 16 bits, V being whether the bit above it differs from its sign. */
export function setFlagsOfNarrow(t: A64Translator, rn: number, width: 8 | 16): void {
  const { ir } = t;
  const value = t.w(rn);
  const top = ir.i32_shl(value, ir.i32_const(32 - width));
  const negative = ir.i32_and(top, ir.i32_const(N));
  const zero = ir.i32_shl(ir.i32_eqz(top), ir.i32_const(30));
  const differs = ir.i32_xor(value, ir.i32_shr_u(value, ir.i32_const(1)));
  const overflow = ir.i32_and(ir.i32_shl(differs, ir.i32_const(28 - (width - 1))), ir.i32_const(V));
  replaceFlags(t, N | Z | V, ir.i32_or(negative, ir.i32_or(zero, overflow)));
}

/** CFINV: the other C. */
export function invertCarry(t: A64Translator): void {
  t.setNzcv(t.ir.i32_xor(t.ir.getNzcv(), t.ir.i32_const(C)));
}

/** AXFLAG: flags of a floating-point comparison in Arm's form to those of an alternative one: Z |= V, C &= !V, N = V = 0. */
export function flagsToAlternative(t: A64Translator): void {
  const { ir } = t;
  const flags = ir.getNzcv();
  const overflow = ir.i32_and(flags, ir.i32_const(V));
  const zero = ir.i32_or(ir.i32_and(flags, ir.i32_const(Z)), ir.i32_shl(overflow, ir.i32_const(2)));
  const notOverflow = ir.i32_shl(ir.i32_xor(overflow, ir.i32_const(V)), ir.i32_const(1));
  t.setNzcv(ir.i32_or(zero, ir.i32_and(flags, notOverflow)));
}

/** XAFLAG: the way back: N = !C & !Z, Z = Z & C, C = C | Z, V = !C & Z. */
export function flagsFromAlternative(t: A64Translator): void {
  const { ir } = t;
  const flags = ir.getNzcv();
  const carry = ir.i32_and(ir.i32_shr_u(flags, ir.i32_const(29)), ir.i32_const(1));
  const zero = ir.i32_and(ir.i32_shr_u(flags, ir.i32_const(30)), ir.i32_const(1));
  const either = ir.i32_or(carry, zero);
  const n = ir.i32_shl(ir.i32_eqz(either), ir.i32_const(31));
  const z = ir.i32_shl(ir.i32_and(zero, carry), ir.i32_const(30));
  const c = ir.i32_shl(either, ir.i32_const(29));
  const v = ir.i32_shl(ir.i32_and(zero, ir.i32_eqz(carry)), ir.i32_const(28));
  t.setNzcv(ir.i32_or(ir.i32_or(n, z), ir.i32_or(c, v)));
}
