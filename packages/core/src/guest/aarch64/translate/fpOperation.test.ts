import { describe, expect, test } from 'vitest';
import { type Bits, Evaluator, type Helper, type IrBuilder, irHelper, type Ty, type Value } from '../../../ir/index.ts';
import { layout } from '../state.ts';
import { FpValues } from '../testing/fpValues.ts';
import { SINGLE_TO_BFLOAT16 } from './bfloat16.ts';
import { type Arithmetic, DOUBLE_ARITHMETIC, SINGLE_ARITHMETIC } from './fpArithmetic.ts';
import * as conversions from './fpConversions.ts';
import { HALF_ARITHMETIC } from './fpHalf.ts';
import type { FpHelpers, FpOperation, Outcome } from './fpOperation.ts';
import { BFLOAT16, DOUBLE, type FloatFormat, Fpcr, Fpsr, HALF, Rounding, SINGLE, SoftFloat } from './fpSoftFloat.ts';

const evaluator = new Evaluator({
  layout,
  state: new DataView(new ArrayBuffer(16)),
  stateOffset: 0,
  memory: { load: (address) => ({ faultAddress: address }), store: (address) => ({ faultAddress: address }) },
  input: () => 0n,
});

type Soft = (unit: SoftFloat, ...numbers: bigint[]) => bigint;
type Untyped = Helper<readonly Ty[], Ty>;

const asBits = (format: FloatFormat, n: bigint): Bits => (format.width === 64 ? n : Number(BigInt.asIntN(32, n)));
const unsigned = (value: Bits, width: number): bigint => BigInt.asUintN(width, BigInt(value as number | bigint));

/** Checks the cold paths, and the short way where it is sure, against the reference arithmetic. */
function check(
  name: string,
  format: FloatFormat,
  resultWidth: number,
  operation: FpHelpers,
  attempt: ((ir: IrBuilder, ...args: Value[]) => Outcome<Ty>) | undefined,
  count: number,
  soft: Soft,
): void {
  const { exact, flags } = operation as unknown as { exact: Untyped; flags: Untyped };
  const args = exact.args.slice(0, count);
  const parts = attempt && {
    value: irHelper<readonly Ty[], Ty>(`${name} value`, args, exact.result, (ir, ...values) => attempt(ir, ...values).value),
    doubtful: irHelper<readonly Ty[], 'i32'>(`${name} doubtful`, args, 'i32', (ir, ...values) => attempt(ir, ...values).doubtful ?? ir.i32_const(0)),
    raises: irHelper<readonly Ty[], 'i32'>(`${name} raises`, args, 'i32', (ir, ...values) => attempt(ir, ...values).raises ?? ir.i32_const(0)),
  };
  const values = new FpValues(name.length);
  for (let i = 0; i < 800; i++) {
    const numbers = Array.from({ length: count }, () => values.number(format));
    const operands = numbers.map((n) => asBits(format, n));
    const fpcr =
      values.below(3) > 0
        ? 0
        : (values.below(4) << Fpcr.RModeShift) | (values.below(2) * Fpcr.FZ) | (values.below(2) * Fpcr.FZ16) | (values.below(2) * Fpcr.DN);
    const unit = new SoftFloat(fpcr);
    const expected = soft(unit, ...numbers);
    const context = `${name} of ${numbers.map((n) => n.toString(16)).join(', ')}, FPCR ${fpcr.toString(16)}`;
    expect(unsigned(evaluator.callHelper(exact, [...operands, fpcr]), resultWidth), context).toBe(expected);
    expect(evaluator.callHelper(flags, [...operands, fpcr, 0]), `FPSR: ${context}`).toBe(unit.flags);
    if (parts === undefined || fpcr !== 0) continue;
    const sure = evaluator.callHelper(parts.doubtful as unknown as Untyped, operands) === 0;
    if (sure) expect(unsigned(evaluator.callHelper(parts.value, operands), resultWidth), `short way: ${context}`).toBe(expected);
    if (evaluator.callHelper(parts.raises as unknown as Untyped, operands) === 0) expect(unit.flags & ~Fpsr.IXC, `raises: ${context}`).toBe(0);
    if (!operation.rounds) expect(unit.flags & Fpsr.IXC, `rounds: ${context}`).toBe(0);
  }
}

const ARITHMETIC: readonly (readonly [string, FloatFormat, Arithmetic<'f32' | 'f64' | 'i32'>])[] = [
  ['single', SINGLE, SINGLE_ARITHMETIC],
  ['double', DOUBLE, DOUBLE_ARITHMETIC],
  ['half', HALF, HALF_ARITHMETIC],
];

describe.each(ARITHMETIC)('arithmetic in %s precision', (_, format, arithmetic) => {
  const soft: Record<keyof typeof arithmetic, Soft> = {
    add: (unit, a, b) => unit.add(format, a, b),
    sub: (unit, a, b) => unit.sub(format, a, b),
    mul: (unit, a, b) => unit.mul(format, a, b),
    nmul: (unit, a, b) => unit.mul(format, a, b) ^ (1n << BigInt(format.width - 1)),
    div: (unit, a, b) => unit.div(format, a, b),
    min: (unit, a, b) => unit.minMax(format, a, b, false),
    max: (unit, a, b) => unit.minMax(format, a, b, true),
    minnm: (unit, a, b) => unit.minMaxNumber(format, a, b, false),
    maxnm: (unit, a, b) => unit.minMaxNumber(format, a, b, true),
    sqrt: (unit, a) => unit.sqrt(format, a),
    fma: (unit, addend, a, b) => unit.fma(format, addend, a, b),
  };
  test.each(Object.keys(soft) as (keyof typeof soft)[])('%s', (name) => {
    const operation = arithmetic[name] as unknown as FpOperation;
    const count = name === 'fma' ? 3 : name === 'sqrt' ? 1 : 2;
    check(name, format, format.width === 64 ? 64 : 32, operation, (ir, ...args) => operation.attempt(ir, ...args), count, soft[name]);
  });
});

