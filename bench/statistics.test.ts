import { expect, test } from 'vitest';
import { geometricMean, median, ratioOf } from './statistics.ts';
import { ratioText, table } from './text.ts';

const usages = (...users: number[]) => users.map((user) => ({ user, system: 0, elapsed: user * 2, peak: 1 }));

test('a median is the middle, or the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
});

test('a geometric mean treats halves and doubles alike', () => {
  expect(geometricMean([0.5, 2, 1])).toBeCloseTo(1);
});

test('a ratio is the median of the ratios of pairs, not the ratio of medians', () => {
  expect(ratioOf(usages(1, 4, 9), usages(1, 2, 3)).median).toBe(2);
  expect(ratioOf(usages(1, 4, 9), usages(2, 8, 18), 'elapsed').median).toBe(0.5);
});

test('an interval leaves out what lies outside in at most 5 % of all series', () => {
  const nine = ratioOf(usages(1, 2, 3, 4, 5, 6, 7, 8, 9), usages(1, 1, 1, 1, 1, 1, 1, 1, 1));
  expect(nine).toMatchObject({ median: 5, low: 2, high: 8 });
  expect(nine.confidence).toBeCloseTo(1 - 20 / 512);
  expect(ratioOf(usages(1, 2, 3), usages(1, 1, 1))).toMatchObject({ low: 1, high: 3, confidence: 0.75 });
});

test('an interval is printed within 10 % of 1', () => {
  const ratio = { low: 0.8, high: 12, confidence: 1 };
  expect([0.89, 0.95, 1.05, 1.11, 12.34, 123.4].map((value) => ratioText({ ...ratio, median: value }))).toEqual([
    '0.89',
    '0.95 [0.80, 12.0]',
    '1.05 [0.80, 12.0]',
    '1.11',
    '12.3',
    '123',
  ]);
});

test('a table has its first column to the left', () => {
  expect(
    table([
      ['a', 'bcd'],
      ['efg', 'h'],
    ]),
  ).toBe('a    bcd\nefg    h');
});
