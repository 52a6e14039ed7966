import { expect, it } from 'vitest';
import { planCells, plannedSteps, SharedPlan } from './partPlan.ts';

interface Part {
  readonly plan: SharedPlan;
  /** Steps a tick without marks, and with them. */
  readonly plain: number;
  readonly marked: number;
  step: number;
  first: number | undefined;
  isOver: boolean;
  ready: number;
}

/** Lets several go through a run at the same time, a tick at a time. @param plain @param marked steps of a tick, of each */
function goThrough(lastStep: number, rates: readonly (readonly [plain: number, marked: number])[]): readonly Part[] {
  const cells = planCells(rates.length);
  const parts = rates.map(
    ([plain, marked], number): Part => ({ plan: new SharedPlan(cells, number, lastStep), plain, marked, step: 0, first: undefined, isOver: false, ready: 0 }),
  );
  let most = 0;
  for (let tick = 1; parts.some(({ isOver }) => !isOver); tick++) {
    for (const part of parts.filter(({ isOver }) => !isOver)) {
      if (part.first === undefined) {
        const next = part.plan.skipTo(part.step);
        if (next === part.step) part.first = next;
        else part.step = Math.min(next, part.step + part.plain);
        if (part.first === undefined && part.step >= lastStep) part.isOver = true;
      } else {
        const until = part.plan.claim(Math.min(lastStep, part.step + part.marked));
        part.isOver = until === part.step || until === lastStep;
        part.step = until;
      }
      part.ready = tick;
    }
    expect(plannedSteps(cells)).toBeGreaterThanOrEqual(most);
    most = plannedSteps(cells);
  }
  expect(most).toBe(lastStep);
  return parts;
}

/** Parts of a run, each as long as it is. */
function lengthsOf(parts: readonly Part[]): readonly number[] {
  const begun = parts.filter(({ first }) => first !== undefined);
  begun.forEach(({ step }, i) => {
    expect(begun[i + 1]?.first ?? step).toBe(step);
  });
  return begun.map(({ first = 0, step }) => step - first);
}

const M = 1_000_000;

it('one goes through all of it', () => {
  expect(lengthsOf(goThrough(1000 * M, [[4 * M, M]]))).toEqual([1000 * M]);
});

it.each([2, 3, 4])('%d are ready at the same time, and have parts that are shorter the later they are', (count) => {
  const parts = goThrough(
    10_000 * M,
    Array.from({ length: count }, () => [4 * M, M]),
  );
  const lengths = lengthsOf(parts);
  expect(lengths.length).toBe(count);
  // Marks cost four times as much: each part has three quarters of the one before.
  for (const [i, length] of lengths.entries()) if (i > 0) expect(length / lengths[i - 1]).toBeCloseTo(0.75, 1);
  const ready = parts.map((part) => part.ready);
  expect(Math.max(...ready) - Math.min(...ready)).toBeLessThan(Math.max(...ready) / 20);
});

it('where all is done before one could begin, it has no part', () => {
  const slow = goThrough(1000 * M, [
    [4 * M, 4 * M],
    [M, M],
  ]);
  expect(lengthsOf(slow)).toEqual([1000 * M]);
});

it('a short run has one part, however many wait for theirs', () => {
  expect(
    lengthsOf(
      goThrough(
        3,
        Array.from({ length: 5 }, () => [4 * M, M]),
      ),
    ),
  ).toEqual([3]);
});
