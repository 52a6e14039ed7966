import { InputKind } from '../../../ir/index.ts';
import { systemRegister } from '../cpuModels.ts';
import { DIT, FPCR, FPSR, SSBS, TPIDR_EL0, TPIDRRO_EL0 } from '../state.ts';
import { clearExclusive } from './branch.ts';
import type { A64Translator } from './translator.ts';

/** Hints and barriers that nothing can be seen of: all memory accesses happen in program order. */
export function noOperation(): void {}

/** YIELD, WFE: others get a turn. Going through the kernel clears the exclusive monitor. */
export function yieldToOthers(t: A64Translator): void {
  clearExclusive(t);
  t.ir.end({ kind: 'exit', next: t.next });
}

/** WFI: does nothing, as Linux lets it; unlike YIELD and WFE it leaves QEMU's exclusive monitor alone. */
export function waitForInterrupt(t: A64Translator): void {
  t.ir.end({ kind: 'exit', next: t.next });
}

/** ISB, SB: what follows is looked up anew, so that code just written is what runs. */
export function synchronizeContext(t: A64Translator): void {
  t.ir.end({ kind: 'exit', next: t.next });
}

/** DC ZVA: zeros the block that the address lies in. */
export function zeroBlock(t: A64Translator, { rt }: { rt: number }): void {
  const { ir } = t;
  const bytes = t.cpu.zeroBlockBytes;
  const start = ir.i64_and(t.x(rt), ir.i64_const(-bytes));
  const zero = ir.v128_words(0, 0, 0, 0);
  for (let offset = 0; offset < bytes; offset += 16) ir.v128_store(offset === 0 ? start : ir.i64_add(start, ir.i64_const(offset)), zero);
}

/** Cache maintenance by address: it has no effect that a program could see, as stores to code are seen by the engine. */
export function maintainCache(): void {}

/** The system register operand of MRS and MSR: S<op0>_<op1>_C<crn>_C<crm>_<op2>. */
interface SystemRegisterFields {
  readonly o0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
  readonly rt: number;
}

/** MRS of a register that reads as a constant of the CPU model. */
export function readConstant(t: A64Translator, { o0, op1, crn, crm, op2, rt }: SystemRegisterFields): void {
  const value = t.cpu.constants.get(systemRegister(2 + o0, op1, crn, crm, op2));
  if (value === undefined) return t.undefined();
  t.setX(rt, t.ir.i64_const(value));
}

/**
 * MRS of the identification registers, which Linux emulates for user mode (Documentation/arm64/cpu-feature-registers):
 * MIDR, MPIDR, REVIDR and the ID_AA64 registers; those that are not in use read as zero.
 */
export function readIdentification(t: A64Translator, { crm, op2, rt }: { crm: number; op2: number; rt: number }): void {
  const isReadable = crm === 0 ? op2 === 0 || op2 === 5 || op2 === 6 : crm >= 4 && crm <= 7;
  if (!isReadable) return t.undefined();
  t.setX(rt, t.ir.i64_const(t.cpu.constants.get(systemRegister(3, 0, 0, crm, op2)) ?? 0n));
}

/** MRS and MSR of NZCV */
export function readFlags(t: A64Translator, { rt }: { rt: number }): void {
  t.setW(rt, t.ir.getNzcv());
}

export function writeFlags(t: A64Translator, { rt }: { rt: number }): void {
  t.setNzcv(t.ir.i32_and(t.w(rt), t.ir.i32_const(0xf0000000)));
}

/** N Z C V of AArch32's FPSCR, QC, and the cumulative exception bits. */
const FPSR_MASK = 0xf800009f;

/** MRS and MSR of FPCR and FPSR */
export function readFpcr(t: A64Translator, { rt }: { rt: number }): void {
  t.setW(rt, t.ir.getReg(FPCR));
}

export function writeFpcr(t: A64Translator, { rt }: { rt: number }): void {
  t.fpCare = undefined;
  t.ir.setReg(FPCR, t.ir.i32_and(t.w(rt), t.ir.i32_const(t.cpu.fpcrMask)));
}

export function readFpsr(t: A64Translator, { rt }: { rt: number }): void {
  t.setW(rt, t.ir.getReg(FPSR));
}

export function writeFpsr(t: A64Translator, { rt }: { rt: number }): void {
  t.fpCare = undefined;
  t.ir.setReg(FPSR, t.ir.i32_and(t.w(rt), t.ir.i32_const(FPSR_MASK)));
}

/** The bits of PSTATE that can be read and written one by one, with their places in a register. */
export const PSTATE_BITS = { DIT: { register: DIT, mask: 1 << 24 }, SSBS: { register: SSBS, mask: 1 << 12 } } as const;
type PstateBit = (typeof PSTATE_BITS)[keyof typeof PSTATE_BITS];

/** MRS and MSR of DIT and SSBS, the latter with a register or an immediate, whose low bit counts: they change nothing that a program could see. */
export function readPstateBit(t: A64Translator, { rt }: { rt: number }, { register }: PstateBit): void {
  t.setW(rt, t.ir.getReg(register));
}

export function writePstateBit(t: A64Translator, { rt }: { rt: number }, { register, mask }: PstateBit): void {
  t.ir.setReg(register, t.ir.i32_and(t.w(rt), t.ir.i32_const(mask)));
}

export function setPstateBit(t: A64Translator, { crm }: { crm: number }, { register, mask }: PstateBit): void {
  t.ir.setReg(register, t.ir.i32_const((crm & 1) === 0 ? 0 : mask));
}

/** MRS and MSR of the thread pointer; QEMU ends its block behind the latter. */
export function readThreadPointer(t: A64Translator, { rt }: { rt: number }): void {
  t.setX(rt, t.ir.getReg(TPIDR_EL0));
}

export function writeThreadPointer(t: A64Translator, { rt }: { rt: number }): void {
  t.ir.setReg(TPIDR_EL0, t.x(rt));
  t.ir.end({ kind: 'exit', next: t.next });
}

export function readReadOnlyThreadPointer(t: A64Translator, { rt }: { rt: number }): void {
  t.setX(rt, t.ir.getReg(TPIDRRO_EL0));
}

/** MRS of CNTVCT_EL0: the virtual count, in ticks of CNTFRQ_EL0. */
export function readCounter(t: A64Translator, { rt }: { rt: number }): void {
  t.setX(rt, t.ir.input(InputKind.counter));
}

/** MRS of RNDR and RNDRRS: a random number, and N Z C V = 0, which says that there was one. */
export function readRandom(t: A64Translator, { rt }: { rt: number }): void {
  t.setX(rt, t.ir.input(InputKind.random));
  t.setNzcv(t.ir.i32_const(0));
}
