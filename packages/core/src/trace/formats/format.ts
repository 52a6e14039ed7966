import type { StateLayout } from '../../ir/index.ts';
import type { TraceVisitor } from '../reader.ts';

/** What formats need to know besides the trace's records. */
export interface FormatContext {
  readonly state: StateLayout;
  /** Text of an instruction, as `mnemonic operands`. */
  readonly disassemble: (pc: number, word: number) => string;
  /** Names of system calls by number. */
  readonly syscalls: ReadonlyMap<number, string>;
  /** Registers in the order of QEMU's gdb target, for `execlog`. */
  readonly gdbRegisters: readonly GdbRegister[];
  /** Globs of the registers whose changes `execlog` tells; none: no changes. */
  readonly watchedRegisters: readonly string[];
}

/** A register of QEMU's gdb target: a register of the state, or the program counter, or the word with N Z C V in bits 31..28. */
export interface GdbRegister {
  /** Lower case. */
  readonly name: string;
  readonly kind: 'state' | 'pc' | 'flags';
}

/** Turns a trace into text. */
export interface TraceFormatter extends TraceVisitor {
  /** The trace is over. */
  end(): void;
}
