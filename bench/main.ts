import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BuiltProgram, buildPrograms, listPrograms } from '../tests/programs/build.mjs';
import { alternate, type Time, type Ways } from './measure.ts';
import { geometricMean, median, type Ratio, ratioOf, ratioText, table } from './statistics.ts';
import { sumOfChunks, sumOfText } from './traceHash.ts';

const HELP = `npm run bench -- [options]: compares everystep with qemu-aarch64, as ratios of user time in one run
  --quick         3 pairs each instead of 7
  --pairs N       pairs each
  --only REGEX    only these programs; 'article' is the table of the article's program
  --json FILE     write all times and ratios
User time is that of the whole process tree and all threads, start-up and compilation included. A ratio is the median
over alternating pairs; within 10 % of 1 it comes with an interval for the median.`;

const EVERYSTEP = 'node_modules/.bin/everystep';
const QEMU = ['qemu-aarch64', '-cpu', 'cortex-a57'];
const ARTICLE = 'examples/sum/sum';

interface Options {
  readonly pairs: number;
  readonly only: RegExp;
}

const progress = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`));

const run = (command: string, args: readonly string[]): string => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'latin1', maxBuffer: 1 << 26 });
  if (error !== undefined || status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: status ${status}: ${stderr}`);
  return stdout;
};

const hasHostCompiler = (): boolean => spawnSync('cc', ['--version']).status === 0;

/** Builds the programs for the host, too, as far as they are not written for one CPU. @returns the path of each, by name */
function buildNative(programs: readonly { readonly name: string; readonly source: string; readonly flags: readonly string[] }[]): ReadonlyMap<string, string> {
  mkdirSync('.build/bench-native', { recursive: true });
  return new Map(
    programs.flatMap(({ name, source, flags }) => {
      if (flags.some((flag) => flag.startsWith('-march='))) return [];
      const path = join('.build/bench-native', name);
      run('cc', [...flags, '-std=gnu11', '-w', source, '-o', path]);
      return [[name, path]];
    }),
  );
}

interface Row {
  readonly name: string;
  readonly user: number;
  readonly system: number;
  readonly ratios: Readonly<Record<string, Ratio>>;
}

const medianOf = (times: readonly Time[], what: keyof Time): number => median(times.map((time) => time[what]));

function rowOf(name: string, times: readonly Time[], bases: Readonly<Record<string, readonly Time[]>>): Row {
  const ratios = Object.fromEntries(Object.entries(bases).map(([base, of]) => [base, ratioOf(times, of)]));
  return { name, user: medianOf(times, 'user'), system: medianOf(times, 'system'), ratios };
}

