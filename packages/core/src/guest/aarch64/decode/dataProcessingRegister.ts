import { addSubtractExtended, addSubtractShifted, addSubtractWithCarry } from '../translate/addSubtract.ts';
import { countLeadingSigns, countLeadingZeros, reverse, reverse16, reverse32, reverseBits } from '../translate/bits.ts';
import { conditionalCompareImmediate, conditionalCompareRegister, conditionalSelect } from '../translate/conditional.ts';
import { crc32 } from '../translate/crc32.ts';
import { rotateIntoFlags, setFlagsOfNarrow } from '../translate/flagManipulation.ts';
import { logicalShifted } from '../translate/logical.ts';
import { divideSigned, divideUnsigned, multiplyAdd, multiplyAddLong, multiplyHigh } from '../translate/multiplyDivide.ts';
import { shiftVariable } from '../translate/shift.ts';
import { def } from '../translate/translator.ts';

/** Arm ARM C4.1: Data Processing -- Register. */
export const dataProcessingRegister = [
  // Data-processing (2 source)
  def('UDIV', 'sf:1 00 11010110 rm:5 000010 rn:5 rd:5', (t, f) => divideUnsigned(t, f)),
  def('SDIV', 'sf:1 00 11010110 rm:5 000011 rn:5 rd:5', (t, f) => divideSigned(t, f)),
  def('LSLV', 'sf:1 00 11010110 rm:5 001000 rn:5 rd:5', (t, f) => shiftVariable(t, f, 'shl')),
  def('LSRV', 'sf:1 00 11010110 rm:5 001001 rn:5 rd:5', (t, f) => shiftVariable(t, f, 'shr_u')),
  def('ASRV', 'sf:1 00 11010110 rm:5 001010 rn:5 rd:5', (t, f) => shiftVariable(t, f, 'shr_s')),
  def('RORV', 'sf:1 00 11010110 rm:5 001011 rn:5 rd:5', (t, f) => shiftVariable(t, f, 'rotr')),
  def('CRC32', 'sf:1 00 11010110 rm:5 0100 sz:2 rn:5 rd:5', (t, f) => crc32(t, f, 'crc32'), { feature: 'FEAT_CRC32' }),
  def('CRC32C', 'sf:1 00 11010110 rm:5 0101 sz:2 rn:5 rd:5', (t, f) => crc32(t, f, 'crc32c'), { feature: 'FEAT_CRC32' }),

  // Data-processing (1 source)
  def('RBIT', 'sf:1 10 11010110 00000 000000 rn:5 rd:5', (t, f) => reverseBits(t, f)),
  def('REV16', 'sf:1 10 11010110 00000 000001 rn:5 rd:5', (t, f) => reverse16(t, f)),
  def('REV (32-bit)', '0 10 11010110 00000 000010 rn:5 rd:5', (t, f) => reverse(t, { ...f, sf: 0 })),
  def('REV32', '1 10 11010110 00000 000010 rn:5 rd:5', (t, f) => reverse32(t, f)),
  def('REV (64-bit)', '1 10 11010110 00000 000011 rn:5 rd:5', (t, f) => reverse(t, { ...f, sf: 1 })),
  def('CLZ', 'sf:1 10 11010110 00000 000100 rn:5 rd:5', (t, f) => countLeadingZeros(t, f)),
  def('CLS', 'sf:1 10 11010110 00000 000101 rn:5 rd:5', (t, f) => countLeadingSigns(t, f)),

  // Logical (shifted register)
  def('AND (shifted register)', 'sf:1 00 01010 shift:2 0 rm:5 imm6:6 rn:5 rd:5', (t, f) => logicalShifted(t, f, 'and', false)),
  def('BIC (shifted register)', 'sf:1 00 01010 shift:2 1 rm:5 imm6:6 rn:5 rd:5', (t, f) => logicalShifted(t, f, 'and', true)),
  def('ORR (shifted register)', 'sf:1 01 01010 shift:2 0 rm:5 imm6:6 rn:5 rd:5', (t, f) => logicalShifted(t, f, 'or', false)),
  def('ORN (shifted register)', 'sf:1 01 01010 shift:2 1 rm:5 imm6:6 rn:5 rd:5', (t, f) => logicalShifted(t, f, 'or', true)),
  def('EOR (shifted register)', 'sf:1 10 01010 shift:2 0 rm:5 imm6:6 rn:5 rd:5', (t, f) => logicalShifted(t, f, 'xor', false)),
  def('EON (shifted register)', 'sf:1 10 01010 shift:2 1 rm:5 imm6:6 rn:5 rd:5', (t, f) => logicalShifted(t, f, 'xor', true)),
  def('ANDS (shifted register)', 'sf:1 11 01010 shift:2 0 rm:5 imm6:6 rn:5 rd:5', (t, f) => logicalShifted(t, f, 'and', false, true)),
  def('BICS (shifted register)', 'sf:1 11 01010 shift:2 1 rm:5 imm6:6 rn:5 rd:5', (t, f) => logicalShifted(t, f, 'and', true, true)),

  // Add/subtract (shifted register)
  def('ADD (shifted register)', 'sf:1 00 01011 shift:2 0 rm:5 imm6:6 rn:5 rd:5', (t, f) => addSubtractShifted(t, f, { op: 'add', setFlags: false })),
  def('ADDS (shifted register)', 'sf:1 01 01011 shift:2 0 rm:5 imm6:6 rn:5 rd:5', (t, f) => addSubtractShifted(t, f, { op: 'add', setFlags: true })),
  def('SUB (shifted register)', 'sf:1 10 01011 shift:2 0 rm:5 imm6:6 rn:5 rd:5', (t, f) => addSubtractShifted(t, f, { op: 'sub', setFlags: false })),
  def('SUBS (shifted register)', 'sf:1 11 01011 shift:2 0 rm:5 imm6:6 rn:5 rd:5', (t, f) => addSubtractShifted(t, f, { op: 'sub', setFlags: true })),

  // Add/subtract (extended register)
  def('ADD (extended register)', 'sf:1 00 01011 001 rm:5 option:3 imm3:3 rn:5 rd:5', (t, f) => addSubtractExtended(t, f, { op: 'add', setFlags: false })),
  def('ADDS (extended register)', 'sf:1 01 01011 001 rm:5 option:3 imm3:3 rn:5 rd:5', (t, f) => addSubtractExtended(t, f, { op: 'add', setFlags: true })),
  def('SUB (extended register)', 'sf:1 10 01011 001 rm:5 option:3 imm3:3 rn:5 rd:5', (t, f) => addSubtractExtended(t, f, { op: 'sub', setFlags: false })),
  def('SUBS (extended register)', 'sf:1 11 01011 001 rm:5 option:3 imm3:3 rn:5 rd:5', (t, f) => addSubtractExtended(t, f, { op: 'sub', setFlags: true })),

  // Add/subtract (with carry)
  def('ADC', 'sf:1 00 11010000 rm:5 000000 rn:5 rd:5', (t, f) => addSubtractWithCarry(t, f, { op: 'add', setFlags: false })),
  def('ADCS', 'sf:1 01 11010000 rm:5 000000 rn:5 rd:5', (t, f) => addSubtractWithCarry(t, f, { op: 'add', setFlags: true })),
  def('SBC', 'sf:1 10 11010000 rm:5 000000 rn:5 rd:5', (t, f) => addSubtractWithCarry(t, f, { op: 'sub', setFlags: false })),
  def('SBCS', 'sf:1 11 11010000 rm:5 000000 rn:5 rd:5', (t, f) => addSubtractWithCarry(t, f, { op: 'sub', setFlags: true })),

  // Rotate right into flags, evaluate into flags
  def('RMIF', '101 11010000 imm6:6 00001 rn:5 0 mask:4', (t, f) => rotateIntoFlags(t, f), { feature: 'FEAT_FlagM' }),
  def('SETF8', '001 11010000 000000 00010 rn:5 01101', (t, { rn }) => setFlagsOfNarrow(t, rn, 8), { feature: 'FEAT_FlagM' }),
  def('SETF16', '001 11010000 000000 10010 rn:5 01101', (t, { rn }) => setFlagsOfNarrow(t, rn, 16), { feature: 'FEAT_FlagM' }),

  // Conditional compare
  def('CCMN (register)', 'sf:1 01 11010010 rm:5 cond:4 00 rn:5 0 nzcv:4', (t, f) => conditionalCompareRegister(t, f, 'add')),
  def('CCMP (register)', 'sf:1 11 11010010 rm:5 cond:4 00 rn:5 0 nzcv:4', (t, f) => conditionalCompareRegister(t, f, 'sub')),
  def('CCMN (immediate)', 'sf:1 01 11010010 imm5:5 cond:4 10 rn:5 0 nzcv:4', (t, f) => conditionalCompareImmediate(t, f, 'add')),
  def('CCMP (immediate)', 'sf:1 11 11010010 imm5:5 cond:4 10 rn:5 0 nzcv:4', (t, f) => conditionalCompareImmediate(t, f, 'sub')),

  // Conditional select
  def('CSEL', 'sf:1 00 11010100 rm:5 cond:4 00 rn:5 rd:5', (t, f) => conditionalSelect(t, f, 'select')),
  def('CSINC', 'sf:1 00 11010100 rm:5 cond:4 01 rn:5 rd:5', (t, f) => conditionalSelect(t, f, 'increment')),
  def('CSINV', 'sf:1 10 11010100 rm:5 cond:4 00 rn:5 rd:5', (t, f) => conditionalSelect(t, f, 'invert')),
  def('CSNEG', 'sf:1 10 11010100 rm:5 cond:4 01 rn:5 rd:5', (t, f) => conditionalSelect(t, f, 'negate')),

  // Data-processing (3 source)
  def('MADD', 'sf:1 00 11011000 rm:5 0 ra:5 rn:5 rd:5', (t, f) => multiplyAdd(t, f, 'add')),
  def('MSUB', 'sf:1 00 11011000 rm:5 1 ra:5 rn:5 rd:5', (t, f) => multiplyAdd(t, f, 'sub')),
  def('SMADDL', '100 11011001 rm:5 0 ra:5 rn:5 rd:5', (t, f) => multiplyAddLong(t, f, 'add', true)),
  def('SMSUBL', '100 11011001 rm:5 1 ra:5 rn:5 rd:5', (t, f) => multiplyAddLong(t, f, 'sub', true)),
  def('SMULH', '100 11011010 rm:5 0 ----- rn:5 rd:5', (t, f) => multiplyHigh(t, f, true)),
  def('UMADDL', '100 11011101 rm:5 0 ra:5 rn:5 rd:5', (t, f) => multiplyAddLong(t, f, 'add', false)),
  def('UMSUBL', '100 11011101 rm:5 1 ra:5 rn:5 rd:5', (t, f) => multiplyAddLong(t, f, 'sub', false)),
  def('UMULH', '100 11011110 rm:5 0 ----- rn:5 rd:5', (t, f) => multiplyHigh(t, f, false)),
];
