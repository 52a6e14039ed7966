import { describe, expect, it } from 'vitest';
import { align } from './alignment.ts';

const hunk = (aStart: number, aEnd: number, bStart: number, bEnd: number) => ({ a: { start: aStart, end: aEnd }, b: { start: bStart, end: bEnd } });

describe('an alignment', () => {
  it('finds what is in one only', () => {
    expect(align([1, 2, 3], [1, 2, 3], 10)).toEqual([]);
    expect(align([1, 2, 3], [1, 3], 10)).toEqual([hunk(1, 2, 1, 1)]);
    expect(align([1, 3], [1, 2, 2, 3], 10)).toEqual([hunk(1, 1, 1, 3)]);
    expect(align([], [7], 10)).toEqual([hunk(0, 0, 0, 1)]);
    expect(align([1, 9, 4], [1, 8, 4], 10)).toEqual([hunk(1, 2, 1, 2)]);
    expect(align([5, 1, 2, 3], [1, 2, 3, 6], 10)).toEqual([hunk(0, 1, 0, 0), hunk(4, 4, 3, 4)]);
  });

  it('gives up where too much differs', () => {
    expect(align([1, 2, 3], [4, 5, 6], 6)).toEqual([hunk(0, 3, 0, 3)]);
    expect(align([1, 2, 3], [4, 5, 6], 5)).toBeUndefined();
  });

  it('leaves the same where what differs is taken out', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 200; round++) {
      const [a, b] = [0, 1].map(() => Array.from({ length: random(12) }, () => random(4)));
      const hunks = align(a, b, 100) ?? [];
      const rest = (all: readonly number[], side: 'a' | 'b'): number[] =>
        all.filter((_, i) => !hunks.some((each) => i >= each[side].start && i < each[side].end));
      expect(rest(a, 'a')).toEqual(rest(b, 'b'));
    }
  });
});
