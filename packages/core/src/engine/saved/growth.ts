interface Growth {
  readonly least: number;
  readonly oneIn: number;
}

/**
 * Code is saved anew when there is so much more of it: this many blocks or regions, and one in so many of those saved before. Each run
 * makes some regions that none before has made: fewer cost less than to save all others with them.
 */
export const NEW_BLOCKS: Growth = { least: 32, oneIn: 32 };
export const NEW_REGIONS: Growth = { least: 2, oneIn: 16 };

/** @param before what there was */
export const isMore = (count: number, { least, oneIn }: Growth, before = 0): boolean => count >= Math.max(least, before / oneIn);

/** @param regions that are kept @param uncompiled those of them that are in no module, and blocks that others may be made of */
export const isWorthCompiling = (regions: number, uncompiled: number): boolean => isMore(uncompiled, NEW_REGIONS, Math.max(regions - uncompiled, 0));
