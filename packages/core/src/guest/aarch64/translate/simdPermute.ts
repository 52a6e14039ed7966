import { operands, type Translate } from './simdForms.ts';
import { clip, shuffleElements, splat, type V } from './simdLanes.ts';
import type { A64Translator } from './translator.ts';

/** ZIP, UZP, TRN, EXT, TBL and TBX: elements moved to other places. */
interface Vectors {
  readonly q: number;
  readonly rm: number;
  readonly rn: number;
  readonly rd: number;
}

/** For place `index` of a vector of `count` elements: which element it gets, those of m counted on from those of n. */
type Source = (index: number, count: number, part: 0 | 1) => number;

export const zip: Source = (i, count, part) => ((i + part * count) >> 1) + (i & 1) * count;
export const uzp: Source = (i, _count, part) => 2 * i + part;
export const trn: Source = (i, count, part) => (i & ~1) + part + (i & 1) * count;

/** `part` is 0 for ZIP1, UZP1 and TRN1, 1 for ZIP2, UZP2 and TRN2. */
export const permute =
  (source: Source, part: 0 | 1): Translate<Vectors & { size: number }> =>
  (t, f) => {
    const whole = 16 >> f.size;
    const count = f.q ? whole : whole >> 1;
    const [n, m] = operands(t, f);
    const ofWhole = (i: number): number => source(i, whole, part);
    const ofCount = (i: number): number => {
      const from = source(i % count, count, part);
      // m's elements start behind all 128 bits of n
      return from < count ? from : from - count + whole;
    };
    // Where it gives a 64-bit vector too, the pattern of all 128 bits is one that engines know.
    const lane = Array.from({ length: count }, (_, i) => i).every((i) => ofWhole(i) === ofCount(i)) ? ofWhole : ofCount;
    t.setV(f.rd, clip(t.ir, f.q ? 16 : 8, shuffleElements(t.ir, f.size, n, m, lane)));
  };

/** EXT: bytes from number `imm4` on of n, then m. */
export const extract: Translate<Vectors & { imm4: number }> = (t, f) => {
  const count = f.q ? 16 : 8;
  const [n, m] = operands(t, f);
  const lane = (i: number): number => {
    const from = (i % count) + f.imm4;
    return from < count ? from : from - count + 16;
  };
  t.setV(f.rd, clip(t.ir, count, shuffleElements(t.ir, 0, n, m, lane)));
};

interface TableFields extends Vectors {
  /** Registers of the table, less one. */
  readonly len: number;
}

/** An index outside a register's 16 bytes gives zero, one below it too since it wraps: the lookups in all registers can be joined. */
function lookUp(t: A64Translator, { rn, len }: TableFields, indices: V): V {
  let result = t.ir.i8x16_swizzle(t.v(rn), indices);
  for (let i = 1; i <= len; i++) {
    const found = t.ir.i8x16_swizzle(t.v((rn + i) & 31), t.ir.i8x16_sub(indices, splat(t.ir, 0, 16 * i)));
    result = t.ir.v128_or(result, found);
  }
  return result;
}

export const tableLookUp: Translate<TableFields> = (t, f) => t.setV(f.rd, clip(t.ir, f.q ? 16 : 8, lookUp(t, f, t.v(f.rm))));

/** TBX: bytes whose index is outside the table stay. */
export const tableExtension: Translate<TableFields> = (t, f) => {
  const indices = t.v(f.rm);
  const inside = t.ir.i8x16_lt_u(indices, splat(t.ir, 0, 16 * (f.len + 1)));
  t.setV(f.rd, clip(t.ir, f.q ? 16 : 8, t.ir.v128_bitselect(lookUp(t, f, indices), t.v(f.rd), inside)));
};
