import { sabd, uabd } from '../translate/simdArithmetic.ts';
import { highNarrow, long, longDifference, threeDifferentDoubling, threeDifferentMultiply, wide } from '../translate/simdForms.ts';
import { add, sub } from '../translate/simdLanes.ts';
import { polynomialMultiplyDoubleword, polynomialMultiplyLong } from '../translate/simdPolynomial.ts';
import { def } from '../translate/translator.ts';
import { halfOrWord, noDoubleword } from './simdWhere.ts';

/** Arm ARM C4.1: Advanced SIMD three different. */
export const simdThreeDifferent = [
  def('SADDL, SADDL2', '0 q:1 0 01110 size:2 1 rm:5 000000 rn:5 rd:5', long('s', add), noDoubleword),
  def('SADDW, SADDW2', '0 q:1 0 01110 size:2 1 rm:5 000100 rn:5 rd:5', wide('s', add), noDoubleword),
  def('SSUBL, SSUBL2', '0 q:1 0 01110 size:2 1 rm:5 001000 rn:5 rd:5', long('s', sub), noDoubleword),
  def('SSUBW, SSUBW2', '0 q:1 0 01110 size:2 1 rm:5 001100 rn:5 rd:5', wide('s', sub), noDoubleword),
  def('SABAL, SABAL2', '0 q:1 0 01110 size:2 1 rm:5 010100 rn:5 rd:5', longDifference(sabd, true), noDoubleword),
  def('SABDL, SABDL2', '0 q:1 0 01110 size:2 1 rm:5 011100 rn:5 rd:5', longDifference(sabd, false), noDoubleword),
  def('SMLAL, SMLAL2 (vector)', '0 q:1 0 01110 size:2 1 rm:5 100000 rn:5 rd:5', threeDifferentMultiply('s', add), noDoubleword),
  def('SMLSL, SMLSL2 (vector)', '0 q:1 0 01110 size:2 1 rm:5 101000 rn:5 rd:5', threeDifferentMultiply('s', sub), noDoubleword),
  def('SMULL, SMULL2 (vector)', '0 q:1 0 01110 size:2 1 rm:5 110000 rn:5 rd:5', threeDifferentMultiply('s'), noDoubleword),
  def('UADDL, UADDL2', '0 q:1 1 01110 size:2 1 rm:5 000000 rn:5 rd:5', long('u', add), noDoubleword),
  def('UADDW, UADDW2', '0 q:1 1 01110 size:2 1 rm:5 000100 rn:5 rd:5', wide('u', add), noDoubleword),
  def('USUBL, USUBL2', '0 q:1 1 01110 size:2 1 rm:5 001000 rn:5 rd:5', long('u', sub), noDoubleword),
  def('USUBW, USUBW2', '0 q:1 1 01110 size:2 1 rm:5 001100 rn:5 rd:5', wide('u', sub), noDoubleword),
  def('UABAL, UABAL2', '0 q:1 1 01110 size:2 1 rm:5 010100 rn:5 rd:5', longDifference(uabd, true), noDoubleword),
  def('UABDL, UABDL2', '0 q:1 1 01110 size:2 1 rm:5 011100 rn:5 rd:5', longDifference(uabd, false), noDoubleword),
  def('UMLAL, UMLAL2 (vector)', '0 q:1 1 01110 size:2 1 rm:5 100000 rn:5 rd:5', threeDifferentMultiply('u', add), noDoubleword),
  def('UMLSL, UMLSL2 (vector)', '0 q:1 1 01110 size:2 1 rm:5 101000 rn:5 rd:5', threeDifferentMultiply('u', sub), noDoubleword),
  def('UMULL, UMULL2 (vector)', '0 q:1 1 01110 size:2 1 rm:5 110000 rn:5 rd:5', threeDifferentMultiply('u'), noDoubleword),
  def('ADDHN, ADDHN2', '0 q:1 0 01110 size:2 1 rm:5 010000 rn:5 rd:5', highNarrow(add, false), noDoubleword),
  def('RADDHN, RADDHN2', '0 q:1 1 01110 size:2 1 rm:5 010000 rn:5 rd:5', highNarrow(add, true), noDoubleword),
  def('SUBHN, SUBHN2', '0 q:1 0 01110 size:2 1 rm:5 011000 rn:5 rd:5', highNarrow(sub, false), noDoubleword),
  def('RSUBHN, RSUBHN2', '0 q:1 1 01110 size:2 1 rm:5 011000 rn:5 rd:5', highNarrow(sub, true), noDoubleword),
  def('SQDMLAL, SQDMLAL2 (vector)', '0 q:1 0 01110 size:2 1 rm:5 100100 rn:5 rd:5', threeDifferentDoubling('add'), halfOrWord),
  def('SQDMLSL, SQDMLSL2 (vector)', '0 q:1 0 01110 size:2 1 rm:5 101100 rn:5 rd:5', threeDifferentDoubling('sub'), halfOrWord),
  def('SQDMULL, SQDMULL2 (vector)', '0 q:1 0 01110 size:2 1 rm:5 110100 rn:5 rd:5', threeDifferentDoubling(), halfOrWord),
  def('PMULL, PMULL2', '0 q:1 0 01110 00 1 rm:5 111000 rn:5 rd:5', polynomialMultiplyLong),
  def('PMULL, PMULL2 (1Q)', '0 q:1 0 01110 11 1 rm:5 111000 rn:5 rd:5', polynomialMultiplyDoubleword, { feature: 'FEAT_PMULL' }),
];

/** Arm ARM C4.1: Advanced SIMD scalar three different. */
export const simdScalarThreeDifferent = [
  def('SQDMLAL (scalar)', '01 0 11110 size:2 1 rm:5 100100 rn:5 rd:5', threeDifferentDoubling('add'), halfOrWord),
  def('SQDMLSL (scalar)', '01 0 11110 size:2 1 rm:5 101100 rn:5 rd:5', threeDifferentDoubling('sub'), halfOrWord),
  def('SQDMULL (scalar)', '01 0 11110 size:2 1 rm:5 110100 rn:5 rd:5', threeDifferentDoubling(), halfOrWord),
];
