import { expect, test } from 'vitest';
import { Evaluator, type IrBuilder, irHelper } from '../../../ir/index.ts';
import { layout } from '../state.ts';
import { FpValues } from '../testing/fpValues.ts';
import { attemptFmaF32, attemptFmaF32x4, attemptFmaF64, attemptFmaF64x2, settleFmaF32, settleFmaF32x4, settleFmaF64, settleFmaF64x2 } from './fpFused.ts';
import { DOUBLE, type FloatFormat, SINGLE, SoftFloat } from './fpSoftFloat.ts';
import { DOUBLE_IN_DOUBT, exactZeroExponent, SINGLE_IN_DOUBT } from './fpZeros.ts';

const evaluator = new Evaluator({
  layout,
  state: new DataView(new ArrayBuffer(16)),
  stateOffset: 0,
  memory: { load: (address) => ({ faultAddress: address }), store: (address) => ({ faultAddress: address }) },
  input: () => 0n,
});

const fma64 = irHelper('fma64', ['f64', 'f64', 'f64'], 'f64', (ir, addend, a, b) => {
  const { value, doubtful } = attemptFmaF64(ir, addend, a, b);
  return ir.coldHelper(doubtful, value, settleFmaF64, addend, a, b);
});
const fma32 = irHelper('fma32', ['f32', 'f32', 'f32'], 'f32', (ir, addend, a, b) => {
  const { value, doubtful } = attemptFmaF32(ir, addend, a, b);
  return ir.coldHelper(doubtful, value, settleFmaF32, addend, a, b);
});
const fma64x2 = irHelper('fma64x2', ['v128', 'v128', 'v128'], 'v128', (ir, addend, a, b) => {
  const { value, doubtful } = attemptFmaF64x2(ir, addend, a, b);
  return ir.coldHelper(doubtful, value, settleFmaF64x2, addend, a, b);
});
const fma32x4 = irHelper('fma32x4', ['v128', 'v128', 'v128'], 'v128', (ir, addend, a, b) => {
  const { value, doubtful } = attemptFmaF32x4(ir, addend, a, b);
  return ir.coldHelper(doubtful, value, settleFmaF32x4, addend, a, b);
});

/** Operands of addend + a * b, often such that the sum cancels or nearly does. */
function operands(values: FpValues, format: FloatFormat): [addend: bigint, a: bigint, b: bigint] {
  const [a, b] = [values.number(format), values.number(format)];
  if (values.below(4) > 0) return [values.number(format), a, b];
  const product = new SoftFloat(0).mul(format, a, b) ^ (1n << BigInt(format.width - 1));
  return [BigInt.asUintN(format.width, product + BigInt(values.below(5) - 2)), a, b];
}

const exact = (format: FloatFormat, [addend, a, b]: readonly [bigint, bigint, bigint]): bigint => new SoftFloat(0).fma(format, addend, a, b);
const hex = (bits: readonly bigint[]): string => bits.map((n) => n.toString(16)).join(' ');

test('double precision', () => {
  const values = new FpValues(1);
  for (let i = 0; i < 10_000; i++) {
    const numbers = operands(values, DOUBLE);
    const expected = exact(DOUBLE, numbers);
    if (evaluator.callHelper(fma64, numbers) !== expected) expect.fail(`short way: ${hex(numbers)} is ${hex([expected])}`);
    if (evaluator.callHelper(settleFmaF64, numbers) !== expected) expect.fail(`settled: ${hex(numbers)} is ${hex([expected])}`);
  }
});

test('single precision', () => {
  const values = new FpValues(2);
  for (let i = 0; i < 10_000; i++) {
    const numbers = operands(values, SINGLE);
    const expected = Number(BigInt.asIntN(32, exact(SINGLE, numbers)));
    const words = numbers.map((n) => Number(BigInt.asIntN(32, n)));
    if (evaluator.callHelper(fma32, words) !== expected) expect.fail(`short way: ${hex(numbers)}`);
    if (evaluator.callHelper(settleFmaF32, words) !== expected) expect.fail(`settled: ${hex(numbers)}`);
  }
});

/** Three vectors and their expected result, each as bytes. */
function vectors(values: FpValues, format: FloatFormat): { arguments: Uint8Array[]; expected: Uint8Array } {
  const bytes = format.width / 8;
  const lanes = Array.from({ length: 16 / bytes }, () => operands(values, format));
  const pack = (numbers: readonly bigint[]): Uint8Array =>
    Uint8Array.from({ length: 16 }, (_, i) => Number((numbers[Math.floor(i / bytes)] >> BigInt(8 * (i % bytes))) & 0xffn));
  return { arguments: [0, 1, 2].map((n) => pack(lanes.map((lane) => lane[n]))), expected: pack(lanes.map((lane) => exact(format, lane))) };
}

test('vectors', () => {
  const values = new FpValues(3);
  for (let i = 0; i < 2000; i++) {
    const doubles = vectors(values, DOUBLE);
    expect(evaluator.callHelper(fma64x2, doubles.arguments)).toEqual(doubles.expected);
    const singles = vectors(values, SINGLE);
    expect(evaluator.callHelper(fma32x4, singles.arguments)).toEqual(singles.expected);
  }
});

test('the short way of ordinary numbers is not in doubt', () => {
  const doubt = irHelper('doubt', ['f64', 'f64', 'f64'], 'i32', (ir: IrBuilder, addend, a, b) => attemptFmaF64(ir, addend, a, b).doubtful);
  const values = new FpValues(4);
  const ordinary = (): bigint => (BigInt(1000 + values.below(40)) << 52n) | values.bits(52);
  let doubts = 0;
  for (let i = 0; i < 2000; i++) doubts += evaluator.callHelper(doubt, [ordinary(), ordinary(), ordinary()]) as number;
  expect(doubts).toBe(0);
});

test('a zero sum is in doubt where it may have underflowed', () => {
  for (const format of [SINGLE, DOUBLE]) {
    const power = (exponent: number): bigint => BigInt(exponent + format.bias) << BigInt(format.fraction);
    const value = (bits: bigint): bigint | number => (format === DOUBLE ? bits : Number(bits));
    const inDoubt = (...[result, addend, a, b]: bigint[]): unknown =>
      evaluator.callHelper(format === DOUBLE ? DOUBLE_IN_DOUBT.fused : SINGLE_IN_DOUBT.fused, [result, addend, a, b].map(value));
    const minusOne = power(0) | (1n << BigInt(format.width - 1));
    const tiny = power(2 - format.bias);
    const limit = exactZeroExponent(format);
    expect(inDoubt(0n, 0n, tiny, tiny)).toBe(1);
    expect(inDoubt(0n, 0n, 0n, tiny)).toBe(0);
    expect(inDoubt(0n, 0n, tiny, 0n)).toBe(0);
    expect(inDoubt(0n, power(0), power(0), minusOne)).toBe(0);
    expect(inDoubt(0n, power(limit), power(limit), minusOne)).toBe(0);
    expect(inDoubt(0n, power(limit - 1), power(limit - 1), minusOne)).toBe(1);
    expect(inDoubt(tiny, 0n, tiny, power(0))).toBe(1);
  }
});
