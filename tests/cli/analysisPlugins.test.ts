import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand, type Outcome } from './command.ts';

const root = join(import.meta.dirname, '../..');

let everystep: BuiltCommand;
let folder = '';
const programs = new Map<string, string>();
beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-analysis-'));
  for (const { name, path } of buildPrograms(join(import.meta.dirname, 'plugins'), join(root, '.build/plugin-programs'))) programs.set(name, path);
  for (const { name, path } of buildPrograms(join(import.meta.dirname, 'profiles'), join(root, '.build/profile-programs'))) programs.set(name, path);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const programOf = (name: string): string => programs.get(name) as string;

/** Runs a program with a plugin. */
function withPlugin(plugin: string, name: string, args: readonly string[] = []): Outcome & { readonly log: string } {
  const file = join(folder, 'log');
  const outcome = everystep.run(['run', '-L', '/usr/aarch64-linux-gnu', '-plugin', plugin, '-d', 'plugin', '-D', file, programOf(name), ...args]);
  return { ...outcome, log: readFileSync(file, 'utf8') };
}

/** The log without addresses of code and what the C library's own functions have. */
const withoutAddresses = (log: string): string[] =>
  log
    .replace(/at 0x[0-9a-f]+ /g, 'at ')
    .trimEnd()
    .split('\n');

describe('heap', () => {
  const allocated = (line: number): string[] => ['  allocated', `    at main (heapErrors.c:${line})`];
  const FOUND = [
    /^invalid read of 4 bytes at 0x[0-9a-f]+, 0 bytes behind a block of 20$/,
    '    at readBehind (heapErrors.c:16)',
    '    at main (heapErrors.c:67)',
    ...allocated(65),
    /^invalid write of 1 bytes at 0x[0-9a-f]+, 1 bytes before a block of 20$/,
    '    at writeBefore (heapErrors.c:18)',
    '    at main (heapErrors.c:68)',
    ...allocated(65),
    /^invalid read of 4 bytes at 0x[0-9a-f]+, 0 bytes inside a freed block of 12$/,
    '    at readFreed (heapErrors.c:23)',
    '    at main (heapErrors.c:69)',
    '  freed',
    '    at readFreed (heapErrors.c:21)',
    '    at main (heapErrors.c:69)',
    ...allocated(69),
    'branch depends on uninitialised bytes',
    '    at decide (heapErrors.c:38)',
    '    at main (heapErrors.c:71)',
    ...allocated(70),
    'address of an access depends on uninitialised bytes',
    '    at look (heapErrors.c:41)',
    '    at main (heapErrors.c:72)',
    ...allocated(72),
    'system call write reads uninitialised bytes',
  ];

  it.each(['heapErrors', 'heapErrorsDynamic'])('finds each error, and nothing in what is right (%s)', (name) => {
    const { status, log } = withPlugin('heap,status=9', name);
    expect(status).toBe(9);
    const lines = withoutAddresses(log);
    FOUND.forEach((expected, i) => {
      if (typeof expected === 'string') expect(lines[i]).toBe(expected);
      else expect(lines[i]).toMatch(expected);
    });
    // The C library's own frames depend on how that was built.
    const rest = lines.slice(FOUND.length).filter((line) => line.includes('heapErrors.c') || !line.startsWith('    at '));
    expect(rest.slice(0, 3)).toEqual(['    at main (heapErrors.c:73)', ...allocated(70)]);
    expect(lines.join('\n')).toContain('7 bytes in 1 block lost, allocated\n    at lose (heapErrors.c:32)\n    at main (heapErrors.c:74)');
  });

  it('tells of what is freed twice before the program is ended for it', () => {
    const { log } = withPlugin('heap,undefined=off', 'heapErrors', ['1', '2', '3', '4', '5']);
    const lines = withoutAddresses(log);
    const at = lines.findIndex((line) => /^invalid free of 0x[0-9a-f]+, 0 bytes inside a freed block of 40$/.test(line));
    expect(lines.slice(at + 1, at + 4)).toEqual(['    at freeTwice (heapErrors.c:28)', '    at main (heapErrors.c:75)', '  freed']);
    expect(log).not.toContain('uninitialised');
  });
});

