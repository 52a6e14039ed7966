import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { BackgroundIndex } from '../../packages/cli/src/record/indexing/backgroundIndex.ts';
import { openRecording } from '../../packages/cli/src/record/recordingFolder.ts';
import { recordedGuest, Timeline } from '../../packages/core/src/index.ts';
import { BuiltCommand, type Outcome } from '../cli/command.ts';
import { Random } from '../fuzz/random.ts';
import { buildPrograms } from '../programs/build.mjs';
import { keptParts, openTimeline, type RecordedProgram, recordProgram, startProgram } from './recordedProgram.ts';

const root = join(import.meta.dirname, '../..');
const command = new BuiltCommand();
const folder = mkdtempSync(join(tmpdir(), 'indexing-'));
const programs = new Map(
  [...buildPrograms(), ...buildPrograms(join(import.meta.dirname, 'programs'), join(root, '.build/record'))].map(({ name, path }) => [name, path]),
);
const program = (name: string): string => programs.get(name) as string;
const run = (...args: readonly string[]): Outcome => command.run(args);
const file = (...names: readonly string[]): string => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true }));

/** Threads and processes, for so long that several threads have parts of it. */
const STEPS = 60_000_000;
const made = run('record', '--index', `--max-steps=${STEPS}`, '-o', file('busy'), program('busy'));

/** What some questions have for answers. */
function answers(recording: string): readonly string[] {
  return [
    ...[20_000_001, 59_000_000].flatMap((step) => [
      run('at', recording, `${step}`, '--memory=sp:64', '--files', '--json').stdout,
      run('who-wrote', recording, 'sum', `--before=${step}`, '--json').stdout,
      run('executions', recording, 'say', `--from=${step}`, '--first=2', '--json').stdout,
    ]),
    run('syscalls', recording, 'write', '--first=3', '--json').stdout,
    run('stdout', recording, '--at=2000', '--json').stdout,
  ];
}

