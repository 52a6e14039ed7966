import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createAArch64, Replayer } from '../../packages/core/src/index.ts';
import { BuiltCommand, runProgram } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';
import { recordingHasAll } from '../support/growingFiles.ts';
import { openJournal, openTimeline, recordProgram, startProgram } from './recordedProgram.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'recording-'));
const built = [
  ...buildPrograms(),
  ...buildPrograms(join(root, 'tests/syscalls/programs'), join(root, '.build/syscalls')),
  ...buildPrograms(join(root, 'tests/signals/programs'), join(root, '.build/signals')),
  ...buildPrograms(join(import.meta.dirname, 'programs'), join(root, '.build/record')),
];
const pathOf = (name: string): string => built.find((program) => program.name === name)?.path ?? name;

afterAll(() => rmSync(folder, { recursive: true }));

describe('a recording of a program', () => {
  // Threads, forks, shared memory, waiting, signals and their handlers, code that changes, faults at the end.
  it.each([
    ...['atomics', 'selfModifying', 'mprotect', 'brkMmap', 'faultRead', 'faultFetch', 'illegal'],
    ...['sharedMaps', 'mapForks', 'mapProcesses', 'pipeWaits', 'forkedLoops', 'busErrorGrown', 'descriptors', 'processMemory', 'counters', 'samePlace'],
  ])('%s does the same again, from its start and from everywhere', (name) => {
    const directory = process.cwd();
    process.chdir(mkdtempSync(join(folder, 'run-')));
    try {
      const recorded = recordProgram(startProgram(pathOf(name)));
      const replayer = new Replayer({ guest: createAArch64('max'), journal: openJournal(recorded.bytes), machine: { disabled: new Set(['write-through']) } });
      expect(replayer.run()).toBe('end');
      expect(replayer.steps).toBe(recorded.steps);
      const timeline = openTimeline(recorded);
      // Sums in the journal are compared on the way from each of these to the end.
      for (const part of [1, 0.5, 0.9, 0.1, 0.99, 0]) {
        timeline.seek(Math.floor(recorded.steps * part));
        timeline.seek(recorded.steps);
      }
      const again = openTimeline(recorded);
      const parts = Array.from(timeline.save(), (bytes) => bytes.slice());
      again.restore({ table: parts.at(-1) ?? new Uint8Array(0), part: (number) => parts[number] ?? new Uint8Array(0) });
      again.seek(Math.floor(recorded.steps / 2));
      again.seek(recorded.steps);
    } finally {
      process.chdir(directory);
    }
  });
});

