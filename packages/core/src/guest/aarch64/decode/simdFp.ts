import { Rounding } from '../translate/fpSoftFloat.ts';
import { words } from '../translate/simdForms.ts';
import { facge, facgt, fcmeq, fcmge, fcmgt } from '../translate/simdFpCompare.ts';
import { FROM_SIGNED, FROM_UNSIGNED, frinta, frinti, frintm, frintn, frintp, frintx, frintz, TO_SIGNED, TO_UNSIGNED } from '../translate/simdFpConvert.ts';
import {
  arithmetic,
  fpAbsoluteDifference,
  fpAcross,
  fpByElement,
  fpCompareZero,
  fpFromFixedPoint,
  fpFromInteger,
  fpFused,
  fpFusedByElement,
  fpLengthen,
  fpNarrow,
  fpNarrowToOdd,
  fpNarrowToOddScalar,
  fpPair,
  fpPairwise,
  fpSign,
  fpThreeSame,
  fpToFixedPoint,
  fpToInteger,
  fpTwoRegister,
} from '../translate/simdFpForms.ts';
import { fmulx, frecpe, frecps, frecpx, frsqrte, frsqrts } from '../translate/simdFpSteps.ts';
import { urecpe, ursqrte } from '../translate/simdUnsignedEstimates.ts';
import { def } from '../translate/translator.ts';

/** Every arrangement but 1D. */
const noSingleDouble = { where: ({ q, sz }: { q: number; sz: number }): boolean => sz === 0 || q === 1 };
/** 4S. */
const onlyFourSingles = { where: ({ q, sz }: { q: number; sz: number }): boolean => sz === 0 && q === 1 };
/** Doubles have an index of one bit. */
type Element = { readonly sz: number; readonly l: number };
const elementScalar = { where: ({ sz, l }: Element): boolean => sz === 0 || l === 0 };
const elementVector = { where: ({ q, sz, l }: Element & { q: number }): boolean => sz === 0 || (q === 1 && l === 0) };
/** Singles and doubles, by the highest bit of immh. */
const fixedScalar = { where: ({ immh }: { immh: number }): boolean => immh >= 4 };
const fixedVector = { where: ({ q, immh }: { q: number; immh: number }): boolean => (immh >= 4 && immh < 8) || (immh >= 8 && q === 1) };

