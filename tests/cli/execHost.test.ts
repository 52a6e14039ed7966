import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand, type Outcome } from './command.ts';

let everystep: BuiltCommand;
let folder = '';
let shell = '';
beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-host-'));
  [{ path: shell }] = buildPrograms(join(import.meta.dirname, 'execHost'), join(import.meta.dirname, '../../.build/execHost'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const run = (options: readonly string[], ...args: readonly string[]): Outcome => everystep.run(['run', ...options, shell, ...args]);
const ALLOW = ['--exec-host=allow'];
/** A program of the host's. */
const NODE = process.execPath;

it('keeps guests from the programs of the host, unless it is allowed', () => {
  expect(run([], 'place', NODE, '-v')).toEqual({ status: 1, stdout: 'Exec format error\n', stderr: '' });
  expect(run(['--exec-host=deny'], 'place', NODE, '-v').stdout).toBe('Exec format error\n');
  expect(run(['--exec-host=perhaps'], 'place', NODE)).toEqual({
    status: 2,
    stdout: '',
    stderr: "everystep: --exec-host: 'perhaps' is neither allow nor deny\n",
  });
});

it('is not for sandboxes', () => {
  const { status, stderr } = run([...ALLOW, '--sandbox', '-L', folder], 'place', NODE, '-v');
  expect([status, stderr]).toEqual([2, 'everystep: --exec-host=allow: a program of the host would leave the sandbox: leave one of them out\n']);
});

describe('a program of the host', () => {
  it('takes the place of the guest', () => {
    expect(run(ALLOW, 'place', NODE, '-p', '6 * 7')).toEqual({ status: 0, stdout: '42\n', stderr: '' });
    expect(run(ALLOW, 'place', '/bin/sh', '-c', 'exit 5').status).toBe(5);
  });

  it('has arguments, environment and directory of the guest', () => {
    const { stdout } = run([...ALLOW, '-E', 'COLOUR=red'], 'child', '/bin/sh', '-c', 'echo "$0 $1 $COLOUR"; pwd', 'zero', 'one two');
    expect(stdout).toBe(`zero one two red\n${join(import.meta.dirname, '../..')}\nstatus 0\n`);
  });

  it('is waited for, and can be ended', () => {
    expect(run(ALLOW, 'child', '/bin/sh', '-c', 'exit 7').stdout).toBe('status 7\n');
    expect(run(ALLOW, 'child', '/bin/sh', '-c', 'kill -9 $$').stdout).toBe('signal 9\n');
    expect(run(ALLOW, 'kill', '/bin/sleep', '100').stdout).toBe('signal 15\n');
  });

  it('gets signals, can be stopped and goes on', () => {
    const script = 'trap "echo got it; exit 3" USR1; while :; do sleep 0.05; done';
    expect(run(ALLOW, 'stop', '/bin/sh', '-c', script).stdout).toBe('stopped 1\ncontinued 1\ngot it\nstatus 3\n');
  });

  it('has other descriptors than the standard streams', () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, '0123456789\n');
    const script = 'cat <&13 >&14; cat <&15 >&14; echo host >&16; head -c 2 /dev/fd/15';
    expect(run(ALLOW, 'more', from, to, '/bin/bash', '--norc', '-c', script)).toEqual({ status: 0, stdout: '01from a pipe\n23456789\nstatus 0\n', stderr: '' });
    expect(readFileSync(to, 'latin1')).toBe('guest\nhost\nguest again\n');
  });

  it('runs scripts', () => {
    const script = join(folder, 'script');
    writeFileSync(script, '#!/bin/sh\necho "script $1"\n', { mode: 0o755 });
    expect(run(ALLOW, 'child', script, 'one').stdout).toBe('script one\nstatus 0\n');
  });

  it('reads and writes pipes between guests', () => {
    expect(run(ALLOW, 'pipes', '/bin/cat').stdout).toBe('1000000 bytes\nstatus 0\nstatus 0\n');
  });

  it('is ended by a limit', () => {
    const { status, stderr } = run([...ALLOW, '--timeout=0.7'], 'child', '/bin/sleep', '100');
    expect(status).toBe(124);
    expect(stderr).toMatch(/waiting in (execve|wait4)\n$/);
  });

  it('does not keep a trace from being whole', () => {
    const file = join(folder, 'trace');
    expect(everystep.run(['trace', ...ALLOW, '--format=chunks', '-o', file, shell, 'child', '/bin/sh', '-c', 'exit 7'])).toMatchObject({
      status: 0,
      stdout: 'status 7\n',
    });
    expect(readFileSync(file).length).toBeGreaterThan(0);
    expect(everystep.run(['export', '--check', file]).stdout).toMatch(/ no problems\n$/);
  });
});
