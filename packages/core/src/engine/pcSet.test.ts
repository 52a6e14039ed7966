import { expect, it } from 'vitest';
import { PcSet } from './pcSet.ts';

const START = 0x7f00_0000_0000;

it('has the pcs that have been added and not deleted, aligned or not', () => {
  const set = new PcSet(START);
  const pcs = Array.from({ length: 3000 }, (_, i) => START + 1022 * i + 4 * (i % 3)).concat(START + 0x10_0000_0000, START + 0x10_0000_007c);
  for (const pc of pcs) set.add(pc);
  for (const pc of pcs) set.add(pc);
  expect(pcs.every((pc) => set.has(pc))).toBe(true);
  expect([4, 8, 0x4000_0000, 0x10_0000_0004].map((from) => set.has(START + from))).toEqual([false, false, false, false]);
  expect(set.pcs.sort((a, b) => a - b)).toEqual([...pcs].sort((a, b) => a - b));
  for (const pc of pcs.slice(1)) set.delete(pc);
  set.delete(START + 0x20_0000_0000);
  expect(set.pcs).toEqual([START]);
});

it('finds the last before a pc, aligned or not', () => {
  const set = new PcSet(START);
  const pcs = [0, 0x7c, 0x80, 0x86, 0x1000, 0x2_0000].map((from) => START + from);
  for (const pc of pcs) set.add(pc);
  const asked = Array.from({ length: 0x1_0080 }, (_, i) => START - 4 + 2 * i);
  const expected = asked.map((pc) => pcs.filter((each) => each <= pc && pc - each < 0x1000).at(-1));
  expect(asked.map((pc) => set.lastBefore(pc, 0x1000))).toEqual(expected);
});
