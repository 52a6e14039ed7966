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

/** Words whose rows are remembered, by their bits 31..0 times WORD_HASH: programs use few words often. */
const FEW_WORDS_LOG2 = 13;
/** Of a program that has met MANY_MISSES words that were not remembered: half of a compiler's would not be among few. */
const MANY_WORDS_LOG2 = 16;
const MANY_MISSES = 1 << 15;
/** 2^32 over the golden ratio. */
const WORD_HASH = 0x9e37_79b1;

/**
 * Finds the row of a 32-bit word: rows are grouped by the word's bits 31..28, these by its bits 31..24, and within these
 * bucketed by its bits 31..20 (all when first met), the most specific first.
 */
export class Decoder<T> {
  /** Groups whose rows have not been needed. */
  private closed: readonly RowGroup<T>[];
  /** The rows of the others, the most specific first. */
  private rows: readonly Row<T>[] = [];
  private readonly by4Bits: (readonly Row<T>[] | undefined)[] = new Array(16).fill(undefined);
  private readonly by8Bits: (readonly Row<T>[] | undefined)[] = new Array(256).fill(undefined);
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
    const { closed } = this;
    for (let i = 0; i < closed.length; i++) {
      if (!mayHold(closed[i], word)) continue;
      this.open(word);
      break;
    }
    const rows = this.buckets[word >>> 20] ?? this.bucket(word >>> 20);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (((word ^ row.value) & row.mask) !== 0) continue;
      const fields = row.extract(word);
      const { where } = row.options;
      if (where === undefined || where(fields)) return { row, fields };
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
    this.by4Bits.fill(undefined);
    this.by8Bits.fill(undefined);
    this.buckets.fill(undefined);
  }

  private bucket(number: number): readonly Row<T>[] {
    const bits4 = number >>> 8;
    const bits8 = number >>> 4;
    this.by4Bits[bits4] ??= matching(this.rows, bits4 << 28, 0xf0000000);
    this.by8Bits[bits8] ??= matching(this.by4Bits[bits4], bits8 << 24, 0xff000000);
    const bucket = matching(this.by8Bits[bits8], number << 20, 0xfff00000);
    this.buckets[number] = bucket;
    return bucket;
  }
}

/** The rows that are not ruled out by the bits of `word` that `known` names. */
function matching<T>(rows: readonly Row<T>[], word: number, known: number): readonly Row<T>[] {
  const found: Row<T>[] = [];
  for (let i = 0; i < rows.length; i++) if (((rows[i].value ^ word) & rows[i].mask & known) === 0) found.push(rows[i]);
  return found;
}
