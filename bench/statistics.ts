import type { Time } from './measure.ts';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export const geometricMean = (values: readonly number[]): number => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** A ratio of user times: median over pairs, with an interval that holds the true median with `confidence`. */
export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/** Ratios of runs in the same round. */
export function ratioOf(times: readonly Time[], base: readonly Time[]): Ratio {
  const ratios = times.map((time, i) => time.user / (base[i] as Time).user).sort((a, b) => a - b);
  const n = ratios.length;
  // Order statistics: the median lies between the k-th smallest and the k-th largest unless fewer than k fall on one side.
  const tail = (k: number): number => {
    let sum = 0;
    let choose = 1;
    for (let i = 0; i < k; i++) {
      sum += choose / 2 ** n;
      choose = (choose * (n - i)) / (i + 1);
    }
    return 2 * sum;
  };
  let k = 1;
  while (2 * (k + 1) <= n && tail(k + 1) <= 0.05) k++;
  return { median: median(ratios), low: ratios[k - 1] as number, high: ratios[n - k] as number, confidence: 1 - tail(k) };
}

/** The ratio as text; with its interval where it is within 10 % of 1. */
export function ratioText({ median: m, low, high }: Ratio): string {
  const digits = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0));
  return Math.abs(m - 1) < 0.1 ? `${digits(m)} [${digits(low)}, ${digits(high)}]` : digits(m);
}

/** A table in plain text: the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
