import { expect, test } from 'vitest';
import { elementsOf, TestCpu, vectorOf } from '../testing/testCpu.ts';

/** Bytes that look random, with many extremes, and are the same at every run. */
function randomBytes(seed: number): () => number[] {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 16;
  };
  return () => Array.from({ length: 16 }, () => [0x80, 0x7f, 0xff, next() & 255][next() & 3] as number);
}

const signed = (byte: number): number => (byte << 24) >> 24;
const unsigned = (byte: number): number => byte;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const wordsOf = (v: bigint): number[] => elementsOf(32, v).map((word) => Number(BigInt.asIntN(32, word)));

type Read = (byte: number) => number;

// each V0 from V1 and V2; of elements, word 2 of V2
const dots: readonly (readonly [string, number, Read, Read, number | undefined, number])[] = [
  ['SDOT V0.4S', 0x4e829420, signed, signed, undefined, 4],
  ['SDOT V0.2S', 0x0e829420, signed, signed, undefined, 2],
  ['UDOT V0.4S', 0x6e829420, unsigned, unsigned, undefined, 4],
  ['USDOT V0.4S', 0x4e829c20, unsigned, signed, undefined, 4],
  ['SDOT V0.4S by element', 0x4f82e820, signed, signed, 2, 4],
  ['UDOT V0.2S by element', 0x2f82e820, unsigned, unsigned, 2, 2],
  ['USDOT V0.4S by element', 0x4f82f820, unsigned, signed, 2, 4],
  ['SUDOT V0.4S by element', 0x4f02f820, signed, unsigned, 2, 4],
];

test.each(dots)('%s adds up the products of four bytes', (_, word, readN, readM, index, count) => {
  const cpu = new TestCpu();
  const random = randomBytes(word);
  for (let round = 0; round < 50; round++) {
    const [d, n, m] = [random(), random(), random()];
    for (const [i, bytes] of [d, n, m].entries()) cpu.setV(i, vectorOf(8, bytes));
    const old = wordsOf(cpu.v(0));
    expect(cpu.run(word)).toBe('jump');
    const expected = old.map((start, i) => {
      const products = [0, 1, 2, 3].map((k) => readN(n[4 * i + k] as number) * readM(m[4 * (index ?? i) + k] as number));
      return i < count ? (start + sum(products)) | 0 : 0;
    });
    expect(wordsOf(cpu.v(0))).toEqual(expected);
  }
});

const products: readonly (readonly [string, number, Read, Read])[] = [
  ['SMMLA', 0x4e82a420, signed, signed],
  ['UMMLA', 0x6e82a420, unsigned, unsigned],
  ['USMMLA', 0x4e82ac20, unsigned, signed],
];

test.each(products)('%s multiplies the rows of two matrices', (_, word, readN, readM) => {
  const cpu = new TestCpu();
  const random = randomBytes(word);
  for (let round = 0; round < 50; round++) {
    const [d, n, m] = [random(), random(), random()];
    for (const [i, bytes] of [d, n, m].entries()) cpu.setV(i, vectorOf(8, bytes));
    const old = wordsOf(cpu.v(0));
    expect(cpu.run(word)).toBe('jump');
    const expected = old.map((start, i) => {
      const [row, column] = [8 * (i >> 1), 8 * (i & 1)];
      const terms = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => readN(n[row + k] as number) * readM(m[column + k] as number));
      return (start + sum(terms)) | 0;
    });
    expect(wordsOf(cpu.v(0))).toEqual(expected);
  }
});
