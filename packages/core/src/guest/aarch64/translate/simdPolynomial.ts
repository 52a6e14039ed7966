import { type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { operands, type Translate } from './simdForms.ts';
import { type Binary, multiplyLong, shuffleElements, splat, unzip, ushr, type V } from './simdLanes.ts';

/** PMUL and PMULL: products of polynomials over {0, 1}, whose additions carry nothing. */

/** Products of the bytes of the low or the high half of a and b, to halfwords: for each bit of b, a multiplied by that bit alone. */
function multiplyBytes(ir: IrBuilder, high: number, a: V, bitsOfB: readonly V[]): V {
  return bitsOfB.map((bit) => multiplyLong(ir, 0, 'u', high, a, bit)).reduce((sum, product) => ir.v128_xor(sum, product));
}

const separateBits = (ir: IrBuilder, b: V): V[] => Array.from({ length: 8 }, (_, bit) => ir.v128_and(b, splat(ir, 0, 1 << bit)));

/** PMUL: the low 8 bits of the products of bytes. */
export const pmul: Binary = (ir, _size, a, b) => {
  const bits = separateBits(ir, b);
  return unzip(ir, 0, 0, multiplyBytes(ir, 0, a, bits), multiplyBytes(ir, 1, a, bits));
};

interface LongFields {
  readonly q: number;
  readonly rm: number;
  readonly rn: number;
  readonly rd: number;
}

/** Bytes to halfwords. */
export const polynomialMultiplyLong: Translate<LongFields> = (t, f) => {
  const [n, m] = operands(t, f);
  t.setV(f.rd, multiplyBytes(t.ir, f.q, n, separateBits(t.ir, m)));
};

type I64 = Value<'i64'>;

/**
 * Low 64 bits of the product, by integer products of every fourth bit: sums of ones carry into the gaps alone, because
 * only those at the top, where carries are lost, exceed 15.
 */
function multiplyLow(ir: IrBuilder, a: I64, b: I64): I64 {
  const fourths = [0n, 1n, 2n, 3n].map((bit) => ir.i64_const(0x1111111111111111n << bit));
  const parts = (value: I64): I64[] => fourths.map((mask) => ir.i64_and(value, mask));
  const [x, y] = [parts(a), parts(b)];
  const terms = fourths.map((mask, sum) =>
    ir.i64_and(
      [0, 1, 2, 3].map((i) => ir.i64_mul(x[i] as I64, y[(sum - i) & 3] as I64)).reduce((p, q) => ir.i64_xor(p, q)),
      mask,
    ),
  );
  return terms.reduce((p, q) => ir.i64_or(p, q));
}

/** The four bits of n in reverse. */
const reverseNibble = (n: number): number => ((n & 1) << 3) | ((n & 2) << 1) | ((n & 4) >> 1) | (n >> 3);
const NIBBLES = Array.from({ length: 16 }, (_, n) => n);

/** The bits of each doubleword in reverse. */
function reverseBits(ir: IrBuilder, v: V): V {
  const bytes = shuffleElements(ir, 0, v, v, (i) => i ^ 7);
  const low = ir.v128_and(bytes, splat(ir, 0, 15));
  const high = ushr(ir, 0, bytes, 4);
  return ir.v128_or(
    ir.i8x16_relaxed_swizzle(ir.v128_const(NIBBLES.map((n) => reverseNibble(n) << 4)), low),
    ir.i8x16_relaxed_swizzle(ir.v128_const(NIBBLES.map(reverseNibble)), high),
  );
}

/** 128-bit product. Its upper half is the lower half of the product of the numbers in reverse, in reverse. */
const multiplyDoublewords = irHelper('polynomialMultiplyDoubleword', ['i64', 'i64'], 'v128', (ir, a, b) => {
  const reversed = reverseBits(ir, ir.i64x2_replace_lane(ir.i64x2_splat(a), b, 1));
  const upper = multiplyLow(ir, ir.i64x2_extract_lane(reversed, 0), ir.i64x2_extract_lane(reversed, 1));
  return ir.i64x2_replace_lane(ushr(ir, 3, reverseBits(ir, ir.i64x2_splat(upper)), 1), multiplyLow(ir, a, b), 0);
});

/** Doublewords to a quadword: PMULL of the low ones, PMULL2 of the high ones. */
export const polynomialMultiplyDoubleword: Translate<LongFields> = (t, f) => {
  const [n, m] = operands(t, f).map((v) => t.ir.i64x2_extract_lane(v, f.q)) as [I64, I64];
  t.setV(f.rd, t.ir.helper(multiplyDoublewords, n, m));
};
