import { expect, test } from 'vitest';
import type { Block, Terminator } from './buffer.ts';
import { IrBuilder, type Value } from './builder.ts';
import { LaneForwarding } from './forwardLanes.ts';
import { irHelper } from './helpers.ts';
import { OP } from './ops.ts';
import { StateLayout } from './state.ts';
import { verifyBlock } from './verifier.ts';

const layout = new StateLayout();
const v0 = layout.add('v0', 'v128');
const v1 = layout.add('v1', 'v128');
const x0 = layout.add('x0', 'i64');
const twice = irHelper('twice', ['i32'], 'i32', (ir, x) => ir.i32_add(x, x));

/** Runs the pass over one block. */
function forward(build: (ir: IrBuilder) => Terminator | undefined): { readonly ir: IrBuilder; readonly terminator: Terminator } {
  const ir = new IrBuilder();
  ir.insn(0, 0);
  const terminator = build(ir) ?? { kind: 'jump', target: 4 };
  const block: Block = { pc: 0, start: 0, end: ir.buffer.length, insns: 1, bytes: 4, terminator };
  const result = new LaneForwarding().run(ir.buffer, block);
  verifyBlock(ir.buffer, result, layout);
  return { ir, terminator: result.terminator };
}

test('an element is what was put there, by way of registers and other elements', () => {
  const made: Record<string, Value> = {};
  const { ir } = forward((ir) => {
    const [first, second] = [ir.i32_const(1), ir.i32_const(2)];
    ir.setReg(v0, ir.i32x4_replace_lane(ir.i32x4_splat(first), second, 2));
    const v = ir.i32x4_replace_lane(ir.getReg(v0), first, 1);
    made.second = second;
    made.first = first;
    made.sum = ir.i32_add(ir.i32x4_extract_lane(v, 2), ir.i32x4_extract_lane(v, 3));
    made.call = ir.helper(twice, ir.i32x4_extract_lane(v, 1));
    return undefined;
  });
  const { a, b, imm2, callArgs } = ir.buffer;
  expect([a[made.sum as number], b[made.sum as number]]).toEqual([made.second, made.first]);
  expect(callArgs[imm2[made.call as number] as number]).toBe(made.first);
});

test('a register read before it is set is not what it is set to', () => {
  let sum: Value | undefined;
  let old: Value | undefined;
  const { ir } = forward((ir) => {
    const before = ir.getReg(v0);
    ir.setReg(v0, ir.i64x2_splat(ir.i64_const(0)));
    ir.setReg(v1, before);
    old = ir.i64x2_extract_lane(ir.getReg(v1), 0);
    sum = ir.i64x2_add(before, ir.i64x2_splat(old as Value<'i64'>));
    return undefined;
  });
  const splat = ir.buffer.b[sum as number] as number;
  expect(ir.buffer.a[splat]).toBe(old);
});

test('elements of another shape are read from the vector', () => {
  let read: Value<'i64'> | undefined;
  const { ir } = forward((ir) => {
    read = ir.i64x2_extract_lane(ir.f64x2_splat(ir.f64_const(0, 0)), 0);
    ir.setReg(x0, read);
    return undefined;
  });
  expect(ir.buffer.a[ir.buffer.length - 1]).toBe(read);
});

test('a terminator uses the number, too, and a block knows nothing of the one before', () => {
  const number: Value[] = [];
  const { terminator } = forward((ir) => {
    number.push(ir.i64_const(64));
    return { kind: 'return', target: ir.i64x2_extract_lane(ir.i64x2_splat(number[0] as Value<'i64'>), 1) };
  });
  expect(terminator).toEqual({ kind: 'return', target: number[0] });

  const ir = new IrBuilder();
  const pass = new LaneForwarding();
  ir.setReg(v0, ir.i64x2_splat(ir.i64_const(1)));
  const first: Block = { pc: 0, start: 0, end: ir.buffer.length, insns: 0, bytes: 0, terminator: { kind: 'jump', target: 4 } };
  const target = ir.i64x2_extract_lane(ir.getReg(v0), 0);
  const second: Block = { ...first, start: first.end, end: ir.buffer.length, terminator: { kind: 'return', target } };
  pass.run(ir.buffer, first);
  expect(pass.run(ir.buffer, second).terminator).toEqual({ kind: 'return', target });
});

/** Ops whose uses were led past them: what `setReg` is given each, by the register's index. */
const setTo = (ir: IrBuilder): Map<number, number> => {
  const { op, a, imm, length } = ir.buffer;
  return new Map(Array.from({ length }, (_, i) => i).flatMap((i) => (op[i] === OP.setReg ? [[imm[i] as number, a[i] as number] as const] : [])));
};
const zeroHigh = (ir: IrBuilder, v: Value<'v128'>): Value<'v128'> => ir.i64x2_replace_lane(v, ir.i64_const(0), 1);

test('an upper half that is zero is not made zero again, by way of registers, too', () => {
  let sum: Value | undefined;
  let shifted: Value | undefined;
  const { ir } = forward((ir) => {
    ir.setReg(v0, ir.i64x2_replace_lane(ir.v128_words(1, 2, 0, 0), ir.getReg(x0), 0));
    sum = ir.i32x4_add(ir.getReg(v0), ir.getReg(v0));
    shifted = ir.i32x4_shl(zeroHigh(ir, sum as Value<'v128'>), ir.i32_const(3));
    ir.setReg(v1, zeroHigh(ir, shifted as Value<'v128'>));
    return undefined;
  });
  expect(setTo(ir).get(v1.index)).toBe(shifted);
  expect(ir.buffer.a[shifted as number]).toBe(sum);
});

test.each<[string, (ir: IrBuilder, narrow: Value<'v128'>, wide: Value<'v128'>) => Value<'v128'>]>([
  ['a register that the block has not set', (_ir, _narrow, wide) => wide],
  ['equal elements, which become ones', (ir, narrow) => ir.i32x4_eq(narrow, narrow)],
  ['or with what has more', (ir, narrow, wide) => ir.v128_or(narrow, wide)],
  ['bits that are cleared in the other', (ir, narrow, wide) => ir.v128_andnot(wide, narrow)],
  ['an element of the upper half', (ir, narrow) => ir.i32x4_replace_lane(narrow, ir.i32_const(1), 2)],
  ['a constant with an upper half', (ir) => ir.v128_words(0, 0, 0, 1)],
  ['not', (ir, narrow) => ir.v128_not(narrow)],
])('an upper half that may be something else is made zero: %s', (_name, make) => {
  const { ir } = forward((ir) => {
    const narrow = ir.i64x2_replace_lane(ir.v128_words(0, 0, 0, 0), ir.getReg(x0), 0);
    ir.setReg(v1, zeroHigh(ir, make(ir, narrow, ir.getReg(v0))));
    return undefined;
  });
  const set = setTo(ir).get(v1.index) as number;
  expect([ir.buffer.op[set], ir.buffer.imm[set]]).toEqual([OP.i64x2_replace_lane, 1]);
});
