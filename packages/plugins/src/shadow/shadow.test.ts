import { expect, it } from 'vitest';
import { LabelSets } from './labelSets.ts';
import { ShadowMemory } from './shadowMemory.ts';

it('sets that have the same numbers have the same id', () => {
  const sets = new LabelSets();
  const [one, two, three, five] = [1, 2, 3, 5].map((n) => sets.single(n));
  const all = sets.union(sets.union(one, three), sets.union(five, two));
  expect(sets.rangesOf(all)).toEqual([1, 4, 5, 6]);
  expect(sets.union(sets.union(one, two), sets.union(three, five))).toBe(all);
  expect(sets.union(all, two)).toBe(all);
  expect([sets.union(0, one), sets.union(one, 0), sets.rangesOf(0)]).toEqual([one, one, []]);
});

it('a set of very many ranges takes in what is between the nearest', () => {
  const sets = new LabelSets();
  let all = sets.single(1000);
  for (let i = 0; i < 80; i++) all = sets.union(all, sets.single(i * (i < 40 ? 2 : 3)));
  const ranges = sets.rangesOf(all);
  expect(ranges.length).toBeLessThanOrEqual(128);
  for (let i = 0; i < 80; i++) {
    const n = i * (i < 40 ? 2 : 3);
    expect(ranges.some((start, at) => at % 2 === 0 && n >= start && n < ranges[at + 1])).toBe(true);
  }
});

it('shadow memory has a number for each byte', () => {
  const memory = new ShadowMemory();
  memory.fill(0x0ff0, 0x3020, 7);
  expect([0x0fef, 0x0ff0, 0x2345, 0x400f, 0x4010].map((at) => memory.get(at))).toEqual([0, 7, 7, 7, 0]);
  memory.set(0x2345, 8);
  const copy = memory.copy();
  memory.fill(0, 0x10000, 0);
  expect([memory.get(0x2345), memory.mayHave(0x2000)]).toEqual([0, false]);
  expect([0x2344, 0x2345, 0x2346].map((at) => copy.get(at))).toEqual([7, 8, 7]);
});
