import { cls, clz, cnt, not, rbit, reverse } from '../translate/simdArithmetic.ts';
import {
  accumulateSaturating,
  acrossLanes,
  addAcrossLong,
  addPairOfDoublewords,
  bytewise,
  compareZero,
  extractNarrow,
  pairwiseLong,
  pairwiseLongAccumulating,
  saturatingNarrow,
  shiftLeftLongByElement,
  twoRegister,
  twoRegisterSaturating,
} from '../translate/simdForms.ts';
import { abs, add, cmeq, cmge, cmgt, neg, smax, smin, umax, umin } from '../translate/simdLanes.ts';
import { sqabs, sqneg, suqadd, usqadd } from '../translate/simdSaturating.ts';
import { def } from '../translate/translator.ts';
import { acrossSizes, byteOrHalf, noDoubleword, noSingleDoubleword, onlyByte, onlyDoubleword } from './simdWhere.ts';

/** Arm ARM C4.1: Advanced SIMD two-register miscellaneous, integer rows (those of floating point are in simdFp.ts). */
export const simdTwoRegister = [
  def('REV64', '0 q:1 0 01110 size:2 10000 0000010 rn:5 rd:5', twoRegister(reverse(8)), noDoubleword),
  def('REV16 (vector)', '0 q:1 0 01110 size:2 10000 0000110 rn:5 rd:5', twoRegister(reverse(2)), onlyByte),
  def('REV32 (vector)', '0 q:1 1 01110 size:2 10000 0000010 rn:5 rd:5', twoRegister(reverse(4)), byteOrHalf),
  def('SADDLP', '0 q:1 0 01110 size:2 10000 0001010 rn:5 rd:5', pairwiseLong('s'), noDoubleword),
  def('SADALP', '0 q:1 0 01110 size:2 10000 0011010 rn:5 rd:5', pairwiseLongAccumulating('s'), noDoubleword),
  def('UADDLP', '0 q:1 1 01110 size:2 10000 0001010 rn:5 rd:5', pairwiseLong('u'), noDoubleword),
  def('UADALP', '0 q:1 1 01110 size:2 10000 0011010 rn:5 rd:5', pairwiseLongAccumulating('u'), noDoubleword),
  def('SUQADD (vector)', '0 q:1 0 01110 size:2 10000 0001110 rn:5 rd:5', accumulateSaturating(suqadd), noSingleDoubleword),
  def('USQADD (vector)', '0 q:1 1 01110 size:2 10000 0001110 rn:5 rd:5', accumulateSaturating(usqadd), noSingleDoubleword),
  def('CLS (vector)', '0 q:1 0 01110 size:2 10000 0010010 rn:5 rd:5', twoRegister(cls), noDoubleword),
  def('CLZ (vector)', '0 q:1 1 01110 size:2 10000 0010010 rn:5 rd:5', twoRegister(clz), noDoubleword),
  def('CNT', '0 q:1 0 01110 size:2 10000 0010110 rn:5 rd:5', twoRegister(cnt), onlyByte),
  def('NOT', '0 q:1 1 01110 00 10000 0010110 rn:5 rd:5', bytewise(not)),
  def('RBIT (vector)', '0 q:1 1 01110 01 10000 0010110 rn:5 rd:5', bytewise(rbit)),
  def('SQABS (vector)', '0 q:1 0 01110 size:2 10000 0011110 rn:5 rd:5', twoRegisterSaturating(sqabs), noSingleDoubleword),
  def('SQNEG (vector)', '0 q:1 1 01110 size:2 10000 0011110 rn:5 rd:5', twoRegisterSaturating(sqneg), noSingleDoubleword),
  def('CMGT (zero, vector)', '0 q:1 0 01110 size:2 10000 0100010 rn:5 rd:5', compareZero(cmgt), noSingleDoubleword),
  def('CMGE (zero, vector)', '0 q:1 1 01110 size:2 10000 0100010 rn:5 rd:5', compareZero(cmge), noSingleDoubleword),
  def('CMEQ (zero, vector)', '0 q:1 0 01110 size:2 10000 0100110 rn:5 rd:5', compareZero(cmeq), noSingleDoubleword),
  def('CMLE (zero, vector)', '0 q:1 1 01110 size:2 10000 0100110 rn:5 rd:5', compareZero(cmge, true), noSingleDoubleword),
  def('CMLT (zero, vector)', '0 q:1 0 01110 size:2 10000 0101010 rn:5 rd:5', compareZero(cmgt, true), noSingleDoubleword),
  def('ABS (vector)', '0 q:1 0 01110 size:2 10000 0101110 rn:5 rd:5', twoRegister(abs), noSingleDoubleword),
  def('NEG (vector, vector)', '0 q:1 1 01110 size:2 10000 0101110 rn:5 rd:5', twoRegister(neg), noSingleDoubleword),
  def('XTN, XTN2', '0 q:1 0 01110 size:2 10000 1001010 rn:5 rd:5', extractNarrow, noDoubleword),
  def('SQXTUN, SQXTUN2 (vector)', '0 q:1 1 01110 size:2 10000 1001010 rn:5 rd:5', saturatingNarrow('signedToUnsigned'), noDoubleword),
  def('SQXTN, SQXTN2 (vector)', '0 q:1 0 01110 size:2 10000 1010010 rn:5 rd:5', saturatingNarrow('signed'), noDoubleword),
  def('UQXTN, UQXTN2 (vector)', '0 q:1 1 01110 size:2 10000 1010010 rn:5 rd:5', saturatingNarrow('unsigned'), noDoubleword),
  def('SHLL, SHLL2', '0 q:1 1 01110 size:2 10000 1001110 rn:5 rd:5', shiftLeftLongByElement, noDoubleword),
];

