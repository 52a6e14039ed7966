import { dotProduct, dotProductByElement, multiplyMatrices } from '../translate/simdDotProduct.ts';
import { def } from '../translate/translator.ts';

const dotProd = { feature: 'FEAT_DotProd' };
const i8mm = { feature: 'FEAT_I8MM' };

/** Arm ARM C4.1: the dot products and matrix products of bytes of Advanced SIMD three-register extension and vector x indexed element. */
export const simdDotProduct = [
  def('SDOT (vector)', '0 q:1 0 01110 10 0 rm:5 100101 rn:5 rd:5', dotProduct('s', 's'), dotProd),
  def('UDOT (vector)', '0 q:1 1 01110 10 0 rm:5 100101 rn:5 rd:5', dotProduct('u', 'u'), dotProd),
  def('SDOT (by element)', '0 q:1 0 01111 10 l:1 m:1 rm:4 1110 h:1 0 rn:5 rd:5', dotProductByElement('s', 's'), dotProd),
  def('UDOT (by element)', '0 q:1 1 01111 10 l:1 m:1 rm:4 1110 h:1 0 rn:5 rd:5', dotProductByElement('u', 'u'), dotProd),
  def('USDOT (vector)', '0 q:1 0 01110 10 0 rm:5 100111 rn:5 rd:5', dotProduct('u', 's'), i8mm),
  def('USDOT (by element)', '0 q:1 0 01111 10 l:1 m:1 rm:4 1111 h:1 0 rn:5 rd:5', dotProductByElement('u', 's'), i8mm),
  def('SUDOT (by element)', '0 q:1 0 01111 00 l:1 m:1 rm:4 1111 h:1 0 rn:5 rd:5', dotProductByElement('s', 'u'), i8mm),
  def('SMMLA (vector)', '0 1 0 01110 10 0 rm:5 101001 rn:5 rd:5', multiplyMatrices('s', 's'), i8mm),
  def('UMMLA (vector)', '0 1 1 01110 10 0 rm:5 101001 rn:5 rd:5', multiplyMatrices('u', 'u'), i8mm),
  def('USMMLA (vector)', '0 1 0 01110 10 0 rm:5 101011 rn:5 rd:5', multiplyMatrices('u', 's'), i8mm),
];
