import { fpCompare } from '../translate/fpCompare.ts';
import { fpConvert, fpFromInteger, fpToInt32, fpToInteger, fpToIntegral, fpToIntegralOf } from '../translate/fpConvert.ts';
import { fpBits, fpImmediate, fpSelect, fpSquareRoot, fpThreeSource, fpTwoSource } from '../translate/fpDataProcessing.ts';
import { Rounding } from '../translate/fpSoftFloat.ts';
import { def } from '../translate/translator.ts';

/** A 32-bit integer has at most 32 fraction bits: scale counts down from 64. */
export const fixedPoint = { where: ({ sf, scale }: { readonly sf: number; readonly scale: number }): boolean => sf === 1 || scale >= 32 };

/** Arm ARM C4.1: floating-point (scalar), single and double precision. The half-precision rows are in fpHalf.ts. */
export const floatingPoint = [
  // Data processing, one source
  def('FMOV (register)', '000 11110 0 ptype:1 1 000000 10000 rn:5 rd:5', (t, f) => fpBits(t, f, (_, a) => a)),
  def('FABS (scalar)', '000 11110 0 ptype:1 1 000001 10000 rn:5 rd:5', (t, f) => fpBits(t, f, (p, a) => p.abs(t.ir, a))),
  def('FNEG (scalar)', '000 11110 0 ptype:1 1 000010 10000 rn:5 rd:5', (t, f) => fpBits(t, f, (p, a) => p.neg(t.ir, a))),
  def('FSQRT (scalar)', '000 11110 0 ptype:1 1 000011 10000 rn:5 rd:5', (t, f) => fpSquareRoot(t, f)),
  def('FRINTN (scalar)', '000 11110 0 ptype:1 1 001000 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, f, Rounding.nearestEven, false)),
  def('FRINTP (scalar)', '000 11110 0 ptype:1 1 001001 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, f, Rounding.up, false)),
  def('FRINTM (scalar)', '000 11110 0 ptype:1 1 001010 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, f, Rounding.down, false)),
  def('FRINTZ (scalar)', '000 11110 0 ptype:1 1 001011 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, f, Rounding.zero, false)),
  def('FRINTA (scalar)', '000 11110 0 ptype:1 1 001100 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, f, Rounding.nearestAway, false)),
  def('FRINTX (scalar)', '000 11110 0 ptype:1 1 001110 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, f, undefined, true)),
  def('FRINTI (scalar)', '000 11110 0 ptype:1 1 001111 10000 rn:5 rd:5', (t, f) => fpToIntegral(t, f, undefined, false)),
  def('FRINT32Z (scalar)', '000 11110 0 ptype:1 1 010000 10000 rn:5 rd:5', (t, f) => fpToIntegralOf(t, f, 32, Rounding.zero), { feature: 'FEAT_FRINTTS' }),
  def('FRINT32X (scalar)', '000 11110 0 ptype:1 1 010001 10000 rn:5 rd:5', (t, f) => fpToIntegralOf(t, f, 32, undefined), { feature: 'FEAT_FRINTTS' }),
  def('FRINT64Z (scalar)', '000 11110 0 ptype:1 1 010010 10000 rn:5 rd:5', (t, f) => fpToIntegralOf(t, f, 64, Rounding.zero), { feature: 'FEAT_FRINTTS' }),
  def('FRINT64X (scalar)', '000 11110 0 ptype:1 1 010011 10000 rn:5 rd:5', (t, f) => fpToIntegralOf(t, f, 64, undefined), { feature: 'FEAT_FRINTTS' }),
  def('FCVT', '000 11110 ptype:2 1 0001 opc:2 10000 rn:5 rd:5', (t, f) => fpConvert(t, f), {
    where: ({ ptype, opc }) => ptype !== 2 && opc !== 2 && ptype !== opc,
  }),

  // Data processing, two sources
  def('FMUL (scalar)', '000 11110 0 ptype:1 1 rm:5 0000 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'mul')),
  def('FDIV (scalar)', '000 11110 0 ptype:1 1 rm:5 0001 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'div')),
  def('FADD (scalar)', '000 11110 0 ptype:1 1 rm:5 0010 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'add')),
  def('FSUB (scalar)', '000 11110 0 ptype:1 1 rm:5 0011 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'sub')),
  def('FMAX (scalar)', '000 11110 0 ptype:1 1 rm:5 0100 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'max')),
  def('FMIN (scalar)', '000 11110 0 ptype:1 1 rm:5 0101 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'min')),
  def('FMAXNM (scalar)', '000 11110 0 ptype:1 1 rm:5 0110 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'maxnm')),
  def('FMINNM (scalar)', '000 11110 0 ptype:1 1 rm:5 0111 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'minnm')),
  def('FNMUL (scalar)', '000 11110 0 ptype:1 1 rm:5 1000 10 rn:5 rd:5', (t, f) => fpTwoSource(t, f, 'nmul')),

  // Data processing, three sources
  def('FMADD', '000 11111 0 ptype:1 0 rm:5 0 ra:5 rn:5 rd:5', (t, f) => fpThreeSource(t, f, false, false)),
  def('FMSUB', '000 11111 0 ptype:1 0 rm:5 1 ra:5 rn:5 rd:5', (t, f) => fpThreeSource(t, f, true, false)),
  def('FNMADD', '000 11111 0 ptype:1 1 rm:5 0 ra:5 rn:5 rd:5', (t, f) => fpThreeSource(t, f, true, true)),
  def('FNMSUB', '000 11111 0 ptype:1 1 rm:5 1 ra:5 rn:5 rd:5', (t, f) => fpThreeSource(t, f, false, true)),

  // Compare, select, immediate
  def('FCMP (register)', '000 11110 0 ptype:1 1 rm:5 00 1000 rn:5 00000', (t, f) => fpCompare(t, f, false)),
  def('FCMP (zero)', '000 11110 0 ptype:1 1 ----- 00 1000 rn:5 01000', (t, f) => fpCompare(t, f, false)),
  def('FCMPE (register)', '000 11110 0 ptype:1 1 rm:5 00 1000 rn:5 10000', (t, f) => fpCompare(t, f, true)),
  def('FCMPE (zero)', '000 11110 0 ptype:1 1 ----- 00 1000 rn:5 11000', (t, f) => fpCompare(t, f, true)),
  def('FCCMP', '000 11110 0 ptype:1 1 rm:5 cond:4 01 rn:5 0 nzcv:4', (t, f) => fpCompare(t, f, false, f)),
  def('FCCMPE', '000 11110 0 ptype:1 1 rm:5 cond:4 01 rn:5 1 nzcv:4', (t, f) => fpCompare(t, f, true, f)),
  def('FCSEL', '000 11110 0 ptype:1 1 rm:5 cond:4 11 rn:5 rd:5', (t, f) => fpSelect(t, f)),
  def('FMOV (scalar, immediate)', '000 11110 0 ptype:1 1 imm8:8 100 00000 rd:5', (t, f) => fpImmediate(t, f)),

  // Conversion between numbers and integers
  def('FCVTNS (scalar)', 'sf:1 00 11110 0 ptype:1 1 00 000 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, true, Rounding.nearestEven)),
  def('FCVTNU (scalar)', 'sf:1 00 11110 0 ptype:1 1 00 001 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, false, Rounding.nearestEven)),
  def('FCVTPS (scalar)', 'sf:1 00 11110 0 ptype:1 1 01 000 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, true, Rounding.up)),
  def('FCVTPU (scalar)', 'sf:1 00 11110 0 ptype:1 1 01 001 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, false, Rounding.up)),
  def('FCVTMS (scalar)', 'sf:1 00 11110 0 ptype:1 1 10 000 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, true, Rounding.down)),
  def('FCVTMU (scalar)', 'sf:1 00 11110 0 ptype:1 1 10 001 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, false, Rounding.down)),
  def('FCVTZS (scalar, integer)', 'sf:1 00 11110 0 ptype:1 1 11 000 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, true, Rounding.zero)),
  def('FCVTZU (scalar, integer)', 'sf:1 00 11110 0 ptype:1 1 11 001 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, false, Rounding.zero)),
  def('FCVTAS (scalar)', 'sf:1 00 11110 0 ptype:1 1 00 100 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, true, Rounding.nearestAway)),
  def('FCVTAU (scalar)', 'sf:1 00 11110 0 ptype:1 1 00 101 000000 rn:5 rd:5', (t, f) => fpToInteger(t, f, false, Rounding.nearestAway)),
  def('SCVTF (scalar, integer)', 'sf:1 00 11110 0 ptype:1 1 00 010 000000 rn:5 rd:5', (t, f) => fpFromInteger(t, f, true)),
  def('UCVTF (scalar, integer)', 'sf:1 00 11110 0 ptype:1 1 00 011 000000 rn:5 rd:5', (t, f) => fpFromInteger(t, f, false)),
  def('FJCVTZS', '0 00 11110 01 1 11 110 000000 rn:5 rd:5', (t, f) => fpToInt32(t, f), { feature: 'FEAT_JSCVT' }),

  // Conversion between numbers and fixed-point numbers
  def(
    'FCVTZS (scalar, fixed-point)',
    'sf:1 00 11110 0 ptype:1 0 11 000 scale:6 rn:5 rd:5',
    (t, f) => fpToInteger(t, f, true, Rounding.zero, 64 - f.scale),
    fixedPoint,
  ),
  def(
    'FCVTZU (scalar, fixed-point)',
    'sf:1 00 11110 0 ptype:1 0 11 001 scale:6 rn:5 rd:5',
    (t, f) => fpToInteger(t, f, false, Rounding.zero, 64 - f.scale),
    fixedPoint,
  ),
  def('SCVTF (scalar, fixed-point)', 'sf:1 00 11110 0 ptype:1 0 00 010 scale:6 rn:5 rd:5', (t, f) => fpFromInteger(t, f, true, 64 - f.scale), fixedPoint),
  def('UCVTF (scalar, fixed-point)', 'sf:1 00 11110 0 ptype:1 0 00 011 scale:6 rn:5 rd:5', (t, f) => fpFromInteger(t, f, false, 64 - f.scale), fixedPoint),
];
