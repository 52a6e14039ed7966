import { plusShifted, sli, sri, srshr, urshr } from '../translate/simdArithmetic.ts';
import { addHalfOfPlace, saturatingNarrow, shiftBy, shiftBySaturating, shiftInto, shiftLeftLong, shiftNarrow, type Translate } from '../translate/simdForms.ts';
import { shl, sshr, ushr } from '../translate/simdLanes.ts';
import { sqshlBy, sqshluBy, uqshlBy } from '../translate/simdSaturating.ts';
import { def } from '../translate/translator.ts';
import { shiftDoubleword, shiftNarrowOrLong, shiftScalar, shiftVector } from './simdWhere.ts';

interface Immediate {
  readonly immh: number;
  readonly immb: number;
}
interface Shift {
  readonly size: number;
  readonly count?: number;
}

/** The highest bit of immh gives the elements' size; what immh:immb has beyond it is the count, or for shifts right the complement of it. */
const left =
  <F extends Shift>(translate: Translate<F>): Translate<Omit<F, keyof Shift> & Immediate> =>
  (t, f) => {
    const size = 31 - Math.clz32(f.immh);
    translate(t, { ...f, size, count: ((f.immh << 3) | f.immb) - (8 << size) } as unknown as F);
  };
const right =
  <F extends Shift>(translate: Translate<F>): Translate<Omit<F, keyof Shift> & Immediate> =>
  (t, f) => {
    const size = 31 - Math.clz32(f.immh);
    translate(t, { ...f, size, count: (16 << size) - ((f.immh << 3) | f.immb) } as unknown as F);
  };

/** Arm ARM C4.1: Advanced SIMD shift by immediate (conversions of fixed-point numbers are in simdFp.ts). */
export const simdShift = [
  def('SSHR (vector)', '0 q:1 0 011110 immh:4 immb:3 000001 rn:5 rd:5', right(shiftBy(sshr)), shiftVector),
  def('SSRA (vector)', '0 q:1 0 011110 immh:4 immb:3 000101 rn:5 rd:5', right(shiftInto(plusShifted(sshr))), shiftVector),
  def('SRSHR (vector)', '0 q:1 0 011110 immh:4 immb:3 001001 rn:5 rd:5', right(shiftBy(srshr)), shiftVector),
  def('SRSRA (vector)', '0 q:1 0 011110 immh:4 immb:3 001101 rn:5 rd:5', right(shiftInto(plusShifted(srshr))), shiftVector),
  def('USHR (vector)', '0 q:1 1 011110 immh:4 immb:3 000001 rn:5 rd:5', right(shiftBy(ushr)), shiftVector),
  def('USRA (vector)', '0 q:1 1 011110 immh:4 immb:3 000101 rn:5 rd:5', right(shiftInto(plusShifted(ushr))), shiftVector),
  def('URSHR (vector)', '0 q:1 1 011110 immh:4 immb:3 001001 rn:5 rd:5', right(shiftBy(urshr)), shiftVector),
  def('URSRA (vector)', '0 q:1 1 011110 immh:4 immb:3 001101 rn:5 rd:5', right(shiftInto(plusShifted(urshr))), shiftVector),
  def('SRI (vector)', '0 q:1 1 011110 immh:4 immb:3 010001 rn:5 rd:5', right(shiftInto(sri)), shiftVector),
  def('SHL (vector)', '0 q:1 0 011110 immh:4 immb:3 010101 rn:5 rd:5', left(shiftBy(shl)), shiftVector),
  def('SLI (vector)', '0 q:1 1 011110 immh:4 immb:3 010101 rn:5 rd:5', left(shiftInto(sli)), shiftVector),
  def('SQSHLU (vector)', '0 q:1 1 011110 immh:4 immb:3 011001 rn:5 rd:5', left(shiftBySaturating(sqshluBy)), shiftVector),
  def('SQSHL (immediate, vector)', '0 q:1 0 011110 immh:4 immb:3 011101 rn:5 rd:5', left(shiftBySaturating(sqshlBy)), shiftVector),
  def('UQSHL (immediate, vector)', '0 q:1 1 011110 immh:4 immb:3 011101 rn:5 rd:5', left(shiftBySaturating(uqshlBy)), shiftVector),
  def('SHRN, SHRN2', '0 q:1 0 011110 immh:4 immb:3 100001 rn:5 rd:5', right(shiftNarrow()), shiftNarrowOrLong),
  def('RSHRN, RSHRN2', '0 q:1 0 011110 immh:4 immb:3 100011 rn:5 rd:5', right(shiftNarrow(addHalfOfPlace)), shiftNarrowOrLong),
  def('SQSHRUN, SQSHRUN2 (vector)', '0 q:1 1 011110 immh:4 immb:3 100001 rn:5 rd:5', right(saturatingNarrow('signedToUnsigned', sshr)), shiftNarrowOrLong),
  def('SQRSHRUN, SQRSHRUN2 (vector)', '0 q:1 1 011110 immh:4 immb:3 100011 rn:5 rd:5', right(saturatingNarrow('signedToUnsigned', srshr)), shiftNarrowOrLong),
  def('SQSHRN, SQSHRN2 (vector)', '0 q:1 0 011110 immh:4 immb:3 100101 rn:5 rd:5', right(saturatingNarrow('signed', sshr)), shiftNarrowOrLong),
  def('SQRSHRN, SQRSHRN2 (vector)', '0 q:1 0 011110 immh:4 immb:3 100111 rn:5 rd:5', right(saturatingNarrow('signed', srshr)), shiftNarrowOrLong),
  def('UQSHRN, UQSHRN2 (vector)', '0 q:1 1 011110 immh:4 immb:3 100101 rn:5 rd:5', right(saturatingNarrow('unsigned', ushr)), shiftNarrowOrLong),
  def('UQRSHRN, UQRSHRN2 (vector)', '0 q:1 1 011110 immh:4 immb:3 100111 rn:5 rd:5', right(saturatingNarrow('unsigned', urshr)), shiftNarrowOrLong),
  def('SSHLL, SSHLL2', '0 q:1 0 011110 immh:4 immb:3 101001 rn:5 rd:5', left(shiftLeftLong('s')), shiftNarrowOrLong),
  def('USHLL, USHLL2', '0 q:1 1 011110 immh:4 immb:3 101001 rn:5 rd:5', left(shiftLeftLong('u')), shiftNarrowOrLong),
];

