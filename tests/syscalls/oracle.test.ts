import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms, listPrograms } from '../programs/build.mjs';

const here = join(import.meta.dirname, 'programs');
/** Those that use calls that QEMU does not have: they know themselves what Linux says. */
const BEYOND_QEMU = ['opensBelow', 'vectorFlags'];

let command: BuiltCommand;
let folder = '';
const paths = new Map<string, string>();
beforeAll(() => {
  command = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'syscalls-'));
  for (const { name, path } of buildPrograms(here, join(import.meta.dirname, '../../.build/syscalls'))) paths.set(name, path);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a program in a folder of its own. */
function run(file: string, args: readonly string[], name: string): { status: number | null; signal: string | null; output: string } {
  const cwd = mkdtempSync(join(folder, `${name}-`));
  mkdirSync(join(cwd, 'work'));
  const { status, signal, stdout } = spawnSync(file, [...args, paths.get(name) as string], { cwd: join(cwd, 'work'), env: {}, input: '', encoding: 'latin1' });
  return { status, signal, output: stdout };
}

const everystep = (name: string) => run(process.execPath, [command.path, 'run'], name);
/** An end by a signal, as shells have it. */
const SIGBUS = 128 + 7;

const all = listPrograms(here).map(({ name }) => name);

test.each(all.filter((name) => !BEYOND_QEMU.includes(name)))('%s does what it does under QEMU', (name) => {
  const expected = run('qemu-aarch64', [], name);
  const actual = everystep(name);
  expect(actual.output).toBe(expected.output);
  expect(actual.status).toBe(expected.signal === 'SIGBUS' ? SIGBUS : expected.status);
});

test.each(BEYOND_QEMU)('%s does what it does under Linux', (name) => {
  expect(everystep(name)).toEqual({ status: 0, signal: null, output: '' });
});
