import type { A64Translator } from './translator.ts';

/** ADD, ADDS, SUB, SUBS (immediate). */
export function addSubtractImmediate(t: A64Translator, { sf, sh, imm12, rn, rd }: { sf: number; sh: number; imm12: number; rn: number; rd: number }, op: 'add' | 'sub', setFlags: boolean): void {
  const size = sf ? 64 : 32;
  const a = t.rOrSp(size, rn);
  const b = t.ir.i64_const(sh ? imm12 * 4096 : imm12);
  const result = t[op](size, a, b);
  if (!setFlags) return t.setXOrSp(rd, result);
  t.setX(rd, result);
  if (op === 'add') t.flagsOfAdd(size, a, b);
  else t.flagsOfSub(size, a, b);
}
