/**
 * How entries stand in a frame: told by those before in the same frame, see EntryModel. A run of
 *
 *     0  u32 n                       the next n entries are as expected: the key that is expected, and all else as the entry known by it
 *     token  what its flags say      one entry
 *
 * A token has one of Content's values in its lowest bits, and flags; behind it there is, in this order:
 *
 *     key      u53 of the entry, if it is not the one that is expected: EntryKind, or 8 + number of a system call
 *     steps    u53 since the entry before, if they are not those of the entry known
 *     sum      u32 in four bytes: sum of the registers before a system call
 *     single   sums of single registers, by those before in the frame (zeros, where there are none): u32 n, a bit for each of them
 *              that differs, eight a byte, and these
 *     content  whole: u53 length, bytes
 *              patched: those of the entry known, but for ranges, each: u32 equal bytes before, u32 bytes - 1, bytes;
 *              then u32 equal bytes up to the end
 *
 * Contents are the rest of an entry (entries.ts); of a call, without its number and the sum: outcome, [status], changes.
 */
export const RUN = 0;

/** What a token says of an entry's contents. */
export const Content = { same: 1, patched: 2, whole: 3, mask: 3 } as const;

export const TokenFlag = { key: 4, steps: 8, sum: 16, single: 32 } as const;

/** Keys of system calls: numbers from here on. */
const FIRST_CALL = 8;

export const keyOfCall = (number: number): number => FIRST_CALL + number;

/** The number of the system call that has this key; -1 for other entries' keys. */
export const callOfKey = (key: number): number => (key < FIRST_CALL ? -1 : key - FIRST_CALL);