/** Arm ARM C4.1: Advanced SIMD scalar shift by immediate. */
export const simdScalarShift = [
  def('SSHR (scalar)', '01 0 111110 immh:4 immb:3 000001 rn:5 rd:5', right(shiftBy(sshr)), shiftDoubleword),
  def('SSRA (scalar)', '01 0 111110 immh:4 immb:3 000101 rn:5 rd:5', right(shiftInto(plusShifted(sshr))), shiftDoubleword),
  def('SRSHR (scalar)', '01 0 111110 immh:4 immb:3 001001 rn:5 rd:5', right(shiftBy(srshr)), shiftDoubleword),
  def('SRSRA (scalar)', '01 0 111110 immh:4 immb:3 001101 rn:5 rd:5', right(shiftInto(plusShifted(srshr))), shiftDoubleword),
  def('USHR (scalar)', '01 1 111110 immh:4 immb:3 000001 rn:5 rd:5', right(shiftBy(ushr)), shiftDoubleword),
  def('USRA (scalar)', '01 1 111110 immh:4 immb:3 000101 rn:5 rd:5', right(shiftInto(plusShifted(ushr))), shiftDoubleword),
  def('URSHR (scalar)', '01 1 111110 immh:4 immb:3 001001 rn:5 rd:5', right(shiftBy(urshr)), shiftDoubleword),
  def('URSRA (scalar)', '01 1 111110 immh:4 immb:3 001101 rn:5 rd:5', right(shiftInto(plusShifted(urshr))), shiftDoubleword),
  def('SRI (scalar)', '01 1 111110 immh:4 immb:3 010001 rn:5 rd:5', right(shiftInto(sri)), shiftDoubleword),
  def('SHL (scalar)', '01 0 111110 immh:4 immb:3 010101 rn:5 rd:5', left(shiftBy(shl)), shiftDoubleword),
  def('SLI (scalar)', '01 1 111110 immh:4 immb:3 010101 rn:5 rd:5', left(shiftInto(sli)), shiftDoubleword),
  def('SQSHLU (scalar)', '01 1 111110 immh:4 immb:3 011001 rn:5 rd:5', left(shiftBySaturating(sqshluBy)), shiftScalar),
  def('SQSHL (immediate, scalar)', '01 0 111110 immh:4 immb:3 011101 rn:5 rd:5', left(shiftBySaturating(sqshlBy)), shiftScalar),
  def('UQSHL (immediate, scalar)', '01 1 111110 immh:4 immb:3 011101 rn:5 rd:5', left(shiftBySaturating(uqshlBy)), shiftScalar),
  def('SQSHRUN (scalar)', '01 1 111110 immh:4 immb:3 100001 rn:5 rd:5', right(saturatingNarrow('signedToUnsigned', sshr)), shiftNarrowOrLong),
  def('SQRSHRUN (scalar)', '01 1 111110 immh:4 immb:3 100011 rn:5 rd:5', right(saturatingNarrow('signedToUnsigned', srshr)), shiftNarrowOrLong),
  def('SQSHRN (scalar)', '01 0 111110 immh:4 immb:3 100101 rn:5 rd:5', right(saturatingNarrow('signed', sshr)), shiftNarrowOrLong),
  def('SQRSHRN (scalar)', '01 0 111110 immh:4 immb:3 100111 rn:5 rd:5', right(saturatingNarrow('signed', srshr)), shiftNarrowOrLong),
  def('UQSHRN (scalar)', '01 1 111110 immh:4 immb:3 100101 rn:5 rd:5', right(saturatingNarrow('unsigned', ushr)), shiftNarrowOrLong),
  def('UQRSHRN (scalar)', '01 1 111110 immh:4 immb:3 100111 rn:5 rd:5', right(saturatingNarrow('unsigned', urshr)), shiftNarrowOrLong),
];