describe('conversions between precisions', () => {
  const all: readonly (readonly [string, FloatFormat, FloatFormat, unknown])[] = [
    ['single to double', SINGLE, DOUBLE, conversions.SINGLE_TO_DOUBLE],
    ['double to single', DOUBLE, SINGLE, conversions.DOUBLE_TO_SINGLE],
    ['half to single', HALF, SINGLE, conversions.HALF_TO_SINGLE],
    ['half to double', HALF, DOUBLE, conversions.HALF_TO_DOUBLE],
    ['single to half', SINGLE, HALF, conversions.SINGLE_TO_HALF],
    ['double to half', DOUBLE, HALF, conversions.DOUBLE_TO_HALF],
    ['single to bfloat16', SINGLE, BFLOAT16, SINGLE_TO_BFLOAT16],
  ];
  test.each(all)('%s', (name, from, to, operation) => {
    const op = operation as FpOperation;
    check(
      name,
      from,
      to.width === 64 ? 64 : 32,
      op,
      (ir, ...args) => op.attempt(ir, ...args),
      1,
      (unit, a) => unit.convert(from, to, a),
    );
  });
});

describe('conversions to integers', () => {
  const sources = [
    ['single', SINGLE, conversions.SINGLE_TO_INTEGER],
    ['double', DOUBLE, conversions.DOUBLE_TO_INTEGER],
    ['half', HALF, conversions.HALF_TO_INTEGER],
  ] as const;
  test.each(sources)('of %s precision', (name, format, operations) => {
    for (const width of [32, 64] as const) {
      for (const signed of [true, false]) {
        for (const [mode, fractionBits] of [
          [Rounding.zero, 0],
          [Rounding.nearestAway, 0],
          [Rounding.zero, 20],
        ] as const) {
          const { exact, flags } = operations[width][`${signed}`] as unknown as { exact: Untyped; flags: Untyped };
          const word = conversions.control(mode, fractionBits);
          const values = new FpValues(width + fractionBits);
          for (let i = 0; i < 300; i++) {
            const number = values.number(format);
            const unit = new SoftFloat(0);
            const expected = unit.toInteger(format, number, width, signed, fractionBits, mode);
            const context = `${name} ${number.toString(16)} to ${signed ? 's' : 'u'}${width}, mode ${mode}, ${fractionBits} bits`;
            expect(evaluator.callHelper(exact, [asBits(format, number), word, 0]), context).toBe(expected);
            expect(evaluator.callHelper(flags, [asBits(format, number), word, 0, 0]), `FPSR: ${context}`).toBe(unit.flags);
          }
        }
      }
    }
  });
});

test('conversion to an integer of ECMAScript', () => {
  check('FJCVTZS', DOUBLE, 64, conversions.DOUBLE_TO_INT32, undefined, 1, (unit, a) => unit.toInt32(a));
});

describe('rounding to an integral number of 32 or 64 bits', () => {
  const formats = [
    ['single', SINGLE, conversions.SINGLE_TO_INTEGRAL_OF],
    ['double', DOUBLE, conversions.DOUBLE_TO_INTEGRAL_OF],
  ] as const;
  test.each(formats)('%s', (name, format, operation) => {
    const { flags } = operation as unknown as { flags: Untyped };
    for (const width of [32, 64] as const) {
      const values = new FpValues(width);
      for (let i = 0; i < 500; i++) {
        const number = values.number(format);
        const unit = new SoftFloat(0);
        unit.roundToIntegralOf(format, number, width, Rounding.zero);
        const args = [asBits(format, number), conversions.control(Rounding.zero, width), 0, 0];
        expect(evaluator.callHelper(flags, args), `${name} ${number.toString(16)} to ${width} bits`).toBe(unit.flags);
      }
    }
  });
});

describe('conversions from integers', () => {
  const targets = [
    ['single', SINGLE, conversions.SINGLE_FROM_INTEGER],
    ['double', DOUBLE, conversions.DOUBLE_FROM_INTEGER],
    ['half', HALF, conversions.HALF_FROM_INTEGER],
  ] as const;
  test.each(targets)('to %s precision', (name, format, operations) => {
    for (const signed of [true, false]) {
      const { flags } = operations[`${signed}`] as unknown as { flags: Untyped };
      const values = new FpValues(9);
      for (let i = 0; i < 500; i++) {
        const bits = values.bits(64) >> BigInt(values.below(64));
        const unit = new SoftFloat(0);
        unit.fromInteger(format, signed ? BigInt.asIntN(64, bits) : bits, 0);
        expect(evaluator.callHelper(flags, [bits, 0, 0, 0]), `${bits} to ${name}`).toBe(unit.flags);
      }
    }
  });
});
