import { describe, expect, it } from 'vitest';
import { integerOps } from '../ir/evaluator/integer.ts';
import { compute32, compute64 } from './compute.ts';
import { COMPUTE_OPS } from './computeOps.ts';

const EDGES = [
  0n,
  1n,
  2n,
  31n,
  32n,
  33n,
  63n,
  64n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1234_5678_9abc_def0n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];
const table = integerOps as unknown as Readonly<Record<string, (...args: (number | bigint)[]) => number | bigint>>;
const COMPARISON = /^(eq|ne|[lg][te]_[su]|eqz)$/;

describe.each(COMPUTE_OPS.map((op, number) => ({ op, number })).filter(({ op }) => op !== 'select'))('$op', ({ op, number }) => {
  it('is the 32-bit IR op', () => {
    for (const x of EDGES) {
      for (const y of EDGES) {
        const [a, b] = [Number(BigInt.asIntN(32, x)), Number(BigInt.asIntN(32, y))];
        expect(compute32(number, a, b) | 0, `${a} ${b}`).toBe(Number(table[`i32_${op}`](a, b)) | 0);
      }
    }
  });

  it('is the 64-bit IR op', () => {
    const values = new Int32Array(6);
    const wide = new BigInt64Array(values.buffer);
    for (const x of EDGES) {
      for (const y of EDGES) {
        wide[0] = x;
        wide[1] = y;
        wide[2] = -1n;
        compute64(number, values, 4, 0, 2);
        const expected = table[`i64_${op}`](x, y);
        if (COMPARISON.test(op)) expect(values[4], `${x} ${y}`).toBe(Number(expected));
        else expect(BigInt.asUintN(64, wide[2]), `${x} ${y}`).toBe(BigInt.asUintN(64, BigInt(expected)));
      }
    }
  });
});