describe('the commands record and replay', () => {
  const command = new BuiltCommand();
  const journalIn = (path: string): string => join(path, 'journal');
  const sum = join(root, 'examples/sum/sum');
  const ticks = join(folder, 'ticks');

  /** Records a program that never ends until it has written something, and kills everystep. */
  async function killed(path: string): Promise<string> {
    const child = spawn(process.execPath, [command.path, 'record', '-o', path, pathOf('ticks')], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    const ended = once(child, 'close');
    while (output.length < 2000 && child.exitCode === null && child.signalCode === null) await setTimeout(50);
    await recordingHasAll(path, child);
    child.kill('SIGKILL');
    await ended;
    return output;
  }

  it('give the output and the end again', () => {
    const path = join(folder, 'whole');
    const { status, stderr, stdout } = command.run(['record', '-o', path, pathOf('printf')]);
    expect(status).toBe(command.run(['run', pathOf('printf')]).status);
    expect(stderr).toMatch(/everystep: recorded all [\d,]+ instructions to .*whole \([\d.]+ \w+\)\n$/);
    const again = command.run(['replay', path]);
    expect(again).toMatchObject({ status: 0, stdout });
    expect(again.stderr).toMatch(/everystep: replayed all [\d,]+ instructions: the same as recorded\n$/);
    expect(command.run(['replay', '--to=1000', '-quiet', path])).toMatchObject({ status: 0, stdout: '' });
  });

  it('keep what the program was given, which check-recording shows', () => {
    const path = join(folder, 'given');
    command.run(['record', '-o', path, '-0', 'other', '-E', 'NAME=a value', pathOf('printf'), 'x y'], { HOME: '/home' });
    const { environment, argv, program, cpu, runtime, end, whole, instructions } = JSON.parse(command.run(['check-recording', path, '--json']).stdout);
    expect({ environment, argv, program, cpu, whole }).toEqual({
      environment: ['NAME=a value', 'HOME=/home'],
      argv: ['other', 'x y'],
      program: pathOf('printf'),
      cpu: 'max',
      whole: true,
    });
    expect(runtime).toContain(process.version);
    expect(end.kind).toBe('exit');
    const text = command.run(['check-recording', path]).stdout;
    for (const line of ['environment   NAME=a value\n', '              HOME=/home\n', `instructions  ${instructions.toLocaleString('en')}\n`])
      expect(text).toContain(line);
  });

  it('record all processes, and say so', () => {
    const path = join(folder, 'all');
    expect(command.run(['record', '--trace-children', '-o', path, pathOf('origins')]).status).toBe(0);
    expect(command.run(['record', '--trace-children=no', '-o', path, pathOf('origins')])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('a recording has all processes'),
    });
  });

  it('give again what never was in memory', () => {
    const path = join(folder, 'moved');
    const busybox = join(root, '.build/busybox/busybox');
    // busybox's cat uses sendfile. Standard output must be a pipe: a socket, which Node makes, cannot be opened again.
    const shell = ['sh', '-c', 'cat /proc/self/cmdline examples/sum/sum.c; echo more >/dev/stdout'];
    const { stdout } = runProgram('bash', ['-c', '"$@" | cat', '-', process.execPath, command.path, 'record', '-o', path, busybox, ...shell]);
    expect(stdout).toContain('more\n');
    for (const name of ['replay', 'stdout']) expect(command.run([name, path]).stdout).toBe(stdout);
  });

  it.each(['replay', 'stdout'])('end as others do where nobody reads what they write: %s', (name) => {
    const path = join(folder, 'unread');
    command.run(['record', '-o', path, pathOf('printf')]);
    const script = '"$1" "$2" "$3" "$4" | true; echo $PIPESTATUS';
    const { stdout, stderr } = runProgram('bash', ['-c', script, '-', process.execPath, command.path, name, path]);
    expect(stdout).toBe('141\n');
    expect(stderr).not.toContain('bug');
  });

  it('end a recording that is large enough, and let the program run on', () => {
    const path = join(folder, 'bounded');
    const { status, stdout, stderr } = command.run(['record', '--max-size=1', '--timeout=4', '-o', path, pathOf('ticks')]);
    expect(status).toBe(124);
    expect(stderr).toContain('recorded the run until --max-size');
    const again = command.run(['replay', path]);
    expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('the same as recorded') });
    expect(again.stdout.length).toBeLessThan(stdout.length);
    expect(stdout.startsWith(again.stdout)).toBe(true);
  });

  it('keep what there was before everystep was killed', async () => {
    const output = await killed(ticks);
    const { status, stdout, stderr } = command.run(['replay', ticks]);
    expect(status).toBe(0);
    expect(stderr).toContain('the recording is incomplete: whoever made it was interrupted');
    expect(stdout.length).toBeGreaterThan(0);
    expect(output.startsWith(stdout) || stdout.startsWith(output)).toBe(true);
  });

  // Signals were looked at only while the program ran for some time, or slept for some.
  it('end in good order by ^C where the program sleeps often, and never for long', async () => {
    const path = join(folder, 'interrupted');
    const child = spawn(process.execPath, [command.path, 'record', '-o', path, pathOf('ticks')], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'close');
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    await recordingHasAll(path, child);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(command.run(['replay', path])).toMatchObject({ status: 0, stdout: output, stderr: expect.stringContaining('the same as recorded') });
  });

  it('keep what is before a place where the file was cut', () => {
    const cut = join(folder, 'cut');
    mkdirSync(cut);
    const { length } = readFileSync(journalIn(ticks));
    for (const part of [0.3, 0.6, 0.95]) {
      copyFileSync(journalIn(ticks), journalIn(cut));
      truncateSync(journalIn(cut), Math.floor(length * part));
      expect(command.run(['replay', cut]).status).toBe(0);
    }
  });

  it('leave a recording that is there as it was where the program cannot be started', () => {
    const path = join(folder, 'left');
    expect(command.run(['record', '-o', path, sum]).status).toBe(0);
    const before = readFileSync(journalIn(path));
    const noProgram = join(folder, 'text');
    writeFileSync(noProgram, 'no program');
    for (const program of [join(folder, 'nowhere'), noProgram]) {
      expect(command.run(['record', '-o', path, program]).status).toBe(2);
      expect(readFileSync(journalIn(path)).equals(before)).toBe(true);
    }
    // Another one takes its place, however short it is.
    expect(command.run(['record', '-o', path, pathOf('results')]).status).not.toBe(2);
    expect(command.run(['check-recording', path]).status).toBe(0);
  });

  it('make no folder where the program cannot be started', () => {
    const noProgram = join(folder, 'text');
    writeFileSync(noProgram, 'no program');
    const above = join(folder, 'above');
    for (const program of [join(folder, 'nowhere'), noProgram]) {
      expect(command.run(['record', '-o', join(above, 'new'), program]).status).not.toBe(0);
      expect(existsSync(above)).toBe(false);
      // One that was there already stays.
      mkdirSync(above);
      expect(command.run(['record', '-o', above, program]).status).not.toBe(0);
      expect(readdirSync(above)).toEqual([]);
      rmdirSync(above);
    }
  });

  it('say in one line what is wrong', () => {
    const damaged = join(folder, 'damaged');
    mkdirSync(damaged);
    const bytes = readFileSync(journalIn(ticks));
    const check = (edit: (bytes: Buffer) => void, message: RegExp): void => {
      const copy = Buffer.from(bytes);
      edit(copy);
      writeFileSync(journalIn(damaged), copy);
      const { status, stderr } = command.run(['replay', '-quiet', damaged]);
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split('\n').length).toBe(1);
      expect(status).toBe(2);
    };
    check((copy) => copy.write('x', 0), /this is no recording/);
    check((copy) => copy.writeUInt32LE(99, 8), /format version 99; this everystep reads versions 1 to 4/);
    const middle = bytes.length >> 1;
    check((copy) => copy.writeUInt8(copy[middle] ^ 1, middle), /the recording is damaged: the frame at byte \d+ does not have the sum/);
    check((copy) => copy.writeUInt8(copy[1000] ^ 1, 1000), /the recording is damaged: its header/);
    expect(command.run(['replay', join(folder, 'nothing')])).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot read the recording') });
    expect(command.run(['record'])).toMatchObject({ status: 2, stderr: expect.stringContaining('no program given') });
    expect(command.run(['record', '-o', sum, sum])).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot make the recording') });
  });
});
