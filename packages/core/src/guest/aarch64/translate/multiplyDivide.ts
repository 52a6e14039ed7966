import type { IrBuilder, Value } from '../../../ir/index.ts';
import type { A64Translator } from './translator.ts';

interface ThreeSource {
  readonly rm: number;
  readonly ra: number;
  readonly rn: number;
  readonly rd: number;
}

/** MADD, MSUB, with their aliases MUL and MNEG: Ra plus or minus Rn * Rm. */
export function multiplyAdd(t: A64Translator, { sf, rm, ra, rn, rd }: ThreeSource & { readonly sf: number }, op: 'add' | 'sub'): void {
  const i = t.integers(sf);
  const product = i.mul(i.reg(rn), i.reg(rm));
  i.setReg(rd, ra === 31 && op === 'add' ? product : i[op](i.reg(ra), product));
}

/** SMADDL, SMSUBL, UMADDL, UMSUBL: as MADD and MSUB, the factors being words. */
export function multiplyAddLong(t: A64Translator, { rm, ra, rn, rd }: ThreeSource, op: 'add' | 'sub', signed: boolean): void {
  const { ir } = t;
  const factor = (n: number): Value<'i64'> => (signed ? ir.i64_extend32_s(t.x(n)) : t.low32(t.x(n)));
  const product = ir.i64_mul(factor(rn), factor(rm));
  t.setX(rd, ra === 31 && op === 'add' ? product : op === 'add' ? ir.i64_add(t.x(ra), product) : ir.i64_sub(t.x(ra), product));
}

/** Bits 127..64 of the unsigned product: schoolbook multiplication of 32-bit digits, no partial sum of which overflows. */
function unsignedHigh(ir: IrBuilder, a: Value<'i64'>, b: Value<'i64'>): Value<'i64'> {
  const low = ir.i64_const(0xffffffff);
  const by32 = ir.i64_const(32);
  const aLow = ir.i64_and(a, low);
  const aHigh = ir.i64_shr_u(a, by32);
  const bLow = ir.i64_and(b, low);
  const bHigh = ir.i64_shr_u(b, by32);
  const middle = ir.i64_add(ir.i64_mul(aHigh, bLow), ir.i64_shr_u(ir.i64_mul(aLow, bLow), by32));
  const other = ir.i64_add(ir.i64_mul(aLow, bHigh), ir.i64_and(middle, low));
  return ir.i64_add(ir.i64_add(ir.i64_mul(aHigh, bHigh), ir.i64_shr_u(middle, by32)), ir.i64_shr_u(other, by32));
}

/** UMULH and SMULH: bits 127..64 of the product. */
export function multiplyHigh(t: A64Translator, { rm, rn, rd }: { rm: number; rn: number; rd: number }, signed: boolean): void {
  const { ir } = t;
  const a = t.x(rn);
  const b = t.x(rm);
  let high = unsignedHigh(ir, a, b);
  if (signed) {
    // A negative factor counts 2^64 too much as an unsigned one
    const by63 = ir.i64_const(63);
    high = ir.i64_sub(high, ir.i64_and(ir.i64_shr_s(a, by63), b));
    high = ir.i64_sub(high, ir.i64_and(ir.i64_shr_s(b, by63), a));
  }
  t.setX(rd, high);
}

/** UDIV: division by zero gives zero. */
export function divideUnsigned(t: A64Translator, { sf, rm, rn, rd }: { sf: number; rm: number; rn: number; rd: number }): void {
  const i = t.integers(sf);
  const divisor = i.reg(rm);
  const isZero = i.eqz(divisor);
  const quotient = i.div_u(i.reg(rn), i.select(isZero, i.constant(1), divisor));
  i.setReg(rd, i.select(isZero, i.constant(0), quotient));
}

/**
 * SDIV: division by zero gives zero, that of the smallest number by -1 the smallest number. For these two divisors the
 * quotient is the product, and the IR's division, which must not overflow, is by 1.
 */
export function divideSigned(t: A64Translator, { sf, rm, rn, rd }: { sf: number; rm: number; rn: number; rd: number }): void {
  const i = t.integers(sf);
  const dividend = i.reg(rn);
  const divisor = i.reg(rm);
  const one = i.constant(1);
  const isSpecial = i.le_u(i.add(divisor, one), one);
  const quotient = i.div_s(dividend, i.select(isSpecial, one, divisor));
  i.setReg(rd, i.select(isSpecial, i.mul(dividend, divisor), quotient));
}
