import { describe, expect, it } from 'vitest';
import {
  type Block,
  blockText,
  Cell,
  createMachine,
  EvaluatorMachine,
  IrBuffer,
  IrBuilder,
  type Machine,
  type MachineHooks,
  type MachineOptions,
  RING,
  RING_END,
  verifyBlock,
} from '../packages/core/src/index.ts';
import type { BlockLayout } from '../packages/core/src/trace/layout.ts';
import { createTracePass } from '../packages/core/src/trace/pass.ts';
import { wholeWish } from '../packages/core/src/trace/wish.ts';
import { createRiscv64Stub } from './support/riscv64.ts';

/** The shared rooms run a guest that is unlike AArch64. */

const CODE = 0x1_0000;
const DATA = 0x2_0000;
const addi = (rd: number, rs1: number, imm: number): number => ((imm & 0xfff) << 20) | (rs1 << 15) | (rd << 7) | 0x13;
const ld = (rd: number, rs1: number, imm: number): number => ((imm & 0xfff) << 20) | (rs1 << 15) | (3 << 12) | (rd << 7) | 0x03;
const beq = (rs1: number, rs2: number, offset: number): number =>
  (((offset >> 12) & 1) << 31) | (((offset >> 5) & 0x3f) << 25) | (rs2 << 20) | (rs1 << 15) | (((offset >> 1) & 15) << 8) | (((offset >> 11) & 1) << 7) | 0x63;
const ECALL = 0x73;
/** C.ADDI, 16 bits. */
const caddi = (rd: number, imm: number): number => (((imm >> 5) & 1) << 12) | (rd << 7) | ((imm & 31) << 2) | 1;

/** Little-endian bytes of instructions of either length. */
function assemble(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((w) => ((w & 3) === 3 ? [w, w >>> 8, w >>> 16, w >>> 24] : [w, w >>> 8])).map((byte) => byte & 0xff));
}

/** x5 runs from 10 to 0, x10 counts by 3; then exit(x10). */
const LOOP = [addi(5, 0, 10), caddi(5, -1), caddi(10, 3), beq(5, 0, 8), beq(0, 0, -8), addi(17, 0, 93), ECALL];
const LOOP_STEPS = 1 + 10 * 3 + 9 + 2;

const MAKERS: readonly (readonly [string, (options: MachineOptions) => Machine])[] = [
  ['evaluator', (options) => new EvaluatorMachine(options)],
  ['WebAssembly', createMachine],
];

function exit(machine: Machine) {
  const { cpu, guest } = machine;
  expect(guest.linux.syscalls.get(Number(cpu.getByName(guest.linux.syscallNumber)))).toBe('exit');
  return { exit: Number(cpu.getByName(guest.linux.syscallArguments[0])) };
}

function load(make: (options: MachineOptions) => Machine, words: readonly number[], at = CODE, options: Partial<MachineOptions> = {}): Machine {
  const machine = make({ guest: createRiscv64Stub(), memoryPages: 4096, syscall: exit, ...options });
  machine.space.map(CODE, 0x1000, 5);
  machine.space.map(DATA, 0x1000, 3);
  machine.space.pokeBytes(at, assemble(words));
  machine.cpu.clear();
  for (const [name, value] of machine.guest.initialRegisters(at, DATA + 0x1000)) machine.cpu.setByName(name, value);
  machine.pc = at;
  return machine;
}

