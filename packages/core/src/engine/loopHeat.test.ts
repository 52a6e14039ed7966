import { expect, it } from 'vitest';
import { SliceEnds } from './loopHeat.ts';

it('takes slices that end close to each other, one after the other, for a loop', () => {
  const ends = new SliceEnds();
  expect([0x40_0000, 0x40_0000, 0x40_0200, 0x50_0000, 0x40_0200, 0x40_0100].map((pc) => ends.tellLoop(pc))).toEqual([0, 1, 2, 0, 0, 1]);
});
