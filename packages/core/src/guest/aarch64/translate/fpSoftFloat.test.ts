import { describe, expect, test } from 'vitest';
import { FpValues } from '../testing/fpValues.ts';
import { DOUBLE, type FloatFormat, Fpcr, Fpsr, HALF, Rounding, SINGLE, SoftFloat } from './fpSoftFloat.ts';

const view = new DataView(new ArrayBuffer(8));
function toNumber(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}
function toBits(n: number): bigint {
  view.setFloat64(0, n);
  return view.getBigUint64(0);
}
const isNan = (bits: bigint): boolean => Number.isNaN(toNumber(bits));
const mode = (rounding: number): number => rounding << Fpcr.RModeShift;

/** Result and FPSR bits of one operation. */
function run(fpcr: number, compute: (unit: SoftFloat) => bigint): { bits: bigint; flags: number } {
  const unit = new SoftFloat(fpcr);
  const bits = compute(unit);
  return { bits, flags: unit.flags };
}

describe('double precision, rounding to nearest, agrees with JavaScript', () => {
  const operations: readonly (readonly [string, (unit: SoftFloat, a: bigint, b: bigint) => bigint, (a: number, b: number) => number])[] = [
    ['add', (unit, a, b) => unit.add(DOUBLE, a, b), (a, b) => a + b],
    ['sub', (unit, a, b) => unit.sub(DOUBLE, a, b), (a, b) => a - b],
    ['mul', (unit, a, b) => unit.mul(DOUBLE, a, b), (a, b) => a * b],
    ['div', (unit, a, b) => unit.div(DOUBLE, a, b), (a, b) => a / b],
    ['sqrt', (unit, a) => unit.sqrt(DOUBLE, a), Math.sqrt],
    ['min', (unit, a, b) => unit.minMax(DOUBLE, a, b, false), Math.min],
    ['max', (unit, a, b) => unit.minMax(DOUBLE, a, b, true), Math.max],
    ['floor', (unit, a) => unit.roundToIntegral(DOUBLE, a, Rounding.down, false), Math.floor],
    ['to single and back', (unit, a) => unit.convert(SINGLE, DOUBLE, unit.convert(DOUBLE, SINGLE, a)), Math.fround],
  ];
  test.each(operations)('%s', (_, soft, plain) => {
    const values = new FpValues(7);
    for (let i = 0; i < 3000; i++) {
      const [a, b] = [values.number(DOUBLE), values.number(DOUBLE)];
      const actual = soft(new SoftFloat(0), a, b);
      const expected = plain(toNumber(a), toNumber(b));
      if (Number.isNaN(expected) ? !isNan(actual) : actual !== toBits(expected)) expect.fail(`${a.toString(16)} ${b.toString(16)}: ${actual.toString(16)}`);
    }
  });
});

describe('NaNs', () => {
  const [quiet, signalling] = [0x7fc0_0001n, 0xff80_0002n];
  const one = 0x3f80_0000n;

  test('the first signalling operand comes before the quiet ones, quietened', () => {
    expect(run(0, (unit) => unit.add(SINGLE, quiet, signalling))).toEqual({ bits: 0xffc0_0002n, flags: Fpsr.IOC });
    expect(run(0, (unit) => unit.mul(SINGLE, one, quiet))).toEqual({ bits: quiet, flags: 0 });
  });

  test('FPCR.DN makes them all the default NaN', () => {
    expect(run(Fpcr.DN, (unit) => unit.add(SINGLE, one, quiet))).toEqual({ bits: 0x7fc0_0000n, flags: 0 });
  });

  test('infinity times zero is invalid even with a quiet NaN as addend', () => {
    expect(run(0, (unit) => unit.fma(SINGLE, quiet, 0x7f80_0000n, 0n))).toEqual({ bits: 0x7fc0_0000n, flags: Fpsr.IOC });
    expect(run(0, (unit) => unit.fma(SINGLE, signalling, 0x7f80_0000n, 0n))).toEqual({ bits: 0xffc0_0002n, flags: Fpsr.IOC });
  });

  test('FMAXNM prefers a number to a quiet NaN', () => {
    expect(run(0, (unit) => unit.minMaxNumber(SINGLE, quiet, one, true))).toEqual({ bits: one, flags: 0 });
    expect(run(0, (unit) => unit.minMaxNumber(SINGLE, signalling, one, true))).toEqual({ bits: 0xffc0_0002n, flags: Fpsr.IOC });
  });

  test('conversions keep the sign and the upper payload', () => {
    expect(run(0, (unit) => unit.convert(DOUBLE, SINGLE, 0xfff4_0000_2000_0000n))).toEqual({ bits: 0xffe0_0001n, flags: Fpsr.IOC });
    expect(run(0, (unit) => unit.convert(HALF, DOUBLE, 0x7e01n))).toEqual({ bits: 0x7ff8_0400_0000_0000n, flags: 0 });
  });
});

