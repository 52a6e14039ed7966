import { type Helper, type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { operands, type Translate } from './simdForms.ts';
import { type Binary, multiplyLong, splat, unzip, type V } from './simdLanes.ts';

/** PMUL and PMULL: products of polynomials over {0, 1}, whose additions carry nothing. */

/** Products of the bytes of the low or the high half of a and b, to halfwords: for each bit of b, a multiplied by that bit alone. */
function multiplyBytes(ir: IrBuilder, high: number, a: V, bitsOfB: readonly V[]): V {
  return bitsOfB.map((bit) => multiplyLong(ir, 0, 'u', high, a, bit)).reduce((sum, product) => ir.v128_xor(sum, product));
}

const separateBits = (ir: IrBuilder, b: V): V[] => Array.from({ length: 8 }, (_, bit) => ir.v128_and(b, splat(ir, 0, 1 << bit)));

/** PMUL: the low 8 bits of the products of bytes. */
const multiplyBytesLow = irHelper('polynomialMultiply', ['v128', 'v128'], 'v128', (ir, a, b) => {
  const bits = separateBits(ir, b);
  return unzip(ir, 0, 0, multiplyBytes(ir, 0, a, bits), multiplyBytes(ir, 1, a, bits));
});
export const pmul: Binary = (ir, _size, a, b) => ir.helper(multiplyBytesLow, a, b);

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

/** Low 64 bits of the product. Integer multiplication of numbers with only every fourth bit set carries into the gaps alone. */
const multiplyLow: Helper<readonly ['i64', 'i64'], 'i64'> = irHelper('polynomialMultiplyLow', ['i64', 'i64'], 'i64', (ir, a, b) => {
  const mask = (bit: number): I64 => ir.i64_const(0x1111111111111111n << BigInt(bit));
  const parts = (value: I64): I64[] => [0, 1, 2, 3].map((bit) => ir.i64_and(value, mask(bit)));
  const [x, y] = [parts(a), parts(b)];
  let product = ir.i64_const(0);
  for (let sum = 0; sum < 4; sum++) {
    let terms = ir.i64_const(0);
    for (let i = 0; i < 4; i++) terms = ir.i64_xor(terms, ir.i64_mul(x[i] as I64, y[(sum - i) & 3] as I64));
    product = ir.i64_or(product, ir.i64_and(terms, mask(sum)));
  }
  return product;
});

function reverseBits(ir: IrBuilder, value: I64): I64 {
  let bits = value;
  for (const [shift, mask] of [
    [1, 0x5555555555555555n],
    [2, 0x3333333333333333n],
    [4, 0x0f0f0f0f0f0f0f0fn],
    [8, 0x00ff00ff00ff00ffn],
    [16, 0x0000ffff0000ffffn],
  ] as const) {
    const count = ir.i64_const(shift);
    bits = ir.i64_or(ir.i64_shl(ir.i64_and(bits, ir.i64_const(mask)), count), ir.i64_and(ir.i64_shr_u(bits, count), ir.i64_const(mask)));
  }
  return ir.i64_rotl(bits, ir.i64_const(32));
}

/** 128-bit product. Its upper half is the lower half of the product of the numbers in reverse, in reverse. */
const multiplyDoublewords = irHelper('polynomialMultiplyDoubleword', ['i64', 'i64'], 'v128', (ir, a, b) => {
  const low = ir.helper(multiplyLow, a, b);
  const reversed = ir.helper(multiplyLow, reverseBits(ir, a), reverseBits(ir, b));
  return ir.i64x2_replace_lane(ir.i64x2_splat(low), ir.i64_shr_u(reverseBits(ir, reversed), ir.i64_const(1)), 1);
});

/** Doublewords to a quadword: PMULL of the low ones, PMULL2 of the high ones. */
export const polynomialMultiplyDoubleword: Translate<LongFields> = (t, f) => {
  const [n, m] = operands(t, f).map((v) => t.ir.i64x2_extract_lane(v, f.q)) as [I64, I64];
  t.setV(f.rd, t.ir.helper(multiplyDoublewords, n, m));
};
