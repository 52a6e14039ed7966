/** Bytes of memory that have one mark together. */
export const MARK_BYTES = 8;
/** Bits of an address that its mark depends on. */
export const MARKED_BITS = 35;
/** Distance of bits that are laid over each other, so that regular distances of addresses do not all have the same mark. */
export const MARK_FOLD = 17;

/**
 * Which of 2^n marks an address below 2^53 has, as the op `mark` computes it: several addresses have the same.
 * @param mask 2^n - 1
 */
export function markOf(address: number, mask: number): number {
  const word = Math.floor(address / MARK_BYTES) | 0;
  return (word ^ (word >>> MARK_FOLD)) & mask;
}
