import { extract, permute, tableExtension, tableLookUp, trn, uzp, zip } from '../translate/simdPermute.ts';
import { def } from '../translate/translator.ts';
import { noSingleDoubleword } from './simdWhere.ts';

/** Arm ARM C4.1: Advanced SIMD permute, extract and table lookup. */
export const simdPermute = [
  def('UZP1', '0 q:1 001110 size:2 0 rm:5 000110 rn:5 rd:5', permute(uzp, 0), noSingleDoubleword),
  def('TRN1', '0 q:1 001110 size:2 0 rm:5 001010 rn:5 rd:5', permute(trn, 0), noSingleDoubleword),
  def('ZIP1', '0 q:1 001110 size:2 0 rm:5 001110 rn:5 rd:5', permute(zip, 0), noSingleDoubleword),
  def('UZP2', '0 q:1 001110 size:2 0 rm:5 010110 rn:5 rd:5', permute(uzp, 1), noSingleDoubleword),
  def('TRN2', '0 q:1 001110 size:2 0 rm:5 011010 rn:5 rd:5', permute(trn, 1), noSingleDoubleword),
  def('ZIP2', '0 q:1 001110 size:2 0 rm:5 011110 rn:5 rd:5', permute(zip, 1), noSingleDoubleword),
  def('EXT', '0 q:1 10111000 0 rm:5 0 imm4:4 0 rn:5 rd:5', extract, { where: ({ q, imm4 }) => q === 1 || imm4 < 8 }),
  def('TBL', '0 q:1 00111000 0 rm:5 0 len:2 000 rn:5 rd:5', tableLookUp),
  def('TBX', '0 q:1 00111000 0 rm:5 0 len:2 100 rn:5 rd:5', tableExtension),
];
