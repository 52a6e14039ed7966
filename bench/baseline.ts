import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Result } from './judge.ts';
import type { Ratio } from './statistics.ts';
import { subjectKey } from './subject.ts';
import { ratioDigits, table } from './text.ts';

/** A ratio as it was once, and by what part of it another run may differ. */
export interface StoredRatio {
  readonly median: number;
  readonly tolerance: number;
}

/** Ratios by subject and name. */
export interface Baseline {
  /** Where it was measured. */
  readonly environment: Readonly<Record<string, string | number>>;
  readonly ratios: Readonly<Record<string, Readonly<Record<string, StoredRatio>>>>;
}

/** A ratio that is beyond its tolerance, or that only one side has. */
export interface Change {
  readonly subject: string;
  readonly ratio: string;
  readonly kind: 'better' | 'worse' | 'new';
  readonly before: number | undefined;
  readonly now: number;
}

/** How fast QEMU is, is not ours to judge. */
const isOurs = (ratio: string): boolean => ratio !== 'qemu/native';

/** What two runs of the same program on a quiet machine may differ by. */
const SMALLEST_TOLERANCE = 0.1;

/** How far from its median a ratio has been seen. */
export function toleranceOf({ median, low, high }: Ratio): number {
  const spread = Math.max(high / median - 1, 1 - low / median, SMALLEST_TOLERANCE);
  return Math.round(spread * 1000) / 1000;
}

/** What is stored of results; ratios of subjects that were not measured stay as they were. */
export function baselineOf(results: readonly Result[], environment: Baseline['environment'], old?: Baseline): Baseline {
  const ratios: Record<string, Record<string, StoredRatio>> = Object.fromEntries(Object.entries(old?.ratios ?? {}).map(([key, of]) => [key, { ...of }]));
  for (const result of results) {
    if (result.failure !== undefined) continue;
    const ours = Object.entries(result.ratios).filter(([name]) => isOurs(name));
    const stored = ours.map(([name, ratio]) => [name, { median: Number(ratio.median.toFixed(3)), tolerance: toleranceOf(ratio) }]);
    ratios[subjectKey(result)] = { ...ratios[subjectKey(result)], ...Object.fromEntries(stored) };
  }
  return { environment, ratios };
}

/** What is beyond its tolerance, worst first, then what got better, then what is new. Ratios are better if they are smaller. */
export function compareWithBaseline(results: readonly Result[], baseline: Baseline): Change[] {
  const changes = results.flatMap((result): Change[] => {
    const subject = subjectKey(result);
    return Object.entries(result.ratios).flatMap(([ratio, { median: now }]): Change[] => {
      if (!isOurs(ratio)) return [];
      const stored = baseline.ratios[subject]?.[ratio];
      if (stored === undefined) return [{ subject, ratio, kind: 'new', before: undefined, now }];
      const { median: before, tolerance } = stored;
      if (now > before * (1 + tolerance)) return [{ subject, ratio, kind: 'worse', before, now }];
      if (now < before / (1 + tolerance)) return [{ subject, ratio, kind: 'better', before, now }];
      return [];
    });
  });
  const order = ['worse', 'better', 'new'];
  const factor = ({ before, now }: Change): number => (before === undefined ? 1 : Math.abs(Math.log(now / before)));
  return changes.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || factor(b) - factor(a));
}

/** The changes as a table. */
export function changesText(changes: readonly Change[]): string {
  const known = changes.filter(({ kind }) => kind !== 'new');
  const others = changes.length - known.length;
  const news = others === 0 ? '' : `\n${others} ratios are not in the baseline.`;
  if (known.length === 0) return `Against the baseline: nothing beyond its tolerance.${news}`;
  const rows = known.map(({ kind, subject, ratio, before, now }) => [`${subject} ${ratio}`, kind, ratioDigits(before ?? 0), ratioDigits(now)]);
  return `${table([['against the baseline', '', 'then', 'now'], ...rows])}${news}`;
}

/** Reads a baseline. @returns undefined if the file is not there */
export function readBaseline(file: string): Baseline | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Baseline) : undefined;
}

export const writeBaseline = (file: string, baseline: Baseline): void => writeFileSync(file, `${JSON.stringify(baseline, null, 2)}\n`);
