import { describe, expect, test } from 'vitest';
import { elementsOf, TestCpu, vectorOf } from '../testing/testCpu.ts';

const QC = 1 << 27;
const ALL = (1n << 128n) - 1n;

/** Numbers that look random and are the same at every run. */
function randomVectors(seed: number): () => bigint {
  let state = seed >>> 0;
  const word = (): bigint => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return BigInt((state ^ (state >>> 15) ^ (state << 7)) >>> 0);
  };
  return () => word() | (word() << 32n) | (word() << 64n) | (word() << 96n);
}

describe('64-bit vectors', () => {
  // each of V0 from V1 (and V2), with Q = 0
  const instructions: readonly (readonly [string, number])[] = [
    ['ADD V0.8B', 0x0e228420],
    ['ORR V0.8B', 0x0ea21c20],
    ['ORN V0.8B', 0x0ee21c20],
    ['NOT V0.8B', 0x2e205820],
    ['ADDP V0.8B', 0x0e22bc20],
    ['UMAXP V0.2S', 0x2ea2a420],
    ['EXT V0.8B #3', 0x2e021820],
    ['ZIP2 V0.4H', 0x0e427820],
    ['TBL V0.8B', 0x0e020020],
    ['DUP V0.4H, V1.H[7]', 0x0e1e0420],
    ['SHL V0.2S #3', 0x0f235420],
    ['FADD V0.2S', 0x0e22d420],
    ['ORR V0.2S #1', 0x0f001420],
    ['BIC V0.2S #1', 0x2f001420],
  ];
  test.each(instructions)('%s leaves the upper half zero', (_, word) => {
    const cpu = new TestCpu();
    for (let i = 0; i < 3; i++) cpu.setV(i, vectorOf(8, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]));
    expect(cpu.run(word)).toBe('jump');
    expect(cpu.v(0) >> 64n).toBe(0n);
    expect(cpu.v(0)).not.toBe(0n);
  });
});

describe('FPSR.QC', () => {
  test('is set where an element saturates, and stays', () => {
    const cpu = new TestCpu();
    cpu.setV(1, vectorOf(8, [0x7f, 1]));
    cpu.setV(2, vectorOf(8, [0, 1]));
    cpu.run(0x4e220c20); // SQADD V0.16B, V1.16B, V2.16B
    expect(cpu.fpsr & QC).toBe(0);
    cpu.setV(2, vectorOf(8, [1, 1]));
    cpu.run(0x4e220c20);
    expect(cpu.v(0)).toBe(vectorOf(8, [0x7f, 2]));
    expect(cpu.fpsr & QC).toBe(QC);
    cpu.setV(2, 0n);
    cpu.run(0x4e220c20);
    expect(cpu.fpsr & QC).toBe(QC);
  });

  test('does not mind elements that a 64-bit or scalar form does not have', () => {
    const cpu = new TestCpu();
    cpu.setV(1, 0x7fn << 64n);
    cpu.setV(2, 0x01n << 64n);
    cpu.run(0x0e220c20); // SQADD V0.8B, V1.8B, V2.8B
    cpu.setV(1, 0x7f00n);
    cpu.setV(2, 0x0100n);
    cpu.run(0x5e220c20); // SQADD B0, B1, B2
    expect([cpu.v(0), cpu.fpsr]).toEqual([0n, 0]);
  });

  test('a smallest number is all that a doubled product cannot hold', () => {
    const cpu = new TestCpu();
    cpu.setV(1, vectorOf(16, [0x8000, 0x8000, 0x4000]));
    cpu.setV(2, vectorOf(16, [0x8000, 0x7fff, 0x4000]));
    cpu.run(0x4e62b420); // SQDMULH V0.8H, V1.8H, V2.8H
    expect(elementsOf(16, cpu.v(0)).slice(0, 3)).toEqual([0x7fffn, 0x8001n, 0x2000n]);
    expect(cpu.fpsr & QC).toBe(QC);
  });
});