/** Arm ARM C4.1: Advanced SIMD three same, floating-point rows. */
export const simdFpThreeSame = [
  def('FMAXNM (vector)', '0 q:1 0 01110 0 sz:1 1 rm:5 110001 rn:5 rd:5', fpThreeSame(arithmetic('maxnm')), noSingleDouble),
  def('FMLA (vector)', '0 q:1 0 01110 0 sz:1 1 rm:5 110011 rn:5 rd:5', fpFused(false), noSingleDouble),
  def('FADD (vector)', '0 q:1 0 01110 0 sz:1 1 rm:5 110101 rn:5 rd:5', fpThreeSame(arithmetic('add')), noSingleDouble),
  def('FMULX (vector)', '0 q:1 0 01110 0 sz:1 1 rm:5 110111 rn:5 rd:5', fpThreeSame(fmulx), noSingleDouble),
  def('FCMEQ (register, vector)', '0 q:1 0 01110 0 sz:1 1 rm:5 111001 rn:5 rd:5', fpThreeSame(fcmeq), noSingleDouble),
  def('FMAX (vector)', '0 q:1 0 01110 0 sz:1 1 rm:5 111101 rn:5 rd:5', fpThreeSame(arithmetic('max')), noSingleDouble),
  def('FRECPS (vector)', '0 q:1 0 01110 0 sz:1 1 rm:5 111111 rn:5 rd:5', fpThreeSame(frecps), noSingleDouble),
  def('FMINNM (vector)', '0 q:1 0 01110 1 sz:1 1 rm:5 110001 rn:5 rd:5', fpThreeSame(arithmetic('minnm')), noSingleDouble),
  def('FMLS (vector)', '0 q:1 0 01110 1 sz:1 1 rm:5 110011 rn:5 rd:5', fpFused(true), noSingleDouble),
  def('FSUB (vector)', '0 q:1 0 01110 1 sz:1 1 rm:5 110101 rn:5 rd:5', fpThreeSame(arithmetic('sub')), noSingleDouble),
  def('FMIN (vector)', '0 q:1 0 01110 1 sz:1 1 rm:5 111101 rn:5 rd:5', fpThreeSame(arithmetic('min')), noSingleDouble),
  def('FRSQRTS (vector)', '0 q:1 0 01110 1 sz:1 1 rm:5 111111 rn:5 rd:5', fpThreeSame(frsqrts), noSingleDouble),
  def('FMAXNMP (vector)', '0 q:1 1 01110 0 sz:1 1 rm:5 110001 rn:5 rd:5', fpPairwise(arithmetic('maxnm')), noSingleDouble),
  def('FADDP (vector)', '0 q:1 1 01110 0 sz:1 1 rm:5 110101 rn:5 rd:5', fpPairwise(arithmetic('add')), noSingleDouble),
  def('FMUL (vector)', '0 q:1 1 01110 0 sz:1 1 rm:5 110111 rn:5 rd:5', fpThreeSame(arithmetic('mul')), noSingleDouble),
  def('FCMGE (register, vector)', '0 q:1 1 01110 0 sz:1 1 rm:5 111001 rn:5 rd:5', fpThreeSame(fcmge), noSingleDouble),
  def('FACGE (vector)', '0 q:1 1 01110 0 sz:1 1 rm:5 111011 rn:5 rd:5', fpThreeSame(facge), noSingleDouble),
  def('FMAXP (vector)', '0 q:1 1 01110 0 sz:1 1 rm:5 111101 rn:5 rd:5', fpPairwise(arithmetic('max')), noSingleDouble),
  def('FDIV (vector)', '0 q:1 1 01110 0 sz:1 1 rm:5 111111 rn:5 rd:5', fpThreeSame(arithmetic('div')), noSingleDouble),
  def('FMINNMP (vector)', '0 q:1 1 01110 1 sz:1 1 rm:5 110001 rn:5 rd:5', fpPairwise(arithmetic('minnm')), noSingleDouble),
  def('FABD (vector)', '0 q:1 1 01110 1 sz:1 1 rm:5 110101 rn:5 rd:5', fpAbsoluteDifference, noSingleDouble),
  def('FCMGT (register, vector)', '0 q:1 1 01110 1 sz:1 1 rm:5 111001 rn:5 rd:5', fpThreeSame(fcmgt), noSingleDouble),
  def('FACGT (vector)', '0 q:1 1 01110 1 sz:1 1 rm:5 111011 rn:5 rd:5', fpThreeSame(facgt), noSingleDouble),
  def('FMINP (vector)', '0 q:1 1 01110 1 sz:1 1 rm:5 111101 rn:5 rd:5', fpPairwise(arithmetic('min')), noSingleDouble),
];

/** Arm ARM C4.1: Advanced SIMD scalar three same, floating-point rows. */
export const simdFpScalarThreeSame = [
  def('FMULX (scalar)', '01 0 11110 0 sz:1 1 rm:5 110111 rn:5 rd:5', fpThreeSame(fmulx)),
  def('FCMEQ (register, scalar)', '01 0 11110 0 sz:1 1 rm:5 111001 rn:5 rd:5', fpThreeSame(fcmeq)),
  def('FRECPS (scalar)', '01 0 11110 0 sz:1 1 rm:5 111111 rn:5 rd:5', fpThreeSame(frecps)),
  def('FRSQRTS (scalar)', '01 0 11110 1 sz:1 1 rm:5 111111 rn:5 rd:5', fpThreeSame(frsqrts)),
  def('FCMGE (register, scalar)', '01 1 11110 0 sz:1 1 rm:5 111001 rn:5 rd:5', fpThreeSame(fcmge)),
  def('FACGE (scalar)', '01 1 11110 0 sz:1 1 rm:5 111011 rn:5 rd:5', fpThreeSame(facge)),
  def('FABD (scalar)', '01 1 11110 1 sz:1 1 rm:5 110101 rn:5 rd:5', fpAbsoluteDifference),
  def('FCMGT (register, scalar)', '01 1 11110 1 sz:1 1 rm:5 111001 rn:5 rd:5', fpThreeSame(fcmgt)),
  def('FACGT (scalar)', '01 1 11110 1 sz:1 1 rm:5 111011 rn:5 rd:5', fpThreeSame(facgt)),
];

