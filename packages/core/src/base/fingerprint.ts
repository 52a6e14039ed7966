/** Of each of the four sums of a fingerprint: what its words are multiplied by. Sum n begins at n + 1. */
export const FINGERPRINT_FACTORS = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f] as const;

/** How far the sums of a fingerprint are shifted, to be mixed with themselves. */
export const FINGERPRINT_SHIFT = 15;

/** 128 bits that tell words from others. @param words a multiple of 4 */
export function fingerprint(words: Uint32Array): string {
  // Signed, as V8 makes objects of integers that are not, before it optimises.
  const signed = new Int32Array(words.buffer, words.byteOffset, words.length);
  const [factorA, factorB, factorC, factorD] = FINGERPRINT_FACTORS;
  // Four sums that do not wait for each other.
  let [a, b, c, d] = [1, 2, 3, 4];
  for (let i = 0; i < signed.length; i += 4) {
    a = Math.imul(a ^ signed[i], factorA);
    b = Math.imul(b ^ signed[i + 1], factorB);
    c = Math.imul(c ^ signed[i + 2], factorC);
    d = Math.imul(d ^ signed[i + 3], factorD);
    a ^= a >>> FINGERPRINT_SHIFT;
    b ^= b >>> FINGERPRINT_SHIFT;
    c ^= c >>> FINGERPRINT_SHIFT;
    d ^= d >>> FINGERPRINT_SHIFT;
  }
  return fingerprintText([a, b, c, d]);
}

/** The text of a fingerprint, by its sums. */
export const fingerprintText = (sums: readonly number[]): string => sums.map((sum) => (sum >>> 0).toString(16)).join('-');
