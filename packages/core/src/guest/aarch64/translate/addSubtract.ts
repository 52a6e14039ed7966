import type { Value } from '../../../ir/index.ts';
import { extendRegister } from './extend.ts';
import type { Integers, IntegerValue } from './integers.ts';
import { shiftRegister } from './shift.ts';
import type { A64Translator } from './translator.ts';

/** What an addition or subtraction does with its result. */
export interface AddSubtract {
  readonly op: 'add' | 'sub';
  /** Sets N Z C V; then register 31 as destination is the zero register, not SP. */
  readonly setFlags: boolean;
}

function setFlagsOf(t: A64Translator, i: Integers, op: 'add' | 'sub', a: Value<'i64'>, b: Value<'i64'>): void {
  if (op === 'add') t.flagsOfAdd(i.size, a, b);
  else t.flagsOfSub(i.size, a, b);
}

/** ADD, ADDS, SUB, SUBS (immediate). */
export function addSubtractImmediate(
  t: A64Translator,
  { sf, sh, imm12, rn, rd }: { sf: number; sh: number; imm12: number; rn: number; rd: number },
  { op, setFlags }: AddSubtract,
): void {
  const i = t.integers(sf);
  const imm = sh ? imm12 * 4096 : imm12;
  if (!setFlags) {
    const a = i.regOrSp(rn);
    return i.setRegOrSp(rd, imm === 0 ? a : i[op](a, i.constant(imm)));
  }
  const a = t.xOrSp(rn);
  if (rd !== 31) i.setReg(rd, i[op](i.fromI64(a), i.constant(imm)));
  setFlagsOf(t, i, op, a, t.ir.i64_const(imm));
}

/** ADD, ADDS, SUB, SUBS (shifted register). */
export function addSubtractShifted(
  t: A64Translator,
  f: { sf: number; shift: number; rm: number; imm6: number; rn: number; rd: number },
  { op, setFlags }: AddSubtract,
): void {
  const i = t.integers(f.sf);
  if (f.shift === 3 || f.imm6 >= i.size) return t.undefined();
  // Comparing registers is the most frequent: no op but the flags
  if (setFlags && f.rd === 31 && f.imm6 === 0) return setFlagsOf(t, i, op, t.x(f.rn), t.x(f.rm));
  const b = shiftRegister(i, f.rm, f.shift, f.imm6);
  // NEG as a subtraction from zero, ADD of zero as a move
  if (op === 'add' && f.rn === 31 && !setFlags) return i.setReg(f.rd, b);
  addSubtract(t, i, f.rd, op, setFlags, i.reg(f.rn), b);
}

/** ADD, ADDS, SUB, SUBS (extended register). */
export function addSubtractExtended(
  t: A64Translator,
  f: { sf: number; rm: number; option: number; imm3: number; rn: number; rd: number },
  { op, setFlags }: AddSubtract,
): void {
  const i = t.integers(f.sf);
  if (f.imm3 > 4) return t.undefined();
  const a = i.regOrSp(f.rn);
  const b = extendRegister(t, i, f.rm, f.option, f.imm3);
  if (setFlags) addSubtract(t, i, f.rd, op, true, a, b);
  else i.setRegOrSp(f.rd, i[op](a, b));
}

function addSubtract(t: A64Translator, i: Integers, rd: number, op: 'add' | 'sub', setFlags: boolean, a: IntegerValue, b: IntegerValue): void {
  if (rd !== 31) i.setReg(rd, i[op](a, b));
  if (setFlags) setFlagsOf(t, i, op, i.flagOperand(a), i.flagOperand(b));
}

/** ADC, ADCS, SBC, SBCS: subtraction adds the complement, as the manual's AddWithCarry. */
export function addSubtractWithCarry(
  t: A64Translator,
  { sf, rm, rn, rd }: { sf: number; rm: number; rn: number; rd: number },
  { op, setFlags }: AddSubtract,
): void {
  const i = t.integers(sf);
  const carry = t.ir.flagTest(2);
  const a = i.reg(rn);
  const b = op === 'add' ? i.reg(rm) : i.xor(i.reg(rm), i.constant(-1));
  const sum = i.add(a, b);
  const result = i.add(sum, i.fromI32(carry));
  i.setReg(rd, result);
  if (setFlags) setFlagsWithCarry(t, i, a, b, sum, result);
}

/** N Z C V of result = sum + carry, where sum = a + b. */
function setFlagsWithCarry(t: A64Translator, i: Integers, a: IntegerValue, b: IntegerValue, sum: IntegerValue, result: IntegerValue): void {
  const { ir } = t;
  const topBit = (value: IntegerValue): Value<'i32'> =>
    i.size === 64 ? ir.i32_wrap_i64(i.shr_u(value, i.constant(63)) as Value<'i64'>) : (i.shr_u(value, i.constant(31)) as Value<'i32'>);
  const carryOut = ir.i32_or(i.lt_u(sum, a), i.lt_u(result, sum));
  const overflow = topBit(i.and(i.xor(a, result), i.xor(b, result)));
  const at = (bit: Value<'i32'>, position: number): Value<'i32'> => ir.i32_shl(bit, ir.i32_const(position));
  const nz = ir.i32_or(at(topBit(result), 31), at(i.eqz(result), 30));
  t.setNzcv(ir.i32_or(nz, ir.i32_or(at(carryOut, 29), at(overflow, 28))));
}