/** The shift of one element by the signed low byte of `counts`' element, by the manual's definition. */
function shifted(bits: number, signed: boolean, rounding: boolean, saturating: boolean, a: bigint, counts: bigint): bigint {
  const width = BigInt(bits);
  const value = signed ? BigInt.asIntN(bits, a) : a;
  const shift = BigInt.asIntN(8, counts);
  if (shift < 0n) return BigInt.asUintN(bits, (value + (rounding ? 1n << (-shift - 1n) : 0n)) >> -shift);
  const result = value << shift;
  const [smallest, largest] = signed ? [-(1n << (width - 1n)), (1n << (width - 1n)) - 1n] : [0n, (1n << width) - 1n];
  if (saturating && result < smallest) return BigInt.asUintN(bits, smallest);
  if (saturating && result > largest) return BigInt.asUintN(bits, largest);
  return BigInt.asUintN(bits, result);
}

describe('shifts by a register', () => {
  for (const signed of [true, false]) {
    for (const rounding of [false, true]) {
      for (const saturating of [false, true]) {
        test(`${signed ? 'signed' : 'unsigned'}${rounding ? ', rounding' : ''}${saturating ? ', saturating' : ''}`, () => {
          const cpu = new TestCpu();
          const random = randomVectors(7);
          for (let size = 0; size < 4; size++) {
            const word = 0x4e224420 | (signed ? 0 : 1 << 29) | (size << 22) | (rounding ? 1 << 12 : 0) | (saturating ? 1 << 11 : 0);
            for (let round = 0; round < 20; round++) {
              const a = random();
              // small counts as well as any
              const counts =
                round % 2
                  ? random()
                  : vectorOf(
                      8 << size,
                      Array.from({ length: 16 >> size }, (_, i) => i + round - 20),
                    );
              cpu.setV(1, a);
              cpu.setV(2, counts);
              cpu.run(word);
              const bits = 8 << size;
              const expected = elementsOf(bits, a).map((x, i) => shifted(bits, signed, rounding, saturating, x, elementsOf(bits, counts)[i] as bigint));
              expect(elementsOf(bits, cpu.v(0))).toEqual(expected);
            }
          }
        });
      }
    }
  }
});

describe('structures', () => {
  const bytes = Array.from({ length: 64 }, (_, i) => i + 1);
  // LD2, LD3 and LD4 of V0… at X0, and their stores
  const loads: readonly (readonly [number, number])[] = [
    [2, 0x0c408000],
    [3, 0x0c404000],
    [4, 0x0c400000],
  ];
  for (const [elements, load] of loads) {
    for (let arrangement = 0; arrangement < 8; arrangement++) {
      const [q, size] = [arrangement & 1, arrangement >> 1];
      if (size === 3 && q === 0) continue;
      test(`of ${elements} elements of ${8 << size} bits in ${q ? 128 : 64}-bit vectors`, () => {
        const cpu = new TestCpu();
        cpu.memory.set(bytes);
        cpu.setX(0, 0x1000n);
        for (let i = 0; i < 4; i++) cpu.setV(i, ALL);
        cpu.run(load | (q << 30) | (size << 10));
        const width = 1 << size;
        for (let register = 0; register < elements; register++) {
          const expected: number[] = [];
          for (let lane = 0; lane < (q ? 16 : 8) / width; lane++) {
            const at = (lane * elements + register) * width;
            expected.push(...bytes.slice(at, at + width));
          }
          expect(cpu.v(register)).toBe(vectorOf(8, expected));
        }
        cpu.memory.fill(0);
        cpu.run((load | (q << 30) | (size << 10)) & ~(1 << 22));
        const stored = elements * (q ? 16 : 8);
        expect(Array.from(cpu.memory.subarray(0, 64))).toEqual(bytes.map((byte, i) => (i < stored ? byte : 0)));
      });
    }
  }

  test('a load that faults sets no register', () => {
    const cpu = new TestCpu();
    cpu.setX(0, 0x1000n + 256n - 32n);
    for (let i = 0; i < 4; i++) cpu.setV(i, ALL);
    expect(cpu.run(0x4cdf2000)).toBe('fault'); // LD1 {V0.16B-V3.16B}, [X0], #64
    expect([0, 1, 2, 3].map((n) => cpu.v(n))).toEqual([ALL, ALL, ALL, ALL]);
    expect(cpu.x(0)).toBe(0x1000n + 224n);
  });

  test('the base register is written back last', () => {
    const cpu = new TestCpu();
    cpu.memory.set(bytes);
    cpu.setX(0, 0x1000n);
    cpu.setX(1, 5n);
    cpu.run(0x4cc17000); // LD1 {V0.16B}, [X0], X1
    expect([cpu.v(0), cpu.x(0)]).toEqual([vectorOf(8, bytes.slice(0, 16)), 0x1005n]);
  });
});