describe('an index', () => {
  it('is made when a program has been recorded, and is the same to ask, whoever makes it', () => {
    expect(made.stderr).toMatch(/: made the index: .*\/busy\/index, [^\n]* for 60,[0-9,]* instructions \([0-9.]+ bits for each\)\n$/);
    const right = answers(file('busy'));
    expect(right.every((answer) => answer.startsWith('{'))).toBe(true);
    const { ino } = statSync(file('busy', 'index'));
    expect(run('index', file('busy'))).toMatchObject({ status: 0, stderr: expect.stringContaining('there is an index already') });
    expect(statSync(file('busy', 'index')).ino).toBe(ino);
    for (const jobs of [2, 3]) {
      expect(run('index', '--rebuild', `--jobs=${jobs}`, file('busy'))).toMatchObject({ status: 0, stderr: expect.stringContaining('made the index') });
      const before = statSync(file('busy', 'index'));
      expect(before.ino).not.toBe(ino);
      expect(answers(file('busy'))).toEqual(right);
      // It was good, and taken.
      expect(statSync(file('busy', 'index'))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
    }
  });

  it('of fewer instructions than threads can be made, and of a packed recording', () => {
    run('record', '--max-steps=3', '-o', file('tiny'), program('irreducible'));
    expect(run('index', '--jobs=5', file('tiny'))).toMatchObject({ status: 0, stderr: expect.stringContaining('for 3 instructions') });
    expect(run('at', file('tiny'), '2').status).toBe(0);
    run('pack', '-o', file('packed'), file('tiny'));
    expect(run('index', '--jobs=2', file('packed'))).toMatchObject({ status: 0, stderr: expect.stringContaining(file('packed.index')) });
    expect(run('at', file('packed'), '2')).toEqual(run('at', file('tiny'), '2'));
  });

  it('is none of no recording, of a damaged one, and where it cannot be kept', () => {
    expect(run('index', program('irreducible'))).toMatchObject({ status: 2, stderr: expect.stringMatching(/^everystep: this is no recording[^\n]*\n$/) });
    expect(run('index', '--jobs=0', file('busy'))).toMatchObject({ status: 2, stderr: "everystep: --jobs: '0' is no number from 1 to 64\n" });
    const journal = readFileSync(file('busy', 'journal'));
    mkdirSync(file('damaged'));
    journal[journal.length >> 1] ^= 1;
    writeFileSync(file('damaged', 'journal'), journal);
    const damaged = run('index', '--jobs=2', file('damaged'));
    expect(damaged).toMatchObject({ status: 2, stderr: expect.stringMatching(/^everystep: the recording is damaged[^\n]*\n$/) });
    expect(readdirSync(file('damaged'))).toEqual(['journal']);
    // A folder in the index's place cannot be replaced, by whomever.
    run('record', '-o', file('alone'), program('irreducible'));
    mkdirSync(file('alone', 'index', 'in the way'), { recursive: true });
    for (const jobs of [1, 2]) {
      expect(run('index', '--rebuild', `--jobs=${jobs}`, file('alone'))).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot keep the index') });
      expect(readdirSync(file('alone')).sort()).toEqual(['index', 'journal']);
    }
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is there wholly, or not at all, where %s has ended its making', async (signal) => {
    const random = new Random(5);
    const path = file('busy');
    for (let round = 0; round < 4; round++) {
      rmSync(join(path, 'index'), { force: true });
      const child = spawn(process.execPath, [command.path, 'index', `--jobs=${1 + (round % 2)}`, path], { stdio: 'ignore' });
      const ended = once(child, 'close');
      await setTimeout(random.below(round < 2 ? 400 : 1200));
      child.kill(signal);
      await ended;
      expect(readdirSync(path).filter((name) => !['index', 'journal'].includes(name))).toEqual([]);
      if (!existsSync(join(path, 'index'))) continue;
      // How large it is depends on how fast the machine was; one that is damaged would be made anew, in another file.
      const { ino } = statSync(join(path, 'index'));
      expect(run('at', path, '1000').status).toBe(0);
      expect(statSync(join(path, 'index')).ino).toBe(ino);
    }
    expect(run('index', path).status).toBe(0);
  });
});

describe('a timeline', () => {
  const small: RecordedProgram = recordProgram(startProgram(program('qsort')));
  const bounds = [0.2, 0.7].map((end) => Math.floor(end * small.steps));

  it.each([1, 2, 5])('takes an index that is offered while it goes through the run: the time that it asks is number %d', (number) => {
    const parts = keptParts(small, bounds, { firstStretch: 3000 });
    let asked = 0;
    let stretches = 0;
    const timeline = openTimeline(small, {
      firstStretch: 1000,
      progress: () => void stretches++,
      offered: () => (++asked < number ? undefined : parts),
    });
    const plain = openTimeline(small);
    const step = small.steps - 1000;
    const pc = plain.at(step).pc;
    expect(timeline.isComplete).toBe(false);
    expect(timeline.previous({ kind: 'execute', pc }, { to: step })).toEqual(plain.previous({ kind: 'execute', pc }, { to: step }));
    expect(timeline.isComplete).toBe(true);
    expect(asked).toBe(number);
    expect(stretches).toBeGreaterThanOrEqual(number - 1);
    for (const at of [1, bounds[0] - 1, bounds[0], bounds[1], bounds[1] + 1, small.steps - 2])
      expect([...timeline.at(at).registers()]).toEqual([...plain.at(at).registers()]);
  });

  it('is not given parts that do not follow each other', () => {
    const [first, second, third] = keptParts(small, bounds);
    expect(() => openTimeline(small).restore(first, third)).toThrow(`a part begins at step ${bounds[1]}, where the one before ends at ${bounds[0]}`);
    const timeline = openTimeline(small);
    timeline.restore(first, second, third);
    expect(timeline.isComplete).toBe(true);
  });

  it('answers questions while others make its index, and takes it when they have', async () => {
    run('record', '-o', file('short'), program('qsort'));
    const journal = openRecording(file('short'));
    const index = new BackgroundIndex(file('short'));
    let stretches = 0;
    const timeline = new Timeline({
      guest: recordedGuest(journal),
      journal,
      now: () => performance.now(),
      progress: () => void stretches++,
      offered: () => index.take(),
    });
    const before = [...timeline.at(1000).registers()];
    const gone = stretches;
    while (index.take() === undefined) await setTimeout(10);
    const { pc } = timeline.at(timeline.lastStep - 1);
    expect(timeline.isComplete).toBe(true);
    // Nothing has been gone through for that.
    expect(stretches).toBe(gone);
    expect(pc).toBeGreaterThan(0);
    expect([...timeline.at(1000).registers()]).toEqual(before);
    expect(existsSync(file('short', 'index'))).toBe(true);
  });
});
