import { FlagKind, type Value } from '../../../ir/index.ts';
import type { IntegerValue } from './integers.ts';
import type { A64Translator } from './translator.ts';

/** What conditional select does with Rm where the condition fails. */
export type OnFailure = 'select' | 'increment' | 'invert' | 'negate';

interface ConditionalSelect {
  readonly sf: number;
  readonly rm: number;
  readonly cond: number;
  readonly rn: number;
  readonly rd: number;
}

/** CSEL, CSINC, CSINV, CSNEG, with their aliases CSET, CSETM, CINC, CINV, CNEG. */
export function conditionalSelect(t: A64Translator, { sf, rm, cond, rn, rd }: ConditionalSelect, onFailure: OnFailure): void {
  const i = t.integers(sf);
  if (cond >= 14) return i.setReg(rd, i.reg(rn));
  if (rn === 31 && rm === 31 && (onFailure === 'increment' || onFailure === 'invert')) {
    const isSet = i.fromI32(t.ir.flagTest(cond ^ 1));
    return i.setReg(rd, onFailure === 'increment' ? isSet : i.sub(i.constant(0), isSet));
  }
  const condition = t.ir.flagTest(cond);
  const b = i.reg(rm);
  let otherwise: IntegerValue;
  if (onFailure === 'increment') otherwise = i.add(b, i.constant(1));
  else if (onFailure === 'invert') otherwise = i.xor(b, i.constant(-1));
  else if (onFailure === 'negate') otherwise = i.sub(i.constant(0), b);
  else otherwise = b;
  i.setReg(rd, i.select(condition, i.reg(rn), otherwise));
}

interface ConditionalCompare {
  readonly sf: number;
  readonly cond: number;
  readonly rn: number;
  readonly nzcv: number;
}

/** CCMP and CCMN: the flags of the comparison where the condition holds, else `nzcv`. */
function conditionalCompare(t: A64Translator, { sf, cond, rn, nzcv }: ConditionalCompare, op: 'add' | 'sub', operand: () => Value<'i64'>): void {
  const condition = cond >= 14 ? undefined : t.ir.flagTest(cond);
  const a = t.x(rn);
  const [narrow, wide] = op === 'add' ? [FlagKind.ADD32, FlagKind.ADD64] : [FlagKind.SUB32, FlagKind.SUB64];
  t.ir.setFlags(sf === 0 ? narrow : wide, a, operand(), condition, condition === undefined ? 0 : nzcv);
}

export function conditionalCompareRegister(t: A64Translator, f: ConditionalCompare & { readonly rm: number }, op: 'add' | 'sub'): void {
  conditionalCompare(t, f, op, () => t.x(f.rm));
}

export function conditionalCompareImmediate(t: A64Translator, f: ConditionalCompare & { readonly imm5: number }, op: 'add' | 'sub'): void {
  conditionalCompare(t, f, op, () => t.ir.i64_const(f.imm5));
}