describe('taint', () => {
  const run = (...args: readonly string[]): string => {
    const file = join(folder, 'log');
    const command = [everystep.path, 'run', ...args, '-d', 'plugin', '-D', file, programOf('inputs'), 'key7'];
    const { status, stdout } = spawnSync(process.execPath, command, { input: 'ab42efgh', encoding: 'latin1', env: {} });
    expect([status, stdout]).toEqual([0, 'gxhk']);
    return readFileSync(file, 'utf8');
  };

  it('tells which bytes of input a register depends on, byte by byte', () => {
    const lines = run('-plugin', 'taint,at=look,reg=x0,reg=x1,bytes=on').replace(/^0x[0-9a-f]+ /gm, '');
    expect(lines.trimEnd().split('\n')).toEqual([
      'look+0x0 (inputs.c:12)  x0=0x2a <- stdin[2-3]',
      ...[0, 1, 2, 3].map((byte) => `    byte ${byte} <- stdin[2-3]`),
      'look+0x0 (inputs.c:12)  x1=0x5 <- no input',
      'look+0x0 (inputs.c:12)  x0=0x6137 <- argv[1][3] stdin[0]',
      '    byte 0 <- argv[1][3]',
      '    byte 1 <- stdin[0]',
      'look+0x0 (inputs.c:12)  x1=0x2 <- no input',
    ]);
  });

  it('sums up branches and system calls that depend on input', () => {
    const log = run('-plugin', 'taint,input=stdin');
    expect(log).toMatch(/branches that depend on input: 1\n {2}0x[0-9a-f]+ main\+0x[0-9a-f]+ \(inputs\.c:26\) {2}\S+ .* {2}1 times <- stdin\[6\]\n/);
    expect(log).toMatch(/system calls that depend on input: 1\n {2}write\(1\) in \w*write {2}1 times <- stdin\[6-7\]\n/);
  });
});

describe('uftrace', () => {
  it('records the calls that the format of traces has', () => {
    const [data, exported] = [join(folder, 'uftrace'), join(folder, 'exported')];
    withPlugin(`uftrace,directory=${data}`, 'calls');
    everystep.run(['trace', '-L', '/usr/aarch64-linux-gnu', '--format=uftrace', '-o', exported, programOf('calls')]);
    /** Records without the addresses of functions that no file has, which are made up. */
    const recordsIn = (name: string): readonly unknown[] => {
      const bytes = readFileSync(join(name, readdirSync(name).find((file) => file.endsWith('.dat')) as string));
      return Array.from({ length: bytes.length / 16 }, (_, i) => {
        const address = bytes.readUIntLE(16 * i + 10, 6);
        return [bytes.readBigUInt64LE(16 * i), bytes.readUInt16LE(16 * i + 8), address < 0x11_0000_0000 ? address : 'unknown'];
      });
    };
    expect(recordsIn(data).length).toBeGreaterThan(100);
    expect(recordsIn(data)).toEqual(recordsIn(exported));
    expect(readFileSync(join(data, 'calls.sym'), 'utf8')).toBe(readFileSync(join(exported, 'calls.sym'), 'utf8'));
  });

  it('samples stacks', () => {
    const data = join(folder, 'sampled');
    withPlugin(`uftrace,trace-sample=100,directory=${data}`, 'calls');
    expect(readFileSync(join(data, 'calls.sym'), 'latin1')).toContain('__libc_start_main');
  });
});

it('traps counts system calls, faults and signals', () => {
  const [head, counts, , ...kinds] = withPlugin('traps,kinds=on', 'calls').log.trimEnd().split('\n');
  expect(head).toBe('VCPU, interrupts, exceptions, hostcalls');
  const calls = kinds.filter((line) => line.includes('system call')).reduce((sum, line) => sum + Number(line.split(', ')[2]), 0);
  expect(counts).toBe(`   0,          2, ${String(calls).padStart(10)},          0`);
  expect(kinds).toEqual(expect.arrayContaining(['   0, system call tgkill, 2', '   0, signal 10, 1', '   0, signal 12, 1', '   0, system call exit_group, 1']));
});

