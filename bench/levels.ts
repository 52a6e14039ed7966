import { spawnSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { QEMU } from './command.ts';
import { SYSTEM_KIND } from './cpuSet.ts';
import { alternate, measure, type Usage, type Way } from './measure.ts';
import { geometricMean, median } from './statistics.ts';
import type { Subject } from './subject.ts';
import { progress, ratioDigits, tableLine } from './text.ts';

/** Traces to a file end after so many instructions: those of all would take hours and gigabytes. */
const FILE_STEPS = 1_000_000_000;
/** Of a file, so many are read back. */
const EXPORT_STEPS = 100_000_000;
/** Levels of traces to nothing, and of those to a file. */
const TO_NOTHING = ['count', 'loads', 'values'] as const;
const TO_FILE = ['loads', 'values'] as const;

/** What traces of a program cost. */
export interface LevelsResult {
  readonly name: string;
  readonly kind: string;
  readonly insns: number;
  /**
   * User time as ratios to QEMU's untraced, by `run`, a level, and `loads file` and `values file`, where it is to QEMU's for as many
   * instructions as are in the file; bytes an instruction by `loads bytes` and `values bytes`; and by `export`, millions of
   * instructions a second with all values that are read from the file of level loads.
   */
  readonly figures: Readonly<Record<string, number>>;
}

/** Instructions that a program executes, and so many of them. */
interface Part {
  readonly insns: number;
  readonly inFile: number;
}

const COLUMNS = ['run', ...TO_NOTHING, ...TO_FILE.flatMap((level) => [`${level} file`, `${level} bytes`]), 'export'];
const WIDTHS = [20, ...COLUMNS.map((column) => Math.max(column.length, 7))];
/** The status of a run that --max-steps ended does not count as a failure. */
const LIMITED = ['bash', '-c', '"$@"; status=$?; [ $status = 0 ] || [ $status = 124 ]', 'bash'];

function countInsns(everystep: readonly string[], { guest, cwd, env }: Subject): number {
  const [node = '', ...args] = everystep;
  const { stderr } = spawnSync(node, [...args, 'trace', '--level=count', ...guest], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  const insns = /counted ([\d,]+) of/.exec(stderr)?.[1];
  if (insns === undefined) throw new Error(`instructions of ${guest.join(' ')} cannot be counted: ${stderr.trim()}`);
  return Number(insns.replaceAll(',', ''));
}

/** Figures of what was run as often as QEMU was. */
export function levelFigures(usages: Readonly<Record<string, readonly Usage[]>>, { insns, inFile }: Part): Record<string, number> {
  const qemu = usages.qemu ?? [];
  const figures: Record<string, number> = {};
  for (const [name, of] of Object.entries(usages)) {
    if (name === 'qemu') continue;
    const share = name.endsWith(' file') ? inFile / insns : 1;
    figures[name] = median(of.map(({ user }, i) => user / (share * (qemu[i]?.user ?? Number.NaN))));
  }
  return figures;
}

async function measureSubject(subject: Subject, everystep: readonly string[], pairs: number, folder: string): Promise<LevelsResult> {
  const { name, kind, guest, cwd, env } = subject;
  const insns = countInsns(everystep, subject);
  const inFile = Math.min(insns, FILE_STEPS);
  const file = (level: string): string => join(folder, `${level}.everystep`);
  const way = (command: readonly string[]): Way => ({ command: [...command, ...guest], cwd, env });
  const ways: Record<string, Way> = { qemu: way(QEMU), run: way([...everystep, 'run']) };
  for (const level of TO_NOTHING) ways[level] = way([...everystep, 'trace', `--level=${level}`, '--format=none']);
  for (const level of TO_FILE)
    ways[`${level} file`] = way([...LIMITED, ...everystep, 'trace', `--level=${level}`, '--format=chunks', '-o', file(level), `--max-steps=${FILE_STEPS}`]);
  const figures = levelFigures(await alternate(ways, pairs, (each) => progress(`${name}: ${each}`)), { insns, inFile });
  for (const level of TO_FILE) figures[`${level} bytes`] = statSync(file(level)).size / inFile;
  progress(`${name}: export`);
  const { user } = await measure({ command: [...everystep, 'export', '--format=none', `--to=${EXPORT_STEPS}`, file('loads')] });
  figures.export = Math.min(inFile, EXPORT_STEPS) / user / 1e6;
  for (const level of TO_FILE) rmSync(file(level));
  progress('');
  return { name, kind, insns, figures };
}

const line = (name: string, figures: Readonly<Record<string, number>>): string =>
  tableLine([name, ...COLUMNS.map((column) => ratioDigits(figures[column] ?? Number.NaN))], WIDTHS);

/** Geometric means of each figure, but for programs that measure system calls. */
export function meansOf(results: readonly LevelsResult[]): Record<string, number> {
  const counted = results.filter(({ kind }) => kind !== SYSTEM_KIND);
  return Object.fromEntries(COLUMNS.map((column) => [column, geometricMean(counted.map(({ figures }) => figures[column] ?? Number.NaN))]));
}

/** Measures what traces of programs cost, by level. Prints a table. */
export async function levels(subjects: readonly Subject[], everystep: readonly string[], pairs: number, folder: string): Promise<LevelsResult[]> {
  console.log(`\n${tableLine(['program', ...COLUMNS], WIDTHS)}`);
  const results: LevelsResult[] = [];
  for (const subject of subjects) {
    const result = await measureSubject(subject, everystep, pairs, folder);
    console.log(line(result.name, result.figures));
    results.push(result);
  }
  console.log(line('geometric mean', meansOf(results)));
  return results;
}
