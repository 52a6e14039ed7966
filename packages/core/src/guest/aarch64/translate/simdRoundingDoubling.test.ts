import { expect, test } from 'vitest';
import { elementsOf, TestCpu, vectorOf } from '../testing/testCpu.ts';

const QC = 1 << 27;
const EXTREMES = [0n, 1n, 2n, 3n, -1n, -2n];

/** The manual's operation on elements of `bits`. */
function reference(bits: number, sign: bigint, d: bigint, n: bigint, m: bigint): { value: bigint; saturated: boolean } {
  const width = BigInt(bits);
  const exact = ((d << width) + sign * 2n * n * m + (1n << (width - 1n))) >> width;
  const [smallest, largest] = [-(1n << (width - 1n)), (1n << (width - 1n)) - 1n];
  const value = exact < smallest ? smallest : exact > largest ? largest : exact;
  return { value: BigInt.asUintN(bits, value), saturated: value !== exact };
}

/** Elements around zero, the limits and halves of them: products that round up and down, ties, and what saturates. */
function corners(bits: number): bigint[] {
  const places = [0, bits - 1, bits - 2, bits / 2, bits / 2 - 1];
  return places.flatMap((place) => EXTREMES.map((near) => BigInt.asIntN(bits, (place === 0 ? 0n : 1n << BigInt(place)) + near)));
}

// of V0, V1 and V2; the vector form has the scalar one's word without bit 28
test.each([
  ['SQRDMLAH H0', 16, 1n, 0x7e428420],
  ['SQRDMLSH H0', 16, -1n, 0x7e428c20],
  ['SQRDMLAH S0', 32, 1n, 0x7e828420],
  ['SQRDMLSH S0', 32, -1n, 0x7e828c20],
] as const)('%s saturates and rounds as one sum', (_, bits, sign, scalar) => {
  const cpu = new TestCpu();
  const numbers = corners(bits);
  const vector = scalar & ~(1 << 28);
  for (const n of numbers) {
    for (const m of numbers) {
      const d = numbers[Number(BigInt.asUintN(16, n * 7n + m)) % numbers.length] as bigint;
      const expected = reference(bits, sign, d, n, m);
      for (const word of [scalar, vector]) {
        const elements = word === scalar ? 1 : 128 / bits;
        for (const [register, value] of [d, n, m].entries()) {
          cpu.setV(register, vectorOf(bits, new Array<bigint>(elements).fill(value)));
        }
        cpu.fpsr = 0;
        expect(cpu.run(word)).toBe('jump');
        const values = elementsOf(bits, cpu.v(0)).slice(0, elements);
        expect({ values, qc: (cpu.fpsr & QC) !== 0 }).toEqual({ values: values.map(() => expected.value), qc: expected.saturated });
      }
    }
  }
});
