/** Ranges of numbers: first and behind the last, first and behind the last, …, in ascending order, none touching the next. */
export type Ranges = readonly number[];

/** Numbers of a set's ranges at most: what is between the nearest is taken in beyond that. */
const MOST_RANGES = 64;
/** Unions that are remembered. */
const MOST_REMEMBERED = 1 << 20;
/** Sets and numbers are less. */
const LIMIT = 2 ** 26;
/** The highest number that has a set of its own; those above count as it. */
const LAST_NUMBER = LIMIT / 2 - 2;

/**
 * Sets of numbers, each known by an id, so that equal sets have equal ids: 0 is the empty set, 2n + 1 the set of n alone,
 * other even ids are places in a table.
 */
export class LabelSets {
  private readonly table: Ranges[] = [[]];
  private readonly ids = new Map<string, number>();
  private readonly unions = new Map<number, number>();

  /** @param n from 0 on */
  single(n: number): number {
    return Math.min(n, LAST_NUMBER) * 2 + 1;
  }

  rangesOf(id: number): Ranges {
    return id % 2 === 1 ? [(id - 1) / 2, (id + 1) / 2] : this.table[id / 2];
  }

  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const key = a < b ? a * LIMIT + b : b * LIMIT + a;
    let id = this.unions.get(key);
    if (id === undefined) {
      id = this.idOf(merge(this.rangesOf(a), this.rangesOf(b)));
      if (this.unions.size >= MOST_REMEMBERED) this.unions.clear();
      this.unions.set(key, id);
    }
    return id;
  }

  private idOf(ranges: Ranges): number {
    if (ranges.length === 2 && ranges[1] === ranges[0] + 1) return this.single(ranges[0]);
    const key = ranges.join();
    let id = this.ids.get(key);
    if (id === undefined) {
      id = 2 * (this.table.push(ranges) - 1);
      if (id >= LIMIT) throw new Error('there are too many different sets of input bytes');
      this.ids.set(key, id);
    }
    return id;
  }
}

function merge(a: Ranges, b: Ranges): Ranges {
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const takesA = j >= b.length || (i < a.length && a[i] <= b[j]);
    const [start, end] = takesA ? [a[i], a[i + 1]] : [b[j], b[j + 1]];
    if (takesA) i += 2;
    else j += 2;
    const last = merged.length - 1;
    if (last > 0 && start <= merged[last]) merged[last] = Math.max(merged[last], end);
    else merged.push(start, end);
  }
  while (merged.length > 2 * MOST_RANGES) closeSmallestGap(merged);
  return merged;
}

function closeSmallestGap(ranges: number[]): void {
  let at = 1;
  for (let i = 1; i + 1 < ranges.length; i += 2) if (ranges[i + 1] - ranges[i] < ranges[at + 1] - ranges[at]) at = i;
  ranges.splice(at, 2);
}