describe('coverage', () => {
  it('is what the lcov format has, and a summary', () => {
    const [data, exported] = [join(folder, 'coverage.info'), join(folder, 'exported.info')];
    const { log } = withPlugin(`coverage,outfile=${data},branches=on,missed=on`, 'calls');
    everystep.run(['trace', '--format=lcov', '-o', exported, programOf('calls')]);
    expect(readFileSync(data, 'utf8')).toBe(readFileSync(exported, 'utf8'));
    const lines = log.trimEnd().split('\n');
    expect(lines[1]).toMatch(/^ {4}29 of {5}32 {2}90\.6% {7}8 of {6}8 100\.0% {2}\S+calls\.c$/);
    expect(lines[2]).toBe('    not run: 30, 58-59');
  });

  it('says where there is nothing to tell', () => {
    expect(withPlugin(`coverage,outfile=${join(folder, 'none')},source=nothing*`, 'calls').log).toMatch(/^no code that ran has line numbers/);
  });
});

describe('lockstep', () => {
  /** Two at once. @returns their logs */
  async function both(first: readonly string[], second: readonly string[]): Promise<readonly string[]> {
    const path = join(folder, 'socket');
    const logs = [join(folder, 'first'), join(folder, 'second')];
    const start = (command: readonly string[], i: number): ChildProcess =>
      spawn(process.execPath, [everystep.path, 'run', '-plugin', `lockstep,sockpath=${path}`, '-d', 'plugin', '-D', logs[i], ...command], {
        cwd: root,
        stdio: 'ignore',
      });
    const ended = async (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));
    const one = start(first, 0);
    const end = ended(one);
    while (!existsSync(path) && one.exitCode === null && one.signalCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([end, ended(start(second, 1))]);
    return logs.map((log) => readFileSync(log, 'utf8'));
  }

  // Whoever found no socket made one, and the other of two that were as quick failed.
  it('meets another that starts at the same moment', async () => {
    const file = join(dirname(everystep.path), '../dist/meetWorker.cjs');
    const pairs = Array.from({ length: 10 }, (_, pair) =>
      [0, 1].map(() => ({ path: join(folder, `meeting${pair}`), result: new Int32Array(new SharedArrayBuffer(12)) })),
    );
    const workers = pairs.flat().map((task) => new Worker(file, { workerData: task }));
    const isOver = (): boolean => pairs.flat().every(({ result }) => Atomics.load(result, 0) !== 0);
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 20));
    // Both are connected, and one of them was there first.
    const ends = pairs.map((pair) => pair.map(({ result }) => `${result[0]} ${result[2]}`).sort());
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(ends).toEqual(pairs.map(() => ['1 0', '1 1']));
  });

  it('finds no difference where there is none', async () => {
    const report = /_socket::ready\nNo divergence :-\)\nExecuted (\d+)\/\1 blocks\nExecuted ~\d+ instructions\n$/;
    const [one, other] = await both([programOf('calls')], [programOf('calls')]);
    expect(one).toMatch(report);
    expect(one.replace('setup', 'connect')).toBe(other);
  });

  it('shows where two runs part', async () => {
    const [one, other] = await both([programOf('inputs'), 'a'], [programOf('calls')]);
    const report =
      /^(setup|connect)_socket::ready\n@ 0x[0-9a-f]{16} vs 0x[0-9a-f]{16} \(\d+\/1 since last\)\n(.*\n)*Δ insn_count @ .*\n( {2}previously @ .*\n)+too much divergence... giving up.\n$/;
    expect(one).toMatch(report);
    expect(other).toMatch(report);
  });

  it('needs a place to meet', () => {
    expect(everystep.run(['run', '-plugin', 'lockstep', programOf('calls')])).toMatchObject({
      status: 2,
      stderr: 'everystep: plugin lockstep: give sockpath=PATH, the same to both emulators\n',
    });
  });
});

it('each plugin has its own help', () => {
  expect(everystep.run(['run', '-plugin', 'traps,help']).stdout).toBe(
    'traps: count system calls, faults and signals of each thread\n  kinds=on|off             show also how often there was each system call, fault and signal\n',
  );
});
