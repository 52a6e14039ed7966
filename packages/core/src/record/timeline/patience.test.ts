import { expect, it } from 'vitest';
import { type Machine, RUNS_UNTIL_HOT } from '../../engine/index.ts';
import { Patience } from './patience.ts';

/** What a machine has been told. */
function told(isFixed = false): { readonly patience: Patience; readonly runs: number[] } {
  const runs: number[] = [];
  const machine = { setRunsUntilHot: (wanted: number) => void runs.push(wanted) } as unknown as Machine;
  return { patience: new Patience(machine, isFixed), runs };
}

const SHORT = 10_000_000;

it('keeps code cold while little is gone through, and has it become hot as usual once it is much', () => {
  const { patience, runs } = told();
  patience.restart();
  patience.goOn(SHORT);
  expect(runs).toHaveLength(1);
  expect(runs[0]).toBeGreaterThan(RUNS_UNTIL_HOT);
  // Both together are long.
  patience.goOn(SHORT);
  expect(runs[1]).toBe(RUNS_UNTIL_HOT);
});

it('begins anew with each question', () => {
  const { patience, runs } = told();
  patience.restart();
  patience.goOn(2 * SHORT);
  patience.restart();
  patience.goOn(SHORT);
  expect(runs).toEqual([runs[0], RUNS_UNTIL_HOT, runs[0]]);
});

it('tells nothing where somebody else has said how soon', () => {
  const { patience, runs } = told(true);
  patience.restart();
  patience.goOn(2 * SHORT);
  expect(runs).toEqual([]);
});
