import { describe, expect, it } from 'vitest';
import { type Block, NONE, type Terminator, TYPE_NUMBER } from './buffer.ts';
import { IrBuilder, type Value } from './builder.ts';
import { FlagKind } from './flags.ts';
import { type Helper, hostHelper, irHelper } from './helpers.ts';
import { OP } from './ops.ts';
import { StateLayout } from './state.ts';
import { verifyBlock, verifyHelper } from './verifier.ts';

const layout = new StateLayout();
const x0 = layout.add('x0', 'i64');
const helper = irHelper('square', ['i64'], 'i64', (ir, a) => ir.i64_mul(a, a));
const JUMP: Terminator = { kind: 'jump', target: 4 };

/** Builds a block behind another one, and verifies it. */
function verify(build: (ir: IrBuilder) => Terminator | undefined, extra: Partial<Block> = {}): void {
  const ir = new IrBuilder();
  ir.i64_const(0);
  const terminator = build(ir) ?? JUMP;
  const block = { pc: 0, start: 1, end: ir.buffer.length, insns: 1, bytes: 4, terminator, ...extra };
  verifyBlock(ir.buffer, block, layout);
}

/** As `verify`, after the marker of instruction 0. */
const inInsn = (build: (ir: IrBuilder) => Terminator | undefined): void =>
  verify((ir) => {
    ir.insn(0, 0);
    return build(ir);
  });

describe('accepts', () => {
  it('a block with everything', () => {
    verify(
      (ir) => {
        ir.ringReserve(1, 24);
        ir.insn(0, 0);
        const a = ir.getReg(x0);
        ir.setFlags(FlagKind.ADD64, a, a);
        const condition = ir.flagTest(3);
        ir.setFlags(FlagKind.SUB64, a, a, condition, 4);
        ir.ringStore(a, 8, 8);
        ir.insn(1, 0);
        ir.i64_store(a, ir.helper(helper, a), condition);
        const vector = ir.i8x16_shuffle(ir.v128_const(new Array(16).fill(1)), ir.v128_load(a), new Array(16).fill(31));
        ir.setReg(x0, ir.coldHelper(condition, ir.i64x2_extract_lane(vector, 1), helper, a));
        ir.ringStore(ir.getNzcv(), 16, 4);
        ir.ringStore(ir.i64_extend_i32_u(condition), 20, 1);
        ir.ringCommit(24);
        return { kind: 'branch', condition, taken: 0, fallThrough: 8 };
      },
      { insns: 2 },
    );
  });

  it('a trap without any instruction', () => {
    verify(() => ({ kind: 'trap', code: 3, argument: 0, pc: 0 }), { insns: 0 });
  });
});

