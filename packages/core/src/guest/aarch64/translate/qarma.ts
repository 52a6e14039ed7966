import { type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';

/**
 * QARMA5 (Arm ARM, ComputePAC): the 64-bit block cipher QARMA by R. Avanzi (IACR ToSC 2017/1), with its S-box sigma 2
 * and five rounds on either side of the middle. The 16 cells of 4 bits are kept in the bytes of a vector, the least
 * significant cell first, so that S-box, rotations and permutations are one byte look-up or shuffle each.
 */

type V = Value<'v128'>;
type Cells = readonly number[];

/** First digits of pi's fraction. */
const ROUND_CONSTANTS: readonly bigint[] = [0n, 0x13198a2e03707344n, 0xa4093822299f31d0n, 0x082efa98ec4e6c89n, 0x452821e638d01377n];
const ALPHA = 0xc0ac29b7c97c50ddn;

const SBOX: Cells = [11, 6, 8, 15, 12, 0, 9, 14, 3, 7, 4, 5, 13, 2, 1, 10];
/** Cell i of the result is cell SHUFFLE[i] of the operand: of the state, and of the tweak. */
const SHUFFLE: Cells = [13, 6, 11, 0, 7, 12, 1, 10, 8, 3, 14, 5, 2, 9, 4, 15];
const TWEAK_SHUFFLE: Cells = [4, 5, 6, 7, 11, 2, 3, 8, 12, 13, 14, 15, 0, 1, 10, 9];
/** The cells that a tweak's step sends through the feedback shift register. */
const TWEAK_CELLS: readonly number[] = [2, 4, 7, 11, 12, 14, 15];

const CELL_NUMBERS: Cells = Array.from({ length: 16 }, (_, i) => i);
const inverseOf = (permutation: Cells): Cells => CELL_NUMBERS.map((i) => permutation.indexOf(i));
const composed = (first: Cells, second: Cells): Cells => second.map((i) => first[i] as number);
/** MixColumns adds up the cells of a column; cells of a column are 4 apart. */
const rows = (count: number): Cells => CELL_NUMBERS.map((i) => (i + 4 * count) % 16);

const UNSHUFFLE = inverseOf(SHUFFLE);
const INVERSE_SBOX = inverseOf(SBOX);
const rotatedLeft = (count: number): Cells => CELL_NUMBERS.map((x) => ((x << count) | (x >> (4 - count))) & 15);
/** What the shift register does to a cell, as what is to be added to it. */
const REGISTER_CHANGE: Cells = CELL_NUMBERS.map((x) => x ^ ((x >> 1) | (((x ^ (x >> 1)) & 1) << 3)));

/** The cells of a 64-bit value. */
function cellsOf(ir: IrBuilder, value: Value<'i64'>): V {
  const bytes = ir.i64x2_splat(value);
  const spread = ir.i8x16_shuffle(bytes, ir.i16x8_shr_u(bytes, ir.i32_const(4)), [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23]);
  return ir.v128_and(spread, ir.v128_const(new Uint8Array(16).fill(15)));
}

const constantCells = (value: bigint): Cells => CELL_NUMBERS.map((i) => Number((value >> BigInt(4 * i)) & 15n));

/** Inverse of `cellsOf`. */
function fromCells(ir: IrBuilder, cells: V): Value<'i64'> {
  const pairs = ir.v128_or(cells, ir.i16x8_shr_u(cells, ir.i32_const(4)));
  return ir.i64x2_extract_lane(ir.i8x16_shuffle(pairs, pairs, [0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14]), 0);
}

/** IR of the cipher's steps. */
class Qarma {
  constructor(private readonly ir: IrBuilder) {}

  xor(...terms: readonly V[]): V {
    return terms.reduce((a, b) => this.ir.v128_xor(a, b));
  }

  constant(value: bigint): V {
    return this.ir.v128_const(constantCells(value));
  }

  permute(cells: V, permutation: Cells): V {
    return this.ir.i8x16_shuffle(cells, cells, permutation);
  }

  look(table: Cells, cells: V): V {
    return this.ir.i8x16_swizzle(this.ir.v128_const(table), cells);
  }

  /** Each cell becomes the sum of the three others of its column, turned by 1, 2 and 1 bits; cells are permuted before and after. */
  mix(cells: V, before: Cells, after: Cells): V {
    const [one, two, three] = [1, 2, 3].map((count) => this.permute(cells, composed(before, composed(rows(count), after)))) as [V, V, V];
    return this.xor(this.look(rotatedLeft(1), this.xor(one, three)), this.look(rotatedLeft(2), two));
  }

  stepTweak(tweak: V): V {
    const moved = this.permute(tweak, TWEAK_SHUFFLE);
    const mask = this.ir.v128_const(CELL_NUMBERS.map((i) => (TWEAK_CELLS.includes(i) ? 15 : 0)));
    return this.xor(moved, this.ir.v128_and(this.look(REGISTER_CHANGE, moved), mask));
  }
}

/** The code that authenticates `data` under the tweak `modifier` and a key, whose halves are those of the key's two registers. */
export const computePac = irHelper('computePac', ['i64', 'i64', 'i64', 'i64'], 'i64', (ir, data, modifier, keyLow, keyHigh) => {
  const q = new Qarma(ir);
  const key0 = cellsOf(ir, keyHigh);
  const key1 = cellsOf(ir, keyLow);
  const middleKey = cellsOf(ir, ir.i64_xor(ir.i64_rotr(keyHigh, ir.i64_const(1)), ir.i64_shr_u(keyHigh, ir.i64_const(63))));

  const tweaks: V[] = [cellsOf(ir, modifier)];
  let state = q.xor(cellsOf(ir, data), key0);
  for (const [round, constant] of ROUND_CONSTANTS.entries()) {
    const tweak = tweaks[round] as V;
    state = q.xor(state, key1, tweak, q.constant(constant));
    if (round > 0) state = q.mix(state, SHUFFLE, CELL_NUMBERS);
    state = q.look(SBOX, state);
    tweaks.push(q.stepTweak(tweak));
  }

  const last = tweaks[ROUND_CONSTANTS.length] as V;
  state = q.look(SBOX, q.mix(q.xor(state, middleKey, last), SHUFFLE, CELL_NUMBERS));
  state = q.permute(q.xor(key1, q.mix(state, SHUFFLE, CELL_NUMBERS)), UNSHUFFLE);
  state = q.mix(q.look(INVERSE_SBOX, state), CELL_NUMBERS, UNSHUFFLE);
  state = q.xor(state, key0, last);

  for (let round = ROUND_CONSTANTS.length - 1; round >= 0; round--) {
    state = q.look(INVERSE_SBOX, state);
    if (round > 0) state = q.mix(state, CELL_NUMBERS, UNSHUFFLE);
    state = q.xor(state, q.constant((ROUND_CONSTANTS[round] as bigint) ^ ALPHA), key1, tweaks[round] as V);
  }
  return fromCells(ir, q.xor(state, middleKey));
});
