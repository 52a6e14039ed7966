import { describe, expect, test } from 'vitest';
import { FpValues } from '../testing/fpValues.ts';
import { elementsOf, TestCpu, vectorOf } from '../testing/testCpu.ts';
import { BFLOAT16, Fpcr, Fpsr, HALF, Rounding, SINGLE, SoftFloat } from './fpSoftFloat.ts';

/** Four lanes at a time of what `make` makes: V0 is the destination, V1 and V2 the operands. */
function eachLane(
  word: number,
  make: (values: FpValues) => { readonly d: bigint; readonly n: bigint; readonly m: bigint },
  expected: (lane: { d: bigint; n: bigint; m: bigint }, unit: SoftFloat) => bigint,
): void {
  const cpu = new TestCpu();
  const values = new FpValues(word);
  for (let i = 0; i < 500; i++) {
    const lanes = Array.from({ length: 4 }, () => make(values));
    const unit = new SoftFloat(0);
    const context = lanes.map(({ d, n, m }) => `${d.toString(16)} + ${n.toString(16)} * ${m.toString(16)}`).join(', ');
    const results = lanes.map((lane) => expected(lane, unit));
    for (const [index, name] of (['d', 'n', 'm'] as const).entries())
      cpu.setV(
        index,
        vectorOf(
          32,
          lanes.map((lane) => lane[name]),
        ),
      );
    cpu.fpsr = 0;
    expect(cpu.run(word)).toBe('jump');
    expect(elementsOf(32, cpu.v(0)), context).toEqual(results);
    expect(cpu.fpsr, `FPSR: ${context}`).toBe(unit.flags);
  }
}

const pairOf = (values: FpValues, format: typeof HALF): bigint => (values.number(format) << 16n) | values.number(format);
const operands =
  (format: typeof HALF) =>
  (values: FpValues): { d: bigint; n: bigint; m: bigint } => ({ d: values.number(SINGLE), n: pairOf(values, format), m: pairOf(values, format) });

describe('FEAT_BF16', () => {
  const low = (pair: bigint): bigint => (pair << 16n) & 0xffff_ffffn;
  const high = (pair: bigint): bigint => pair & 0xffff_0000n;

  test('BFDOT rounds each step to odd and raises nothing', () => {
    const dot = ({ d, n, m }: { d: bigint; n: bigint; m: bigint }): bigint => {
      const unit = new SoftFloat(Fpcr.FZ | Fpcr.DN, Rounding.oddToInfinity);
      return unit.add(SINGLE, d, unit.add(SINGLE, unit.mul(SINGLE, low(n), low(m)), unit.mul(SINGLE, high(n), high(m))));
    };
    eachLane(0x6e42fc20, operands(BFLOAT16), dot); // BFDOT V0.4S, V1.8H, V2.8H
  });

  test('BFDOT of 2S leaves the upper half zero', () => {
    const cpu = new TestCpu();
    // 2^-24 beside 1 makes the sum odd
    for (const n of [0, 1, 2]) cpu.setV(n, vectorOf(16, [0x3380, n === 1 ? 0x3f80 : 0, 0x3380, 0x3f80, 1, 1, 1, 1]));
    cpu.setV(0, vectorOf(32, [0x3f80_0000, 0, 1, 1]));
    cpu.setV(2, vectorOf(16, [0x3f80, 0, 0x3f80, 0x3f80]));
    cpu.run(0x2e42fc20); // BFDOT V0.2S, V1.4H, V2.4H
    expect(elementsOf(32, cpu.v(0))).toEqual([0x3f80_0001n, 0x3f80_0001n, 0n, 0n]);
  });

  test('BFMMLA multiplies matrices of rows and columns', () => {
    const cpu = new TestCpu();
    const bfloat16 = (n: number): number => new Uint32Array(new Float32Array([n]).buffer)[0] >>> 16;
    const single = (n: number): bigint => BigInt(new Uint32Array(new Float32Array([n]).buffer)[0] as number);
    cpu.setV(0, vectorOf(32, [single(1), single(2), single(3), single(4)]));
    cpu.setV(1, vectorOf(16, [1, 2, 3, 4, 5, 6, 7, 8].map(bfloat16)));
    cpu.setV(2, vectorOf(16, [1, 0, -1, 2, 3, 1, 4, 1].map(bfloat16)));
    cpu.run(0x6e42ec20); // BFMMLA V0.4S, V1.8H, V2.8H
    expect(elementsOf(32, cpu.v(0))).toEqual([7, 23, 17, 61].map(single));
  });

  test.each([
    ['BFMLALB', 0x2ec2fc20, low],
    ['BFMLALT', 0x6ec2fc20, high],
  ] as const)('%s is fused', (_, word, part) => {
    eachLane(word, operands(BFLOAT16), ({ d, n, m }, unit) => unit.fma(SINGLE, d, part(n), part(m)));
  });

  test('BFCVTN and BFCVTN2 round to the two halves', () => {
    const cpu = new TestCpu();
    cpu.setV(1, vectorOf(32, [0x3f80_8000, 0x3f81_8000, 0x7f80_0001, 0]));
    cpu.run(0x0ea16820); // BFCVTN V0.4H, V1.4S
    expect(elementsOf(16, cpu.v(0))).toEqual([0x3f80n, 0x3f82n, 0x7fc0n, 0n, 0n, 0n, 0n, 0n]);
    expect(cpu.fpsr).toBe(Fpsr.IOC | Fpsr.IXC);
    cpu.run(0x4ea16820); // BFCVTN2 V0.8H, V1.4S
    expect(elementsOf(16, cpu.v(0))).toEqual([0x3f80n, 0x3f82n, 0x7fc0n, 0n, 0x3f80n, 0x3f82n, 0x7fc0n, 0n]);
  });
});

