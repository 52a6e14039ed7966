import type { AnyFields, Row } from './pattern.ts';

/** Bits of a word. */
export interface Gate {
  readonly mask: number;
  readonly value: number;
}

/** Rows that are looked at when a word is met that may be one of them. */
export interface RowGroup<T> {
  /** What all such words look like: they have `value` under `mask`. */
  readonly common: Gate;
  /** What they look like further: as one of these. None: in any way. */
  readonly gates: readonly Gate[];
  readonly rows: () => readonly Row<T>[];
}

/** Of all words. */
export const ANY: Gate = { mask: 0, value: 0 };

// Loops without closures and iterators here and below: most of a program is decoded before V8 has optimised anything.

/** Whether a group may have a row for the word. */
export function mayHold<T>({ common, gates }: RowGroup<T>, word: number): boolean {
  if (((word ^ common.value) & common.mask) !== 0) return false;
  for (let i = 0; i < gates.length; i++) if (((word ^ gates[i].value) & gates[i].mask) === 0) return true;
  return gates.length === 0;
}

export interface Decoded<T> {
  readonly row: Row<T>;
  readonly fields: AnyFields;
}

/** Number of fixed bits of a row: more of them is more specific. */
export function specificity<T>(row: Row<T>): number {
  let n = 0;
  for (let m = row.mask; m !== 0; m &= m - 1) n++;
  return n;
}

/**
 * Finds the row of a 32-bit word: rows are grouped by the word's bits 31..28, these by its bits 31..24, and within these
 * bucketed by its bits 31..20 (all when first met), the most specific first. Words are not remembered: to look where one would be
 * takes longer than to go through its bucket, as the host's caches do not have it.
 */
export class Decoder<T> {
  /** Groups whose rows have not been needed. */
  private closed: readonly RowGroup<T>[];
  /** The rows of the others, the most specific first. */
  private rows: readonly Row<T>[] = [];
  private readonly by4Bits: (readonly Row<T>[] | undefined)[] = new Array(16).fill(undefined);
  private readonly by8Bits: (readonly Row<T>[] | undefined)[] = new Array(256).fill(undefined);
  private readonly buckets: (readonly Row<T>[] | undefined)[] = new Array(4096).fill(undefined);
  /** Buckets that closed groups may have more rows for. */
  private readonly unsureBuckets = new Map<number, readonly Row<T>[]>();

  /** @param accepts whether a row counts */
  constructor(
    groups: readonly RowGroup<T>[],
    private readonly accepts: (row: Row<T>) => boolean = () => true,
  ) {
    this.closed = groups;
  }

  /** A decoder of these rows. */
  static of<T>(rows: readonly Row<T>[]): Decoder<T> {
    return new Decoder([{ common: ANY, gates: [], rows: () => rows }]);
  }

  /** The row that `word` belongs to, or undefined if there is none. */
  decode(word: number): Decoded<T> | undefined {
    const rows = this.buckets[word >>> 20] ?? this.openBucket(word);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (((word ^ row.value) & row.mask) !== 0) continue;
      const fields = row.extract(word);
      if (row.where === undefined || row.where(fields)) return { row, fields };
    }
    return undefined;
  }

  /** The rows that the word may belong to: groups that may have some are opened. */
  private openBucket(word: number): readonly Row<T>[] {
    const { closed } = this;
    for (let i = 0; i < closed.length; i++) {
      if (!mayHold(closed[i], word)) continue;
      this.open(word);
      break;
    }
    const number = word >>> 20;
    return this.buckets[number] ?? this.unsureBuckets.get(number) ?? this.bucket(number);
  }

  private open(word: number): void {
    const opened = this.closed.filter((group) => mayHold(group, word));
    this.closed = this.closed.filter((group) => !opened.includes(group));
    const rows = [...this.rows, ...opened.flatMap((group) => group.rows().filter(this.accepts))];
    this.rows = rows
      .map((row) => ({ row, bits: specificity(row) }))
      .sort((a, b) => b.bits - a.bits)
      .map(({ row }) => row);
    this.by4Bits.fill(undefined);
    this.by8Bits.fill(undefined);
    this.buckets.fill(undefined);
    this.unsureBuckets.clear();
  }

  private bucket(number: number): readonly Row<T>[] {
    const bits4 = number >>> 8;
    const bits8 = number >>> 4;
    this.by4Bits[bits4] ??= matching(this.rows, bits4 << 28, 0xf0000000);
    this.by8Bits[bits8] ??= matching(this.by4Bits[bits4], bits8 << 24, 0xff000000);
    const bucket = matching(this.by8Bits[bits8], number << 20, 0xfff00000);
    if (this.closed.some(({ common }) => ((common.value ^ (number << 20)) & common.mask & 0xfff00000) === 0)) this.unsureBuckets.set(number, bucket);
    else this.buckets[number] = bucket;
    return bucket;
  }
}

/** The rows that are not ruled out by the bits of `word` that `known` names. */
function matching<T>(rows: readonly Row<T>[], word: number, known: number): readonly Row<T>[] {
  const found: Row<T>[] = [];
  for (let i = 0; i < rows.length; i++) if (((rows[i].value ^ word) & rows[i].mask & known) === 0) found.push(rows[i]);
  return found;
}
