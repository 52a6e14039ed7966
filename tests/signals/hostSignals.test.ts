import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

let command: BuiltCommand;
const paths = new Map<string, string>();
let folder = '';
/** A pipe that stays empty: standard input. */
let input = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostSignals-'));
  execFileSync('mkfifo', [join(folder, 'input')]);
  input = openSync(join(folder, 'input'), 'r+');
  command = new BuiltCommand();
  for (const { name, path } of buildPrograms(join(import.meta.dirname, 'host'), join(import.meta.dirname, '../../.build/hostSignals'))) paths.set(name, path);
});
afterAll(() => {
  closeSync(input);
  rmSync(folder, { recursive: true });
});

/** The two ways to run a guest: both hand it the host's signals. */
const RUN = ['run'];
const TRACE = ['trace', '--format=none'];
const WAYS: readonly (readonly string[])[] = [RUN, TRACE];

/** A guest whose output can be waited for. */
class Guest {
  private readonly child: ChildProcess;
  private output = '';

  constructor(way: readonly string[], name: string, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [command.path, ...way, paths.get(name) as string, ...args], { stdio: [input, 'pipe', 'inherit'] });
    this.child.stdout?.on('data', (data: Buffer) => {
      this.output += data.toString('latin1');
    });
  }

  /** Waits until it has printed a line. */
  async says(line: string): Promise<void> {
    while (!this.output.includes(`${line}\n`)) await once(this.child.stdout as NodeJS.ReadableStream, 'data');
  }

  send(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits until it has stopped (Linux: the state behind the name in /proc/PID/stat). */
  async stops(): Promise<void> {
    while (!/\) T /.test(readFileSync(`/proc/${this.child.pid}/stat`, 'latin1'))) await setTimeout(10);
  }

  async end(): Promise<{ status: number | null; output: string }> {
    const [status] = (await once(this.child, 'close')) as [number | null];
    return { status, output: this.output };
  }
}

test.each(
  WAYS.flatMap((way) =>
    (
      [
        ['spin', ''],
        ['pause', ''],
        ['read', 'interrupted\n'],
      ] as const
    ).map(([how, interrupted]) => ({ way, how, interrupted })),
  ),
)('a guest that handles signals gets those of the host ($way, $how)', async ({ way, how, interrupted }) => {
  const guest = new Guest(way, 'handler', how);
  await guest.says('ready');
  for (const [signal, line] of [
    ['SIGINT', 'got 2'],
    ['SIGTERM', 'got 15'],
    ['SIGUSR1', 'got 10'],
  ] as const) {
    guest.send(signal);
    await guest.says(line);
  }
  await guest.says('done');
  guest.send('SIGINT');
  expect(await guest.end()).toEqual({ status: 130, output: `ready\n${[2, 15, 10].map((n) => `got ${n}\n${interrupted}`).join('')}done\n` });
});

test.each(WAYS)('a guest can ignore and block signals of the host (%s)', async (...way) => {
  const guest = new Guest(way, 'ignoring');
  await guest.says('ready');
  guest.send('SIGINT');
  guest.send('SIGTERM');
  expect(await guest.end()).toEqual({ status: 5, output: 'ready\nwaited for 15\n' });
});

test('SIGUSR1 ends a guest that does not want it, and starts no debugger', async () => {
  const guest = new Guest(RUN, 'ignoring');
  await guest.says('ready');
  guest.send('SIGUSR1');
  expect(await guest.end()).toEqual({ status: null, output: 'ready\n' });
});

test('SIGUSR1 ends the trace of a guest that does not want it', async () => {
  const guest = new Guest(TRACE, 'ignoring');
  await guest.says('ready');
  guest.send('SIGUSR1');
  expect(await guest.end()).toEqual({ status: 138, output: 'ready\n' });
});

test.each(WAYS)('a guest that stops stops everystep, until it is continued (%s)', async (...way) => {
  const guest = new Guest(way, 'stopping');
  await guest.says('ready');
  await guest.stops();
  guest.send('SIGCONT');
  const { status, output } = await guest.end();
  expect(status).toBe(6);
  expect(output.split('\n').sort()).toEqual(['', 'going on', 'got 18', 'ready']);
});
