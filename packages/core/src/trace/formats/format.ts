import type { GdbRegister } from '../../guest/index.ts';
import type { StateLayout } from '../../ir/index.ts';
import type { ProfileContext } from '../profile/index.ts';
import type { TraceVisitor } from '../reader.ts';

/** What formats need to know besides the trace's records. */
export interface FormatContext extends ProfileContext {
  readonly state: StateLayout;
  /** Text of an instruction: mnemonic, blank, operands (which may be empty). */
  readonly disassemble: (pc: number, word: number) => string;
  /** Registers in the order of QEMU's gdb target, for `execlog`. */
  readonly gdbRegisters: readonly GdbRegister[];
  /** True for instructions whose memory accesses QEMU's plugins do not see, for `execlog`. */
  readonly hidesAccesses: (word: number) => boolean;
  /** Globs of the registers whose changes `execlog` tells; none: no changes. */
  readonly watchedRegisters: readonly string[];
  /** The program and its arguments, as they were given. */
  readonly command: readonly string[];
  /** Begins a file of a format that is a folder of files; what it gives appends bytes, which are valid during the call only. */
  readonly openFile: (name: string) => (bytes: Uint8Array) => void;
}

/** Turns a trace into text. */
export interface TraceFormatter extends TraceVisitor {
  /** The trace is over. */
  end(): void;
}
