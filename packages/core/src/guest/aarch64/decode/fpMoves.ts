import { fpFromGeneral, fpToGeneral, fpTopFromGeneral, fpTopToGeneral } from '../translate/fpMove.ts';
import { def } from '../translate/translator.ts';

/** Arm ARM C4.1: floating-point (scalar), moves between general and floating-point registers, which string functions use, too. */
export const fpMoves = [
  def('FMOV (32-bit, to general)', '0 00 11110 00 1 00 110 000000 rn:5 rd:5', (t, f) => fpToGeneral(t, { ...f, sf: 0 })),
  def('FMOV (64-bit, to general)', '1 00 11110 01 1 00 110 000000 rn:5 rd:5', (t, f) => fpToGeneral(t, { ...f, sf: 1 })),
  def('FMOV (32-bit, from general)', '0 00 11110 00 1 00 111 000000 rn:5 rd:5', (t, f) => fpFromGeneral(t, { ...f, sf: 0 })),
  def('FMOV (64-bit, from general)', '1 00 11110 01 1 00 111 000000 rn:5 rd:5', (t, f) => fpFromGeneral(t, { ...f, sf: 1 })),
  def('FMOV (top half, to general)', '1 00 11110 10 1 01 110 000000 rn:5 rd:5', (t, f) => fpTopToGeneral(t, f)),
  def('FMOV (top half, from general)', '1 00 11110 10 1 01 111 000000 rn:5 rd:5', (t, f) => fpTopFromGeneral(t, f)),
];
