import type { Value } from '../../../ir/index.ts';
import type { Precise } from './fpArithmetic.ts';
import { applyFlags, applyValue } from './fpOperation.ts';
import { precisionOf } from './fpPrecision.ts';
import type { A64Translator } from './translator.ts';

interface Operands {
  readonly ptype: number;
  readonly rn: number;
  /** Left out: compare with zero. */
  readonly rm?: number;
}

/** When a conditional comparison is made, and N Z C V (bits 3..0) otherwise. */
export interface Conditionally {
  readonly cond: number;
  readonly nzcv: number;
}

/** FCMP, FCMPE, FCCMP, FCCMPE. @param signalQuiet FCMPE: quiet NaNs are invalid operands too */
export function fpCompare(t: A64Translator, { ptype, rn, rm }: Operands, signalQuiet: boolean, conditionally?: Conditionally): void {
  const p = precisionOf(ptype);
  const { ir } = t;
  const flushed = (value: Value<Precise>): Value<Precise> => applyValue(t, p.flush, { value }, value);
  const [a, b] = [p.read(t, rn), rm === undefined ? p.zero(ir) : p.read(t, rm)];
  const [x, y] = [flushed(a), rm === undefined ? b : flushed(b)];
  const isNan = (value: Value<Precise>): Value<'i32'> => {
    const wide = p.widen(ir, value);
    return p.floats.ne(ir, wide, wide);
  };
  const unordered = rm === undefined ? isNan(a) : ir.i32_or(isNan(a), isNan(b));
  const condition = conditionally === undefined || conditionally.cond >= 14 ? undefined : ir.flagTest(conditionally.cond);
  applyFlags(t, p.compare[signalQuiet ? 'true' : 'false'], { raises: unordered, ...(condition && { condition }) }, a, b);
  if (condition === undefined) ir.setFlags(p.flagKind, p.flagOperand(ir, x), p.flagOperand(ir, y));
  else ir.setFlags(p.flagKind, p.flagOperand(ir, x), p.flagOperand(ir, y), condition, conditionally?.nzcv);
}
