import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms, listPrograms } from '../programs/build.mjs';

const here = join(import.meta.dirname, 'programs');

let command: BuiltCommand;
const paths = new Map<string, string>();
beforeAll(() => {
  command = new BuiltCommand();
  for (const { name, path } of buildPrograms(here, join(import.meta.dirname, '../../.build/signals'))) paths.set(name, path);
});

/** What a program prints, and how it ends as shells tell it. */
function run(file: string, args: readonly string[], name: string): { output: string; status: number | null } {
  const { status, signal, stdout } = spawnSync(file, [...args, paths.get(name) as string], { env: {}, input: '', encoding: 'latin1' });
  return { output: stdout, status: signal === null ? status : 128 + constants.signals[signal] };
}

test.each(listPrograms(here).map(({ name }) => name))('%s does what it does under QEMU', (name) => {
  const expected = run('qemu-aarch64', ['-cpu', 'cortex-a57'], name);
  expect(expected.output).not.toBe('');
  expect(run(process.execPath, [command.path, 'run', '-cpu', 'cortex-a57'], name)).toEqual(expected);
});

test('the end by a fault tells who called the function', () => {
  const { stderr } = spawnSync(process.execPath, [command.path, 'run', paths.get('backtrace') as string], { encoding: 'latin1' });
  const [, at, ...callers] = stderr.trimEnd().split('\n');
  expect(at).toMatch(/^everystep: at pc 0x[0-9a-f]+ \(leaf\+0x0\), /);
  const named = callers.map((line) => /^everystep: called from 0x[0-9a-f]+ \((\w+)\+0x[0-9a-f]+\)$/.exec(line)?.[1]);
  expect(named.slice(0, 4)).toEqual(['again', 'again', 'again', 'main']);
});
