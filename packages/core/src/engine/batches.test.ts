import { expect, it } from 'vitest';
import { batchesOf } from './batches.ts';

const withLinks = (count: number): { readonly lowered: { readonly links: readonly number[] } } => ({ lowered: { links: new Array<number>(count).fill(0) } });
const counts = (links: readonly number[], most: number): number[][] =>
  batchesOf(links.map(withLinks), most).map((batch) => batch.map(({ lowered }) => lowered.links.length));

it('loses no region where those of a module have more links than it can have', () => {
  expect(counts([3, 4, 3, 1, 9, 0, 2], 10)).toEqual([[3, 4, 3], [1, 9, 0], [2]]);
  expect(counts([10, 0, 10], 10)).toEqual([[10, 0], [10]]);
  expect(counts([0, 0], 10)).toEqual([[0, 0]]);
  expect(counts([], 10)).toEqual([]);
});
