import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms, listPrograms } from '../programs/build.mjs';

const here = join(import.meta.dirname, 'programs');

let command: BuiltCommand;
let folder = '';
const paths = new Map<string, string>();
beforeAll(() => {
  command = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'waiting-'));
  for (const { name, path } of buildPrograms(here, join(import.meta.dirname, '../../.build/waiting'))) paths.set(name, path);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a program prints in a folder of its own, and how it ends as shells tell it. */
function run(file: string, args: readonly string[], name: string): { output: string; status: number | null } {
  const cwd = mkdtempSync(join(folder, `${name}-`));
  const { status, signal, stdout } = spawnSync(file, [...args, paths.get(name) as string], { cwd, env: {}, input: '', encoding: 'latin1' });
  return { output: stdout, status: signal === null ? status : 128 + constants.signals[signal] };
}

test.each(listPrograms(here).map(({ name }) => name))('%s does what it does under QEMU', (name) => {
  const expected = run('qemu-aarch64', [], name);
  expect(expected.output).not.toBe('');
  expect(run(process.execPath, [command.path, 'run'], name)).toEqual(expected);
});
