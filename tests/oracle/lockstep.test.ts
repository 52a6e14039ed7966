import { fork } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { type BuiltProgram, buildPrograms } from '../programs/build.mjs';
import type { LockstepResult } from './lockstep.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.build/oracle');
const script = join(folder, 'lockstep.mjs');
const all = buildPrograms();

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'lockstepMain.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
});

/** In a process of its own: the guest has the same kinds of standard files on both sides. */
function lockstep({ name, path, args, cpu }: BuiltProgram): Promise<LockstepResult> {
  return new Promise((resolve, reject) => {
    const output = openSync(join(folder, `${name}.ours`), 'w');
    const options = ['--cpu', cpu, '--qemu-output', join(folder, `${name}.qemu`)];
    const child = fork(script, [...options, '--', path, ...args], { cwd: root, stdio: ['ignore', output, output, 'ipc'] });
    child.on('message', (result) => resolve(result as LockstepResult));
    child.on('error', reject);
    child.on('exit', (status) => reject(new Error(`ended with status ${status} and no result: see .build/oracle/${name}.ours`)));
  });
}

test('there are programs enough', () => {
  expect(all.length).toBeGreaterThan(20);
});

test.each(all)('$name: the trace has the state of QEMU before each instruction', async (program) => {
  const { insns, difference } = await lockstep(program);
  expect(difference).toBeUndefined();
  expect(insns).toBeGreaterThan(0);
});
