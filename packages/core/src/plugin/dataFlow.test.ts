import { describe, expect, it } from 'vitest';
import { createAArch64 } from '../guest/index.ts';
import { IrBuilder, type Value } from '../ir/index.ts';
import { LOADED_BYTE, readDataFlow } from './dataFlow.ts';

const { state } = createAArch64();
/** Registers by their number in the state, which is theirs here. */
const names = { registerOf: (index: number) => ({ name: '', number: index, register: undefined }), flags: undefined };
const X0 = state.get('x0');
const X1 = state.get('x1');
const V0 = state.get('v0');

/** Bytes of x0, as numbers of bytes. */
const x0 = (...bytes: readonly number[]): number[] => bytes.map((byte) => X0.index * 16 + byte);
const loaded = (...bytes: readonly number[]): number[] => bytes.map((byte) => LOADED_BYTE + byte);

/** What x1 is made of, if an instruction sets it to what `build` makes. */
function flowOf(build: (ir: IrBuilder, x: Value<'i64'>) => Value<'i64'>): readonly (readonly number[])[] {
  const ir = new IrBuilder();
  ir.insn(0, 0);
  ir.setReg(X1, build(ir, ir.getReg(X0) as Value<'i64'>));
  const flow = readDataFlow(ir.buffer, 0, ir.buffer.length, undefined, names).find(({ to }) => to === 'register');
  return (flow?.from ?? []).map((bytes) => [...bytes].sort((a, b) => a - b));
}

const each = (...bytes: readonly (readonly number[])[]): number[][] => bytes.map((byte) => x0(...byte));

describe('what the bytes of a result are made of', () => {
  it.each<[string, (ir: IrBuilder, x: Value<'i64'>) => Value<'i64'>, number[][]]>([
    ['a copy', (_, x) => x, each([0], [1], [2], [3], [4], [5], [6], [7])],
    ['32 bits', (ir, x) => ir.i64_extend_i32_u(ir.i32_wrap_i64(x)), each([0], [1], [2], [3])],
    ['a sign', (ir, x) => ir.i64_extend8_s(x), each([0], [0], [0], [0], [0], [0], [0], [0])],
    ['a mask', (ir, x) => ir.i64_and(x, ir.i64_const(0xff00)), each([], [1], [], [], [], [], [], [])],
    ['a sum', (ir, x) => ir.i64_add(x, ir.i64_const(1)), each(...Array.from({ length: 8 }, (_, i) => Array.from({ length: i + 1 }, (_, j) => j)))],
    ['a shift left by 8', (ir, x) => ir.i64_shl(x, ir.i64_const(8)), each([], [0], [1], [2], [3], [4], [5], [6])],
    ['a shift left by 12', (ir, x) => ir.i64_shl(x, ir.i64_const(12)), each([], [0], [0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 6])],
    ['a shift right by 56', (ir, x) => ir.i64_shr_u(x, ir.i64_const(56)), each([7], [], [], [], [], [], [], [])],
    ['an arithmetic shift by 40', (ir, x) => ir.i64_shr_s(x, ir.i64_const(40)), each([5], [6], [7], [7], [7], [7], [7], [7])],
    ['a rotation by 16', (ir, x) => ir.i64_rotr(x, ir.i64_const(16)), each([2], [3], [4], [5], [6], [7], [0], [1])],
    ['a comparison', (ir, x) => ir.i64_extend_i32_u(ir.i64_eqz(x)), each([0, 1, 2, 3, 4, 5, 6, 7])],
    ['a lane', (ir, x) => ir.i64x2_extract_lane(ir.i64x2_replace_lane(ir.getReg(V0) as Value<'v128'>, x, 1), 1), each([0], [1], [2], [3], [4], [5], [6], [7])],
    ['a splat', (ir, x) => ir.i64x2_extract_lane(ir.i8x16_splat(ir.i32_wrap_i64(x)), 1), each([0], [0], [0], [0], [0], [0], [0], [0])],
  ])('%s', (_, build, expected) => {
    expect(flowOf(build)).toEqual(expected);
  });

  it('of loads, stores, addresses and branches', () => {
    const ir = new IrBuilder();
    ir.insn(0, 0);
    const address = ir.getReg(X0) as Value<'i64'>;
    const datum = ir.i64_load16_s(address);
    ir.i64_store32(address, datum);
    const condition = ir.i64_eqz(datum);
    const terminator = { kind: 'branch', condition, taken: 0, fallThrough: 4 } as const;
    expect(readDataFlow(ir.buffer, 0, ir.buffer.length, terminator, names)).toEqual([
      { to: 'address', index: 0, from: [x0(0, 1, 2, 3, 4, 5, 6, 7)] },
      { to: 'address', index: 1, from: [x0(0, 1, 2, 3, 4, 5, 6, 7)] },
      { to: 'store', index: 1, from: [loaded(0), loaded(1), loaded(1), loaded(1)] },
      { to: 'branch', index: 0, from: [loaded(0, 1)] },
    ]);
  });
});
