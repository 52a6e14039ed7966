import { type AnyFields, fieldsOf, type Row } from './pattern.ts';

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
const KNOWN_WORDS = 8192;
/** 2^32 over the golden ratio. */
const WORD_HASH = 0x9e37_79b1;

/**
 * Finds the row of a 32-bit word: rows are grouped by the word's bits 31..28, and within these bucketed by its bits
 * 31..20 (when first met), the most specific first.
 */
export class Decoder<T> {
  private readonly groups: readonly (readonly Row<T>[])[];
  private readonly buckets: (readonly Row<T>[] | undefined)[] = new Array(4096).fill(undefined);
  private readonly knownWords = new Uint32Array(KNOWN_WORDS);
  private readonly known: (Decoded<T> | undefined)[] = new Array(KNOWN_WORDS).fill(undefined);

  constructor(readonly rows: readonly Row<T>[]) {
    const sorted = rows.map((row) => ({ row, bits: specificity(row) })).sort((a, b) => b.bits - a.bits);
    this.groups = Array.from({ length: 16 }, (_, group) => sorted.filter(({ row }) => mayMatch(row, group << 28, 0xf0000000)).map(({ row }) => row));
  }

  /** The row that `word` belongs to, or undefined if there is none. */
  decode(word: number): Decoded<T> | undefined {
    const at = Math.imul(word, WORD_HASH) >>> (32 - Math.log2(KNOWN_WORDS));
    if (this.knownWords[at] !== word >>> 0) {
      this.known[at] = this.find(word);
      this.knownWords[at] = word;
    } else if (word === 0) return this.find(0);
    return this.known[at];
  }

  private find(word: number): Decoded<T> | undefined {
    for (const row of this.bucket(word >>> 20)) {
      if (((word ^ row.value) & row.mask) !== 0) continue;
      const fields = fieldsOf(row, word);
      if (row.options.where === undefined || row.options.where(fields)) return { row, fields };
    }
    return undefined;
  }

  private bucket(number: number): readonly Row<T>[] {
    let bucket = this.buckets[number];
    if (bucket === undefined) {
      const high = number << 20;
      bucket = (this.groups[number >>> 8] as readonly Row<T>[]).filter((row) => mayMatch(row, high, 0xfff00000));
      this.buckets[number] = bucket;
    }
    return bucket;
  }
}

/** False if the bits of `word` that `known` names rule the row out. */
function mayMatch<T>(row: Row<T>, word: number, known: number): boolean {
  return ((row.value ^ word) & row.mask & known) === 0;
}
