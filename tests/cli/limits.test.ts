import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand } from './command.ts';

const SUM = 'examples/sum/sum';
/** Exit status of a run that a limit has ended. */
const LIMIT = 124;

let everystep: BuiltCommand;
let folder = '';
let programs = new Map<string, string>();
beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-limits-'));
  const built = buildPrograms(join(import.meta.dirname, 'limits'), join(import.meta.dirname, '../../.build/limits'));
  programs = new Map(built.map(({ name, path }) => [name, path]));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const program = (name: string): string => programs.get(name) ?? name;

/** Runs everystep with a pipe as standard input into which nothing is written for longer than any limit here. */
function runWaiting(args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', 'exec "$@" < <(exec sleep 20 2>&-)', 'bash', process.execPath, everystep.path, ...args], {
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 15_000,
    // Guests here ignore what can be ignored.
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

describe('--max-steps', () => {
  it('ends a run after exactly so many instructions, and says where', () => {
    expect(everystep.run(['run', '--max-steps', '10', SUM])).toEqual({
      status: LIMIT,
      stdout: '',
      stderr: expect.stringMatching(/^everystep: the run was ended after 10 instructions \(--max-steps\): process \d+ was at pc 0x4000c0 \(main\+0x10\)\n$/),
    });
  });

  it('leaves a program alone that is done before', () => {
    expect(everystep.run(['run', '--max-steps=12_000_015', SUM])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(everystep.run(['run', '--max-steps=12_000_014', SUM]).status).toBe(LIMIT);
  });

  it('can come from the environment', () => {
    expect(everystep.run(['run', SUM], { EVERYSTEP_MAX_STEPS: '5' }).status).toBe(LIMIT);
  });

  it.each([
    [[], 1000],
    [['--from=900'], 100],
    [['--from=10', '--first=20'], 20],
    [['--to=1000'], 1000],
    [['--from=2000'], 0],
  ])('ends a trace that is whole: %j', (options, count) => {
    const file = join(folder, 'steps');
    const { status, stderr } = everystep.run(['trace', '--max-steps=1000', ...options, '--format=chunks', '-o', file, SUM]);
    expect(status).toBe(LIMIT);
    expect(stderr).toContain('after 1000 instructions (--max-steps)');
    const counted = count.toLocaleString('en');
    expect(everystep.run(['export', '--check', file]).stdout).toContain(` ${counted} instructions`);
  });
});

describe('--timeout', () => {
  it.each(['works', 'sleeps', 'reads', 'calls', 'child'])('ends a run whose program %s', (what) => {
    const { status, stdout, stderr } = runWaiting(['run', '--timeout=0.7', program('waits'), what]);
    expect({ status, stdout }).toEqual({ status: LIMIT, stdout: 'begins\n' });
    expect(stderr).toMatch(/^everystep: the run was ended after 0.7 s \(--timeout\): process \d+ was at pc 0x[0-9a-f]+.*\n$/);
  });

  it.each(['works', 'sleeps', 'reads'])('ends a trace that is whole whose program %s', (what) => {
    const file = join(folder, 'time');
    const { status } = runWaiting(['trace', '--timeout=1', '--first=100000', '--format=chunks', '-o', file, program('waits'), what]);
    expect(status).toBe(LIMIT);
    expect(everystep.run(['export', '--check', file]).stdout).toMatch(/ no problems\n$/);
  });
});

it.each([
  ['--max-steps=some', "--max-steps: 'some' is no number of instructions"],
  ['--timeout=0', "--timeout: '0' is no time: give seconds above 0, as 10 or 0.5"],
  ['--memory=9k', "--memory: '9k' is too little for any program: give 1M or more"],
])('answers %s with one line', (option, message) => {
  for (const command of ['run', 'trace']) expect(everystep.run([command, option, SUM])).toEqual({ status: 2, stdout: '', stderr: `everystep: ${message}\n` });
});

describe('--memory', () => {
  const run = (what: string, options: readonly string[] = ['--memory=64M']) => everystep.run(['run', ...options, program('memory'), what]);
  const KILLED = /^everystep: out of memory: process \d+ is killed at pc 0x[0-9a-f]+( \(.*\))?: all programs together have 67108864 bytes \(--memory\)\n$/;

  it.each(['allocate', 'kernel'])('kills a process that writes more: %s', (what) => {
    expect(run(what)).toEqual({ status: 137, stdout: '', stderr: expect.stringMatching(KILLED) });
  });

  it('kills children as well, and lets others go on', () => {
    expect(run('child')).toEqual({ status: 0, stdout: 'child: signal 9\n', stderr: expect.stringMatching(KILLED) });
    expect(run('fork')).toEqual({ status: 0, stdout: 'child: signal 9\nparent goes on\n', stderr: expect.stringMatching(KILLED) });
  });

  it.each([
    ['untouched', '1\n'],
    ['reuse', 'reused\n'],
    ['shared', 'Cannot allocate memory\n'],
    ['huge', 'Cannot allocate memory\n'],
  ])('counts what is written, and gives it back: %s', (what, stdout) => {
    expect(run(what)).toEqual({ status: 0, stdout, stderr: '' });
  });

  it('refuses more mappings than everystep can keep', () => {
    expect(run('mappings', [])).toEqual({ status: 0, stdout: 'Cannot allocate memory\n', stderr: '' });
  });

  it('leaves a stack that is too deep to SIGSEGV', () => {
    expect(run('stack').status).toBe(128 + 11);
  });

  it('is the same for a trace', () => {
    const { status, stdout, stderr } = everystep.run(['trace', '--format=none', '--memory=64M', program('memory'), 'fork']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'child: signal 9\nparent goes on\n' });
    expect(stderr).toMatch(/^everystep: out of memory: process .*\n.*traced all .*\n$/);
  });
});

describe('limits of processes', () => {
  it.each([
    ['zombies', '1 Resource temporarily unavailable\n'],
    ['threads', 'as Linux\n'],
    ['files', '6 Too many open files\n-1 Bad file descriptor\n'],
    ['space', '1\n0\n1\n1\n0\n1\n'],
    ['stack', '1024 800: exit 0\n1024 1200: signal 11\n32768 31000: exit 0\n32768 33000: signal 11\n-1 100000: exit 0\n512 1: exit 7\n8192 1: exit 0\n'],
  ])('are those of Linux: %s', (what, stdout) => {
    expect(everystep.run(['run', program('tasks'), what])).toMatchObject({ status: 0, stdout });
  });

  it('end who computes for too long, by SIGXCPU first', () => {
    expect(everystep.run(['run', program('tasks'), 'cpu']).status).toBe(128 + 24);
    expect(everystep.run(['run', program('tasks'), 'cpu', 'ignored']).status).toBe(128 + 9);
  });
});