describe('FEAT_FHM', () => {
  const widened = (half: bigint): bigint => new SoftFloat(0).convert(HALF, SINGLE, half);
  const isSignalling = (half: bigint): boolean => (half & 0x7e00n) === 0x7c00n && (half & 0x1ffn) !== 0n;
  /** As the conversion, but that a signalling NaN stays one. */
  const single = (half: bigint): bigint => (isSignalling(half) ? widened(half) & ~0x0040_0000n : widened(half));

  test.each([
    ['FMLAL', 0x0e22ec20, 0, 0n],
    ['FMLSL', 0x0ea2ec20, 0, 0x8000_0000n],
    ['FMLAL2', 0x2e22cc20, 1, 0n],
    ['FMLSL2', 0x2ea2cc20, 1, 0x8000_0000n],
  ] as const)('%s adds exact products', (_, word, part, sign) => {
    const cpu = new TestCpu();
    const values = new FpValues(word);
    for (let i = 0; i < 500; i++) {
      const [n, m] = [0, 1].map(() => Array.from({ length: 8 }, () => values.number(HALF))) as [bigint[], bigint[]];
      const d = Array.from({ length: 4 }, () => values.number(SINGLE));
      for (const wide of [0, 1]) {
        const lanes = wide ? 4 : 2;
        cpu.setV(0, vectorOf(32, d));
        cpu.setV(1, vectorOf(16, n));
        cpu.setV(2, vectorOf(16, m));
        cpu.fpsr = 0;
        cpu.run(word | (wide << 30));
        const unit = new SoftFloat(0);
        const product = (lane: number): bigint => {
          const at = part * lanes + lane;
          return unit.fma(SINGLE, d[lane] as bigint, single(n[at] as bigint) ^ sign, single(m[at] as bigint));
        };
        const expected = [0, 1, 2, 3].map((lane) => (lane < lanes ? product(lane) : 0n));
        expect(elementsOf(32, cpu.v(0)), `${d} ${n} ${m}`).toEqual(expected);
        expect(cpu.fpsr).toBe(unit.flags);
      }
    }
  });
});

describe('FEAT_FCMA', () => {
  const single = (n: number): bigint => BigInt(new Uint32Array(new Float32Array([n]).buffer)[0] as number);
  const complex = (...parts: number[]): bigint => vectorOf(32, parts.map(single));
  const run = (word: number, d: bigint, n: bigint, m: bigint): bigint => {
    const cpu = new TestCpu();
    [d, n, m].forEach((vector, i) => {
      cpu.setV(i, vector);
    });
    cpu.run(word);
    return cpu.v(0);
  };

  test('FCADD adds a number turned by a quarter or three', () => {
    expect(run(0x6e82e420, 0n, complex(1, 2, 3, 4), complex(10, 20, 30, 40))).toBe(complex(-19, 12, -37, 34));
    expect(run(0x6e82f420, 0n, complex(1, 2, 3, 4), complex(10, 20, 30, 40))).toBe(complex(21, -8, 43, -26));
  });

  test('FCMLA with no turn and a quarter turn makes a complex product', () => {
    const [n, m] = [complex(1, 2, 3, 4), complex(5, 6, 7, 8)];
    const half = run(0x6e82c420, complex(100, 200, 0, 0), n, m);
    expect(run(0x6e82cc20, half, n, m)).toBe(complex(100 + 5 - 12, 200 + 6 + 10, 21 - 32, 24 + 28));
    // of the conjugate of n
    expect(run(0x6e82dc20, half, n, m)).toBe(complex(100 + 5 + 12, 200 + 6 - 10, 21 + 32, 24 - 28));
    // 180 degrees takes the first half away
    expect(run(0x6e82d420, half, n, m)).toBe(complex(100, 200, 0, 0));
  });

  test('FCMLA (by element) takes one complex number for all', () => {
    // #0, V2.S[1]
    expect(run(0x6f821820, 0n, complex(1, 2, 3, 4), complex(5, 6, 7, 8))).toBe(complex(7, 8, 21, 24));
  });
});
