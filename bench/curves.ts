import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf, QEMU } from './command.ts';
import { countSteps } from './countSteps.ts';
import { distinctFunctions, LOOP } from './curvePrograms.ts';
import { alternate, type Usages } from './measure.ts';
import { medianOf } from './statistics.ts';
import { mebibytes, progress, seconds, table } from './text.ts';

const FOLDER = '.build/bench-curves';
const ROUNDS = [0, 10_000_000, 30_000_000, 100_000_000, 300_000_000, 1_000_000_000];
const FUNCTIONS = [0, 1000, 3000, 10_000, 25_000, 50_000];
const PASSES = 5;

/** One point of a curve. */
interface Point {
  /** Instructions, executed or distinct. */
  readonly instructions: number;
  readonly usages: Usages;
}

/** How one emulator's user time grows. */
export interface Curve {
  readonly name: 'executed' | 'distinct';
  readonly points: readonly Point[];
}

const contentOf = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** Builds a program for the guest, unless it was built from the same sources before: that takes minutes for the largest. */
function build(name: string, files: readonly string[]): string {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, name);
  const sources = files.map((_, i) => `${path}-${i}.c`);
  if (existsSync(path) && sources.every((source, i) => contentOf(source) === files[i])) return path;
  rmSync(path, { force: true });
  for (const [i, source] of sources.entries()) writeFileSync(source, files[i] ?? '');
  progress(`building ${name}`);
  execFileSync(process.env.AARCH64_CC ?? 'aarch64-linux-gnu-gcc', ['-O1', '-static', '-std=gnu11', ...sources, '-o', path], { stdio: 'inherit' });
  return path;
}

async function measurePoint(everystep: readonly string[], pairs: number, command: readonly string[], name: string): Promise<Usages> {
  const ways = { qemu: { command: [...QEMU, ...command] }, everystep: { command: [...everystep, 'run', ...command] } };
  return alternate(ways, pairs, (way) => progress(`${name}: ${way}`));
}

async function executedCurve(everystep: readonly string[], pairs: number): Promise<Curve> {
  const path = build('loop', [LOOP]);
  // A round takes the same number of instructions whatever its data, up to the branch's two sides; many rounds tell the mean.
  const SAMPLE = 20_000;
  progress('loop: counting');
  const few = countSteps([path, '0']);
  const each = (countSteps([path, String(SAMPLE)]) - few) / SAMPLE;
  const points: Point[] = [];
  for (const rounds of ROUNDS) {
    points.push({ instructions: few + each * rounds, usages: await measurePoint(everystep, pairs, [path, String(rounds)], `${rounds} rounds`) });
  }
  return { name: 'executed', points };
}

async function distinctCurve(everystep: readonly string[], pairs: number): Promise<Curve> {
  const points: Point[] = [];
  for (const count of FUNCTIONS) {
    const path = build(`distinct${count}`, distinctFunctions(Math.max(count, 1), PASSES));
    const expected = outputOf([...QEMU, path]).toString();
    if (outputOf([...everystep, 'run', path]).toString() !== expected) throw new Error(`${path}: everystep's output differs from QEMU's`);
    points.push({ instructions: Number(expected.split(' ')[0]), usages: await measurePoint(everystep, pairs, [path], `${count} functions`) });
  }
  return { name: 'distinct', points };
}

/** Units of the two curves: seconds of user time become this many of it, for each instruction. */
const UNITS = { executed: { name: 'ns', factor: 1e9 }, distinct: { name: 'us', factor: 1e6 } } as const;

/** A curve as a table: totals, cost per instruction above the first point, and that of what each point adds to the one before. */
export function curveText({ name, points }: Curve): string {
  const { name: unit, factor } = UNITS[name];
  const user = (point: Point, way: string): number => medianOf(point.usages[way] ?? [], 'user');
  const cost = (from: Point | undefined, to: Point, way: string): string =>
    from === undefined || from === to ? '-' : (((user(to, way) - user(from, way)) / (to.instructions - from.instructions)) * factor).toFixed(3);
  const rows = points.map((point, i) => [
    Math.round(point.instructions).toLocaleString('en'),
    ...['qemu', 'everystep'].flatMap((way) => [seconds(user(point, way)), cost(points[0], point, way), cost(points[i - 1], point, way)]),
    mebibytes(medianOf(point.usages.qemu ?? [], 'peak')),
    mebibytes(medianOf(point.usages.everystep ?? [], 'peak')),
  ]);
  const titles = ['qemu', 'everystep'].flatMap((way) => [way, `${unit} each`, `${unit} each more`]);
  return table([[`${name} instructions`, ...titles, 'qemu MiB', 'everystep MiB'], ...rows]);
}

/** Measures and prints how user time grows with instructions executed and with distinct code. */
export async function curves(everystep: readonly string[], pairs: number): Promise<Curve[]> {
  const result: Curve[] = [];
  for (const curve of [executedCurve, distinctCurve]) {
    const points = await curve(everystep, pairs);
    progress('');
    console.log(`${curveText(points)}\n`);
    result.push(points);
  }
  return result;
}
