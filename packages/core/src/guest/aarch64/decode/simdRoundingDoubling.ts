import { element } from '../translate/simdForms.ts';
import { accumulateDoubling, accumulateDoublingByElement, sqrdmlah, sqrdmlsh } from '../translate/simdRoundingDoubling.ts';
import { def } from '../translate/translator.ts';
import { halfOrWord } from './simdWhere.ts';

const rdm = { ...halfOrWord, feature: 'FEAT_RDM' };
const addByElement = accumulateDoublingByElement(sqrdmlah, element);
const subtractByElement = accumulateDoublingByElement(sqrdmlsh, element);

/** Arm ARM C4.1: the rounding doubling multiplications of Advanced SIMD that accumulate, of vectors, scalars and by element. */
export const simdRoundingDoubling = [
  def('SQRDMLAH (vector)', '0 q:1 1 01110 size:2 0 rm:5 100001 rn:5 rd:5', accumulateDoubling(sqrdmlah), rdm),
  def('SQRDMLSH (vector)', '0 q:1 1 01110 size:2 0 rm:5 100011 rn:5 rd:5', accumulateDoubling(sqrdmlsh), rdm),
  def('SQRDMLAH (scalar)', '01 1 11110 size:2 0 rm:5 100001 rn:5 rd:5', accumulateDoubling(sqrdmlah), rdm),
  def('SQRDMLSH (scalar)', '01 1 11110 size:2 0 rm:5 100011 rn:5 rd:5', accumulateDoubling(sqrdmlsh), rdm),
  def('SQRDMLAH (by element, vector)', '0 q:1 1 01111 size:2 l:1 m:1 rm:4 1101 h:1 0 rn:5 rd:5', addByElement, rdm),
  def('SQRDMLSH (by element, vector)', '0 q:1 1 01111 size:2 l:1 m:1 rm:4 1111 h:1 0 rn:5 rd:5', subtractByElement, rdm),
  def('SQRDMLAH (by element, scalar)', '01 1 11111 size:2 l:1 m:1 rm:4 1101 h:1 0 rn:5 rd:5', addByElement, rdm),
  def('SQRDMLSH (by element, scalar)', '01 1 11111 size:2 l:1 m:1 rm:4 1111 h:1 0 rn:5 rd:5', subtractByElement, rdm),
];
