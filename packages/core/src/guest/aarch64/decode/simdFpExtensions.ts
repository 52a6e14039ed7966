import { bfloat16Products, bfloat16ProductsByElement, fpNarrowToBfloat16, fpToBfloat16 } from '../translate/bfloat16.ts';
import { bfloat16Dot, bfloat16DotByElement, bfloat16MatrixMultiply } from '../translate/bfloat16Dot.ts';
import { fpComplexAdd, fpComplexMultiplyAdd, fpComplexMultiplyAddByElement } from '../translate/simdFpComplex.ts';
import { frint32x, frint32z, frint64x, frint64z } from '../translate/simdFpConvert.ts';
import { fpTwoRegisterNoHalf } from '../translate/simdFpForms.ts';
import { halfProductsByElement, halfProductsVector } from '../translate/simdFpHalfProducts.ts';
import { def } from '../translate/translator.ts';

const FRINTTS = { feature: 'FEAT_FRINTTS', where: ({ q, sz }: { q: number; sz: number }): boolean => sz === 0 || q === 1 } as const;

/** FEAT_FRINTTS: Arm ARM C4.1, Advanced SIMD two-register miscellaneous. The scalar rows are in fp.ts. */
const integralOf = [
  def('FRINT32Z (vector)', '0 q:1 0 01110 0 sz:1 10000 1111010 rn:5 rd:5', fpTwoRegisterNoHalf(frint32z), FRINTTS),
  def('FRINT32X (vector)', '0 q:1 1 01110 0 sz:1 10000 1111010 rn:5 rd:5', fpTwoRegisterNoHalf(frint32x), FRINTTS),
  def('FRINT64Z (vector)', '0 q:1 0 01110 0 sz:1 10000 1111110 rn:5 rd:5', fpTwoRegisterNoHalf(frint64z), FRINTTS),
  def('FRINT64X (vector)', '0 q:1 1 01110 0 sz:1 10000 1111110 rn:5 rd:5', fpTwoRegisterNoHalf(frint64x), FRINTTS),
];

const FCMA = { feature: 'FEAT_FCMA', where: ({ q, size }: { q: number; size: number }): boolean => size !== 0 && (size !== 3 || q === 1) } as const;
type ComplexElement = { readonly q: number; readonly size: number; readonly l: number; readonly h: number };
const FCMA_ELEMENT = {
  feature: 'FEAT_FCMA',
  where: ({ q, size, l, h }: ComplexElement): boolean => (size === 1 && (q === 1 || h === 0)) || (size === 2 && q === 1 && l === 0),
} as const;

/** FEAT_FCMA: Arm ARM C4.1, Advanced SIMD three-register extension and vector x indexed element. */
const complex = [
  def('FCADD', '0 q:1 1 01110 size:2 0 rm:5 111 rot:1 01 rn:5 rd:5', fpComplexAdd, FCMA),
  def('FCMLA (vector)', '0 q:1 1 01110 size:2 0 rm:5 110 rot:2 1 rn:5 rd:5', fpComplexMultiplyAdd, FCMA),
  def('FCMLA (by element)', '0 q:1 1 01111 size:2 l:1 m:1 rm:4 0 rot:2 1 h:1 0 rn:5 rd:5', fpComplexMultiplyAddByElement, FCMA_ELEMENT),
];

const FHM = { feature: 'FEAT_FHM' } as const;

/** FEAT_FHM: Arm ARM C4.1, Advanced SIMD three same and vector x indexed element. */
const halfProducts = [
  def('FMLAL (vector)', '0 q:1 0 01110 00 1 rm:5 111011 rn:5 rd:5', halfProductsVector('low'), FHM),
  def('FMLAL2 (vector)', '0 q:1 1 01110 00 1 rm:5 110011 rn:5 rd:5', halfProductsVector('high'), FHM),
  def('FMLSL (vector)', '0 q:1 0 01110 10 1 rm:5 111011 rn:5 rd:5', halfProductsVector('low', true), FHM),
  def('FMLSL2 (vector)', '0 q:1 1 01110 10 1 rm:5 110011 rn:5 rd:5', halfProductsVector('high', true), FHM),
  def('FMLAL (by element)', '0 q:1 0 01111 10 l:1 m:1 rm:4 0000 h:1 0 rn:5 rd:5', halfProductsByElement('low'), FHM),
  def('FMLAL2 (by element)', '0 q:1 1 01111 10 l:1 m:1 rm:4 1000 h:1 0 rn:5 rd:5', halfProductsByElement('high'), FHM),
  def('FMLSL (by element)', '0 q:1 0 01111 10 l:1 m:1 rm:4 0100 h:1 0 rn:5 rd:5', halfProductsByElement('low', true), FHM),
  def('FMLSL2 (by element)', '0 q:1 1 01111 10 l:1 m:1 rm:4 1100 h:1 0 rn:5 rd:5', halfProductsByElement('high', true), FHM),
];

const BF16 = { feature: 'FEAT_BF16' } as const;

/** FEAT_BF16: Arm ARM C4.1, floating-point data-processing (1 source) and the groups above. */
const bfloat16 = [
  def('BFCVT', '000 11110 01 1 000110 10000 rn:5 rd:5', (t, f) => fpToBfloat16(t, f), BF16),
  def('BFCVTN, BFCVTN2', '0 q:1 0 01110 10 10000 1011010 rn:5 rd:5', fpNarrowToBfloat16, BF16),
  def('BFDOT (vector)', '0 q:1 1 01110 01 0 rm:5 111111 rn:5 rd:5', bfloat16Dot, BF16),
  def('BFDOT (by element)', '0 q:1 0 01111 01 l:1 m:1 rm:4 1111 h:1 0 rn:5 rd:5', bfloat16DotByElement, BF16),
  def('BFMMLA', '01 1 01110 01 0 rm:5 111011 rn:5 rd:5', bfloat16MatrixMultiply, BF16),
  def('BFMLALB, BFMLALT (vector)', '0 q:1 1 01110 11 0 rm:5 111111 rn:5 rd:5', bfloat16Products, BF16),
  def('BFMLALB, BFMLALT (by element)', '0 q:1 0 01111 11 l:1 m:1 rm:4 1111 h:1 0 rn:5 rd:5', bfloat16ProductsByElement, BF16),
];

/** The floating-point extensions beyond half precision. */
export const simdFpExtensions = [...integralOf, ...complex, ...halfProducts, ...bfloat16];
