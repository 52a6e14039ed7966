import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { BuiltCommand, type Outcome } from '../cli/command.ts';
import { Random } from '../fuzz/random.ts';
import { buildPrograms } from '../programs/build.mjs';
import { recordingHasAll } from '../support/growingFiles.ts';

const root = join(import.meta.dirname, '../..');
const command = new BuiltCommand();
const folder = mkdtempSync(join(tmpdir(), 'killed-'));
const programs = new Map(buildPrograms(join(import.meta.dirname, 'programs'), join(root, '.build/record')).map(({ name, path }) => [name, path]));
const program = (name: string): string => programs.get(name) as string;

afterAll(() => rmSync(folder, { recursive: true }));

/** What nobody should see: a stack trace, or more than a line. */
function isOneLine(text: string): boolean {
  return /^everystep: [^\n]*\n$/.test(text) && !/\n\s+at /.test(text);
}

/** Recordings that are killed; `EVERYSTEP_KILLS=100 npx vitest run tests/record/killed.test.ts` kills more. */
const KILLS = Number(process.env.EVERYSTEP_KILLS ?? 8);
/** What is recorded: options, program and arguments. It should write all the time. */
const KILLED = process.env.EVERYSTEP_KILLED?.split(' ') ?? [program('busy')];

/** Bytes of output after which it is killed, and milliseconds that it has then, at the most. */
const MOMENTS: readonly (readonly [bytes: number, most: number])[] = [
  // While it starts, before anything is in the file, and later.
  [0, 0],
  [1, 0],
  [1, 400],
  [3000, 100],
  [20_000, 700],
];

function momentOf(number: number): readonly [bytes: number, most: number] {
  const random = new Random(100 + number);
  return MOMENTS[number] ?? [random.below(number % 4 === 0 ? 30_000 : 4000), random.below(900)];
}

describe('a recording of threads and processes whose making was killed', () => {
  it.each(Array.from({ length: KILLS }, (_, i) => [i, ...momentOf(i)]))(
    'number %d: behind %d bytes of output, and up to %d ms more (past the first flush, of much), can be replayed and asked',
    async (number, bytes, most) => {
      const path = join(folder, `killed-${number}`);
      const child = spawn(process.execPath, [command.path, 'record', '-o', path, ...KILLED], { stdio: ['ignore', 'pipe', 'ignore'] });
      let output = '';
      let hasEnded = false;
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString('latin1');
      });
      child.on('close', () => {
        hasEnded = true;
      });
      while (!hasEnded && (bytes > 0 ? output.length < bytes : !existsSync(path))) await setTimeout(5);
      // What it has is in the file twice a second, however fast the machine wrote so much.
      if (bytes > 10_000) await recordingHasAll(path, child);
      await setTimeout(new Random(number).below(most + 1));
      child.kill('SIGKILL');
      if (!hasEnded) await once(child, 'close');
      const { status, stdout, stderr } = command.run(['replay', path]);
      if (status === 0) {
        if (child.signalCode === 'SIGKILL') expect(stderr).toContain('the recording is incomplete: whoever made it was interrupted');
        expect(output.startsWith(stdout) || stdout.startsWith(output)).toBe(true);
        if (bytes > 10_000) expect(stdout.length).toBeGreaterThan(0);
        expect(command.run(['check-recording', path])).toMatchObject({ status: 0, stderr: '' });
        const at = command.run(['at', '--json', path, 'end']);
        expect({ status: at.status, stderr: at.stderr, moment: JSON.parse(at.stdout) }).toMatchObject({
          status: 0,
          stderr: '',
          moment: { insn: { pc: expect.any(String) } },
        });
      } else {
        // Not even what it is of was written yet.
        expect(bytes).toBe(0);
        expect({ status, isOneLine: isOneLine(stderr) }).toEqual({ status: 2, isOneLine: true });
      }
      rmSync(path, { recursive: true, force: true });
    },
  );
});

describe('a recording that cannot be made', () => {
  it.each([
    ['/proc/nowhere', 'no such file or directory'],
    [join(root, 'package.json'), 'it is a file: name a folder'],
    [join(root, 'package.json/in/it'), 'not a directory'],
  ])('%s says why', (path, why) => {
    expect(command.run(['record', '-o', path, program('origins')])).toEqual({
      ...{ status: 2, stdout: '' },
      stderr: `everystep: cannot make the recording '${path}': ${why}\n`,
    });
  });
});

describe('of a damaged recording', () => {
  const path = join(folder, 'damaged');
  command.run(['record', '-o', path, program('origins')]);
  const [journal, index] = ['journal', 'index'].map((name) => join(path, name));
  const whole = readFileSync(journal);
  const who = (): Outcome => command.run(['who-wrote', '--json', path, 'result']);
  const answer = who().stdout;

  it('a damaged index is made anew, or told', () => {
    const random = new Random(3);
    const bytes = readFileSync(index);
    for (let i = 0; i < 8; i++) {
      const copy = Buffer.from(bytes);
      if (i % 4 === 0) writeFileSync(index, copy.subarray(0, random.below(bytes.length)));
      else {
        const at = i % 2 === 0 ? random.below(32) : random.below(bytes.length);
        copy[at] ^= 1 << random.below(8);
        writeFileSync(index, copy);
      }
      const { status, stdout, stderr } = who();
      // A part of it that is only looked at when an answer needs it.
      if (status === 2) expect(stderr).toBe(`everystep: ${index}: the index is damaged; remove it, and the next question makes it anew\n`);
      else expect(stdout).toBe(answer);
    }
  });

  it('all commands say in one line what is wrong', () => {
    // In the contents of the first frame: the program.
    const damaged = Buffer.from(whole);
    damaged[20 + whole.readUInt32LE(12) + 100] ^= 1;
    writeFileSync(journal, damaged);
    rmSync(index);
    for (const args of [
      ['replay', path],
      ['at', path, '5'],
      ['who-wrote', path, 'result'],
      ['executions', path, 'main'],
      ['calls', path],
      ['syscalls', path],
      ['stdout', path],
      ['why', path, 'end', 'x0'],
      ['export', path],
      ['query', path, 'SELECT count(*) FROM insn'],
      ['diff', path, path],
      ['pack', path],
    ]) {
      const { status, stdout, stderr } = command.run(args);
      expect({ command: args[0], status, stdout }).toEqual({ command: args[0], status: 2, stdout: '' });
      expect(isOneLine(stderr), `${args[0]}: ${stderr}`).toBe(true);
      expect(stderr).toContain('the recording is damaged: the frame at byte ');
    }
    expect(command.run(['check-recording', path])).toMatchObject({ status: 1, stderr: '', stdout: expect.stringContaining(`${path} is damaged\n`) });
    const { whole: isWhole, problems } = JSON.parse(command.run(['check-recording', '--json', path]).stdout);
    expect({ isWhole, problems: problems.length }).toEqual({ isWhole: false, problems: 1 });
  });
});
