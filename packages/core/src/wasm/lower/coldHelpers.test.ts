import { expect, test } from 'vitest';
import { hostHelper, type IrBuilder, irHelper, type Value } from '../../ir/index.ts';
import { lowerHelper } from './helperModule.ts';

const one = hostHelper('one', ['i32'], 'i32', (n) => n);
const other = hostHelper('other', ['i32'], 'i32', (n) => n);

type Body = (ir: IrBuilder, outer: Value<'i32'>, inner: Value<'i32'>) => Value<'i32'>;

/** Runs a helper of two conditions. @returns its result, and the names of the helpers called */
function run(body: Body, outer: number, inner: number): readonly [result: number, ...calls: string[]] {
  const { wasm } = lowerHelper(irHelper('tested', ['i32', 'i32'], 'i32', body), 1, true, { relaxedSwizzle: false, constantOffset: () => undefined });
  const calls: string[] = [];
  const called = (name: string, result: number) => (): number => {
    calls.push(name);
    return result;
  };
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const env = { memory, 'helper:one': called('one', 1), 'helper:other': called('other', 10) };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env });
  return [(exports.helper as (a: number, b: number) => number)(outer, inner), ...calls];
}

/** Both results in one number; the second is used twice, so that it is made at its own position. */
const combined = (ir: IrBuilder, first: Value<'i32'>, second: Value<'i32'>): Value<'i32'> => ir.i32_sub(ir.i32_add(ir.i32_add(second, second), first), second);

const nested: Body = (ir, outer, inner) => {
  const condition = ir.i32_or(outer, ir.i32_const(0));
  const first = ir.coldHelperWithin(condition, inner, ir.i32_const(2), one, outer);
  return combined(ir, first, ir.coldHelper(condition, ir.i32_const(20), other, outer));
};

test('a cold helper within another is called in its cold path, if its own condition holds', () => {
  expect(run(nested, 0, 0)).toEqual([22]);
  expect(run(nested, 1, 0)).toEqual([12, 'other']);
  expect(run(nested, 1, 1)).toEqual([11, 'one', 'other']);
  // what the first one promises is not so: only the other's condition is tested
  expect(run(nested, 0, 1)).toEqual([22]);
});

test('two cold helpers with one condition', () => {
  const body: Body = (ir, outer) => {
    const first = ir.coldHelperWithin(outer, outer, ir.i32_const(2), one, outer);
    return combined(ir, first, ir.coldHelper(outer, ir.i32_const(20), other, outer));
  };
  expect(run(body, 0, 0)).toEqual([22]);
  expect(run(body, 1, 0)).toEqual([11, 'one', 'other']);
});

test('where the second cold helper needs the result of the first, they stay apart', () => {
  const body: Body = (ir, outer, inner) => {
    const condition = ir.i32_or(outer, ir.i32_const(0));
    const first = ir.coldHelperWithin(condition, inner, ir.i32_const(2), one, outer);
    return combined(ir, first, ir.coldHelper(condition, ir.i32_const(20), other, first));
  };
  expect(run(body, 0, 0)).toEqual([22]);
  expect(run(body, 0, 1)).toEqual([21, 'one']);
  expect(run(body, 1, 1)).toEqual([11, 'one', 'other']);
});
