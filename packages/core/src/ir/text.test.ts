import { expect, it } from 'vitest';
import type { Block, Terminator } from './buffer.ts';
import { IrBuilder } from './builder.ts';
import { FlagKind } from './flags.ts';
import { irHelper } from './helpers.ts';
import { InputKind } from './ops.ts';
import { StateLayout } from './state.ts';
import { blockText } from './text.ts';

const layout = new StateLayout();
const x0 = layout.add('x0', 'i64');
const q0 = layout.add('q0', 'v128');

function text(build: (ir: IrBuilder) => Terminator, extra: Partial<Block> = {}): string[] {
  const ir = new IrBuilder();
  // Values are numbered from the block's start, wherever it is.
  ir.i32_const(0);
  const terminator = build(ir);
  const block = { pc: 0x400580, start: 1, end: ir.buffer.length, insns: 1, bytes: 4, terminator, ...extra };
  return blockText(ir.buffer, block, layout).trimEnd().split('\n');
}

it('prints one op a line, constants where they are used', () => {
  const helper = irHelper('square', ['i64'], 'i64', (ir, a) => ir.i64_mul(a, a));
  const lines = text(
    (ir) => {
      ir.ringReserve(5, 24);
      ir.insn(0, 0xd10043ff);
      const a = ir.getReg(x0);
      const b = ir.i64_sub(a, ir.i64_const(16));
      ir.setReg(x0, b);
      ir.setFlags(FlagKind.SUB64, a, ir.i64_const(-4096));
      const condition = ir.flagTest(11);
      ir.setFlags(FlagKind.ADD32, a, b, condition, 0b0101);
      ir.insn(1, 0x1);
      const loaded = ir.i64_load32_s(b);
      ir.i64_store(ir.i64_const(0x40_0000), loaded, condition);
      ir.i32_store8(b, ir.i32_const(-1));
      ir.coldHelper(condition, loaded, helper, ir.helper(helper, a));
      ir.setReg(q0, ir.i32x4_replace_lane(ir.v128_const([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]), ir.getNzcv(), 2));
      ir.f64_add(ir.f64_const(0, 0x3ff00000), ir.f64_promote_f32(ir.f32_const(0x7fc00000)));
      ir.i8x16_shuffle(ir.getReg(q0), ir.getReg(q0), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 31]);
      ir.input(InputKind.random);
      ir.ringStore(loaded, 8, 8);
      ir.ringCommit(24);
      return { kind: 'branch', condition, taken: 0x400100, fallThrough: 0x400588 };
    },
    { insns: 2, bytes: 8 },
  );
  expect(lines).toEqual([
    'block 0x400580, 2 insns, 8 bytes',
    '    ringReserve block 5, 24 bytes',
    '  insn 0x400580 d10043ff',
    '    %2 = getReg x0',
    '    %4 = i64_sub %2, 16',
    '    setReg x0, %4',
    '    setFlags SUB64 %2, 0xfffffffffffff000',
    '    %8 = flagTest lt',
    '    setFlags ADD32 %2, %4 if %8 else nZcV',
    '  insn 0x400584 00000001',
    '    %11 = i64_load32_s [%4]',
    '    i64_store [0x400000], %11 if %8',
    '    i32_store8 [%4], -1',
    '    %16 = helper square(%2)',
    '    %17 = coldHelper %8 ? square(%16) : %11',
    '    %19 = getNzcv',
    '    %20 = i32x4_replace_lane v128:0x100f0e0d0c0b0a090807060504030201, %19, lane 2',
    '    setReg q0, %20',
    '    %24 = f64_promote_f32 f32:0x7fc00000',
    '    %25 = f64_add f64:0x3ff0000000000000, %24',
    '    %26 = getReg q0',
    '    %27 = getReg q0',
    '    %28 = i8x16_shuffle %26, %27, [0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 31]',
    '    %29 = input random',
    '    ringStore %11 to +8, 8 bytes',
    '    ringCommit 24 bytes',
    '  branch %8 ? 0x400100 : 0x400588',
  ]);
});

it('prints every terminator', () => {
  const last = (terminator: Terminator): string | undefined =>
    text((ir) => {
      ir.i64_const(0x1234);
      return terminator;
    }).at(-1);
  expect(last({ kind: 'jump', target: 16 })).toBe('  jump 0x10');
  expect(last({ kind: 'call', target: 16, returnAddress: 8 })).toBe('  call 0x10, return to 0x8');
  expect(last({ kind: 'callIndirect', target: 1, returnAddress: 8 })).toBe('  callIndirect 0x1234, return to 0x8');
  expect(last({ kind: 'jumpIndirect', target: 1 })).toBe('  jumpIndirect 0x1234');
  expect(last({ kind: 'return', target: 1 })).toBe('  return 0x1234');
  expect(last({ kind: 'syscall', next: 8 })).toBe('  syscall, next 0x8');
  expect(last({ kind: 'exit', next: 8 })).toBe('  exit, next 0x8');
  expect(last({ kind: 'trap', code: 1, argument: 7, pc: 8 })).toBe('  trap 1 (7) at 0x8');
});

it('knows where instructions of other lengths are', () => {
  const lines = text(
    (ir) => {
      ir.insn(0, 1);
      ir.insn(1, 2);
      return { kind: 'jump', target: 0 };
    },
    { insns: 2, insnOffsets: Uint16Array.of(0, 2) },
  );
  expect(lines.slice(1, 3)).toEqual(['  insn 0x400580 00000001', '  insn 0x400582 00000002']);
});
