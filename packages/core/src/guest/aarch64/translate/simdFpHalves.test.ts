import { describe, expect, test } from 'vitest';
import { FpValues } from '../testing/fpValues.ts';
import { elementsOf, TestCpu, vectorOf } from '../testing/testCpu.ts';
import { HALF, SINGLE, SoftFloat } from './fpSoftFloat.ts';

type Soft = (unit: SoftFloat, n: bigint, m: bigint, d: bigint) => bigint;

/** V0 = op(V1, V2), or V0 += V1 * V2. */
const instructions: readonly (readonly [string, number, Soft])[] = [
  ['FADD', 0x0e421420, (unit, n, m) => unit.add(HALF, n, m)],
  ['FSUB', 0x0ec21420, (unit, n, m) => unit.sub(HALF, n, m)],
  ['FMUL', 0x2e421c20, (unit, n, m) => unit.mul(HALF, n, m)],
  ['FDIV', 0x2e423c20, (unit, n, m) => unit.div(HALF, n, m)],
  ['FSQRT', 0x2ef9f820, (unit, n) => unit.sqrt(HALF, n)],
  ['FMLA', 0x0e420c20, (unit, n, m, d) => unit.fma(HALF, d, n, m)],
  ['FMAX', 0x0e423420, (unit, n, m) => unit.minMax(HALF, n, m, true)],
  ['FMIN', 0x0ec23420, (unit, n, m) => unit.minMax(HALF, n, m, false)],
  ['FMAXNM', 0x0e420420, (unit, n, m) => unit.minMaxNumber(HALF, n, m, true)],
  ['FMINNM', 0x0ec20420, (unit, n, m) => unit.minMaxNumber(HALF, n, m, false)],
  ['FCMGT', 0x2ec22420, (unit, n, m) => (unit.compare(HALF, n, m, true) === 0b0010 ? 0xffffn : 0n)],
  ['FCMEQ', 0x0e422420, (unit, n, m) => (unit.compare(HALF, n, m, false) === 0b0110 ? 0xffffn : 0n)],
];

describe('vectors of halves', () => {
  test.each(instructions)('%s', (name, word, soft) => {
    const cpu = new TestCpu();
    const values = new FpValues(word);
    for (let i = 0; i < 300; i++) {
      // mostly ordinary numbers, so that the short way is taken
      const ordinary = i % 3 > 0;
      const number = (): bigint => (ordinary ? BigInt(values.below(2) * 0x8000 + 0x3400 + values.below(0x1000)) : values.number(HALF));
      const [d, n, m] = [0, 1, 2].map(() => Array.from({ length: 8 }, number)) as [bigint[], bigint[], bigint[]];
      for (const wide of [0, 1]) {
        [d, n, m].forEach((elements, register) => {
          cpu.setV(register, vectorOf(16, elements));
        });
        cpu.fpsr = 0;
        cpu.run((word | (wide << 30)) >>> 0);
        const unit = new SoftFloat(0);
        const expected = n.map((element, lane) => (lane < 4 || wide ? soft(unit, element, m[lane] as bigint, d[lane] as bigint) : 0n));
        const context = `${name} ${[d, n, m].map((elements) => elements.map((e) => e.toString(16)).join(',')).join(' ')}`;
        expect(elementsOf(16, cpu.v(0)), context).toEqual(expected);
        expect(cpu.fpsr, `FPSR: ${context}`).toBe(unit.flags);
      }
    }
  });

  test('halves are widened to the singles of their values', () => {
    const cpu = new TestCpu();
    const unit = new SoftFloat(0);
    for (let first = 0; first < 0x10000; first += 12) {
      const halves = [0, 1, 2, 3].map((i) => first + i);
      cpu.setV(1, vectorOf(16, halves));
      cpu.run(0x0e217820); // FCVTL V0.4S, V1.4H
      expect(elementsOf(32, cpu.v(0))).toEqual(halves.map((half) => unit.convert(HALF, SINGLE, BigInt(half))));
    }
  });

  test('singles are rounded to halves', () => {
    const cpu = new TestCpu();
    const values = new FpValues(1);
    for (let i = 0; i < 1000; i++) {
      const half = values.bits(16);
      // near a half, near the midpoint of two, or anything
      const near = (new SoftFloat(0).convert(HALF, SINGLE, half) + [0n, 1n, 0xfffn, 0x1000n, 0x1001n][i % 5]) & 0xffff_ffffn;
      const singles = [near, near ^ 0x8000_0000n, values.number(SINGLE), values.bits(32)];
      const unit = new SoftFloat(0);
      cpu.setV(1, vectorOf(32, singles));
      cpu.fpsr = 0;
      cpu.run(0x0e216820); // FCVTN V0.4H, V1.4S
      expect(elementsOf(16, cpu.v(0)).slice(0, 4), `${singles}`).toEqual(singles.map((single) => unit.convert(SINGLE, HALF, single)));
      expect(cpu.fpsr).toBe(unit.flags);
    }
  });
});
