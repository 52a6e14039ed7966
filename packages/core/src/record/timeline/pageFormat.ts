import { PAGE } from '../../engine/index.ts';

/**
 * What tells what pages hold. Words of 32 bits are told by what differs from another version, or, of a whole page, by what is not zero:
 *
 *     u16 bytes that follow, and bit 15 set if it is a whole page
 *     tokens: bits 7 to 3 words that stay as they are (31: and a LEB128 number more), bits 2 to 0 what comes behind them:
 *       0 to 4  a word of so many bytes
 *       5       LEB128 number n of words, for each 4 of them a byte with 2 bits each: their bytes less 1, and their bytes
 *
 * Of a word there is told how it differs from the one told before, the sign in bit 0, least significant byte first, up to the last that
 * is not zero: what changes together mostly is alike. That takes a third of what the words are, and a tenth of the time of deflate.
 */
export const WORDS = PAGE / 4;
export const LONG_GAP = 31;
/** In place of a word's bytes: words follow that stand side by side. */
export const RUN = 5;
export const LEAST_RUN = 4;

/** Bytes of what comes before the tokens. */
export const HEAD = 2;
export const WHOLE = 0x8000;
/** No page takes so many bytes to tell: a run of all words has 4,355. */
export const MOST_TOLD = 0x1200;

/** Whether a whole page is told. */
export const isWhole = (told: Uint8Array, at: number): boolean => (told[at + 1] & (WHOLE >> 8)) !== 0;

/** Bytes of what tells a page, its head among them. */
export const toldBytes = (told: Uint8Array, at: number): number => HEAD + (told[at] | ((told[at + 1] & ~(WHOLE >> 8)) << 8));