describe('rounding', () => {
  /** 1 / 3 as a single, down and up. */
  const [down, up] = [0x3eaa_aaaan, 0x3eaa_aaabn];
  const [one, three, minusOne] = [0x3f80_0000n, 0x4040_0000n, 0xbf80_0000n];

  test.each([
    [Rounding.nearestEven, up, up],
    [Rounding.up, up, down],
    [Rounding.down, down, up],
    [Rounding.zero, down, down],
  ])('mode %i', (rounding, positive, negative) => {
    expect(run(mode(rounding), (unit) => unit.div(SINGLE, one, three))).toEqual({ bits: positive, flags: Fpsr.IXC });
    expect(run(mode(rounding), (unit) => unit.div(SINGLE, minusOne, three))).toEqual({ bits: negative | 0x8000_0000n, flags: Fpsr.IXC });
  });

  test('overflow gives the largest number where rounding goes the other way', () => {
    const largest = 0x7f7f_ffffn;
    expect(run(0, (unit) => unit.add(SINGLE, largest, largest))).toEqual({ bits: 0x7f80_0000n, flags: Fpsr.OFC | Fpsr.IXC });
    expect(run(mode(Rounding.down), (unit) => unit.add(SINGLE, largest, largest))).toEqual({ bits: largest, flags: Fpsr.OFC | Fpsr.IXC });
  });

  test('an exact zero is negative only where rounding goes down', () => {
    expect(run(0, (unit) => unit.sub(SINGLE, one, one)).bits).toBe(0n);
    expect(run(mode(Rounding.down), (unit) => unit.sub(SINGLE, one, one)).bits).toBe(0x8000_0000n);
  });

  test('tininess is detected before rounding', () => {
    // (2^-126 - 2^-149) * (1 + 2^-23) rounds to 2^-126
    expect(run(0, (unit) => unit.mul(SINGLE, 0x007f_ffffn, 0x3f80_0001n))).toEqual({ bits: 0x0080_0000n, flags: Fpsr.UFC | Fpsr.IXC });
    expect(run(Fpcr.FZ, (unit) => unit.mul(SINGLE, 0x0080_0000n, 0x3f7f_ffffn))).toEqual({ bits: 0n, flags: Fpsr.UFC });
  });
});

describe('flushing to zero', () => {
  const formats: readonly (readonly [string, FloatFormat, number, number])[] = [
    ['single', SINGLE, Fpcr.FZ, Fpsr.IDC],
    ['double', DOUBLE, Fpcr.FZ, Fpsr.IDC],
    ['half: not reported', HALF, Fpcr.FZ16, 0],
  ];
  test.each(formats)('denormal operands, %s', (_, format, fpcr, flags) => {
    const one = BigInt(format.bias) << BigInt(format.fraction);
    expect(run(fpcr, (unit) => unit.add(format, one, 1n))).toEqual({ bits: one, flags });
    expect(run(fpcr, (unit) => unit.minMax(format, one, 1n, false))).toEqual({ bits: 0n, flags });
  });

  test('conversions to and from half precision keep denormal halves', () => {
    expect(run(Fpcr.FZ | Fpcr.FZ16, (unit) => unit.convert(HALF, SINGLE, 1n))).toEqual({ bits: 0x3380_0000n, flags: 0 });
    expect(run(Fpcr.FZ | Fpcr.FZ16, (unit) => unit.convert(SINGLE, HALF, 0x3380_0000n))).toEqual({ bits: 1n, flags: 0 });
  });
});

describe('integers', () => {
  test('saturate, without being inexact too', () => {
    const big = toBits(2 ** 40 + 0.5);
    expect(run(0, (unit) => unit.toInteger(DOUBLE, big, 32, true, 0, Rounding.zero))).toEqual({ bits: 0x7fff_ffffn, flags: Fpsr.IOC });
    expect(run(0, (unit) => unit.toInteger(DOUBLE, toBits(-1), 64, false, 0, Rounding.zero))).toEqual({ bits: 0n, flags: Fpsr.IOC });
    expect(run(0, (unit) => unit.toInteger(DOUBLE, toBits(-0.5), 64, false, 0, Rounding.zero))).toEqual({ bits: 0n, flags: Fpsr.IXC });
  });

  test.each([
    [Rounding.nearestEven, 2n, 4n],
    [Rounding.nearestAway, 3n, 4n],
    [Rounding.up, 3n, 4n],
    [Rounding.down, 2n, 3n],
    [Rounding.zero, 2n, 3n],
  ])('of 2.5 and 3.5 in mode %i', (rounding, first, second) => {
    expect(run(0, (unit) => unit.toInteger(DOUBLE, toBits(2.5), 64, true, 0, rounding)).bits).toBe(first);
    expect(run(0, (unit) => unit.toInteger(DOUBLE, toBits(3.5), 64, true, 0, rounding)).bits).toBe(second);
  });

  test('fixed point', () => {
    expect(run(0, (unit) => unit.toInteger(DOUBLE, toBits(1.75), 32, true, 2, Rounding.zero))).toEqual({ bits: 7n, flags: 0 });
    expect(run(0, (unit) => unit.fromInteger(DOUBLE, -7n, 2))).toEqual({ bits: toBits(-1.75), flags: 0 });
  });

  test('of ECMAScript', () => {
    expect(run(0, (unit) => unit.toInt32(toBits(2 ** 32 + 5)))).toEqual({ bits: (1n << 32n) | 5n, flags: Fpsr.IOC });
    expect(run(0, (unit) => unit.toInt32(toBits(-7)))).toEqual({ bits: 0xffff_fff9n, flags: 0 });
    expect(run(0, (unit) => unit.toInt32(toBits(-0)))).toEqual({ bits: 1n << 32n, flags: 0 });
  });
});

test('the alternative half precision has neither infinities nor NaNs', () => {
  expect(run(Fpcr.AHP, (unit) => unit.convert(HALF, SINGLE, 0x7fffn)).bits).toBe(0x47ff_e000n);
  expect(run(Fpcr.AHP, (unit) => unit.convert(SINGLE, HALF, 0x7f80_0000n))).toEqual({ bits: 0x7fffn, flags: Fpsr.IOC });
  expect(run(Fpcr.AHP, (unit) => unit.convert(SINGLE, HALF, 0xffc0_0000n))).toEqual({ bits: 0x8000n, flags: Fpsr.IOC });
});
