import type { Value } from '../../../ir/index.ts';
import type { Arithmetic, Precise } from './fpArithmetic.ts';
import { applyFp } from './fpOperation.ts';
import { type Precision, precisionOf } from './fpPrecision.ts';
import type { A64Translator } from './translator.ts';

/** Arm ARM C4.1.96: floating-point data processing (1, 2, 3 source), immediate, conditional select. */

interface Registers {
  readonly ptype: number;
  readonly rn: number;
  readonly rd: number;
}

/** FABS, FNEG, FMOV (register): bits only, no exception. */
export function fpBits(t: A64Translator, { ptype, rn, rd }: Registers, compute: (p: Precision, a: Value<Precise>) => Value<Precise>): void {
  const p = precisionOf(ptype);
  p.write(t, rd, compute(p, p.read(t, rn)));
}

/** FSQRT */
export function fpSquareRoot(t: A64Translator, { ptype, rn, rd }: Registers): void {
  const p = precisionOf(ptype);
  p.write(t, rd, applyFp(t, p.arithmetic.sqrt, p.read(t, rn)));
}

/** FADD, FSUB, FMUL, FNMUL, FDIV, FMIN, FMAX, FMINNM, FMAXNM */
export function fpTwoSource(
  t: A64Translator,
  { ptype, rm, rn, rd }: Registers & { readonly rm: number },
  operation: Exclude<keyof Arithmetic<Precise>, 'sqrt' | 'fma'>,
): void {
  const p = precisionOf(ptype);
  p.write(t, rd, applyFp(t, p.arithmetic[operation], p.read(t, rn), p.read(t, rm)));
}

/** FMADD, FMSUB, FNMADD, FNMSUB: operands are negated before the operation, NaNs too. */
export function fpThreeSource(
  t: A64Translator,
  { ptype, rm, ra, rn, rd }: Registers & { readonly rm: number; readonly ra: number },
  negateProduct: boolean,
  negateAddend: boolean,
): void {
  const p = precisionOf(ptype);
  const { ir } = t;
  const addend = p.read(t, ra);
  const a = p.read(t, rn);
  p.write(t, rd, applyFp(t, p.arithmetic.fma, negateAddend ? p.neg(ir, addend) : addend, negateProduct ? p.neg(ir, a) : a, p.read(t, rm)));
}

/** FCSEL */
export function fpSelect(t: A64Translator, { ptype, rm, cond, rn, rd }: Registers & { readonly rm: number; readonly cond: number }): void {
  const p = precisionOf(ptype);
  p.write(t, rd, p.select(t.ir, t.ir.flagTest(cond), p.read(t, rn), p.read(t, rm)));
}

/** FMOV (scalar, immediate): VFPExpandImm. */
export function fpImmediate(t: A64Translator, { ptype, imm8, rd }: { readonly ptype: number; readonly imm8: number; readonly rd: number }): void {
  const sign = imm8 >> 7;
  // three bits of exponent, from -3 to 4, and four of fraction
  const exponent = ((imm8 >> 4) & 7) ^ 4;
  const fraction = imm8 & 15;
  const bits = (width: number, fractionBits: number): number => {
    const bias = (1 << (width - fractionBits - 2)) - 1;
    return (sign * 2 ** (width - 1) + ((exponent - 3 + bias) << fractionBits) + (fraction << (fractionBits - 4))) | 0;
  };
  if (ptype === 1) t.setV(rd, t.ir.v128_words(0, bits(32, 20), 0, 0));
  else t.setV(rd, t.ir.v128_words(ptype === 0 ? bits(32, 23) : bits(16, 10), 0, 0, 0));
}
