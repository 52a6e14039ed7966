import { describe, expect, test } from 'vitest';
import { TestCpu } from '../testing/testCpu.ts';

/** Words are those of the GNU assembler; each works on V0 (destination), V1, V2 and V3. */
const ALL_ONES = (1n << 128n) - 1n;
const [ONE, TWO, THREE] = [0x3ff0_0000_0000_0000n, 0x4000_0000_0000_0000n, 0x4008_0000_0000_0000n];

function cpuWith(...operands: bigint[]): TestCpu {
  const cpu = new TestCpu();
  cpu.setV(0, ALL_ONES);
  operands.forEach((value, i) => {
    cpu.setV(i + 1, value);
  });
  return cpu;
}

describe('results clear the rest of the vector register', () => {
  const instructions: readonly (readonly [string, number, bigint])[] = [
    ['fadd d0, d1, d2', 0x1e622820, THREE],
    ['fadd s0, s1, s2', 0x1e222820, 0n],
    ['fadd h0, h1, h2', 0x1ee22820, 0n],
    ['fmov d0, d1', 0x1e604020, ONE],
    ['fmov s0, s1', 0x1e204020, 0n],
    ['fmov d0, #-0.125', 0x1e781000, 0xbfc0_0000_0000_0000n],
    ['fmov s0, #31.0', 0x1e27f000, 0x41f8_0000n],
    ['fmov h0, #2.0', 0x1ee01000, 0x4000n],
    ['fmadd d0, d1, d2, d3', 0x1f420c20, 0x4014_0000_0000_0000n],
    ['fnmsub d0, d1, d2, d3', 0x1f628c20, 0xbff0_0000_0000_0000n],
    ['fcvt s0, d2', 0x1e624040, 0x4000_0000n],
  ];
  test.each(instructions)('%s', (_, word, expected) => {
    const cpu = cpuWith(ONE | (7n << 64n), TWO | (7n << 64n), THREE | (7n << 64n));
    expect(cpu.run(word)).toBe('jump');
    expect(cpu.v(0)).toBe(expected);
  });
});

describe('moves keep NaN payloads', () => {
  const signalling = 0xfff0_0000_dead_beefn;
  test.each([
    ['fmov d0, d1', 0x1e604020, signalling],
    ['fabs d0, d1', 0x1e60c020, 0x7ff0_0000_dead_beefn],
    ['fneg d0, d1', 0x1e614020, 0x7ff0_0000_dead_beefn],
    ['fcsel d0, d1, d2, al', 0x1e62ec20, signalling],
  ] as const)('%s', (_, word, expected) => {
    const cpu = cpuWith(signalling);
    cpu.run(word);
    expect(cpu.v(0)).toBe(expected);
    expect(cpu.fpsr).toBe(0);
  });

  test('between general and floating-point registers', () => {
    const cpu = cpuWith(signalling | (5n << 64n));
    cpu.run(0x9e660020); // fmov x0, d1
    expect(cpu.x(0)).toBe(signalling);
    cpu.run(0x9eae0020); // fmov x0, v1.d[1]
    expect(cpu.x(0)).toBe(5n);
    cpu.run(0x9eaf0000); // fmov v0.d[1], x0
    expect(cpu.v(0)).toBe((5n << 64n) | (ALL_ONES & (2n ** 64n - 1n)));
    cpu.run(0x1e260020); // fmov w0, s1
    expect(cpu.x(0)).toBe(0xdead_beefn);
  });
});

describe('FPSR', () => {
  const [OFC, UFC, IXC, DZC, IOC] = [4, 8, 16, 2, 1];
  const largest = 0x7fef_ffff_ffff_ffffn;
  const smallest = 0x0010_0000_0000_0000n;
  test.each([
    ['exact sum', 0x1e622820, ONE, TWO, 0],
    ['inexact quotient', 0x1e621820, ONE, THREE, IXC],
    ['division by zero', 0x1e621820, ONE, 0n, DZC],
    ['zero by zero', 0x1e621820, 0n, 0n, IOC],
    ['overflow', 0x1e620820, largest, largest, OFC | IXC],
    ['underflow', 0x1e620820, smallest, 0x3fdf_ffff_ffff_ffffn, UFC | IXC],
    ['exact subnormal', 0x1e620820, smallest, 0x3fe0_0000_0000_0000n, 0],
    ['infinity plus one', 0x1e622820, 0x7ff0_0000_0000_0000n, ONE, 0],
    ['infinity minus infinity', 0x1e623820, 0x7ff0_0000_0000_0000n, 0x7ff0_0000_0000_0000n, IOC],
  ] as const)('%s', (_, word, a, b, flags) => {
    for (const before of [0, IXC]) {
      const cpu = cpuWith(a, b);
      cpu.fpsr = before;
      cpu.run(word);
      expect(cpu.fpsr).toBe(flags | before);
    }
  });
});

describe('undefined encodings', () => {
  test.each([
    ['reserved precision', 0x1ea22820],
    ['a 32-bit integer with more than 32 fraction bits', 0x1e420020],
    ['FMOV between W and D', 0x1e660020],
    ['FCVT to the same precision', 0x1e224020],
  ])('%s', (_, word) => {
    expect(new TestCpu().run(word)).toBe('trap');
  });
});

test('FJCVTZS tells in Z whether it is exact', () => {
  const cpu = cpuWith(0xc01c_0000_0000_0000n, 0x41f0_0000_0050_0000n);
  cpu.run(0x1e7e0020); // fjcvtzs w0, d1: -7
  expect(cpu.x(0)).toBe(0xffff_fff9n);
  cpu.run(0x9a9f17e1); // cset x1, eq
  expect(cpu.x(1)).toBe(1n);
  cpu.run(0x1e7e0040); // fjcvtzs w0, d2: 2^32 + 5
  expect(cpu.x(0)).toBe(5n);
  cpu.run(0x9a9f17e1);
  expect(cpu.x(1)).toBe(0n);
});
