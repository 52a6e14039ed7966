/** Bytes of memory that have one mark together. */
export const MARK_BYTES = 8;
/** Bits of an address that its mark depends on. */
export const MARKED_BITS = 35;
/** Distance of bits that are laid over each other, so that regular distances of addresses do not all have the same mark. */
export const MARK_FOLD = 13;
/** Marks of neighbouring words, so many, stay neighbours: those of a page. */
export const MARK_GROUP = 512;

/** In a mark's byte, of those that do not tell bytes: cold code calls MachineHooks.watched before it sets the mark. */
export const WATCHED = 2;
/**
 * An op's imm2:
 *
 *     bits 0 to 23   mask
 *     bits 24 to 28  bytes of the access, 1 to 16; 0 where the mark is that of no address
 *     bit 29         nobody is told of the access
 *     bit 30         marks tell bytes: see bitsOf
 */
export const MARK_MASK_BITS = 24;
export const MARK_MASK = (1 << MARK_MASK_BITS) - 1;
export const MARK_ACCESS_MASK = 31;
export const MARK_SILENT = 1 << 29;
export const MARK_BY_BYTE = 1 << 30;
/** What a mark holds that tells all bytes of its word. */
export const WHOLE_WORD = 0xff;
/** Bytes of the longest access of which such marks tell which bytes it has. */
export const SHORT = 2;

/** Bytes of the access of an op with this imm2. */
export const accessBytes = (imm2: number): number => (imm2 >>> MARK_MASK_BITS) & MARK_ACCESS_MASK;

/**
 * Which of 2^n marks an address below 2^53 has, as the op `mark` computes it: several addresses have the same.
 * @param mask 2^n - 1
 */
export function markOf(address: number, mask: number): number {
  return markOfWord(Math.floor(address / MARK_BYTES) | 0, mask);
}

/** The same, of a word's number: its low 32 bits. */
export function markOfWord(word: number, mask: number): number {
  return (word ^ ((word >>> MARK_FOLD) & -MARK_GROUP)) & mask;
}

/** The marks of all words of which an access has bytes, as the op `mark` sets them: one, two, or three of 16 bytes. */
export function* marksOf(address: number, bytes: number, mask: number): Generator<number> {
  const words = Math.ceil(((address % MARK_BYTES) + bytes) / MARK_BYTES);
  for (let i = 0; i < words; i++) yield markOf(address + i * MARK_BYTES, mask);
}

/**
 * What an access adds to the first of its marks, where they tell bytes: a bit for each byte that it has of the word, from the lowest
 * address on. Longer ones than SHORT have all, and so have words behind the first: their marks need not be read before.
 */
export const bitsOf = (address: number, bytes: number): number => (bytes > SHORT ? WHOLE_WORD : (((1 << bytes) - 1) << (address % MARK_BYTES)) & WHOLE_WORD);
