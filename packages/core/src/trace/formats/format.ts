import { UserError } from '../../base/index.ts';
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
  readonly settings: FormatSettings;
  /** The program and its arguments, as they were given. */
  readonly command: readonly string[];
  /** Begins a file of a format that is a folder of files; what it gives appends bytes, which are valid during the call only. */
  readonly openFile: (name: string) => (bytes: Uint8Array) => void;
}

/** What users choose of formats. */
export interface FormatSettings {
  /** Globs of the registers, by gdb's names, whose changes `execlog` tells (none: no changes) and that `vcd` shows (none: pc, SP and X registers). */
  readonly watchedRegisters: readonly string[];
  /** Instructions of an interval of `bbv`, at least 1. */
  readonly interval: number;
  /** Items of QEMU's -d that `qemu` writes. */
  readonly traceItems: readonly TraceLogItem[];
}

/** Items of QEMU's -d that can be written from a trace. */
export const TRACE_LOG_ITEMS = ['in_asm', 'exec', 'cpu', 'fpu', 'nochain'] as const;
export type TraceLogItem = (typeof TRACE_LOG_ITEMS)[number];

/** @param text items with commas between them @throws UserError if one is none */
export function parseTraceLogItems(text: string): readonly TraceLogItem[] {
  return text.split(',').map((name) => {
    const item = TRACE_LOG_ITEMS.find((each) => each === name);
    if (item === undefined) throw new UserError(`there is no log item '${name}' in a trace; there are ${TRACE_LOG_ITEMS.join(', ')}`);
    return item;
  });
}

/** 100 million instructions an interval are what SimPoint's users, and QEMU's bbv plugin, take. */
export const DEFAULT_FORMAT_SETTINGS: FormatSettings = { watchedRegisters: [], interval: 100_000_000, traceItems: ['in_asm', 'exec', 'cpu', 'nochain'] };

/** Turns a trace into text. */
export interface TraceFormatter extends TraceVisitor {
  /** Definitions of blocks, before they run; may be kept. */
  define?(definitions: Uint8Array): void;
  /** The trace is over. */
  end(): void;
}