/** Arm ARM C4.1: Advanced SIMD scalar two-register miscellaneous, integer rows. */
export const simdScalarTwoRegister = [
  def('SUQADD (scalar)', '01 0 11110 size:2 10000 0001110 rn:5 rd:5', accumulateSaturating(suqadd)),
  def('USQADD (scalar)', '01 1 11110 size:2 10000 0001110 rn:5 rd:5', accumulateSaturating(usqadd)),
  def('SQABS (scalar)', '01 0 11110 size:2 10000 0011110 rn:5 rd:5', twoRegisterSaturating(sqabs)),
  def('SQNEG (scalar)', '01 1 11110 size:2 10000 0011110 rn:5 rd:5', twoRegisterSaturating(sqneg)),
  def('CMGT (zero, scalar)', '01 0 11110 size:2 10000 0100010 rn:5 rd:5', compareZero(cmgt), onlyDoubleword),
  def('CMGE (zero, scalar)', '01 1 11110 size:2 10000 0100010 rn:5 rd:5', compareZero(cmge), onlyDoubleword),
  def('CMEQ (zero, scalar)', '01 0 11110 size:2 10000 0100110 rn:5 rd:5', compareZero(cmeq), onlyDoubleword),
  def('CMLE (zero, scalar)', '01 1 11110 size:2 10000 0100110 rn:5 rd:5', compareZero(cmge, true), onlyDoubleword),
  def('CMLT (zero, scalar)', '01 0 11110 size:2 10000 0101010 rn:5 rd:5', compareZero(cmgt, true), onlyDoubleword),
  def('ABS (scalar)', '01 0 11110 size:2 10000 0101110 rn:5 rd:5', twoRegister(abs), onlyDoubleword),
  def('NEG (vector, scalar)', '01 1 11110 size:2 10000 0101110 rn:5 rd:5', twoRegister(neg), onlyDoubleword),
  def('SQXTUN (scalar)', '01 1 11110 size:2 10000 1001010 rn:5 rd:5', saturatingNarrow('signedToUnsigned'), noDoubleword),
  def('SQXTN (scalar)', '01 0 11110 size:2 10000 1010010 rn:5 rd:5', saturatingNarrow('signed'), noDoubleword),
  def('UQXTN (scalar)', '01 1 11110 size:2 10000 1010010 rn:5 rd:5', saturatingNarrow('unsigned'), noDoubleword),
];

/** Arm ARM C4.1: Advanced SIMD across lanes and scalar pairwise, integer rows. */
export const simdAcrossLanes = [
  def('SADDLV', '0 q:1 0 01110 size:2 11000 0001110 rn:5 rd:5', addAcrossLong('s'), acrossSizes),
  def('SMAXV', '0 q:1 0 01110 size:2 11000 0101010 rn:5 rd:5', acrossLanes(smax), acrossSizes),
  def('SMINV', '0 q:1 0 01110 size:2 11000 1101010 rn:5 rd:5', acrossLanes(smin), acrossSizes),
  def('UADDLV', '0 q:1 1 01110 size:2 11000 0001110 rn:5 rd:5', addAcrossLong('u'), acrossSizes),
  def('UMAXV', '0 q:1 1 01110 size:2 11000 0101010 rn:5 rd:5', acrossLanes(umax), acrossSizes),
  def('UMINV', '0 q:1 1 01110 size:2 11000 1101010 rn:5 rd:5', acrossLanes(umin), acrossSizes),
  def('ADDV', '0 q:1 0 01110 size:2 11000 1101110 rn:5 rd:5', acrossLanes(add), acrossSizes),
  def('ADDP (scalar)', '01 0 11110 11 11000 1101110 rn:5 rd:5', addPairOfDoublewords),
];
