import { type FloatFormat, Fpcr, Fpsr, HALF, Rounding, type SoftFloat } from './fpSoftFloat.ts';

/**
 * Reciprocal and square root estimates and steps, and FMULX, on bit patterns: FPRecipEstimate, FPRSqrtEstimate,
 * FPRecipStepFused, FPRSqrtStepFused, FPRecpX and FPMulX of Arm ARM J1.3.
 */

/** A number's fields. */
const signBit = (format: FloatFormat): bigint => 1n << BigInt(format.width - 1);
const fractionOf = (format: FloatFormat, a: bigint): bigint => a & ((1n << BigInt(format.fraction)) - 1n);
const exponentOf = (format: FloatFormat, a: bigint): number => Number((a >> BigInt(format.fraction)) & BigInt(2 * format.bias + 1));
const magnitudeOf = (format: FloatFormat, a: bigint): bigint => a & (signBit(format) - 1n);
const infinity = (format: FloatFormat): bigint => BigInt(2 * format.bias + 1) << BigInt(format.fraction);
const isNan = (format: FloatFormat, a: bigint): boolean => magnitudeOf(format, a) > infinity(format);
const isInfinite = (format: FloatFormat, a: bigint): boolean => magnitudeOf(format, a) === infinity(format);
/** 2^exponent, perhaps 3/2 of it. */
const power = (format: FloatFormat, exponent: number, half = 0n): bigint =>
  (BigInt(format.bias + exponent) << BigInt(format.fraction)) | (half << BigInt(format.fraction - 1));
const flushes = (unit: SoftFloat, format: FloatFormat): boolean => (unit.fpcr & (format === HALF ? Fpcr.FZ16 : Fpcr.FZ)) !== 0;

/** FPProcessNaN. Conversion to an integral number does nothing else to a NaN. */
const processNan = (unit: SoftFloat, format: FloatFormat, a: bigint): bigint => unit.roundToIntegral(format, a, Rounding.zero, false);

/** Whether one factor is infinite and the other zero, once denormals are flushed. */
function infinityTimesZero(unit: SoftFloat, format: FloatFormat, a: bigint, b: bigint): boolean {
  if (isNan(format, a) || isNan(format, b)) return false;
  const isZero = (x: bigint): boolean => magnitudeOf(format, x) === 0n;
  const [x, y] = [isInfinite(format, b) ? unit.flush(format, a) : a, isInfinite(format, a) ? unit.flush(format, b) : b];
  return (isInfinite(format, x) && isZero(y)) || (isInfinite(format, y) && isZero(x));
}

/** FMULX: infinity times zero is 2, with the product's sign. */
export function multiplyExtended(unit: SoftFloat, format: FloatFormat, a: bigint, b: bigint): bigint {
  if (infinityTimesZero(unit, format, a, b)) return ((a ^ b) & signBit(format)) | power(format, 1);
  return unit.mul(format, a, b);
}

/** FRECPS: 2 - a * b, rounded once. */
export function recipStep(unit: SoftFloat, format: FloatFormat, a: bigint, b: bigint): bigint {
  if (infinityTimesZero(unit, format, a, b)) return power(format, 1);
  return unit.fma(format, power(format, 1), a ^ signBit(format), b);
}

/** FRSQRTS: (3 - a * b) / 2, rounded once. A factor is halved instead, where that is exact; where it is for none, both are tiny and it does not matter. */
export function rsqrtStep(unit: SoftFloat, format: FloatFormat, a: bigint, b: bigint): bigint {
  if (infinityTimesZero(unit, format, a, b)) return power(format, 0, 1n);
  const negated = a ^ signBit(format);
  const halved = (x: bigint): bigint | undefined => {
    const exponent = exponentOf(format, x);
    return exponent >= 2 && exponent <= 2 * format.bias ? x - (1n << BigInt(format.fraction)) : undefined;
  };
  const [x, y] = [halved(negated), halved(b)];
  return unit.fma(format, power(format, 0, 1n), x ?? negated, x === undefined && y !== undefined ? y : b);
}

