import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { geometricMean } from '../../bench/statistics.ts';
import { table } from '../../bench/text.ts';
import { createAArch64 } from '../../packages/core/src/index.ts';
import { type CorpusProgram, findFile, readList } from './programs.ts';
import { judge, type Recordings, recordProgram } from './recordings.ts';
import { compare, type Outcome, runProgram, type Setting } from './run.ts';
import { missing } from './unimplemented.ts';

const HELP = `npm run corpus -- [options]: runs programs of a Debian system under qemu-aarch64 and everystep, and compares their output
  --corpus DIR    a folder with sysroot-arm64 (a root of Debian's arm64 files) and in (the inputs); default: CORPUS's value
  --list FILE     the commands; default: tests/corpus/programs.list
  --only REGEX    only these
  --limit N       seconds for each run; default: 120
  --command FILE  the everystep command; default: node_modules/.bin/everystep
  --no-opt=NAME   passed on to everystep; may be repeated
  --record        record each with everystep record, replay that, and compare output and number of instructions, too
Prints a line for each as it ends: its state, the wall time under both and their ratio, and the system calls, ioctls and
instructions that it asked everystep for in vain (-d unimp), but not QEMU; with --record instead of those the time of the
replay, instructions and the size of the recording. The status is 1 unless every state is ok.`;

const HEADER = ['program', 'state', 'qemu', 'everystep', 'ratio', 'missing'] as const;
const WIDTHS = [16, 12, 7, 10, 7, 0] as const;

interface Row {
  readonly state: string;
  readonly ratio: number | undefined;
}

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => (i < 2 || i === 5 ? cell.padEnd(WIDTHS[i] ?? 0) : cell.padStart(WIDTHS[i] ?? 0)))
    .join('  ')
    .trimEnd();

function absent({ name }: CorpusProgram): Row {
  console.log(line([name, 'absent']));
  return { state: 'absent', ratio: undefined };
}

/** Runs one command both ways and prints what came of it. */
function runOne(program: CorpusProgram, sysroot: string, everystep: readonly string[], setting: Setting, log: string): Row {
  const path = findFile(join(sysroot, 'usr'), program.file);
  if (path === undefined) return absent(program);
  const { syscalls } = createAArch64().linux;
  const options = ['-L', sysroot, '-d', 'unimp', '-D', log];
  const observe = (emulator: readonly string[]): [Outcome, string[]] => {
    writeFileSync(log, '');
    return [runProgram([...emulator, ...options], path, program, setting), missing(readFileSync(log, 'latin1'), syscalls)];
  };
  const [expected, missingThere] = observe(['qemu-aarch64']);
  const [actual, missingHere] = observe(everystep);
  const state = expected.status === undefined ? 'qemu hangs' : compare(actual, expected);
  const ratio = actual.status === undefined || expected.status === undefined ? undefined : actual.elapsed / expected.elapsed;
  const names = missingHere.filter((name) => !missingThere.includes(name));
  console.log(line([program.name, state, expected.elapsed.toFixed(2), actual.elapsed.toFixed(2), ratio?.toFixed(1) ?? '-', names.join(', ')]));
  return { state, ratio };
}

/** Records one command, replays that, and prints what came of it. */
function recordOne(program: CorpusProgram, sysroot: string, recordings: Recordings, setting: Setting): Row {
  const path = findFile(join(sysroot, 'usr'), program.file);
  if (path === undefined) return absent(program);
  const expected = runProgram(['qemu-aarch64', '-L', sysroot], path, program, setting);
  const recorded = recordProgram(recordings, ['-L', sysroot], path, program, setting);
  const state = expected.status === undefined ? 'qemu hangs' : judge(recorded, expected);
  const { elapsed } = recorded.live;
  const times = [expected.elapsed, elapsed, elapsed / expected.elapsed].map((number) => number.toFixed(2));
  const { replay, instructions, bytes } = recorded;
  const rest = replay === undefined ? '' : `replay ${replay.elapsed.toFixed(2)}, ${instructions} instructions, ${(bytes / 1e6).toFixed(2)} MB`;
  console.log(line([program.name, state, ...times, rest]));
  return { state, ratio: elapsed / expected.elapsed };
}

function summary(rows: readonly Row[]): string {
  const states = new Map<string, number>();
  for (const { state } of rows) states.set(state, (states.get(state) ?? 0) + 1);
  const ratios = rows.flatMap(({ state, ratio }) => (state === 'ok' && ratio !== undefined ? [ratio] : []));
  const counts = [...states].map(([state, count]) => [state, String(count)]);
  return table([...counts, ['mean ratio of those that are ok', ratios.length === 0 ? '-' : geometricMean(ratios).toFixed(1)]]);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      corpus: { type: 'string' },
      list: { type: 'string', default: 'tests/corpus/programs.list' },
      only: { type: 'string', default: '' },
      limit: { type: 'string', default: '120' },
      command: { type: 'string', default: 'node_modules/.bin/everystep' },
      'no-opt': { type: 'string', multiple: true, default: [] },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const given = values.corpus ?? process.env.CORPUS;
  if (given === undefined) throw new Error('name the corpus with --corpus or CORPUS');
  const corpus = resolve(given);
  const sysroot = join(corpus, 'sysroot-arm64');
  if (!existsSync(sysroot)) throw new Error(`${sysroot} is not there`);
  const home = join(corpus, 'home');
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'everystep-corpus-'));
  try {
    const output = join(folder, 'output');
    const only = new RegExp(values.only);
    const programs = readList(readFileSync(values.list, 'utf8'), { sysroot, corpus, output }).filter(({ name }) => only.test(name));
    const command = [process.execPath, resolve(values.command)];
    const switches = values['no-opt'].map((name) => `--no-opt=${name}`);
    const recordings = { command, switches, folder: join(folder, 'recording') };
    const setting = { inputs: join(corpus, 'in'), home, output, limit: Number(values.limit) * 1000 };
    console.log(line(HEADER));
    const rows = programs.map((program) =>
      values.record
        ? recordOne(program, sysroot, recordings, setting)
        : runOne(program, sysroot, [...command, 'run', ...switches], setting, join(folder, 'log')),
    );
    console.log(`\n${summary(rows)}`);
    if (rows.some(({ state }) => state !== 'ok')) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main();
