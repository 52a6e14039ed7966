import { high32, utf8Bytes } from '../../base/index.ts';
import type { Register, StateLayout } from '../../ir/index.ts';

/** Registers of the moment. CpuState is one of these. */
export interface RegisterSource {
  /** 32 bits of the register, from bit 32 * i on. */
  word(register: Register, i: number): number;
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

/** A register's word in the text. */
interface DumpedWord {
  readonly register: Register;
  readonly word: number;
  /** Of its eight digits in the text. */
  readonly at: number;
}

const ZERO = 0x30;
const DASH = 0x2d;
const FLAG_LETTERS = [0x4e, 0x5a, 0x43, 0x56];
/** Of `a` before 10. */
const LETTERS = 0x61 - 10;

/**
 * The text of the CPU state for `-d cpu`, of an AArch64 CPU, as QEMU 7.2 prints one without SVE, SME and BTI (cortex-a57). What has
 * not changed since the last time is not written anew.
 */
export class QemuCpuDump {
  private readonly text: Uint8Array;
  private readonly dumped: readonly DumpedWord[];
  /** What the text has of each of these. */
  private readonly known: Int32Array;
  private readonly pcAt: number;
  private readonly pstateAt: number;

  /** @param fpu with floating-point and vector registers (`-d fpu`) */
  constructor(state: StateLayout, fpu: boolean) {
    const dumped: DumpedWord[] = [];
    let text = '';
    const digits = (name: string, ...words: readonly number[]): void => {
      const register = state.get(name);
      for (const word of words) {
        dumped.push({ register, word, at: text.length });
        text += '00000000';
      }
    };
    text += ' PC=';
    this.pcAt = text.length;
    text += `${'0'.repeat(16)} `;
    for (let i = 0; i < 31; i++) {
      text += `X${two(i)}=`;
      digits(`x${i}`, 1, 0);
      text += i % 3 === 1 ? '\n' : ' ';
    }
    text += ' SP=';
    digits('sp', 1, 0);
    text += '\nPSTATE=';
    this.pstateAt = text.length;
    text += '00000000 ---- EL0t';
    if (fpu) {
      text += '     FPCR=';
      digits('fpcr', 0);
      text += ' FPSR=';
      digits('fpsr', 0);
      text += '\n';
      for (let i = 0; i < 32; i++) {
        text += `Q${two(i)}=`;
        digits(`v${i}`, 3, 2);
        text += ':';
        digits(`v${i}`, 1, 0);
        text += i % 2 === 0 ? ' ' : '\n';
      }
    } else text += '\n';
    this.text = Uint8Array.from(utf8Bytes(text));
    this.dumped = dumped;
    this.known = new Int32Array(dumped.length);
  }

  /** @returns the text as bytes, valid until the next call */
  of(registers: RegisterSource, pc: number): Uint8Array {
    const { text, dumped, known, pcAt, pstateAt } = this;
    this.digits(pcAt, high32(pc));
    this.digits(pcAt + 8, pc | 0);
    const { nzcv } = registers;
    text[pstateAt] = nzcv < 10 ? ZERO + nzcv : LETTERS + nzcv;
    for (let i = 0; i < 4; i++) text[pstateAt + 9 + i] = ((nzcv >> (3 - i)) & 1) === 1 ? FLAG_LETTERS[i] : DASH;
    for (let i = 0; i < dumped.length; i++) {
      const { register, word, at } = dumped[i];
      const value = registers.word(register, word);
      if (value === known[i]) continue;
      known[i] = value;
      this.digits(at, value);
    }
    return text;
  }

  private digits(at: number, word: number): void {
    for (let i = 0; i < 8; i++) {
      const digit = (word >>> (28 - 4 * i)) & 15;
      this.text[at + i] = digit < 10 ? ZERO + digit : LETTERS + digit;
    }
  }
}
