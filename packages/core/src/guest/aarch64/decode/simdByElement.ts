import { minus, plus } from '../translate/simdArithmetic.ts';
import {
  doublingMultiplyLongForm,
  element,
  multiplyByElement,
  multiplyByElementAccumulating,
  multiplyByElementSaturating,
  multiplyLongForm,
} from '../translate/simdForms.ts';
import { add, mul, sub } from '../translate/simdLanes.ts';
import { sqdmulh, sqrdmulh } from '../translate/simdSaturating.ts';
import { def } from '../translate/translator.ts';
import { halfOrWord } from './simdWhere.ts';

/** Arm ARM C4.1: Advanced SIMD vector x indexed element, integer rows (those of floating point are in simdFp.ts). */
export const simdByElement = [
  def('MUL (by element)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 1000 h:1 0 rn:5 rd:5', multiplyByElement(mul), halfOrWord),
  def('MLA (by element)', '0 q:1 1 01111 size:2 l:1 m:1 rm:4 0000 h:1 0 rn:5 rd:5', multiplyByElementAccumulating(plus(mul)), halfOrWord),
  def('MLS (by element)', '0 q:1 1 01111 size:2 l:1 m:1 rm:4 0100 h:1 0 rn:5 rd:5', multiplyByElementAccumulating(minus(mul)), halfOrWord),
  def('SMLAL, SMLAL2 (by element)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 0010 h:1 0 rn:5 rd:5', multiplyLongForm('s', element, add), halfOrWord),
  def('SMLSL, SMLSL2 (by element)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 0110 h:1 0 rn:5 rd:5', multiplyLongForm('s', element, sub), halfOrWord),
  def('SMULL, SMULL2 (by element)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 1010 h:1 0 rn:5 rd:5', multiplyLongForm('s', element), halfOrWord),
  def('UMLAL, UMLAL2 (by element)', '0 q:1 1 01111 size:2 l:1 m:1 rm:4 0010 h:1 0 rn:5 rd:5', multiplyLongForm('u', element, add), halfOrWord),
  def('UMLSL, UMLSL2 (by element)', '0 q:1 1 01111 size:2 l:1 m:1 rm:4 0110 h:1 0 rn:5 rd:5', multiplyLongForm('u', element, sub), halfOrWord),
  def('UMULL, UMULL2 (by element)', '0 q:1 1 01111 size:2 l:1 m:1 rm:4 1010 h:1 0 rn:5 rd:5', multiplyLongForm('u', element), halfOrWord),
  def('SQDMLAL, SQDMLAL2 (by element, vector)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 0011 h:1 0 rn:5 rd:5', doublingMultiplyLongForm(element, 'add'), halfOrWord),
  def('SQDMLSL, SQDMLSL2 (by element, vector)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 0111 h:1 0 rn:5 rd:5', doublingMultiplyLongForm(element, 'sub'), halfOrWord),
  def('SQDMULL, SQDMULL2 (by element, vector)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 1011 h:1 0 rn:5 rd:5', doublingMultiplyLongForm(element), halfOrWord),
  def('SQDMULH (by element, vector)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 1100 h:1 0 rn:5 rd:5', multiplyByElementSaturating(sqdmulh), halfOrWord),
  def('SQRDMULH (by element, vector)', '0 q:1 0 01111 size:2 l:1 m:1 rm:4 1101 h:1 0 rn:5 rd:5', multiplyByElementSaturating(sqrdmulh), halfOrWord),
];

/** Arm ARM C4.1: Advanced SIMD scalar x indexed element, integer rows. */
export const simdScalarByElement = [
  def('SQDMLAL (by element, scalar)', '01 0 11111 size:2 l:1 m:1 rm:4 0011 h:1 0 rn:5 rd:5', doublingMultiplyLongForm(element, 'add'), halfOrWord),
  def('SQDMLSL (by element, scalar)', '01 0 11111 size:2 l:1 m:1 rm:4 0111 h:1 0 rn:5 rd:5', doublingMultiplyLongForm(element, 'sub'), halfOrWord),
  def('SQDMULL (by element, scalar)', '01 0 11111 size:2 l:1 m:1 rm:4 1011 h:1 0 rn:5 rd:5', doublingMultiplyLongForm(element), halfOrWord),
  def('SQDMULH (by element, scalar)', '01 0 11111 size:2 l:1 m:1 rm:4 1100 h:1 0 rn:5 rd:5', multiplyByElementSaturating(sqdmulh), halfOrWord),
  def('SQRDMULH (by element, scalar)', '01 0 11111 size:2 l:1 m:1 rm:4 1101 h:1 0 rn:5 rd:5', multiplyByElementSaturating(sqrdmulh), halfOrWord),
];