for (const [name, make] of MAKERS) {
  describe(`RV64 stub on the ${name} machine`, () => {
    it('runs a loop, in every mode', () => {
      for (const options of [{}, { oneInsnPerBlock: true }, { noChain: true }]) {
        const machine = load(make, LOOP, CODE, options);
        expect(machine.run()).toEqual({ kind: 'exit', status: 30 });
        expect(machine.steps).toBe(LOOP_STEPS);
      }
    });

    it('stops at exact steps', () => {
      const machine = load(make, LOOP);
      const pcs = Array.from({ length: 6 }, (_, i) => {
        machine.run(i + 1);
        return machine.pc - CODE;
      });
      expect(pcs).toEqual([4, 6, 8, 12, 4, 6]);
    });

    it('faults at the right instruction among those of two lengths', () => {
      const machine = load(make, [caddi(6, 1), addi(7, 0, 1), caddi(6, 1), ld(8, 2, -8), ld(9, 2, -4)]);
      machine.space.kernelWrite(DATA + 0xff8, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0x88));
      expect(machine.run()).toMatchObject({ kind: 'fault', signal: 11, code: 1, address: BigInt(DATA + 0x1000), pc: CODE + 12 });
      expect(machine.steps).toBe(4);
      expect(machine.cpu.getByName('x8')).toBe(0x8807060504030201n);
      expect(machine.cpu.getByName('x9')).toBe(0n);
      expect(machine.cpu.getByName('x6')).toBe(2n);
      machine.cpu.setByName('x2', 0x0100_0000_0002_0008n);
      expect(machine.run()).toMatchObject({ kind: 'fault', signal: 11, address: 0x0100_0000_0002_0004n, pc: CODE + 12 });
    });

    it('traps on what it does not know, and at the end of the code', () => {
      const machine = load(make, [addi(5, 0, 1), caddi(5, 1), 0]);
      expect(machine.run()).toEqual({ kind: 'fault', signal: 4, code: 1, address: BigInt(CODE + 6), pc: CODE + 6, text: 'illegal instruction 0x0' });
      expect(machine.steps).toBe(2);
      const last = load(make, [caddi(5, 1)], CODE + 0xffe);
      expect(last.run()).toMatchObject({ kind: 'fault', signal: 11, code: 1, address: BigInt(CODE + 0x1000), pc: CODE + 0x1000 });
      expect(last.steps).toBe(1);
    });

    it('traces the same records', () => {
      const layouts: BlockLayout[] = [];
      const hooks: MachineHooks = {
        ringFull: () => {
          throw new Error('the ring is large enough');
        },
      };
      const machine = load(make, LOOP, CODE, { hooks, noChain: true });
      const { memory } = machine.space;
      memory.view.setUint32(Cell.ringPointer, RING, true);
      memory.view.setUint32(Cell.ringLimit, RING_END - 0x10000, true);
      machine.setInstrument(createTracePass({ wish: wholeWish(), state: machine.guest.state, define: (layout) => layouts.push(layout) }));
      expect(machine.run()).toEqual({ kind: 'exit', status: 30 });
      const end = memory.view.getUint32(Cell.ringPointer, true);
      const layoutOf = new Map(layouts.map((layout) => [layout.id, layout]));
      const pcs: number[] = [];
      for (let at = RING; at < end; ) {
        const layout = layoutOf.get(memory.view.getUint32(at, true)) as BlockLayout;
        let pc = layout.pc;
        for (const { bytes } of layout.insns) {
          pcs.push(pc - CODE);
          pc += bytes;
        }
        at += layout.recordBytes;
      }
      expect(pcs).toHaveLength(LOOP_STEPS);
      expect(pcs.slice(0, 6)).toEqual([0, 4, 6, 8, 12, 4]);
      expect(pcs.slice(-4)).toEqual([6, 8, 16, 20]);
    });
  });
}

it('makes well-formed IR, printed with its own registers', () => {
  const guest = createRiscv64Stub();
  const bytes = assemble([caddi(2, -16), addi(5, 2, 8), beq(5, 0, -6)]);
  const view = new DataView(bytes.buffer);
  const ir = new IrBuilder(new IrBuffer(64));
  const { insns, insnOffsets, ...rest } = guest.translateBlock(ir, {
    pc: CODE,
    maxInsns: 512,
    fetch: (pc) => (pc - CODE + 4 <= bytes.length ? view.getUint32(pc - CODE, true) : undefined),
  });
  const block: Block = {
    pc: CODE,
    start: 0,
    end: ir.buffer.length,
    insns,
    bytes: rest.bytes,
    terminator: ir.terminator as unknown as Block['terminator'],
    insnOffsets: insnOffsets as Uint16Array,
  };
  verifyBlock(ir.buffer, block, guest.state);
  expect(blockText(ir.buffer, block, guest.state).trimEnd().split('\n')).toEqual([
    'block 0x10000, 3 insns, 10 bytes',
    '  insn 0x10000 00001141',
    '    %1 = getReg x2',
    '    %3 = i64_add %1, -16',
    '    setReg x2, %3',
    '  insn 0x10002 00810293',
    '    %6 = getReg x2',
    '    %8 = i64_add %6, 8',
    '    setReg x5, %8',
    '  insn 0x10006 fe028de3',
    '    %11 = getReg x5',
    '    %13 = i64_eq %11, 0',
    '  branch %13 ? 0x10000 : 0x1000a',
  ]);
  expect(guest.rowName(ECALL)).toBe('ECALL');
  expect(guest.rowName(caddi(3, 4))).toBe('C.ADDI');
});