/** RecipEstimate of 256 to 511, 9 bits of a number from 1/2 to 1: 9 bits of its reciprocal. */
export const recipEstimate = (a: number): number => (Math.floor((1 << 19) / (2 * a + 1)) + 1) >> 1;

/** RecipSqrtEstimate of 128 to 511, a number from 1/4 to 1. */
export function rsqrtEstimate(a: number): number {
  const rounded = a < 256 ? 2 * a + 1 : 2 * ((a >> 1) * 2 + 1);
  let b = 512;
  while (rounded * (b + 1) * (b + 1) < 1 << 28) b++;
  return (b + 1) >> 1;
}

/** A number's exponent field, going below 0 for denormals, and its fraction's 52 highest bits, the leading one of a denormal taken off. */
function normalized(format: FloatFormat, a: bigint): [exponent: number, fraction: bigint] {
  let exponent = exponentOf(format, a);
  let fraction = fractionOf(format, a) << BigInt(52 - format.fraction);
  if (exponent === 0) {
    for (exponent = 1; fraction >> 52n === 0n; exponent--) fraction <<= 1n;
    fraction &= (1n << 52n) - 1n;
  }
  return [exponent, fraction];
}

/** FRECPE. */
export function recip(unit: SoftFloat, format: FloatFormat, operand: bigint): bigint {
  if (isNan(format, operand)) return processNan(unit, format, operand);
  const a = unit.flush(format, operand);
  const sign = a & signBit(format);
  const magnitude = magnitudeOf(format, a);
  if (magnitude === infinity(format)) return sign;
  if (magnitude === 0n) {
    unit.flags |= Fpsr.DZC;
    return sign | infinity(format);
  }
  if (magnitude < 1n << BigInt(format.fraction - 2)) {
    unit.flags |= Fpsr.OFC | Fpsr.IXC;
    const away = unit.mode === Rounding.nearestEven || unit.mode === (sign === 0n ? Rounding.up : Rounding.down);
    return sign | (infinity(format) - (away ? 0n : 1n));
  }
  if (exponentOf(format, a) >= 2 * format.bias - 1 && flushes(unit, format)) {
    unit.flags |= Fpsr.UFC;
    return sign;
  }
  const [exponent, fraction] = normalized(format, a);
  const estimate = BigInt(recipEstimate(256 | Number(fraction >> 44n)));
  const field = 2 * format.bias - 1 - exponent;
  // below the normal numbers, the leading one is part of the fraction
  const places = field > 0 ? 8 : field === 0 ? 9 : 10;
  const bits = field > 0 ? estimate & 255n : estimate;
  return sign | (BigInt(Math.max(field, 0)) << BigInt(format.fraction)) | (bits << BigInt(format.fraction - places));
}

/** FRSQRTE. */
export function rsqrt(unit: SoftFloat, format: FloatFormat, operand: bigint): bigint {
  if (isNan(format, operand)) return processNan(unit, format, operand);
  const a = unit.flush(format, operand);
  const sign = a & signBit(format);
  if (magnitudeOf(format, a) === 0n) {
    unit.flags |= Fpsr.DZC;
    return sign | infinity(format);
  }
  // the square root of a negative number
  if (sign !== 0n) return unit.sqrt(format, a);
  if (isInfinite(format, a)) return 0n;
  const [exponent, fraction] = normalized(format, a);
  const odd = (exponent & 1) !== 0;
  const estimate = BigInt(rsqrtEstimate(odd ? 128 | Number(fraction >> 45n) : 256 | Number(fraction >> 44n)));
  const field = (3 * format.bias - 1 - exponent) >> 1;
  return (BigInt(field) << BigInt(format.fraction)) | ((estimate & 255n) << BigInt(format.fraction - 8));
}

/** FRECPX: the exponent's bits turned over. */
export function recipExponent(unit: SoftFloat, format: FloatFormat, operand: bigint): bigint {
  if (isNan(format, operand)) return processNan(unit, format, operand);
  const a = unit.flush(format, operand);
  const exponent = exponentOf(format, a);
  const field = exponent === 0 ? 2 * format.bias : 2 * format.bias + 1 - exponent;
  return (a & signBit(format)) | (BigInt(field) << BigInt(format.fraction));
}
