import { Decoder, insn } from '../../packages/core/src/guest/decode/index.ts';
import { genericSyscalls } from '../../packages/core/src/guest/genericSyscalls.ts';
import {
  type Guest,
  type IrBuilder,
  StateLayout,
  signExtend,
  type TranslatedBlock,
  type TranslateRequest,
  type TrapDescription,
  type Value,
} from '../../packages/core/src/index.ts';

/**
 * A stub of a second instruction set, so that nothing of AArch64 leaks into the shared rooms: four instructions of RV64I
 * and one of C (The RISC-V Instruction Set Manual, Volume I, chapters 2, 4 and 26). No condition flags, a zero register
 * with another number, instructions of two lengths, another role for each register.
 */
const layout = new StateLayout();
/** x1..x31; x0 is zero. */
const X = [undefined, ...Array.from({ length: 31 }, (_, i) => layout.add(`x${i + 1}`, 'i64'))];

const Trap = { illegal: 1, fetch: 2 } as const;

class Translator {
  pc = 0;
  /** Bytes of the instruction. */
  length = 4;

  constructor(readonly ir: IrBuilder) {}

  x(n: number): Value<'i64'> {
    const register = X[n];
    return register === undefined ? this.ir.i64_const(0) : this.ir.getReg(register);
  }

  setX(n: number, value: Value<'i64'>): void {
    const register = X[n];
    if (register !== undefined) this.ir.setReg(register, value);
  }

  get next(): number {
    return this.pc + this.length;
  }
}

const def = insn<Translator>();
const addImmediate = (t: Translator, rd: number, rs1: number, imm: number): void => t.setX(rd, t.ir.i64_add(t.x(rs1), t.ir.i64_const(imm)));

const rows = [
  def('ADDI', 'imm:12 rs1:5 000 rd:5 0010011', (t, { imm, rs1, rd }) => addImmediate(t, rd, rs1, signExtend(imm, 12))),
  def('LD', 'imm:12 rs1:5 011 rd:5 0000011', (t, { imm, rs1, rd }) => t.setX(rd, t.ir.i64_load(t.ir.i64_add(t.x(rs1), t.ir.i64_const(signExtend(imm, 12)))))),
  def('BEQ', 'imm12:1 imm10_5:6 rs2:5 rs1:5 000 imm4_1:4 imm11:1 1100011', (t, f) => {
    const offset = signExtend((f.imm12 << 12) | (f.imm11 << 11) | (f.imm10_5 << 5) | (f.imm4_1 << 1), 13);
    t.ir.end({ kind: 'branch', condition: t.ir.i64_eq(t.x(f.rs1), t.x(f.rs2)), taken: t.pc + offset, fallThrough: t.next });
  }),
  def('ECALL', '00000000000000000000000001110011', (t) => t.ir.end({ kind: 'syscall', next: t.next })),
];

/** Rows of 16-bit instructions, as words whose upper half is ignored. */
const compressedRows = [
  def('C.ADDI', '---------------- 000 imm5:1 rd:5 imm4_0:5 01', (t, { imm5, rd, imm4_0 }) => addImmediate(t, rd, rd, signExtend((imm5 << 5) | imm4_0, 6))),
];

export function createRiscv64Stub(): Guest {
  const decoder = Decoder.of([...rows, ...compressedRows]);
  return {
    name: 'riscv64',
    elfMachine: 243,
    state: layout,
    roles: { stackPointer: 'x2', linkRegister: 'x1', threadPointer: 'x4', frameRecord: { pointer: 'x8', offset: -16 }, stackBases: ['x2', 'x8'] },
    linux: {
      machine: 'riscv64',
      syscallNumber: 'x17',
      syscallArguments: ['x10', 'x11', 'x12', 'x13', 'x14', 'x15'],
      syscallResult: 'x10',
      syscalls: genericSyscalls(),
      hwcap: 0n,
      hwcap2: 0n,
      cpuInfo: [],
      platform: '',
      // addi a7, zero, 139; ecall
      sigreturnCode: [0x08b00893, 0x00000073],
      signalFrames: undefined,
      openFlags: { direct: 0o40000, largeFile: 0o100000, directory: 0o200000, noFollow: 0o400000 },
      pointerKeys: [],
      guardProperty: undefined,
      counterFrequency: 10_000_000,
      mmapBase: 0x40_0000_0000,
    },
    insnAlign: 2,
    ignoredTopBits: 0,
    translateBlock: (ir, request) => translateBlock(decoder, ir, request),
    describeTrap,
    initialRegisters: (_pc, sp) => new Map([['x2', BigInt(sp)]]),
    rowName: (word) => decoder.decode(word)?.row.name,
  };
}

function describeTrap(code: number, argument: number): TrapDescription {
  if (code === Trap.fetch) return { signal: 11, code: 1, text: 'no executable memory here' };
  return { signal: 4, code: 1, text: `illegal instruction 0x${argument.toString(16)}` };
}

/** The instruction at `pc`: 16 bits unless its low two bits are ones. The last two bytes before a hole are half of the word before. */
function fetchInsn(fetch: TranslateRequest['fetch'], pc: number): number | undefined {
  const word = fetch(pc);
  if (word !== undefined) return (word & 3) === 3 ? word : word & 0xffff;
  const before = fetch(pc - 2);
  if (before === undefined) return undefined;
  const half = before >>> 16;
  return (half & 3) === 3 ? undefined : half;
}

function translateBlock(decoder: Decoder<Translator>, ir: IrBuilder, { pc, maxInsns, fetch }: TranslateRequest): TranslatedBlock {
  const t = new Translator(ir);
  ir.terminator = undefined;
  t.pc = pc;
  const offsets: number[] = [];
  while (ir.terminator === undefined) {
    const word = fetchInsn(fetch, t.pc);
    if (word === undefined) {
      ir.end(offsets.length === 0 ? { kind: 'trap', code: Trap.fetch, argument: 0, pc: t.pc } : { kind: 'jump', target: t.pc });
      break;
    }
    t.length = (word & 3) === 3 ? 4 : 2;
    ir.insn(offsets.length, word);
    offsets.push(t.pc - pc);
    const decoded = decoder.decode(word);
    if (decoded === undefined) ir.end({ kind: 'trap', code: Trap.illegal, argument: word, pc: t.pc });
    else decoded.row.translate(t, decoded.fields);
    t.pc = t.next;
    if (ir.terminator === undefined && (offsets.length === maxInsns || t.pc % 4096 === 0)) ir.end({ kind: 'jump', target: t.pc });
  }
  return { insns: offsets.length, bytes: t.pc - pc, insnOffsets: Uint16Array.from(offsets) };
}
