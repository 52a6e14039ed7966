import { type AnyFields, fieldsOf, type Row } from './pattern.ts';

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

const passes = (word: number, { mask, value }: Gate): boolean => ((word ^ value) & mask) === 0;

/** Whether a group may have a row for the word. */
export function mayHold<T>({ common, gates }: RowGroup<T>, word: number): boolean {
  return passes(word, common) && (gates.length === 0 || gates.some((gate) => passes(word, gate)));
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

/** Words whose rows are remembered, by their bits 31..0 times WORD_HASH: programs use few words often. */
const FEW_WORDS_LOG2 = 13;
/** Of a program that has met MANY_MISSES words that were not remembered: half of a compiler's would not be among few. */
const MANY_WORDS_LOG2 = 16;
const MANY_MISSES = 1 << 15;
/** 2^32 over the golden ratio. */
const WORD_HASH = 0x9e37_79b1;

/**
 * Finds the row of a 32-bit word: rows are grouped by the word's bits 31..28, and within these bucketed by its bits
 * 31..20 (both when first met), the most specific first.
 */
export class Decoder<T> {
  /** Groups whose rows have not been needed. */
  private closed: readonly RowGroup<T>[];
  /** The rows of the others, the most specific first. */
  private rows: readonly Row<T>[] = [];
  private readonly byHighBits: (readonly Row<T>[] | undefined)[] = new Array(16).fill(undefined);
  private readonly buckets: (readonly Row<T>[] | undefined)[] = new Array(4096).fill(undefined);
  private knownShift = 32 - FEW_WORDS_LOG2;
  private knownWords = new Uint32Array(1 << FEW_WORDS_LOG2);
  private known: (Decoded<T> | undefined)[] = new Array(1 << FEW_WORDS_LOG2).fill(undefined);
  private misses = 0;

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
    const at = Math.imul(word, WORD_HASH) >>> this.knownShift;
    if (this.knownWords[at] === word >>> 0 && word !== 0) return this.known[at];
    const found = this.find(word);
    this.known[at] = found;
    this.knownWords[at] = word;
    if (++this.misses === MANY_MISSES) this.rememberMore();
    return found;
  }

  /** Forgets what is remembered, with room for more. */
  private rememberMore(): void {
    this.knownShift = 32 - MANY_WORDS_LOG2;
    this.knownWords = new Uint32Array(1 << MANY_WORDS_LOG2);
    this.known = new Array(1 << MANY_WORDS_LOG2).fill(undefined);
  }

  private find(word: number): Decoded<T> | undefined {
    if (this.closed.some((group) => mayHold(group, word))) this.open(word);
    for (const row of this.bucket(word >>> 20)) {
      if (((word ^ row.value) & row.mask) !== 0) continue;
      const fields = fieldsOf(row, word);
      if (row.options.where === undefined || row.options.where(fields)) return { row, fields };
    }
    return undefined;
  }

  private open(word: number): void {
    const opened = this.closed.filter((group) => mayHold(group, word));
    this.closed = this.closed.filter((group) => !opened.includes(group));
    const rows = [...this.rows, ...opened.flatMap((group) => group.rows().filter(this.accepts))];
    this.rows = rows
      .map((row) => ({ row, bits: specificity(row) }))
      .sort((a, b) => b.bits - a.bits)
      .map(({ row }) => row);
    this.byHighBits.fill(undefined);
    this.buckets.fill(undefined);
  }

  private bucket(number: number): readonly Row<T>[] {
    const group = number >>> 8;
    this.byHighBits[group] ??= this.rows.filter((row) => mayMatch(row, group << 28, 0xf0000000));
    this.buckets[number] ??= this.byHighBits[group].filter((row) => mayMatch(row, number << 20, 0xfff00000));
    return this.buckets[number];
  }
}

/** False if the bits of `word` that `known` names rule the row out. */
function mayMatch<T>(row: Row<T>, word: number, known: number): boolean {
  return ((row.value ^ word) & row.mask & known) === 0;
}
