/** Conditions of AdvSIMD rows on their fields: element sizes that an instruction does not have are unallocated. */
type Sized = { readonly size: number };
type Arranged = { readonly q: number; readonly size: number };

/** Bytes, halfwords, words. */
export const noDoubleword = { where: ({ size }: Sized): boolean => size !== 3 };
/** Every arrangement but 1D. */
export const noSingleDoubleword = { where: ({ q, size }: Arranged): boolean => size !== 3 || q === 1 };
export const onlyByte = { where: ({ size }: Sized): boolean => size === 0 };
export const onlyDoubleword = { where: ({ size }: Sized): boolean => size === 3 };
export const halfOrWord = { where: ({ size }: Sized): boolean => size === 1 || size === 2 };
export const byteOrHalf = { where: ({ size }: Sized): boolean => size < 2 };
/** 8B, 16B, 4H, 8H and 4S: what goes across lanes. */
export const acrossSizes = { where: ({ q, size }: Arranged): boolean => size < 2 || (size === 2 && q === 1) };

// Shifts by immediate: the highest bit of immh gives the size; immh = 0 is another group (modified immediate)
type Shift = { readonly immh: number };
export const shiftVector = { where: ({ q, immh }: Shift & { readonly q: number }): boolean => immh !== 0 && (immh < 8 || q === 1) };
export const shiftScalar = { where: ({ immh }: Shift): boolean => immh !== 0 };
export const shiftDoubleword = { where: ({ immh }: Shift): boolean => immh >= 8 };
/** Narrowing and widening: immh gives the size of the narrow elements. */
export const shiftNarrowOrLong = { where: ({ immh }: Shift): boolean => immh !== 0 && immh < 8 };