/** The article's table: its program, 12 million instructions, in every way. */
function article({ pairs }: Options): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'everystep-bench-'));
  try {
    const chunks = join(folder, 'trace.everystep');
    const text = join(folder, 'trace.txt');
    const native = hasHostCompiler()
      ? buildNative([{ name: 'article', source: 'bench/programs/sum.c', flags: ['-O0', '-DCOUNT=1000000'] }]).get('article')
      : undefined;
    const ways: Ways = {
      ...(native === undefined ? {} : { native: [native] }),
      qemu: [...QEMU, ARTICLE],
      'qemu -singlestep -d exec,cpu,in_asm -D /dev/null': [...QEMU, '-singlestep', '-d', 'exec,cpu,in_asm', '-D', '/dev/null', ARTICLE],
      'everystep run': [EVERYSTEP, 'run', ARTICLE],
      'everystep trace --format=none': [EVERYSTEP, 'trace', '--format=none', ARTICLE],
      'everystep trace --format=chunks': [EVERYSTEP, 'trace', '--format=chunks', '-o', chunks, ARTICLE],
      'everystep trace --format=text': [EVERYSTEP, 'trace', '--format=text', '-o', text, ARTICLE],
    };
    const times = alternate(ways, pairs, (name) => progress(`article: ${name}`));
    progress('article: reading the traces back');
    const sums = [sumOfChunks(chunks), sumOfText(text)] as const;
    const steps = countSteps(ARTICLE);
    if (sums.some(({ insns, digest }) => insns !== steps || digest !== sums[0].digest)) {
      throw new Error(`the traces differ, or lack instructions of ${steps}: ${JSON.stringify(sums)}`);
    }
    progress('');
    console.log(
      `Both trace files hold all ${steps} instructions, with equal values (hash ${sums[0].digest}); ${statSync(chunks).size} and ${statSync(text).size} bytes.`,
    );
    const singlestep = times['qemu -singlestep -d exec,cpu,in_asm -D /dev/null'] as Time[];
    const bases = { qemu: times.qemu as Time[], untraced: times['everystep run'] as Time[], singlestep };
    return Object.entries(times).map(([name, of]) => rowOf(name, of, bases));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Instructions that QEMU executes. */
function countSteps(program: string): number {
  // One line a block of one instruction; the shell counts them as they come.
  const script = 'qemu-aarch64 -singlestep -d exec,nochain -D /dev/fd/3 "$1" 3>&1 >/dev/null | grep -c "^Trace"';
  return Number(run('bash', ['-c', script, 'bash', program]));
}

/** QEMU, everystep untraced and everystep traced to nothing, on one program. */
function program({ name, path }: BuiltProgram, native: string | undefined, { pairs }: Options): Row[] {
  const output = run('qemu-aarch64', [path]);
  if (run(EVERYSTEP, ['run', path]) !== output) throw new Error(`${name}: everystep's output differs from QEMU's`);
  const ways: Ways = {
    ...(native === undefined ? {} : { native: [native] }),
    qemu: [...QEMU, path],
    untraced: [EVERYSTEP, 'run', path],
    traced: [EVERYSTEP, 'trace', '--format=none', path],
  };
  const times = alternate(ways, pairs, (way) => progress(`${name}: ${way}`));
  progress('');
  const bases = { qemu: times.qemu as Time[], untraced: times.untraced as Time[] };
  return Object.entries(times).map(([way, of]) => rowOf(way, of, bases));
}

const seconds = (value: number): string => value.toFixed(2);

function main(): void {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      pairs: { type: 'string' },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const options: Options = { pairs: Number(values.pairs ?? (values.quick ? 3 : 7)), only: new RegExp(values.only) };
  const result: { article?: Row[]; programs: Record<string, Row[]>; means?: Record<string, number> } = { programs: {} };
  console.log(`Ratios of user time, medians of ${options.pairs} pairs; user and system time in seconds.\n`);

  const wanted = listPrograms('bench/programs').filter(({ name }) => options.only.test(name));
  if (wanted.length > 0) {
    const built = buildPrograms('bench/programs', '.build/bench').filter(({ name }) => options.only.test(name));
    const natives = hasHostCompiler() ? buildNative(wanted) : new Map<string, string>();
    const lines = [['program', 'native', 'qemu', 'system', 'untraced', 'system', 'traced', 'system', 'untraced/qemu', 'traced/untraced', 'traced/qemu']];
    for (const each of built) {
      const rows = program(each, natives.get(each.name), options);
      result.programs[each.name] = rows;
      const of = (way: string): Row | undefined => rows.find(({ name }) => name === way);
      const cells = ['qemu', 'untraced', 'traced'].flatMap((way) => [seconds((of(way) as Row).user), seconds((of(way) as Row).system)]);
      const native = of('native');
      const ratios = [of('untraced')?.ratios.qemu, of('traced')?.ratios.untraced, of('traced')?.ratios.qemu].map((ratio) => ratioText(ratio as Ratio));
      lines.push([each.name, native === undefined ? '-' : seconds(native.user), ...cells, ...ratios]);
    }
    const mean = (way: string, base: string): number =>
      geometricMean(Object.values(result.programs).map((rows) => rows.find(({ name }) => name === way)?.ratios[base]?.median as number));
    result.means = { 'untraced/qemu': mean('untraced', 'qemu'), 'traced/untraced': mean('traced', 'untraced'), 'traced/qemu': mean('traced', 'qemu') };
    lines.push(['geometric mean', '', '', '', '', '', '', '', ...Object.values(result.means).map((value) => value.toFixed(2))]);
    console.log(`${table(lines)}\n`);
  }

  if (options.only.test('article')) {
    const rows = article(options);
    result.article = rows;
    const lines = [["the article's program", 'user', 'system', '/ qemu', '/ untraced', 'singlestep /']];
    for (const { name, user, system, ratios } of rows) {
      const times = 1 / (ratios.singlestep as Ratio).median;
      lines.push([
        name,
        seconds(user),
        seconds(system),
        ratioText(ratios.qemu as Ratio),
        ratioText(ratios.untraced as Ratio),
        times.toFixed(times < 10 ? 2 : 0),
      ]);
    }
    console.log(`\n${table(lines)}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

main();
