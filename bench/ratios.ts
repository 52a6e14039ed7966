import type { Usage, Usages } from './measure.ts';
import { geometricMean, type Ratio, ratioOf } from './statistics.ts';

/** A ratio between two ways of running a program. */
interface RatioDefinition {
  readonly name: string;
  readonly way: string;
  readonly base: string;
  readonly what: keyof Usage;
}

/** Everything that is compared, where both ways were measured. 'warm' is everystep with a filled cache on disk. */
const RATIOS: readonly RatioDefinition[] = [
  { name: 'user', way: 'everystep', base: 'qemu', what: 'user' },
  { name: 'wall', way: 'everystep', base: 'qemu', what: 'elapsed' },
  { name: 'warm user', way: 'warm', base: 'qemu', what: 'user' },
  { name: 'warm wall', way: 'warm', base: 'qemu', what: 'elapsed' },
  { name: 'other user', way: 'other node', base: 'qemu', what: 'user' },
  { name: 'other wall', way: 'other node', base: 'qemu', what: 'elapsed' },
  { name: 'traced/untraced', way: 'traced', base: 'everystep', what: 'user' },
  { name: 'traced/qemu', way: 'traced', base: 'qemu', what: 'user' },
  { name: 'qemu/native', way: 'qemu', base: 'native', what: 'user' },
];

/** Ratios by name. */
export type Ratios = Readonly<Record<string, Ratio>>;

/** The ratios between the ways that were measured. */
export function ratiosOf(usages: Usages): Ratios {
  const entries = RATIOS.flatMap(({ name, way, base, what }): [string, Ratio][] => {
    const [above, below] = [usages[way], usages[base]];
    return above === undefined || below === undefined ? [] : [[name, ratioOf(above, below, what)]];
  });
  return Object.fromEntries(entries);
}

/** Geometric means of the medians, and the largest median, of each ratio that any of the programs has. */
export function summarize(programs: readonly { readonly name: string; readonly ratios: Ratios }[]): Readonly<Record<string, Summary>> {
  const summaries: Record<string, Summary> = {};
  for (const { name } of RATIOS) {
    const having = programs.flatMap(({ name: program, ratios }) => {
      const ratio = ratios[name];
      // A program that takes no time at all natively has no ratio to it.
      return ratio !== undefined && Number.isFinite(ratio.median) && ratio.median > 0 ? [{ program, median: ratio.median }] : [];
    });
    if (having.length === 0) continue;
    const worst = having.reduce((a, b) => (b.median > a.median ? b : a));
    summaries[name] = { mean: geometricMean(having.map(({ median }) => median)), largest: worst.median, program: worst.program, count: having.length };
  }
  return summaries;
}

/** One ratio over several programs. */
export interface Summary {
  readonly mean: number;
  readonly largest: number;
  /** The program that has the largest. */
  readonly program: string;
  readonly count: number;
}
