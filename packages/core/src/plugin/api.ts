import type { PluginArguments, PluginOption } from './arguments.ts';
import type { Counter, Scoreboard } from './counters.ts';
import type { Batch, PluginThread } from './rows.ts';

/**
 * Version of this interface. A plugin says which one it was written for; another major number is refused.
 * Members may be added without a new number; none is removed or changes its meaning.
 */
export const PLUGIN_API_VERSION = 1;

/** A plugin: the default export of its file. */
export interface Plugin {
  /** PLUGIN_API_VERSION as of when it was written. */
  readonly apiVersion: number;
  readonly name: string;
  /** One line for the list of plugins. */
  readonly description?: string;
  /** The arguments that it takes; others are refused. */
  readonly options?: readonly PluginOption[];
  /** Called once, before the program starts. May throw a UserError for arguments that do not fit together. */
  install(api: PluginApi, args: PluginArguments): void;
}

/** Which accesses to memory. */
export type AccessKinds = 'r' | 'w' | 'rw';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A register, in the order of QEMU's gdb target. */
export interface PluginRegister {
  /** Lower case: x0, sp, pc, cpsr, v0, … */
  readonly name: string;
  readonly bytes: number;
}

/** A memory operand of an instruction, in the order of the accesses. */
export interface MemoryOperand {
  readonly store: boolean;
  /** 1 to 16 */
  readonly bytes: number;
  /** It may not be made at all (store-exclusive, compare-and-swap). */
  readonly conditional: boolean;
}

/** An access to memory, just made. */
export interface MemoryAccess {
  readonly store: boolean;
  readonly bytes: number;
  readonly address: number;
  /** What was loaded or stored, unsigned. */
  readonly value: bigint;
}

/** What an instruction writes into the batches of a plugin. */
export interface RecordOptions {
  /** A row of kind `exec` before the instruction; with the value that `register` has then, where one is named. */
  readonly exec?: boolean | { readonly register: string };
  /** A row for each access. */
  readonly accesses?: AccessKinds;
  /** A row of kind `register` for each of these that the instruction writes, with the value that it has after it; 'all': every one that it writes. */
  readonly written?: readonly string[] | 'all';
}

/**
 * An instruction of the program, as translated. The same object stands for it each time it is translated. What is asked of
 * it (count, record, on…) holds for the block whose translation is being told; an instruction counts when it completes.
 */
export interface PluginInsn {
  /** A number from 0 on, for arrays of what a plugin keeps of each instruction; the same for all plugins. */
  readonly index: number;
  readonly pc: number;
  /** Its bytes as a little-endian number, unsigned. */
  readonly word: number;
  /** Number of its bytes. */
  readonly bytes: number;
  /** The manual's name, for example `ADD (immediate)`; undefined for what is no instruction. */
  readonly row: string | undefined;
  /** As QEMU's plugins print it: mnemonic, blank, operands. */
  readonly disassembly: string;
  /** The function that it is in, and the offset there. */
  readonly symbol: string | undefined;
  readonly symbolOffset: number;
  /** Names of the registers that it reads and writes, see PluginApi.registers. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly accesses: readonly MemoryOperand[];
  /** True where QEMU's plugins do not see its accesses (DC ZVA). */
  readonly hidesAccesses: boolean;
  /** Adds `by` (default 1) to the counter each time, in line. */
  count(counter: Counter | Scoreboard, by?: number): void;
  /** Adds 1 for each access, in line; 2 for one of 16 bytes, which QEMU makes as two. */
  countAccesses(counter: Counter | Scoreboard, kinds: AccessKinds): void;
  /** Rows in the batches (PluginApi.onBatch): the fast way to see values. */
  record(options: RecordOptions): void;
  /** Calls back before each time it runs: slow, for those who must act at that instruction. */
  onExec(callback: (insn: PluginInsn, thread: PluginThread) => void): void;
  /** As onExec, where the counter compares so with `value` (unsigned); the comparison is in line. */
  onExecIf(counter: Counter | Scoreboard, comparison: Comparison, value: bigint, callback: (insn: PluginInsn, thread: PluginThread) => void): void;
  /** Calls back after each access, which may be in the midst of the instruction: registers can be read, not written. */
  onAccess(kinds: AccessKinds, callback: (insn: PluginInsn, access: MemoryAccess, thread: PluginThread) => void): void;
}

