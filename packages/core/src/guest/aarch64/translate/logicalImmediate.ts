/** A 64-bit constant as two signed 32-bit halves. */
export interface Halves {
  readonly lo: number;
  readonly hi: number;
}

/**
 * The manual's DecodeBitMasks for logical immediates: a run of `imms` + 1 ones, rotated right by `immr` within an element
 * of 2 to 64 bits, the element repeated over 64 bits. @returns undefined where the encoding is reserved
 */
export function logicalImmediate(n: number, imms: number, immr: number): Halves | undefined {
  // The element size is the highest bit set of N:NOT(imms)
  const selector = (n << 6) | (~imms & 0x3f);
  if (selector < 2) return undefined;
  const size = 1 << (31 - Math.clz32(selector));
  const ones = (imms & (size - 1)) + 1;
  if (ones === size) return undefined;
  const rotation = immr & (size - 1);
  let lo = 0;
  let hi = 0;
  for (let bit = 0; bit < 64; bit++) {
    if (((bit + rotation) & (size - 1)) >= ones) continue;
    if (bit < 32) lo |= 1 << bit;
    else hi |= 1 << (bit - 32);
  }
  return { lo, hi };
}
