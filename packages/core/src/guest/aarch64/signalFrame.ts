import { type FrameContext, type FrameRegisters, type HandlerCall, SIGINFO_BYTES, type SignalFrame, type SignalFrames } from '../signalFrames.ts';

/*
 * The frame of a signal handler (arch/arm64/include/uapi/asm/{ucontext,sigcontext}.h), from the stack pointer up:
 *
 *      0  siginfo_t
 *    128  struct ucontext: flags (8), link (8), stack_t (24), signal mask (8), 120 bytes for a larger mask, 8 to align
 *    304  struct sigcontext: fault address, x0..x30, sp, pc, pstate (8 each), 8 bytes to align
 *    592  4096 bytes of records, each with its magic number and size first (4 each):
 *           struct fpsimd_context: fpsr, fpcr (4 each), v0..v31
 *           two zeros: the end
 *   4688  the frame record that x29 points to: the interrupted x29 and x30
 */
const UCONTEXT = SIGINFO_BYTES;
const STACK = UCONTEXT + 16;
const MASK = UCONTEXT + 40;
const CONTEXT = UCONTEXT + 176;
const FAULT_ADDRESS = CONTEXT;
const REGISTERS = CONTEXT + 8;
const STACK_POINTER = REGISTERS + 8 * 31;
const PC = STACK_POINTER + 8;
const PSTATE = PC + 8;
const RECORDS = CONTEXT + 288;
const RECORDS_END = RECORDS + 4096;
const FRAME_RECORD = RECORDS_END;
const FRAME_SIZE = FRAME_RECORD + 16;

const FPSIMD_MAGIC = 0x4650_8001;
const FPSIMD_SIZE = 0x210;

/** PSTATE as a 64-bit word: N Z C V in bits 31..28, DIT and SSBS where their registers have them. */
const NZCV_SHIFT = 28;
const DIT = 1n << 24n;
const SSBS = 1n << 12n;
const BTYPE_SHIFT = 10n;

/** BTYPE as a call through a register sets it, for the landing pad of the handler. */
const INDIRECT_CALL = 2n;

/** Bits of FPSR that can be set. */
const FPSR_MASK = 0xf800_009f;

const x = Array.from({ length: 31 }, (_, i) => `x${i}`);
const v = Array.from({ length: 32 }, (_, i) => `v${i}`);

function push(registers: FrameRegisters, call: HandlerCall): SignalFrame {
  const bytes = new Uint8Array(FRAME_SIZE);
  const view = new DataView(bytes.buffer);
  const long = (at: number, value: bigint): void => view.setBigUint64(at, value, true);
  if (call.info !== undefined) bytes.set(call.info);
  long(STACK, call.alternateStack.address);
  view.setInt32(STACK + 8, call.alternateStack.flags, true);
  long(STACK + 16, call.alternateStack.size);
  long(MASK, call.mask);
  long(FAULT_ADDRESS, call.faultAddress);
  x.forEach((name, i) => {
    long(REGISTERS + 8 * i, registers.getByName(name));
  });
  long(STACK_POINTER, registers.getByName('sp'));
  long(PC, call.pc);
  const btype = registers.getByName('btype') << BTYPE_SHIFT;
  long(PSTATE, (BigInt(registers.nzcv) << BigInt(NZCV_SHIFT)) | registers.getByName('dit') | registers.getByName('ssbs') | btype);
  view.setUint32(RECORDS, FPSIMD_MAGIC, true);
  view.setUint32(RECORDS + 4, FPSIMD_SIZE, true);
  view.setUint32(RECORDS + 8, Number(registers.getByName('fpsr')), true);
  view.setUint32(RECORDS + 12, Number(registers.getByName('fpcr')), true);
  v.forEach((name, i) => {
    const value = registers.getByName(name);
    long(RECORDS + 16 + 16 * i, BigInt.asUintN(64, value));
    long(RECORDS + 24 + 16 * i, value >> 64n);
  });
  long(FRAME_RECORD, registers.getByName('x29'));
  long(FRAME_RECORD + 8, registers.getByName('x30'));
  const address = BigInt.asUintN(64, call.stackTop - BigInt(FRAME_SIZE)) & ~15n;
  return {
    address,
    bytes,
    registers: [
      ['x0', BigInt(call.signal)],
      ...(call.info === undefined
        ? []
        : ([
            ['x1', address],
            ['x2', address + BigInt(UCONTEXT)],
          ] as const)),
      ['x29', address + BigInt(FRAME_RECORD)],
      ['x30', call.returnAddress],
      ['sp', address],
      ['btype', call.tracksBranches ? INDIRECT_CALL : 0n],
      ['exclusiveAddress', -1n],
    ],
    pc: call.handler,
  };
}

/** Where the record of the vector registers is; undefined if there is none, or the records are malformed. */
function findFpsimd(view: DataView): number | undefined {
  let found: number | undefined;
  for (let at = RECORDS; at + 8 <= RECORDS_END; ) {
    const magic = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    if (magic === 0) return size === 0 ? found : undefined;
    if (size < 16 || size % 16 !== 0 || at + size > RECORDS_END) return undefined;
    if (magic === FPSIMD_MAGIC) {
      if (found !== undefined || size !== FPSIMD_SIZE) return undefined;
      found = at;
    }
    at += size;
  }
  return undefined;
}

function restore(stackPointer: bigint, bytes: Uint8Array, fpcrMask: number): FrameContext | undefined {
  if ((stackPointer & 15n) !== 0n) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fpsimd = findFpsimd(view);
  if (fpsimd === undefined) return undefined;
  const long = (at: number): bigint => view.getBigUint64(at, true);
  const pstate = long(PSTATE);
  return {
    registers: [
      ...x.map((name, i) => [name, long(REGISTERS + 8 * i)] as const),
      ['sp', long(STACK_POINTER)],
      ['dit', pstate & DIT],
      ['ssbs', pstate & SSBS],
      ['btype', (pstate >> BTYPE_SHIFT) & 3n],
      ['fpsr', BigInt((view.getUint32(fpsimd + 8, true) & FPSR_MASK) >>> 0)],
      ['fpcr', BigInt((view.getUint32(fpsimd + 12, true) & fpcrMask) >>> 0)],
      ...v.map((name, i) => [name, long(fpsimd + 16 + 16 * i) | (long(fpsimd + 24 + 16 * i) << 64n)] as const),
      ['exclusiveAddress', -1n],
    ],
    nzcv: Number((pstate >> BigInt(NZCV_SHIFT)) & 15n),
    pc: long(PC),
    mask: long(MASK),
    alternateStack: { address: long(STACK), flags: view.getInt32(STACK + 8, true), size: long(STACK + 16) },
  };
}

/**
 * Linux's signal frames on arm64, for a CPU without SVE.
 * @param fpcrMask bits of FPCR that the CPU has
 */
export const signalFrames = (fpcrMask: number): SignalFrames => ({
  smallestStack: 5120n,
  size: RECORDS_END,
  push,
  restore: (stackPointer, bytes) => restore(stackPointer, bytes, fpcrMask),
});