/** A block (QEMU's TB): instructions that run one after the other. */
export interface PluginBlock {
  readonly pc: number;
  readonly insns: readonly PluginInsn[];
  readonly symbol: string | undefined;
  /** Adds `by` (default 1) to the counter each time the block is entered, in line. */
  count(counter: Counter | Scoreboard, by?: number): void;
  /** A row of kind `exec` each time it is entered, of its first instruction. */
  record(): void;
  /** Calls back each time it is entered. */
  onExec(callback: (block: PluginBlock, thread: PluginThread) => void): void;
}

/** A system call that begins. */
export interface PluginSyscall {
  readonly number: number;
  /** Linux's name; undefined where there is none of that number. */
  readonly name: string | undefined;
  /** The argument registers, unsigned. */
  readonly args: readonly bigint[];
}

/** An instruction that did not complete, or a signal from elsewhere. */
export interface PluginSignal {
  readonly signal: number;
  readonly code: number;
  /** For faults: the address that the instruction failed at. */
  readonly address: bigint | undefined;
  readonly pid: number;
}

/** A process of the run. */
export interface PluginProcess {
  readonly pid: number;
  readonly program: string;
}

/** A file whose code the first process has: the program and its dynamic linker. */
export interface PluginImage {
  readonly path: string;
  /** Addresses of the first byte and behind the last one. */
  readonly start: number;
  readonly end: number;
  readonly entry: number;
}

/** What a plugin is given. Callbacks are registered in `install` or later; they are called in the order of registration. */
export interface PluginApi {
  readonly version: number;
  /** QEMU's target name: aarch64. */
  readonly target: string;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly images: readonly PluginImage[];
  readonly registers: readonly PluginRegister[];
  /** Writes to the log of `-d plugin`. */
  output(text: string): void;
  /** Writes a file on the host; where there is none (browser), throws. */
  writeFile(name: string, content: Uint8Array): void;

  /** Translation: a block is about to run for the first time. It may come again, whole or cut differently. */
  onBlock(callback: (block: PluginBlock) => void): void;
  /** Rows that `record` asked for. They come before the callbacks of system calls, threads and ends that happened after them. */
  onBatch(callback: (batch: Batch) => void): void;
  /** Of the first thread, at its start: registers can be read. */
  onThreadStart(callback: (thread: PluginThread) => void): void;
  onThreadEnd(callback: (thread: PluginThread) => void): void;
  onProcessStart(callback: (process: PluginProcess) => void): void;
  onProcessEnd(callback: (process: PluginProcess) => void): void;
  onSyscall(callback: (thread: PluginThread, call: PluginSyscall) => void): void;
  /** `result`: the result register, signed; undefined where the call does not return or sets the registers itself. */
  onSyscallReturn(callback: (thread: PluginThread, call: PluginSyscall, result: bigint | undefined) => void): void;
  onSignal(callback: (signal: PluginSignal) => void): void;
  /** The run is over; the last words go to the log. */
  atExit(callback: () => void): void;

  /** Counters, all 0; many of them cost nothing. */
  counter(): Counter;
  scoreboard(): Scoreboard;

  // Within a callback of onExec, onExecIf, onAccess, onSyscall and onSyscallReturn, of the thread that runs:

  /** The register's value, unsigned. @throws Error if there is none of that name */
  readRegister(name: string): bigint;
  /** Only in onExec and onExecIf. `pc`: go on elsewhere. @throws Error */
  writeRegister(name: string, value: bigint): void;
  /** Bytes of guest memory; undefined where some are not mapped. */
  readMemory(address: number, length: number): Uint8Array | undefined;
  /** Ends the run here with an exit status, before the instruction. Only in onExec, onExecIf and onSyscall. */
  exit(status: number): void;
  /** Instructions completed by all threads. */
  readonly steps: number;
}

/** Says that an object is a plugin, so that its members are checked where it is written. */
export const definePlugin = (plugin: Plugin): Plugin => plugin;