/** Arm ARM C4.1: Advanced SIMD two-register miscellaneous, floating-point rows and estimates. */
export const simdFpTwoRegister = [
  def('FCMGT (zero, vector)', '0 q:1 0 01110 1 sz:1 10000 0110010 rn:5 rd:5', fpCompareZero(fcmgt), noSingleDouble),
  def('FCMGE (zero, vector)', '0 q:1 1 01110 1 sz:1 10000 0110010 rn:5 rd:5', fpCompareZero(fcmge), noSingleDouble),
  def('FCMEQ (zero, vector)', '0 q:1 0 01110 1 sz:1 10000 0110110 rn:5 rd:5', fpCompareZero(fcmeq), noSingleDouble),
  def('FCMLE (zero, vector)', '0 q:1 1 01110 1 sz:1 10000 0110110 rn:5 rd:5', fpCompareZero(fcmge, true), noSingleDouble),
  def('FCMLT (zero, vector)', '0 q:1 0 01110 1 sz:1 10000 0111010 rn:5 rd:5', fpCompareZero(fcmgt, true), noSingleDouble),
  def('FABS (vector)', '0 q:1 0 01110 1 sz:1 10000 0111110 rn:5 rd:5', fpSign('abs'), noSingleDouble),
  def('FNEG (vector)', '0 q:1 1 01110 1 sz:1 10000 0111110 rn:5 rd:5', fpSign('neg'), noSingleDouble),
  def('FSQRT (vector)', '0 q:1 1 01110 1 sz:1 10000 1111110 rn:5 rd:5', fpTwoRegister(arithmetic('sqrt')), noSingleDouble),
  def('FRINTN (vector)', '0 q:1 0 01110 0 sz:1 10000 1100010 rn:5 rd:5', fpTwoRegister(frintn), noSingleDouble),
  def('FRINTM (vector)', '0 q:1 0 01110 0 sz:1 10000 1100110 rn:5 rd:5', fpTwoRegister(frintm), noSingleDouble),
  def('FRINTP (vector)', '0 q:1 0 01110 1 sz:1 10000 1100010 rn:5 rd:5', fpTwoRegister(frintp), noSingleDouble),
  def('FRINTZ (vector)', '0 q:1 0 01110 1 sz:1 10000 1100110 rn:5 rd:5', fpTwoRegister(frintz), noSingleDouble),
  def('FRINTA (vector)', '0 q:1 1 01110 0 sz:1 10000 1100010 rn:5 rd:5', fpTwoRegister(frinta), noSingleDouble),
  def('FRINTX (vector)', '0 q:1 1 01110 0 sz:1 10000 1100110 rn:5 rd:5', fpTwoRegister(frintx), noSingleDouble),
  def('FRINTI (vector)', '0 q:1 1 01110 1 sz:1 10000 1100110 rn:5 rd:5', fpTwoRegister(frinti), noSingleDouble),
  def('FCVTNS (vector)', '0 q:1 0 01110 0 sz:1 10000 1101010 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.nearestEven), noSingleDouble),
  def('FCVTNU (vector)', '0 q:1 1 01110 0 sz:1 10000 1101010 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.nearestEven), noSingleDouble),
  def('FCVTMS (vector)', '0 q:1 0 01110 0 sz:1 10000 1101110 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.down), noSingleDouble),
  def('FCVTMU (vector)', '0 q:1 1 01110 0 sz:1 10000 1101110 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.down), noSingleDouble),
  def('FCVTAS (vector)', '0 q:1 0 01110 0 sz:1 10000 1110010 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.nearestAway), noSingleDouble),
  def('FCVTAU (vector)', '0 q:1 1 01110 0 sz:1 10000 1110010 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.nearestAway), noSingleDouble),
  def('FCVTPS (vector)', '0 q:1 0 01110 1 sz:1 10000 1101010 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.up), noSingleDouble),
  def('FCVTPU (vector)', '0 q:1 1 01110 1 sz:1 10000 1101010 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.up), noSingleDouble),
  def('FCVTZS (vector, integer)', '0 q:1 0 01110 1 sz:1 10000 1101110 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.zero), noSingleDouble),
  def('FCVTZU (vector, integer)', '0 q:1 1 01110 1 sz:1 10000 1101110 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.zero), noSingleDouble),
  def('SCVTF (vector, integer)', '0 q:1 0 01110 0 sz:1 10000 1110110 rn:5 rd:5', fpFromInteger(FROM_SIGNED), noSingleDouble),
  def('UCVTF (vector, integer)', '0 q:1 1 01110 0 sz:1 10000 1110110 rn:5 rd:5', fpFromInteger(FROM_UNSIGNED), noSingleDouble),
  def('FRECPE (vector)', '0 q:1 0 01110 1 sz:1 10000 1110110 rn:5 rd:5', fpTwoRegister(frecpe), noSingleDouble),
  def('FRSQRTE (vector)', '0 q:1 1 01110 1 sz:1 10000 1110110 rn:5 rd:5', fpTwoRegister(frsqrte), noSingleDouble),
  def('URECPE', '0 q:1 0 01110 10 10000 1110010 rn:5 rd:5', words(urecpe)),
  def('URSQRTE', '0 q:1 1 01110 10 10000 1110010 rn:5 rd:5', words(ursqrte)),
  def('FCVTN, FCVTN2', '0 q:1 0 01110 0 sz:1 10000 1011010 rn:5 rd:5', fpNarrow),
  def('FCVTL, FCVTL2', '0 q:1 0 01110 0 sz:1 10000 1011110 rn:5 rd:5', fpLengthen),
  def('FCVTXN, FCVTXN2 (vector)', '0 q:1 1 01110 01 10000 1011010 rn:5 rd:5', fpNarrowToOdd),
];

/** Arm ARM C4.1: Advanced SIMD scalar two-register miscellaneous, floating-point rows. */
export const simdFpScalarTwoRegister = [
  def('FCMGT (zero, scalar)', '01 0 11110 1 sz:1 10000 0110010 rn:5 rd:5', fpCompareZero(fcmgt)),
  def('FCMGE (zero, scalar)', '01 1 11110 1 sz:1 10000 0110010 rn:5 rd:5', fpCompareZero(fcmge)),
  def('FCMEQ (zero, scalar)', '01 0 11110 1 sz:1 10000 0110110 rn:5 rd:5', fpCompareZero(fcmeq)),
  def('FCMLE (zero, scalar)', '01 1 11110 1 sz:1 10000 0110110 rn:5 rd:5', fpCompareZero(fcmge, true)),
  def('FCMLT (zero, scalar)', '01 0 11110 1 sz:1 10000 0111010 rn:5 rd:5', fpCompareZero(fcmgt, true)),
  def('FCVTNS (vector, scalar)', '01 0 11110 0 sz:1 10000 1101010 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.nearestEven)),
  def('FCVTNU (vector, scalar)', '01 1 11110 0 sz:1 10000 1101010 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.nearestEven)),
  def('FCVTMS (vector, scalar)', '01 0 11110 0 sz:1 10000 1101110 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.down)),
  def('FCVTMU (vector, scalar)', '01 1 11110 0 sz:1 10000 1101110 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.down)),
  def('FCVTAS (vector, scalar)', '01 0 11110 0 sz:1 10000 1110010 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.nearestAway)),
  def('FCVTAU (vector, scalar)', '01 1 11110 0 sz:1 10000 1110010 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.nearestAway)),
  def('FCVTPS (vector, scalar)', '01 0 11110 1 sz:1 10000 1101010 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.up)),
  def('FCVTPU (vector, scalar)', '01 1 11110 1 sz:1 10000 1101010 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.up)),
  def('FCVTZS (vector, integer, scalar)', '01 0 11110 1 sz:1 10000 1101110 rn:5 rd:5', fpToInteger(TO_SIGNED, Rounding.zero)),
  def('FCVTZU (vector, integer, scalar)', '01 1 11110 1 sz:1 10000 1101110 rn:5 rd:5', fpToInteger(TO_UNSIGNED, Rounding.zero)),
  def('SCVTF (vector, integer, scalar)', '01 0 11110 0 sz:1 10000 1110110 rn:5 rd:5', fpFromInteger(FROM_SIGNED)),
  def('UCVTF (vector, integer, scalar)', '01 1 11110 0 sz:1 10000 1110110 rn:5 rd:5', fpFromInteger(FROM_UNSIGNED)),
  def('FRECPE (scalar)', '01 0 11110 1 sz:1 10000 1110110 rn:5 rd:5', fpTwoRegister(frecpe)),
  def('FRSQRTE (scalar)', '01 1 11110 1 sz:1 10000 1110110 rn:5 rd:5', fpTwoRegister(frsqrte)),
  def('FRECPX', '01 0 11110 1 sz:1 10000 1111110 rn:5 rd:5', fpTwoRegister(frecpx)),
  def('FCVTXN (scalar)', '01 1 11110 01 10000 1011010 rn:5 rd:5', fpNarrowToOddScalar),
];

/** Arm ARM C4.1: Advanced SIMD across lanes and scalar pairwise, floating-point rows. */
export const simdFpAcrossLanes = [
  def('FMAXNMV', '0 q:1 1 01110 0 sz:1 11000 0110010 rn:5 rd:5', fpAcross(arithmetic('maxnm')), onlyFourSingles),
  def('FMAXNMP (scalar)', '0111111 0 0 sz:1 11000 0110010 rn:5 rd:5', fpPair(arithmetic('maxnm'))),
  def('FMAXV', '0 q:1 1 01110 0 sz:1 11000 0111110 rn:5 rd:5', fpAcross(arithmetic('max')), onlyFourSingles),
  def('FMAXP (scalar)', '0111111 0 0 sz:1 11000 0111110 rn:5 rd:5', fpPair(arithmetic('max'))),
  def('FMINNMV', '0 q:1 1 01110 1 sz:1 11000 0110010 rn:5 rd:5', fpAcross(arithmetic('minnm')), onlyFourSingles),
  def('FMINNMP (scalar)', '0111111 0 1 sz:1 11000 0110010 rn:5 rd:5', fpPair(arithmetic('minnm'))),
  def('FMINV', '0 q:1 1 01110 1 sz:1 11000 0111110 rn:5 rd:5', fpAcross(arithmetic('min')), onlyFourSingles),
  def('FMINP (scalar)', '0111111 0 1 sz:1 11000 0111110 rn:5 rd:5', fpPair(arithmetic('min'))),
  def('FADDP (scalar)', '0111111 0 0 sz:1 11000 0110110 rn:5 rd:5', fpPair(arithmetic('add'))),
];

/** Arm ARM C4.1: Advanced SIMD vector and scalar x indexed element, floating-point rows. */
export const simdFpByElement = [
  def('FMLA (by element, vector)', '0 q:1 0 01111 1 sz:1 l:1 m:1 rm:4 0001 h:1 0 rn:5 rd:5', fpFusedByElement(false), elementVector),
  def('FMLA (by element, scalar)', '01 0 11111 1 sz:1 l:1 m:1 rm:4 0001 h:1 0 rn:5 rd:5', fpFusedByElement(false), elementScalar),
  def('FMLS (by element, vector)', '0 q:1 0 01111 1 sz:1 l:1 m:1 rm:4 0101 h:1 0 rn:5 rd:5', fpFusedByElement(true), elementVector),
  def('FMLS (by element, scalar)', '01 0 11111 1 sz:1 l:1 m:1 rm:4 0101 h:1 0 rn:5 rd:5', fpFusedByElement(true), elementScalar),
  def('FMUL (by element, vector)', '0 q:1 0 01111 1 sz:1 l:1 m:1 rm:4 1001 h:1 0 rn:5 rd:5', fpByElement(arithmetic('mul')), elementVector),
  def('FMUL (by element, scalar)', '01 0 11111 1 sz:1 l:1 m:1 rm:4 1001 h:1 0 rn:5 rd:5', fpByElement(arithmetic('mul')), elementScalar),
  def('FMULX (by element, vector)', '0 q:1 1 01111 1 sz:1 l:1 m:1 rm:4 1001 h:1 0 rn:5 rd:5', fpByElement(fmulx), elementVector),
  def('FMULX (by element, scalar)', '01 1 11111 1 sz:1 l:1 m:1 rm:4 1001 h:1 0 rn:5 rd:5', fpByElement(fmulx), elementScalar),
];

/** Arm ARM C4.1: Advanced SIMD shift by immediate, conversions of fixed-point numbers. */
export const simdFpFixedPoint = [
  def('SCVTF (vector, fixed-point)', '0 q:1 0 011110 immh:4 immb:3 111001 rn:5 rd:5', fpFromFixedPoint(FROM_SIGNED), fixedVector),
  def('SCVTF (vector, fixed-point, scalar)', '01 0 111110 immh:4 immb:3 111001 rn:5 rd:5', fpFromFixedPoint(FROM_SIGNED), fixedScalar),
  def('UCVTF (vector, fixed-point)', '0 q:1 1 011110 immh:4 immb:3 111001 rn:5 rd:5', fpFromFixedPoint(FROM_UNSIGNED), fixedVector),
  def('UCVTF (vector, fixed-point, scalar)', '01 1 111110 immh:4 immb:3 111001 rn:5 rd:5', fpFromFixedPoint(FROM_UNSIGNED), fixedScalar),
  def('FCVTZS (vector, fixed-point)', '0 q:1 0 011110 immh:4 immb:3 111111 rn:5 rd:5', fpToFixedPoint(TO_SIGNED), fixedVector),
  def('FCVTZS (vector, fixed-point, scalar)', '01 0 111110 immh:4 immb:3 111111 rn:5 rd:5', fpToFixedPoint(TO_SIGNED), fixedScalar),
  def('FCVTZU (vector, fixed-point)', '0 q:1 1 011110 immh:4 immb:3 111111 rn:5 rd:5', fpToFixedPoint(TO_UNSIGNED), fixedVector),
  def('FCVTZU (vector, fixed-point, scalar)', '01 1 111110 immh:4 immb:3 111111 rn:5 rd:5', fpToFixedPoint(TO_UNSIGNED), fixedScalar),
];
