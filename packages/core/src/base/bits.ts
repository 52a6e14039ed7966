/** Bit helpers on 32-bit numbers and on 64-bit values held as bigint or as two 32-bit halves. */

/** Bits `hi`..`lo` of a 32-bit word, unsigned. */
export function bits(word: number, hi: number, lo: number): number {
  const width = hi - lo + 1;
  return width === 32 ? word >>> 0 : (word >>> lo) & ((1 << width) - 1);
}

/** Sign-extends the low `width` bits (1 to 32) of `value`. */
export function signExtend(value: number, width: number): number {
  const shift = 32 - width;
  return (value << shift) >> shift;
}

/** The low 32 bits of a number up to 2^53 (negative numbers as two's complement), as a signed 32-bit number. */
export const low32 = (n: number): number => n | 0;

/** Bits 32..63 of a number between -2^53 and 2^53, as a signed 32-bit number. */
export const high32 = (n: number): number => Math.floor(n / 0x1_0000_0000) | 0;

/** A number from two halves; exact if the value is below 2^53. */
export const fromHalves = (lo: number, hi: number): number => (hi >>> 0) * 0x1_0000_0000 + (lo >>> 0);

/** Lower-case hexadecimal of a 64-bit value held as two 32-bit halves, padded to 16 digits. */
export const hex64 = (lo: number, hi: number): string => (hi >>> 0).toString(16).padStart(8, '0') + (lo >>> 0).toString(16).padStart(8, '0');

/** Lower-case hexadecimal of a 32-bit value, padded to 8 digits. */
export const hex32 = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
