import type { Kernel, Machine } from '@everystep/core';
import { expect, it } from 'vitest';
import { RunLimits } from './runLimits.ts';

const NONE = Number.POSITIVE_INFINITY;
const at = (steps: number): Machine => ({ steps }) as Machine;

it('bounds nothing unless asked', () => {
  const limits = new RunLimits({ maxSteps: NONE, timeout: NONE });
  const kernel = { wantsTurns: false } as Kernel;
  limits.attach(kernel);
  expect(kernel.wantsTurns).toBe(false);
  expect(limits.until(at(7), NONE)).toBe(NONE);
  expect(limits.reached(at(1e15))).toBeUndefined();
});

it('ends a run at its last step, whatever else is wanted', () => {
  const limits = new RunLimits({ maxSteps: 100, timeout: NONE });
  expect([limits.until(at(0), 50), limits.until(at(0), NONE)]).toEqual([50, 100]);
  expect([limits.reached(at(99)), limits.reached(at(100))]).toEqual([undefined, 'steps']);
  expect(limits.describe('steps')).toBe('after 100 instructions (--max-steps)');
});

it('ends a run when its time is over, and lets nobody run or wait for long before', () => {
  const limits = new RunLimits({ maxSteps: NONE, timeout: 0 });
  let stops = 0;
  const kernel = { wantsTurns: false, machine: { requestStop: () => stops++ } } as unknown as Kernel;
  limits.attach(kernel);
  limits.onTurn(kernel);
  expect([kernel.wantsTurns, stops]).toEqual([true, 1]);
  expect(limits.until(at(10), NONE)).toBeLessThan(1e7);
  expect(limits.reached(at(10))).toBe('time');
});
