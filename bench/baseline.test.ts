import { expect, test } from 'vitest';
import { type Baseline, baselineOf, changesText, compareWithBaseline, toleranceOf } from './baseline.ts';
import type { Result } from './judge.ts';

const result = (name: string, medians: Readonly<Record<string, number>>): Result => ({
  set: 'cpu',
  name,
  kind: 'integer',
  usages: {},
  ratios: Object.fromEntries(Object.entries(medians).map(([ratio, median]) => [ratio, { median, low: median, high: median, confidence: 1 }])),
});

const baseline: Baseline = {
  environment: {},
  ratios: { 'cpu/hash': { user: { median: 0.5, tolerance: 0.1 }, wall: { median: 1, tolerance: 0.5 } }, 'cpu/sort': { user: { median: 1, tolerance: 0.1 } } },
};

test('a tolerance covers what was seen, and at least a tenth', () => {
  const ratio = { median: 1, low: 0.95, high: 1.02, confidence: 0.9 };
  expect([ratio, { ...ratio, high: 1.3 }, { ...ratio, low: 0.6 }].map(toleranceOf)).toEqual([0.1, 0.3, 0.4]);
});

test('changes beyond their tolerance are told, the worst first', () => {
  const results = [result('hash', { user: 0.54, wall: 0.6 }), result('sort', { user: 1.3 }), result('list', { user: 1 })];
  expect(compareWithBaseline(results, baseline)).toEqual([
    { subject: 'cpu/sort', ratio: 'user', kind: 'worse', before: 1, now: 1.3 },
    { subject: 'cpu/hash', ratio: 'wall', kind: 'better', before: 1, now: 0.6 },
    { subject: 'cpu/list', ratio: 'user', kind: 'new', before: undefined, now: 1 },
  ]);
});

test('how fast QEMU is, is not compared', () => {
  expect(compareWithBaseline([result('hash', { 'qemu/native': 9 })], baseline)).toEqual([]);
});

test('changes are a table', () => {
  expect(changesText(compareWithBaseline([result('hash', { user: 0.5 })], baseline))).toBe('Against the baseline: nothing beyond its tolerance.');
  expect(changesText(compareWithBaseline([result('sort', { user: 1.3, wall: 1 })], baseline))).toBe(
    'against the baseline         then   now\ncpu/sort user         worse  1.00  1.30\n1 ratios are not in the baseline.',
  );
});

test('storing some programs keeps the others, and what could not be measured', () => {
  const stored = baselineOf([result('hash', { user: 0.4567, 'qemu/native': 9 }), { ...result('sort', {}), failure: 'differs' }], { node: 'v20' }, baseline);
  expect(stored).toEqual({
    environment: { node: 'v20' },
    ratios: {
      'cpu/hash': { user: { median: 0.457, tolerance: 0.1 }, wall: { median: 1, tolerance: 0.5 } },
      'cpu/sort': { user: { median: 1, tolerance: 0.1 } },
    },
  });
});
