import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `npm run bench -- [options]: compares everystep with qemu-aarch64, program by program
  --set LIST       cpu, debian, article; several with commas (default: cpu,debian)
  --only REGEX     only programs whose names match
  --pairs N        alternating pairs each (default: 7)
  --quick          3 pairs each
  --levels         instead of everystep run, what traces cost by level, to nothing and to a file (CPU-bound programs)
  --traced         with a column of traces to nothing (everystep trace --format=none)
  --filter NAME    the same, of one function only (everystep trace --format=none --in=NAME)
  --node PATH      with columns of everystep under another Node
  --command FILE   the everystep command (default: node_modules/.bin/everystep)
  --sysroot DIR    a root of Debian's arm64 files, for the Debian set (default: EVERYSTEP_BENCH_SYSROOT's value);
                   scripts/debianSysroot.sh DIR makes one
  --explain NAME   instead of measuring, where the time of one program goes, and what was translated and compiled
  --chromium       instead of in Node, in a worker of Chromium: the CPU-bound programs (status 2: there is no Chromium)
  --replay RECORDING  instead of programs, a recording's replay in a worker of Chromium and in Node (status 2: there is no Chromium)
  --curves         instead of programs, how user time grows with instructions executed and with distinct code
  --questions DIR  instead of programs, how long answers to questions of a recording take (everystep record); --count N of
                   each kind (default: 125, of eight kinds)
  --json FILE      write everything measured
  --baseline FILE  compare with these ratios (default: bench/baseline.json if it is there)
  --save-baseline  write the ratios into that file, with tolerances
  --strict         status 1 if a ratio is worse than the baseline beyond its tolerance
User time is that of the whole process tree and all threads, start-up and compilation included. A ratio is the median over
pairs; within 10 % of 1 it comes with an interval for the median. MiB are the peak of what the process tree had resident.
Outputs are compared with QEMU's before. Status 1: a program could not be measured or its output differs.`;

/** What is measured. */
const SETS = ['cpu', 'debian', 'article'] as const;

/** The command line. */
export interface Options {
  readonly sets: readonly (typeof SETS)[number][];
  readonly only: RegExp;
  readonly pairs: number;
  readonly isTraced: boolean;
  /** The function that alone is traced there; undefined: all is. */
  readonly filter: string | undefined;
  /** Whether traces of all levels are measured. */
  readonly isLevels: boolean;
  readonly otherNode: string | undefined;
  readonly command: string;
  readonly sysroot: string | undefined;
  readonly isCurves: boolean;
  /** Whether the programs run in Chromium. */
  readonly isChromium: boolean;
  /** The recording that is replayed in Chromium and in Node. */
  readonly replayed: string | undefined;
  /** The program whose time is explained. */
  readonly explained: string | undefined;
  /** The recording that is asked. */
  readonly questions: string | undefined;
  readonly count: number;
  readonly json: string | undefined;
  readonly baseline: string;
  readonly isSaving: boolean;
  readonly isStrict: boolean;
}

const isSet = (name: string): name is (typeof SETS)[number] => SETS.some((set) => set === name);

/** Reads the command line. @returns undefined if help is asked for @throws Error if it is wrong */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      set: { type: 'string', default: 'cpu,debian' },
      only: { type: 'string', default: '' },
      pairs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      traced: { type: 'boolean', default: false },
      filter: { type: 'string' },
      levels: { type: 'boolean', default: false },
      node: { type: 'string' },
      command: { type: 'string', default: 'node_modules/.bin/everystep' },
      sysroot: { type: 'string' },
      curves: { type: 'boolean', default: false },
      chromium: { type: 'boolean', default: false },
      replay: { type: 'string' },
      explain: { type: 'string' },
      questions: { type: 'string' },
      count: { type: 'string', default: '125' },
      json: { type: 'string' },
      baseline: { type: 'string', default: 'bench/baseline.json' },
      'save-baseline': { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const sets = values.set.split(',').map((name) => {
    if (!isSet(name)) throw new Error(`--set: '${name}' is none of ${SETS.join(', ')}`);
    return name;
  });
  const pairs = Number(values.pairs ?? (values.quick ? 3 : 7));
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error(`--pairs: '${values.pairs}' is no number of pairs`);
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--count: '${values.count}' is no number of questions`);
  return {
    sets,
    only: new RegExp(values.only),
    pairs,
    isTraced: values.traced || values.filter !== undefined,
    filter: values.filter,
    isLevels: values.levels,
    // Programs run in other folders; a name without a folder is looked for in PATH.
    otherNode: values.node?.includes('/') ? resolve(values.node) : values.node,
    command: values.command,
    sysroot: values.sysroot ?? (environment.EVERYSTEP_BENCH_SYSROOT || undefined),
    isCurves: values.curves,
    isChromium: values.chromium,
    replayed: values.replay,
    explained: values.explain,
    questions: values.questions,
    count,
    json: values.json,
    baseline: values.baseline,
    isSaving: values['save-baseline'],
    isStrict: values.strict,
  };
}
