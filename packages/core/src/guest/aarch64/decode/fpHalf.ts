import { fpCompare } from '../translate/fpCompare.ts';
import { fpFromInteger, fpToInteger, fpToIntegral } from '../translate/fpConvert.ts';
import { fpBits, fpImmediate, fpSelect, fpSquareRoot, fpThreeSource, fpTwoSource } from '../translate/fpDataProcessing.ts';
import { fpHalfFromGeneral, fpHalfToGeneral } from '../translate/fpMove.ts';
import { Rounding } from '../translate/fpSoftFloat.ts';
import { def } from '../translate/translator.ts';
import { fixedPoint } from './fp.ts';

const FP16 = { feature: 'FEAT_FP16' } as const;
/** The fields of a row whose `ptype` is fixed. */
const half = <F>(fields: F): F & { readonly ptype: number } => ({ ...fields, ptype: 3 });

/** Arm ARM C4.1: floating-point (scalar), half precision. */
export const floatingPointHalf = [
  // Data processing, one source
  def('FMOV (register, half)', '000 11110 11 1 000000 10000 rn:5 rd:5', (t, f) => fpBits(t, half(f), (_, a) => a), FP16),
  def('FABS (scalar, half)', '000 11110 11 1 000001 10000 rn:5 rd:5', (t, f) => fpBits(t, half(f), (p, a) => p.abs(t.ir, a)), FP16),
  def('FNEG (scalar, half)', '000 11110 11 1 000010 10000 rn:5 rd:5', (t, f) => fpBits(t, half(f), (p, a) => p.neg(t.ir, a)), FP16),
  def('FSQRT (scalar, half)', '000 11110 11 1 000011 10000 rn:5 rd:5', (t, f) => fpSquareRoot(t, half(f)), FP16),
  def('FRINTN (scalar, half)', '000 11110 11 1 001000 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, half(f), Rounding.nearestEven, false), FP16),
  def('FRINTP (scalar, half)', '000 11110 11 1 001001 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, half(f), Rounding.up, false), FP16),
  def('FRINTM (scalar, half)', '000 11110 11 1 001010 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, half(f), Rounding.down, false), FP16),
  def('FRINTZ (scalar, half)', '000 11110 11 1 001011 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, half(f), Rounding.zero, false), FP16),
  def('FRINTA (scalar, half)', '000 11110 11 1 001100 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, half(f), Rounding.nearestAway, false), FP16),
  def('FRINTX (scalar, half)', '000 11110 11 1 001110 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, half(f), undefined, true), FP16),
  def('FRINTI (scalar, half)', '000 11110 11 1 001111 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, half(f), undefined, false), FP16),

  // Data processing, two sources
  def('FMUL (scalar, half)', '000 11110 11 1 rm:5 0000 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'mul'), FP16),
  def('FDIV (scalar, half)', '000 11110 11 1 rm:5 0001 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'div'), FP16),
  def('FADD (scalar, half)', '000 11110 11 1 rm:5 0010 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'add'), FP16),
  def('FSUB (scalar, half)', '000 11110 11 1 rm:5 0011 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'sub'), FP16),
  def('FMAX (scalar, half)', '000 11110 11 1 rm:5 0100 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'max'), FP16),
  def('FMIN (scalar, half)', '000 11110 11 1 rm:5 0101 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'min'), FP16),
  def('FMAXNM (scalar, half)', '000 11110 11 1 rm:5 0110 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'maxnm'), FP16),
  def('FMINNM (scalar, half)', '000 11110 11 1 rm:5 0111 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'minnm'), FP16),
  def('FNMUL (scalar, half)', '000 11110 11 1 rm:5 1000 10 rn:5 rd:5', (t, f) => fpTwoSource(t, half(f), 'nmul'), FP16),

  // Data processing, three sources
  def('FMADD (half)', '000 11111 11 0 rm:5 0 ra:5 rn:5 rd:5', (t, f) => fpThreeSource(t, half(f), false, false), FP16),
  def('FMSUB (half)', '000 11111 11 0 rm:5 1 ra:5 rn:5 rd:5', (t, f) => fpThreeSource(t, half(f), true, false), FP16),
  def('FNMADD (half)', '000 11111 11 1 rm:5 0 ra:5 rn:5 rd:5', (t, f) => fpThreeSource(t, half(f), true, true), FP16),
  def('FNMSUB (half)', '000 11111 11 1 rm:5 1 ra:5 rn:5 rd:5', (t, f) => fpThreeSource(t, half(f), false, true), FP16),

  // Compare, select, immediate
  def('FCMP (register, half)', '000 11110 11 1 rm:5 00 1000 rn:5 00000', (t, f) => fpCompare(t, half(f), false), FP16),
  def('FCMP (zero, half)', '000 11110 11 1 ----- 00 1000 rn:5 01000', (t, f) => fpCompare(t, half(f), false), FP16),
  def('FCMPE (register, half)', '000 11110 11 1 rm:5 00 1000 rn:5 10000', (t, f) => fpCompare(t, half(f), true), FP16),
  def('FCMPE (zero, half)', '000 11110 11 1 ----- 00 1000 rn:5 11000', (t, f) => fpCompare(t, half(f), true), FP16),
  def('FCCMP (half)', '000 11110 11 1 rm:5 cond:4 01 rn:5 0 nzcv:4', (t, f) => fpCompare(t, half(f), false, f), FP16),
  def('FCCMPE (half)', '000 11110 11 1 rm:5 cond:4 01 rn:5 1 nzcv:4', (t, f) => fpCompare(t, half(f), true, f), FP16),
  def('FCSEL (half)', '000 11110 11 1 rm:5 cond:4 11 rn:5 rd:5', (t, f) => fpSelect(t, half(f)), FP16),
  def('FMOV (scalar, immediate, half)', '000 11110 11 1 imm8:8 100 00000 rd:5', (t, f) => fpImmediate(t, half(f)), FP16),

  // Conversion between numbers and integers
  def('FCVTNS (scalar, half)', 'sf:1 00 11110 11 1 00 000 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), true, Rounding.nearestEven), FP16),
  def('FCVTNU (scalar, half)', 'sf:1 00 11110 11 1 00 001 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), false, Rounding.nearestEven), FP16),
  def('FCVTPS (scalar, half)', 'sf:1 00 11110 11 1 01 000 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), true, Rounding.up), FP16),
  def('FCVTPU (scalar, half)', 'sf:1 00 11110 11 1 01 001 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), false, Rounding.up), FP16),
  def('FCVTMS (scalar, half)', 'sf:1 00 11110 11 1 10 000 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), true, Rounding.down), FP16),
  def('FCVTMU (scalar, half)', 'sf:1 00 11110 11 1 10 001 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), false, Rounding.down), FP16),
  def('FCVTZS (scalar, integer, half)', 'sf:1 00 11110 11 1 11 000 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), true, Rounding.zero), FP16),
  def('FCVTZU (scalar, integer, half)', 'sf:1 00 11110 11 1 11 001 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), false, Rounding.zero), FP16),
  def('FCVTAS (scalar, half)', 'sf:1 00 11110 11 1 00 100 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), true, Rounding.nearestAway), FP16),
  def('FCVTAU (scalar, half)', 'sf:1 00 11110 11 1 00 101 000000 rn:5 rd:5', (t, f) => fpToInteger(t, half(f), false, Rounding.nearestAway), FP16),
  def('SCVTF (scalar, integer, half)', 'sf:1 00 11110 11 1 00 010 000000 rn:5 rd:5', (t, f) => fpFromInteger(t, half(f), true), FP16),
  def('UCVTF (scalar, integer, half)', 'sf:1 00 11110 11 1 00 011 000000 rn:5 rd:5', (t, f) => fpFromInteger(t, half(f), false), FP16),

  // Conversion between numbers and fixed-point numbers
  def(
    'FCVTZS (scalar, fixed-point, half)',
    'sf:1 00 11110 11 0 11 000 scale:6 rn:5 rd:5',
    (t, f) => fpToInteger(t, half(f), true, Rounding.zero, 64 - f.scale),
    { ...FP16, ...fixedPoint },
  ),
  def(
    'FCVTZU (scalar, fixed-point, half)',
    'sf:1 00 11110 11 0 11 001 scale:6 rn:5 rd:5',
    (t, f) => fpToInteger(t, half(f), false, Rounding.zero, 64 - f.scale),
    { ...FP16, ...fixedPoint },
  ),
  def('SCVTF (scalar, fixed-point, half)', 'sf:1 00 11110 11 0 00 010 scale:6 rn:5 rd:5', (t, f) => fpFromInteger(t, half(f), true, 64 - f.scale), {
    ...FP16,
    ...fixedPoint,
  }),
  def('UCVTF (scalar, fixed-point, half)', 'sf:1 00 11110 11 0 00 011 scale:6 rn:5 rd:5', (t, f) => fpFromInteger(t, half(f), false, 64 - f.scale), {
    ...FP16,
    ...fixedPoint,
  }),

  // Moves between general and floating-point registers
  def('FMOV (half, to general)', '- 00 11110 11 1 00 110 000000 rn:5 rd:5', (t, f) => fpHalfToGeneral(t, f), FP16),
  def('FMOV (half, from general)', '- 00 11110 11 1 00 111 000000 rn:5 rd:5', (t, f) => fpHalfFromGeneral(t, f), FP16),
];
