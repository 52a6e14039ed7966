import { addSubtractImmediate } from '../translate/addSubtract.ts';
import { def } from '../translate/translator.ts';

/** Arm ARM C4.1: Data Processing -- Immediate. */
export const dataProcessingImmediate = [
  def('ADD (immediate)', 'sf:1 00 100010 sh:1 imm12:12 rn:5 rd:5', (t, f) => addSubtractImmediate(t, f, 'add', false)),
  def('ADDS (immediate)', 'sf:1 01 100010 sh:1 imm12:12 rn:5 rd:5', (t, f) => addSubtractImmediate(t, f, 'add', true)),
  def('SUB (immediate)', 'sf:1 10 100010 sh:1 imm12:12 rn:5 rd:5', (t, f) => addSubtractImmediate(t, f, 'sub', false)),
  def('SUBS (immediate)', 'sf:1 11 100010 sh:1 imm12:12 rn:5 rd:5', (t, f) => addSubtractImmediate(t, f, 'sub', true)),
];
