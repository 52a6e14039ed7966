/**
 * Rows of an instruction table for ISAs with 32-bit words. A pattern is 32 characters once blanks are removed: 0 and 1
 * fix a bit, `-` ignores it, and a blank-separated `name:width` is a field. A pattern of another width, or a
 * translator that names a missing field, does not compile.
 */
type Digit = '0' | '1' | '-';
type Repeat<N extends number, A extends unknown[] = []> = A['length'] extends N ? A : Repeat<N, [...A, unknown]>;
type ToNumber<S extends string> = S extends `${infer N extends number}` ? N : never;
type Tokens<S extends string> = S extends `${infer H} ${infer T}` ? (H extends '' ? Tokens<T> : [H, ...Tokens<T>]) : S extends '' ? [] : [S];
type DigitsOf<S extends string, A extends unknown[] = []> = S extends `${Digit}${infer R}` ? DigitsOf<R, [...A, unknown]> : S extends '' ? A : never;
type BitsOf<T extends string> = T extends `${string}:${infer W}` ? Repeat<ToNumber<W>> : DigitsOf<T>;
type Width<T extends string[], A extends unknown[] = []> = T extends [infer H extends string, ...infer R extends string[]]
  ? BitsOf<H> extends infer B extends unknown[]
    ? Width<R, [...A, ...B]>
    : never
  : A['length'];
export type FieldNames<S extends string> = Tokens<S>[number] extends infer T ? (T extends `${infer N}:${string}` ? N : never) : never;
/** Field values, unsigned. */
export type Fields<S extends string> = { readonly [K in FieldNames<S>]: number };
export type Check32<S extends string> = Width<Tokens<S>> extends 32 ? unknown : { error: 'pattern is not 32 bits wide'; width: Width<Tokens<S>> };

/** Field values of a row whose pattern is not known statically. */
export type AnyFields = Readonly<Record<string, number>>;

/** A row: one instruction encoding. The single source for decoder, fuzzer, documentation and tests. */
export interface Row<T> {
  /** The manual's name of the encoding, with the variant in brackets. */
  readonly name: string;
  readonly pattern: string;
  readonly options: RowOptions;
  readonly translate: (translator: T, fields: AnyFields) => void;
  /** Bits that must equal `value`; both as signed numbers, of which V8 makes no objects. */
  readonly mask: number;
  readonly value: number;
  /** See RowOptions. */
  readonly where: ((fields: AnyFields) => boolean) | undefined;
  readonly fields: readonly { readonly name: string; readonly shift: number; readonly width: number }[];
  /** The fields of a word. */
  readonly extract: Extract;
}

type Extract = (word: number) => AnyFields;

export interface RowOptions {
  /** The architecture extension, as the manual calls it (FEAT_LSE); none: base. */
  readonly feature?: string;
  /** Further condition on the fields; where it fails the row does not match, and the decoder looks further. */
  readonly where?: (fields: AnyFields) => boolean;
  /** The fuzzer leaves this row alone, for this reason. */
  readonly noFuzz?: string;
}

const NO_OPTIONS: RowOptions = {};

/** `const def = insn<Translator>()` declares rows of one ISA. */
export function insn<T>() {
  const def = <const S extends string>(
    name: string,
    pattern: S & Check32<S>,
    translate: (translator: T, fields: Fields<S>) => void,
    options: Omit<RowOptions, 'where'> & { readonly where?: (fields: Fields<S>) => boolean } = NO_OPTIONS,
  ): Row<T> => {
    const { mask, value } = fixedBits(pattern);
    const extract = (word: number): AnyFields => fieldsOf(row.fields, word);
    const row = new PatternRow(name, pattern, mask, value, extract, translate as (translator: T, fields: AnyFields) => void, options as RowOptions);
    return row;
  };
  /** What bundles have in the place of `def`, see scripts/compilePatterns.mjs. */
  def.compiled = (
    name: string,
    pattern: string,
    mask: number,
    value: number,
    extract: Extract,
    translate: (translator: T, fields: AnyFields) => void,
    options = NO_OPTIONS,
  ): Row<T> => new PatternRow(name, pattern, mask, value, extract, translate, options);
  return def;
}

type Field = Row<unknown>['fields'][number];

/** Takes the pattern's fields when they are first asked for. */
class PatternRow<T> implements Row<T> {
  readonly where: Row<T>['where'];
  private knownFields: readonly Field[] | undefined;

  constructor(
    readonly name: string,
    readonly pattern: string,
    readonly mask: number,
    readonly value: number,
    readonly extract: Extract,
    readonly translate: (translator: T, fields: AnyFields) => void,
    readonly options: RowOptions,
  ) {
    this.where = options.where;
  }

  get fields(): readonly Field[] {
    this.knownFields ??= patternFields(this.pattern);
    return this.knownFields;
  }
}

/** The bits that a pattern fixes. */
function fixedBits(pattern: string): { readonly mask: number; readonly value: number } {
  let mask = 0;
  let value = 0;
  let bit = 32;
  for (const token of pattern.split(' ')) {
    const colon = token.indexOf(':');
    if (colon >= 0) {
      bit -= Number(token.slice(colon + 1));
      continue;
    }
    for (const digit of token) {
      bit--;
      if (digit !== '-') mask |= 1 << bit;
      if (digit === '1') value |= 1 << bit;
    }
  }
  return { mask, value };
}

function patternFields(pattern: string): readonly Field[] {
  const fields: Field[] = [];
  let bit = 32;
  for (const token of pattern.split(' ')) {
    const colon = token.indexOf(':');
    const width = colon < 0 ? token.length : Number(token.slice(colon + 1));
    bit -= width;
    if (colon >= 0) fields.push({ name: token.slice(0, colon), shift: bit, width });
  }
  return fields;
}

/** The fields of `word`. */
function fieldsOf(fields: readonly Field[], word: number): AnyFields {
  const result: Record<string, number> = {};
  for (let i = 0; i < fields.length; i++) {
    const { name, shift, width } = fields[i];
    result[name] = width === 32 ? word >>> 0 : (word >>> shift) & ((1 << width) - 1);
  }
  return result;
}
