import { addSubtractImmediate } from '../translate/addSubtract.ts';
import { bitfieldMove, extract, signedBitfieldMove, unsignedBitfieldMove } from '../translate/bitfield.ts';
import { logicalWithImmediate } from '../translate/logical.ts';
import { address, addressOfPage, moveKeep, moveWide } from '../translate/move.ts';
import { def } from '../translate/translator.ts';

/** Arm ARM C4.1: Data Processing -- Immediate. */
export const dataProcessingImmediate = [
  // PC-relative addressing
  def('ADR', '0 immlo:2 10000 immhi:19 rd:5', (t, f) => address(t, f)),
  def('ADRP', '1 immlo:2 10000 immhi:19 rd:5', (t, f) => addressOfPage(t, f)),

  // Add/subtract (immediate)
  def('ADD (immediate)', 'sf:1 00 100010 sh:1 imm12:12 rn:5 rd:5', (t, f) => addSubtractImmediate(t, f, { op: 'add', setFlags: false })),
  def('ADDS (immediate)', 'sf:1 01 100010 sh:1 imm12:12 rn:5 rd:5', (t, f) => addSubtractImmediate(t, f, { op: 'add', setFlags: true })),
  def('SUB (immediate)', 'sf:1 10 100010 sh:1 imm12:12 rn:5 rd:5', (t, f) => addSubtractImmediate(t, f, { op: 'sub', setFlags: false })),
  def('SUBS (immediate)', 'sf:1 11 100010 sh:1 imm12:12 rn:5 rd:5', (t, f) => addSubtractImmediate(t, f, { op: 'sub', setFlags: true })),

  // Logical (immediate)
  def('AND (immediate)', 'sf:1 00 100100 n:1 immr:6 imms:6 rn:5 rd:5', (t, f) => logicalWithImmediate(t, f, 'and', false)),
  def('ORR (immediate)', 'sf:1 01 100100 n:1 immr:6 imms:6 rn:5 rd:5', (t, f) => logicalWithImmediate(t, f, 'or', false)),
  def('EOR (immediate)', 'sf:1 10 100100 n:1 immr:6 imms:6 rn:5 rd:5', (t, f) => logicalWithImmediate(t, f, 'xor', false)),
  def('ANDS (immediate)', 'sf:1 11 100100 n:1 immr:6 imms:6 rn:5 rd:5', (t, f) => logicalWithImmediate(t, f, 'and', true)),

  // Move wide (immediate)
  def('MOVN', 'sf:1 00 100101 hw:2 imm16:16 rd:5', (t, f) => moveWide(t, f, true)),
  def('MOVZ', 'sf:1 10 100101 hw:2 imm16:16 rd:5', (t, f) => moveWide(t, f, false)),
  def('MOVK', 'sf:1 11 100101 hw:2 imm16:16 rd:5', (t, f) => moveKeep(t, f)),

  // Bitfield
  def('SBFM', 'sf:1 00 100110 n:1 immr:6 imms:6 rn:5 rd:5', (t, f) => signedBitfieldMove(t, f)),
  def('BFM', 'sf:1 01 100110 n:1 immr:6 imms:6 rn:5 rd:5', (t, f) => bitfieldMove(t, f)),
  def('UBFM', 'sf:1 10 100110 n:1 immr:6 imms:6 rn:5 rd:5', (t, f) => unsignedBitfieldMove(t, f)),

  // Extract
  def('EXTR', 'sf:1 00 100111 n:1 0 rm:5 imms:6 rn:5 rd:5', (t, f) => extract(t, f)),
];
