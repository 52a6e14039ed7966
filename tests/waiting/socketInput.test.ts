import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

let command: BuiltCommand;
let program = '';
beforeAll(() => {
  command = new BuiltCommand();
  [{ path: program }] = buildPrograms(join(import.meta.dirname, 'input'), join(import.meta.dirname, '../../.build/socketInput'));
});

interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program whose standard input is a socket, as Node's children have it, and gives it `input` once it has printed `after`. */
function run(file: string, args: readonly string[], after = '', input?: Uint8Array): Promise<Run> {
  return new Promise((done) => {
    const child = spawn(file, [...args, program], { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    let isGiven = false;
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (isGiven || input === undefined || !output.includes(after)) return;
      isGiven = true;
      child.stdin.end(input);
    });
    child.on('close', (status) => done({ status, output }));
  });
}

const input = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251);

test('a guest that reads a socket keeps nobody from going on', async () => {
  const expected = await run('qemu-aarch64', [], 'goes on', input);
  expect(expected.output).toContain('300000 bytes');
  expect(await run(process.execPath, [command.path, 'run'], 'goes on', input)).toEqual(expected);
});

test.each([
  ['run', []],
  ['trace', ['--format=none']],
])('--timeout ends a guest that reads a socket (%s)', async (how, options) => {
  const { status, output } = await run(process.execPath, [command.path, how, '--timeout=2', ...options]);
  expect({ status, output }).toEqual({ status: 124, output: expect.stringMatching(/^poll: 0\n/) });
});
