import type { Integers, IntegerValue } from './integers.ts';
import type { A64Translator } from './translator.ts';

const SHIFTS = ['shl', 'shr_u', 'shr_s', 'rotr'] as const;

/** The manual's ShiftReg: register `rm` shifted by a constant; `type` is 0 LSL, 1 LSR, 2 ASR, 3 ROR, `amount` below the operand size. */
export function shiftRegister(i: Integers, rm: number, type: number, amount: number): IntegerValue {
  const value = i.reg(rm);
  return amount === 0 || rm === 31 ? value : i[SHIFTS[type]](value, i.constant(amount));
}

/** LSLV, LSRV, ASRV, RORV: the count is taken modulo the operand size, as the IR's shifts do. */
export function shiftVariable(t: A64Translator, { sf, rm, rn, rd }: { sf: number; rm: number; rn: number; rd: number }, op: (typeof SHIFTS)[number]): void {
  const i = t.integers(sf);
  i.setReg(rd, i[op](i.reg(rn), i.reg(rm)));
}
