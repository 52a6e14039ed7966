import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

const FIRST = 200_000;
const nothingChanged = { pages: 0, words: 0 };

/** Goes through a run in which so many steps take a millisecond, and each snapshot so many. @returns steps of the stretch then */
function paceOf(stepsAMillisecond: number, snapshot: number, rounds = 30): number {
  const pace = new Pace(FIRST);
  let step = 0;
  for (let i = 0; i < rounds; i++) {
    step += pace.stretch;
    pace.took(step, { stretch: pace.stretch / stepsAMillisecond, snapshot, ...nothingChanged });
  }
  return pace.stretch;
}

it('comes to stretches of eight milliseconds where snapshots cost little, from either side', () => {
  for (const stepsAMillisecond of [1000, 10_000, 100_000]) {
    expect(paceOf(stepsAMillisecond, 0.1)).toBeGreaterThanOrEqual(8 * stepsAMillisecond);
    expect(paceOf(stepsAMillisecond, 0.1)).toBeLessThan(8 * stepsAMillisecond + 10);
  }
});

it('makes stretches longer where snapshots take long, so that running takes four times as long', () => {
  expect(paceOf(10_000, 10)).toBeGreaterThanOrEqual(400_000);
  expect(paceOf(10_000, 10)).toBeLessThan(400_010);
});

it('makes no stretch longer than a question may run in cold code, nor more than twice as long, or half, as the one before', () => {
  expect(paceOf(1e6, 0.1)).toBe(2_500_000);
  expect(paceOf(1e6, 0.1, 1)).toBe(2 * FIRST);
  expect(paceOf(10, 0.1, 1)).toBe(FIRST / 2);
  // A clock that stands still.
  expect(paceOf(Number.POSITIVE_INFINITY, 0)).toBe(2_500_000);
});

it('makes stretches longer where the file would become large for the run', () => {
  const pace = new Pace(FIRST);
  for (let i = 1; i <= 20; i++) pace.took(i * FIRST, { stretch: 8, snapshot: 0.1, pages: 10_000, words: 100_000 });
  expect(pace.stretch).toBe(25_000_000);
});

it('has stretches twice as long, and longer ones, once every other snapshot is dropped', () => {
  const pace = new Pace(FIRST);
  pace.thin();
  expect(pace.stretch).toBe(2 * FIRST);
  for (let i = 0; i < 10; i++) pace.took(1e9, { stretch: 0.1, snapshot: 0.1, ...nothingChanged });
  expect(pace.stretch).toBe(5_000_000);
});
