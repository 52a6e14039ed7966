/** Bytes of memory that have one mark together. */
export const MARK_BYTES = 8;
/** Bits of an address that its mark depends on. */
export const MARKED_BITS = 35;
/** Distance of bits that are laid over each other, so that regular distances of addresses do not all have the same mark. */
export const MARK_FOLD = 13;
/** Marks of neighbouring words, so many, stay neighbours: those of a page. */
export const MARK_GROUP = 512;

/** In a mark's byte: cold code calls MachineHooks.watched before it sets the mark. */
export const WATCHED = 2;
/** In an op's imm2, the mask has so many bits, the bytes of the access stand above. */
export const MARK_MASK_BITS = 24;
export const MARK_MASK = (1 << MARK_MASK_BITS) - 1;

/**
 * Which of 2^n marks an address below 2^53 has, as the op `mark` computes it: several addresses have the same.
 * @param mask 2^n - 1
 */
export function markOf(address: number, mask: number): number {
  const word = Math.floor(address / MARK_BYTES) | 0;
  return (word ^ ((word >>> MARK_FOLD) & -MARK_GROUP)) & mask;
}
