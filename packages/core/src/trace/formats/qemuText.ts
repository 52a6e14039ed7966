import type { Register, StateLayout } from '../../ir/index.ts';

/** Registers of the moment. CpuState is one of these. */
export interface RegisterSource {
  /** The register's bits, unsigned. */
  get(register: Register): bigint;
  /** N Z C V in bits 3..0. */
  readonly nzcv: number;
}

// The middle of a `Trace` line. QEMU shows there the host address of the block's code, then cs_base, pc, flags and
// cflags. everystep has no host addresses: it shows a number that is the block's own. cs_base and flags are the mode bits
// that QEMU has for a user program on a CPU of Armv8.0.
const HOST_CODE = 0x7f00_0000_0000;
const HOST_CODE_SIZE = 0x100;
const CS_BASE = '0000000000001001';
const FLAGS = '00000001';

const digitsOf = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
const wide = (value: bigint, digits: number): string => value.toString(16).padStart(digits, '0');
const two = (n: number): string => String(n).padStart(2, '0');

/** QEMU's cflags: 0x200 says that the block is not chained, the low bits how many instructions it may have. */
export const qemuCflags = (noChain: boolean, oneInsnPerBlock: boolean): string => (oneInsnPerBlock ? '00000201' : noChain ? '00000200' : '00000000');

/** A line of `-d exec`. @param block a number of the block's own @param name of the function at `pc`, or '' */
export function qemuTraceLine(block: number, pc: number, cflags: string, name: string): string {
  return `Trace 0: 0x${(HOST_CODE + block * HOST_CODE_SIZE).toString(16)} [${CS_BASE}/${digitsOf(pc, 16)}/${FLAGS}/${cflags}] ${name}\n`;
}

/** What `-d in_asm` says before a block's instructions. */
export const qemuBlockHead = (name: string): string => `----------------\nIN: ${name}\n`;

/** An instruction's line of `-d in_asm`. */
export const qemuInsnLine = (pc: number, word: number, mnemonic: string, operands: string): string =>
  `0x${digitsOf(pc, 8)}:  ${digitsOf(word >>> 0, 8)}  ${mnemonic.padEnd(8)} ${operands}\n`;

/** Text of the CPU state for `-d cpu`. @param fpu with floating-point and vector registers (`-d fpu`) */
export type QemuCpuDump = (registers: RegisterSource, pc: number, fpu: boolean) => string;

/** The dump of an AArch64 CPU, as QEMU 7.2 prints one without SVE, SME and BTI (cortex-a57). */
export function qemuCpuDump(state: StateLayout): QemuCpuDump {
  const x = Array.from({ length: 31 }, (_, i) => state.get(`x${i}`));
  const v = Array.from({ length: 32 }, (_, i) => state.get(`v${i}`));
  const [sp, fpcr, fpsr] = ['sp', 'fpcr', 'fpsr'].map((name) => state.get(name));
  return (registers, pc, fpu) => {
    let text = ` PC=${digitsOf(pc, 16)} `;
    for (let i = 0; i < 31; i++) text += `X${two(i)}=${wide(registers.get(x[i]), 16)}${i % 3 === 1 ? '\n' : ' '}`;
    const { nzcv } = registers;
    const flags = `${nzcv & 8 ? 'N' : '-'}${nzcv & 4 ? 'Z' : '-'}${nzcv & 2 ? 'C' : '-'}${nzcv & 1 ? 'V' : '-'}`;
    text += ` SP=${wide(registers.get(sp), 16)}\nPSTATE=${nzcv.toString(16)}0000000 ${flags} EL0t`;
    if (!fpu) return `${text}\n`;
    text += `     FPCR=${wide(registers.get(fpcr), 8)} FPSR=${wide(registers.get(fpsr), 8)}\n`;
    for (let i = 0; i < 32; i++) {
      const q = wide(registers.get(v[i]), 32);
      text += `Q${two(i)}=${q.slice(0, 16)}:${q.slice(16)}${i % 2 === 0 ? ' ' : '\n'}`;
    }
    return text;
  };
}
