import type { Usage } from './measure.ts';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export const geometricMean = (values: readonly number[]): number => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** The median of one resource. */
export const medianOf = (usages: readonly Usage[], what: keyof Usage): number => median(usages.map((usage) => usage[what]));

/** A ratio: median over pairs, with an interval that holds the true median with `confidence`. */
export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/** Ratios of a resource in runs of the same round. */
export function ratioOf(usages: readonly Usage[], base: readonly Usage[], what: keyof Usage = 'user'): Ratio {
  const ratios = usages.map((usage, i) => usage[what] / (base[i] as Usage)[what]).sort((a, b) => a - b);
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