describe('rejects', () => {
  const push = (ir: IrBuilder, op: keyof typeof OP, type: number, a = NONE, b = NONE, c = NONE, imm = 0, imm2 = 0): number =>
    ir.buffer.push(OP[op], type, a, b, c, imm, imm2);
  const { i32, i64, v128 } = TYPE_NUMBER;
  const one = (build: (ir: IrBuilder, value: number, condition: number) => unknown) => (): void =>
    inInsn((ir) => {
      // %1 is an i64, %2 an i32.
      const value = ir.getReg(x0);
      const condition = ir.flagTest(0);
      build(ir, value, condition);
      return undefined;
    });
  const cases: [string, () => void, RegExp][] = [
    ['operands that come later', one((ir, value) => push(ir, 'i64_add', i64, value, 4)), /op %3 \(i64_add\): operand 1 \(%3\) is not made before/],
    ['operands of another block', one((ir, value) => push(ir, 'i64_add', i64, value, 0)), /operand 1 \(%-1\) is not made before/],
    ['missing operands', one((ir, value) => push(ir, 'i64_add', i64, value)), /operand 1/],
    ['operands too many', one((ir, value) => push(ir, 'i64_clz', i64, value, value)), /operand 1 too many/],
    ['operands of another type', one((ir, value, condition) => push(ir, 'i64_add', i64, value, condition)), /is not i64/],
    ['operands without a value', one((ir) => push(ir, 'i64_clz', i64, 1)), /is not i64/],
    ['results of another type', one((ir, value) => push(ir, 'i64_clz', i32, value)), /result that is not i64/],
    ['unknown ops', one((ir) => ir.buffer.push(0xffff, 0, NONE, NONE, NONE, 0, 0)), /no such op/],
    ['lanes out of range', one((ir, value) => push(ir, 'i64x2_extract_lane', i64, ir.i64x2_splat(value as Value<'i64'>), NONE, NONE, 2)), /no lane 2/],
    ['missing vector constants', one((ir) => push(ir, 'v128_const', v128, NONE, NONE, NONE, 9)), /no constant/],
    [
      'shuffles beyond both operands',
      one((ir, value) => {
        const v = ir.i64x2_splat(value as Value<'i64'>);
        ir.i8x16_shuffle(v, v, new Array(16).fill(32));
      }),
      /no pattern/,
    ],
    ['unknown registers', one((ir) => push(ir, 'getReg', i64, NONE, NONE, NONE, 99)), /no register 99/],
    ['registers of another type', one((ir) => push(ir, 'getReg', i32, NONE, NONE, NONE, x0.index)), /result that is not i64/],
    ['values of another type for a register', one((ir, _, condition) => push(ir, 'setReg', 0, condition, NONE, NONE, x0.index)), /value \(%2\) is not i64/],
    ['conditional flags without condition', one((ir, value) => push(ir, 'setFlags', 0, value, value, NONE, 0x102)), /conditional without/],
    ['unknown flag kinds', one((ir, value) => push(ir, 'setFlags', 0, value, value, NONE, 15)), /no kind/],
    ['conditions 14 and 15', one((ir) => push(ir, 'flagTest', i32, NONE, NONE, NONE, 14)), /no condition 14/],
    ['unknown helpers', one((ir) => push(ir, 'helper', i64, NONE, NONE, NONE, 3)), /no such helper/],
    [
      'helper arguments of another type',
      one((ir, _, condition) => {
        ir.buffer.callArgs.push(condition);
        push(ir, 'helper', i64, NONE, NONE, NONE, ir.buffer.helperNumber(helper as unknown as Helper), 0);
      }),
      /argument 0 of square \(%2\) is not i64/,
    ],
    ['arguments outside helpers', one((ir) => ir.arg(0, 'i64')), /outside a helper/],
    ['unknown inputs', one((ir) => push(ir, 'input', i64, NONE, NONE, NONE, 77)), /no kind 77/],
    ['instructions out of order', one((ir) => ir.insn(2, 0)), /instruction 2 comes after 1/],
    ['a wrong number of instructions', one((ir) => ir.insn(1, 0)), /the end: 2 instructions are marked, the block has 1/],
    ['guest memory before the first instruction', () => verify((ir) => void ir.i32_load(ir.i64_const(0))), /before the first instruction/],
    ['a record that starts late', one((ir) => ir.ringReserve(1, 8)), /not the first op/],
    ['stores without a record', one((ir, value) => ir.ringStore(value as Value, 8, 8)), /outside the record/],
    [
      'conditions that are no i32',
      () => inInsn((ir) => ({ kind: 'branch', condition: ir.getReg(x0), taken: 0, fallThrough: 4 })),
      /condition \(%1\) is not i32/,
    ],
    ['targets that are no i64', () => inInsn((ir) => ({ kind: 'return', target: ir.flagTest(0) })), /target \(%1\) is not i64/],
    ['targets that are no addresses', () => inInsn(() => ({ kind: 'jump', target: -4 })), /-4 is no address/],
  ];
  for (const [what, run, message] of cases) it(what, () => expect(run).toThrow(message));

  const record = (bytes: number, build: (ir: IrBuilder, value: Value<'i64'>) => unknown) => (): void =>
    verify((ir) => {
      ir.ringReserve(1, bytes);
      ir.insn(0, 0);
      build(ir, ir.getReg(x0));
      return undefined;
    });
  it('malformed trace records', () => {
    expect(record(2, (ir) => ir.ringCommit(2))).toThrow(/at least its number/);
    expect(record(16, () => {})).toThrow(/not committed/);
    expect(record(16, (ir) => ir.ringCommit(8))).toThrow(/commits 8 bytes of a record of 16/);
    expect(record(16, (ir, value) => [ir.ringCommit(16), ir.setReg(x0, value)])).toThrow(/after ringCommit/);
    expect(record(16, (ir, value) => ir.ringStore(value, 12, 8))).toThrow(/outside the record/);
    expect(record(16, (ir, value) => ir.ringStore(value, 0, 8))).toThrow(/stores twice at 0/);
    expect(record(16, (ir, value) => [ir.ringStore(value, 8, 8), ir.ringStore(value, 12, 4)])).toThrow(/stores twice at 12/);
    expect(record(32, (ir, value) => ir.ringStore(value, 16, 16))).toThrow(/stores 16 bytes/);
    expect(record(32, (ir, value) => ir.ringStore(value, 16, 3))).toThrow(/stores 3 bytes/);
  });

  it('malformed helpers', () => {
    verifyHelper(helper as unknown as Helper);
    verifyHelper(hostHelper('host', ['i32'], 'i64', () => 0n) as unknown as Helper);
    const touching = irHelper('touching', ['i64'], 'i64', (ir, a) => ir.i64_load(a));
    expect(() => verifyHelper(touching as unknown as Helper)).toThrow(/may not use i64_load/);
    const reading = irHelper('reading', [], 'i64', (ir) => ir.getReg(x0));
    expect(() => verifyHelper(reading as unknown as Helper)).toThrow(/may not use getReg/);
    const wrong = irHelper('wrong', ['i32'], 'i64', (_, a) => a as unknown as Value<'i64'>);
    expect(() => verifyHelper(wrong as unknown as Helper)).toThrow(/result \(%0\) is not i64/);
    expect(() => verifyHelper({ name: 'none', args: [], result: 'i64', pure: true })).toThrow(/either a body or a host/);
    expect(() => verifyHelper({ name: 'floats', args: ['f64'], result: 'i64', pure: true, host: () => 0n })).toThrow(/may not take or give f64/);
  });
});
