import { expect, it } from 'vitest';
import { LEARNT_JUMPS } from '../wasm/index.ts';
import { JumpTargets } from './jumpTargets.ts';

const JUMP = 0x40_0100;

/** @returns how often the region was to be translated again */
function sees(targets: JumpTargets, jumpPc: number, times: number, target: (n: number) => number): number {
  let again = 0;
  for (let n = 0; n < times; n++) again += Number(targets.saw(jumpPc, target(n)) === LEARNT_JUMPS);
  return again;
}

it('has a region translated again once, when enough jumps have been seen, with all targets', () => {
  const targets = new JumpTargets(0x40_0000);
  const target = (n: number): number => JUMP + 4 * (n % 3);
  expect(targets.isLearning(JUMP)).toBe(true);
  expect(sees(targets, JUMP, LEARNT_JUMPS - 1, target)).toBe(0);
  expect(targets.isLearning(JUMP)).toBe(true);
  expect(sees(targets, JUMP, 1, target)).toBe(1);
  expect(targets.isLearning(JUMP)).toBe(false);
  expect(targets.known(JUMP)).toEqual([JUMP, JUMP + 4, JUMP + 8]);
  expect(sees(targets, JUMP, LEARNT_JUMPS, target)).toBe(0);
});

it('leaves jumps to other functions to the dispatcher', () => {
  const targets = new JumpTargets(0x40_0000);
  expect(sees(targets, JUMP, 3, () => JUMP + 4)).toBe(0);
  expect(sees(targets, JUMP, 2 * LEARNT_JUMPS, () => JUMP + 0x10_0000)).toBe(0);
  expect(targets.isLearning(JUMP)).toBe(false);
});

it('need not be told more of jumps that it leaves to the dispatcher', () => {
  const targets = new JumpTargets(0x40_0000);
  expect(targets.saw(JUMP, JUMP + 4)).toBe(1);
  expect(targets.saw(JUMP, JUMP + 0x10_0000)).toBeGreaterThan(LEARNT_JUMPS);
  const near = Array.from({ length: 8 }, (_, i) => JUMP + 16 * (i + 1));
  const seen = near.map((jump) => targets.saw(jump, jump + 4));
  expect(seen.slice(0, -1)).toEqual(seen.slice(1).fill(1));
  expect(seen.at(-1)).toBeGreaterThan(LEARNT_JUMPS);
});

it('leaves jumps with more targets than it can be expected to have all of to the dispatcher', () => {
  const targets = new JumpTargets(0x40_0000);
  expect(sees(targets, JUMP, 2 * LEARNT_JUMPS, (n) => JUMP + 4 * (n % 1000))).toBe(0);
  expect(targets.known(JUMP)).toEqual([]);
  expect(targets.isLearning(JUMP)).toBe(false);
});

it('leaves an interpreter that jumps from each of its instructions to the next to the dispatcher', () => {
  const targets = new JumpTargets(0x40_0000);
  const jumps = Array.from({ length: 40 }, (_, i) => JUMP + 16 * i);
  let again = 0;
  for (let n = 0; n < LEARNT_JUMPS; n++) for (const jump of jumps) again += sees(targets, jump, 1, () => JUMP + 16 * (n % 40));
  expect(again).toBe(0);
  for (const jump of jumps) expect([targets.isLearning(jump), targets.known(jump)]).toEqual([false, []]);
  // Far from there, others are learnt.
  expect(targets.isLearning(JUMP + 0x10_0000)).toBe(true);
});

it('knows what it has learnt in an earlier run, and goes on from there', () => {
  const before = new JumpTargets(0x40_0000);
  sees(before, JUMP, LEARNT_JUMPS, (n) => JUMP + 4 * (n % 2));
  sees(before, JUMP + 0x10_0000, LEARNT_JUMPS - 1, () => JUMP + 0x10_0004);
  const targets = new JumpTargets(0x40_0000);
  targets.learn(JSON.parse(JSON.stringify(before.learnt)));
  expect(targets.learnt).toEqual(before.learnt);
  expect(targets.isLearning(JUMP)).toBe(false);
  expect(targets.known(JUMP)).toEqual([JUMP, JUMP + 4]);
  expect(sees(targets, JUMP + 0x10_0000, 1, () => JUMP + 0x10_0004)).toBe(1);
});
