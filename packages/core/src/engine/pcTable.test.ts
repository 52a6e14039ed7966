import { expect, it } from 'vitest';
import { PcTable } from './pcTable.ts';

const START = 0x7f00_0000_0000;

it('has the number of each pc, aligned or not, on as many pages as there are', () => {
  const table = new PcTable(START);
  const pcs = Array.from({ length: 400 }, (_, i) => START + 0x3332 * i);
  for (const [i, pc] of pcs.entries()) table.set(pc, i - 200);
  expect(pcs.map((pc) => table.get(pc))).toEqual(pcs.map((_, i) => i - 200));
  expect([table.get(START + 4), table.get(START + 0x4000_0000), table.get(START + 0x100_0000_0000)]).toEqual([0, 0, 0]);
});

it('tells pcs apart that are a multiple of 16 TB away from each other', () => {
  const table = new PcTable(0);
  table.set(0x1000, 1);
  table.set(0x1000_0000_1000, 2);
  expect([table.get(0x1000), table.get(0x1000_0000_1000)]).toEqual([1, 2]);
});

it('finds what is in a range, and nothing once it is cleared', () => {
  const table = new PcTable(START);
  for (const [i, from] of [0, 0xffc, 0x1000, 0x1006, 0x5000].entries()) table.set(START + from, i + 1);
  expect(table.within(START + 4, START + 0x1000)).toEqual([2, 4]);
  expect(table.within(START + 4, START + 0x1001)).toEqual([2, 3, 4]);
  expect(table.within(START - 0x1000, Number.POSITIVE_INFINITY)).toEqual([1, 2, 3, 5, 4]);
  table.clear();
  expect(table.within(START, START + 0x1_0000)).toEqual([]);
  expect(table.get(START + 0xffc)).toBe(0);
  table.set(START + 0x1000, 7);
  expect([table.get(START), table.get(START + 0x1000)]).toEqual([0, 7]);
});
