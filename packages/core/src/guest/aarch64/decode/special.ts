import { floatingPoint } from './fp.ts';
import { floatingPointHalf } from './fpHalf.ts';
import { simdSpecial } from './simdSpecial.ts';

/** Floating point, and what of SIMD only programs made for it have. */
export const special = [...floatingPoint, ...floatingPointHalf, ...simdSpecial];
