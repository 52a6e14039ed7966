import type { Integers, IntegerValue } from './integers.ts';
import { logicalImmediate } from './logicalImmediate.ts';
import { shiftRegister } from './shift.ts';
import type { A64Translator } from './translator.ts';

export type LogicalOp = 'and' | 'or' | 'xor';

/** AND, ORR, EOR, ANDS (immediate); with `setFlags` register 31 as destination is the zero register, not SP. */
export function logicalWithImmediate(
  t: A64Translator,
  f: { sf: number; n: number; immr: number; imms: number; rn: number; rd: number },
  op: LogicalOp,
  setFlags: boolean,
): void {
  const i = t.integers(f.sf);
  const mask = f.n > f.sf ? undefined : logicalImmediate(f.n, f.imms, f.immr);
  if (mask === undefined) return t.undefined();
  const constant = i.halves(mask.lo, mask.hi);
  // MOV (bitmask immediate)
  const result = op === 'or' && f.rn === 31 ? constant : i[op](i.reg(f.rn), constant);
  if (!setFlags) return i.setRegOrSp(f.rd, result);
  setRegAndFlags(t, i, f.rd, result);
}

function setRegAndFlags(t: A64Translator, i: Integers, rd: number, result: IntegerValue): void {
  if (rd === 31) return t.flagsOfLogic(i.size, i.flagOperand(result));
  const wide = i.toI64(result);
  t.setX(rd, wide);
  t.flagsOfLogic(i.size, wide);
}

/** AND, BIC, ORR, ORN, EOR, EON, ANDS, BICS (shifted register); `invert` complements the second operand. */
export function logicalShifted(
  t: A64Translator,
  f: { sf: number; shift: number; rm: number; imm6: number; rn: number; rd: number },
  op: LogicalOp,
  invert: boolean,
  setFlags = false,
): void {
  const i = t.integers(f.sf);
  if (f.imm6 >= i.size) return t.undefined();
  const operand = shiftRegister(i, f.rm, f.shift, f.imm6);
  const b = invert ? i.xor(operand, i.constant(-1)) : operand;
  const result = combine(i, op, f.rn, f.rm, b, !invert && f.imm6 === 0);
  if (setFlags) setRegAndFlags(t, i, f.rd, result);
  else i.setReg(f.rd, result);
}

/** `rn op b`; the forms that compilers use to move, and to test a register with itself, take no op. */
function combine(i: Integers, op: LogicalOp, rn: number, rm: number, b: IntegerValue, plain: boolean): IntegerValue {
  if (rn === 31 && op !== 'and') return b;
  if (plain && rn === rm && op !== 'xor') return b;
  return i[op](i.reg(rn), b);
}
