import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kindOf } from './cpuSet.ts';
import { distinctFunctions } from './curvePrograms.ts';
import { curveText } from './curves.ts';
import { makeAssembly } from './inputs/assembly.ts';
import { makeC } from './inputs/c.ts';
import { makeGo } from './inputs/go.ts';
import { makeMixed, makeText } from './inputs/text.ts';
import type { Result } from './judge.ts';
import { levelFigures, meansOf } from './levels.ts';
import { measure } from './measure.ts';
import { parseOptions } from './options.ts';
import { statusField } from './peak.ts';
import { cpuTimeOf } from './processTree.ts';
import { ratiosOf, summarize } from './ratios.ts';
import { meansText, tableOf } from './report.ts';

const usage = (user: number) => ({ user, system: 0.5, elapsed: 2 * user, peak: 3 << 20 });

const result = (name: string, kind: string, everystep: number): Result => {
  const usages = { qemu: [usage(2)], everystep: [usage(everystep)] };
  return { set: 'cpu', name, kind, usages, ratios: ratiosOf(usages) };
};

test('every small program says its kind', () => {
  const folder = 'bench/programs';
  const kinds = new Set(readdirSync(folder).map((file) => kindOf(readFileSync(join(folder, file), 'utf8'))));
  expect([...kinds].sort()).toEqual(['branches', 'dispatch', 'double', 'integer', 'memory', 'neon', 'recursion', 'syscalls', 'threads']);
});

test('options are read', () => {
  expect(parseOptions(['--help'], {})).toBeUndefined();
  expect(parseOptions([], { EVERYSTEP_BENCH_SYSROOT: '/s' })).toMatchObject({
    sets: ['cpu', 'debian'],
    pairs: 7,
    sysroot: '/s',
    baseline: 'bench/baseline.json',
  });
  expect(parseOptions(['--quick', '--set', 'article', '--traced'], {})).toMatchObject({ sets: ['article'], pairs: 3, isTraced: true, sysroot: undefined });
  expect(() => parseOptions(['--set', 'cpu,x'], {})).toThrow("--set: 'x'");
  expect(() => parseOptions(['--pairs', '0'], {})).toThrow('--pairs');
});

test('ratios are those between ways that were measured', () => {
  expect(Object.keys(ratiosOf({ qemu: [usage(1)], everystep: [usage(1)], traced: [usage(2)] }))).toEqual(['user', 'wall', 'traced/untraced', 'traced/qemu']);
  expect(summarize([result('a', 'x', 1), result('b', 'x', 4)]).user).toEqual({ mean: 1, largest: 2, program: 'b', count: 2 });
});

test('traces to a file are compared with as much of a run', () => {
  const figures = levelFigures({ qemu: [usage(4)], count: [usage(2)], 'loads file': [usage(3)] }, { insns: 400, inFile: 100 });
  expect(figures).toEqual({ count: 0.5, 'loads file': 3 });
  const of = (name: string, kind: string, count: number) => ({ name, kind, insns: 1, figures: { count } });
  expect(meansOf([of('a', 'x', 1), of('b', 'x', 4), of('c', 'syscalls', 100)]).count).toBe(2);
});

test('system calls are beside the mean', () => {
  const text = meansText([result('hash', 'integer', 1), result('syscalls', 'syscalls', 8)]);
  expect(text).toMatchInlineSnapshot(`
    "geometric mean         programs  user  wall
    all                           1  0.50  0.50
    integer                       1  0.50  0.50
    syscalls (not in all)         1  4.00  4.00
    Largest: user 0.50 (hash), wall 0.50 (hash)"
  `);
});

test('a line has what was measured, or why not', () => {
  const { line } = tableOf('cpu', { isTraced: false, hasOtherNode: false, hasCache: true });
  expect(line(result('hash', 'integer', 1)).split(/ +/)).toEqual(['hash', 'integer', '-', '2.00', '0.50', '1.00', '0.50', '0.50', '0.50', '3', '3']);
  expect(line({ ...result('hash', 'integer', 1), failure: 'status 1' })).toContain('NOT MEASURED: status 1');
});

test("a curve has each point's cost above the first and above the one before", () => {
  const point = (instructions: number, qemu: number) => ({ instructions, usages: { qemu: [usage(qemu)], everystep: [usage(1)] } });
  const rows = curveText({ name: 'distinct', points: [point(1000, 1), point(2000, 2), point(4000, 5)] }).split('\n');
  expect(rows.at(-1)?.split(/ +/)).toEqual(['4,000', '5.00', '1333.333', '1500.000', '1.00', '0.000', '0.000', '3', '3']);
});

test('inputs are the same each time', () => {
  const make = () => [makeText(20), makeMixed(20_000).toString('latin1'), makeC(2), makeAssembly(2), makeGo(2)];
  expect(make()).toEqual(make());
  expect(makeMixed(20_000)).toHaveLength(20_000);
});

test('functions of the second curve are distinct, and each is called', () => {
  const text = distinctFunctions(120, 3).join('');
  const bodies = [...text.matchAll(/unsigned f\d+\(unsigned a, unsigned b\) (.*)/g)].map((match) => match[1]);
  expect([bodies.length, new Set(bodies).size]).toEqual([120, 120]);
  expect(new Set(text.match(/= f\d+\(/g)).size + new Set(text.match(/\+= f\d+\(/g)).size).toBe(240);
});

test('a run has its memory and its status', async () => {
  expect(statusField('VmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n', 'VmRSS')).toBe(1 << 20);
  const { peak } = await measure({ command: [process.execPath, '-e', 'const b = Buffer.alloc(1 << 27, 1); setTimeout(() => b, 1000)'] });
  expect(peak).toBeGreaterThan(1 << 27);
  expect(cpuTimeOf(process.pid).user).toBeGreaterThan(0);
  await expect(measure({ command: ['false'] })).rejects.toThrow('status 1 from false');
});
