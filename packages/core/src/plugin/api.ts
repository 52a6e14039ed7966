import type { CodePlace, SourceLine } from '../symbols/index.ts';
import type { BlockEnd, TracedFunction } from '../trace/index.ts';
import type { PluginArguments, PluginOption } from './arguments.ts';
import type { Counter, Scoreboard } from './counters.ts';
import type { InsnOrigin } from './places.ts';
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

/** What one result of an instruction is made of. */
export interface DataFlow {
  /** A register, the datum of a store, the address of an access, or where the block goes on (a conditional or indirect branch). */
  readonly to: 'register' | 'store' | 'address' | 'branch';
  /** The register, as index in PluginApi.registers (flags are one byte of cpsr), or the access, as index in `accesses`; else 0. */
  readonly index: number;
  /**
   * For each byte of the result, the lowest first, the bytes that it depends on; addresses and branches are one byte.
   * A byte is a number: `16 * register + byte` of what a register had before the instruction, or
   * `LOADED_BYTE + 16 * access + byte` of what an access loads. Bytes of vectors are 0 to 15.
   */
  readonly from: readonly (readonly number[])[];
}

/** What an instruction writes into the batches of a plugin. */
export interface RecordOptions {
  /** A row of kind `exec` before the instruction; with the value that `register` has then, where one is named. */
  readonly exec?: boolean | { readonly register: string };
  /**
   * With `exec`: a number of the plugin's, 0 to 2^31 - 1, that its row has (Batch.tag). Blocks may be translated again and cut
   * differently, and the old code may go on: a tag tells which translation a row is of.
   */
  readonly tag?: number;
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
  /** The function as the debugger knows it: demangled, the same object for all its instructions. */
  readonly function: TracedFunction;
  /** The program's or library's file that has it, and its address there; undefined where there is none. */
  readonly place: CodePlace | undefined;
  /** The source line that it comes from, where the file has line numbers. */
  readonly source: SourceLine | undefined;
  /** Names of the registers that it reads and writes, see PluginApi.registers. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly accesses: readonly MemoryOperand[];
  /** True where QEMU's plugins do not see its accesses (DC ZVA). */
  readonly hidesAccesses: boolean;
  /** What its results are made of, byte by byte. Only while its block is told, as the block's code is gone then. @throws Error */
  dataFlow(): readonly DataFlow[];
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
  /** How it ends: which kind of branch, and where that goes. */
  readonly end: BlockEnd;
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
  /** The thread that it reaches: its instruction failed, or it runs the handler. */
  readonly thread: PluginThread;
}

/** A file on the host that a plugin writes. */
export interface PluginFile {
  /** Appends bytes, which may be changed afterwards. */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** A connection with another process on the host. Both methods wait. */
export interface PluginSocket {
  /** It was here first, and the other has come. */
  readonly isFirst: boolean;
  /** @returns false if the other end is gone */
  write(bytes: Uint8Array): boolean;
  /** Fills `into`. @returns false if the other end is gone */
  read(into: Uint8Array): boolean;
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

/** Part of a process's memory, with one permission throughout. */
export interface PluginMapping {
  readonly start: number;
  /** Behind its last byte. */
  readonly end: number;
  readonly writable: boolean;
  readonly executable: boolean;
  /** The file that is there; empty where there is none. */
  readonly path: string;
}

/** What a plugin is given. Callbacks are registered in `install` or later; they are called in the order of registration. */
export interface PluginApi {
  readonly version: number;
  /** QEMU's target name: aarch64. */
  readonly target: string;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly images: readonly PluginImage[];
  /** What the process that runs has mapped, in ascending order of address. */
  readonly mappings: readonly PluginMapping[];
  /** What is at an address of code of the process that runs. */
  locate(pc: number): InsnOrigin;
  readonly registers: readonly PluginRegister[];
  /** Writes to the log of `-d plugin`. */
  output(text: string): void;
  /** Writes a file on the host; where there is none (browser), throws. */
  writeFile(name: string, content: Uint8Array): void;
  /** Begins a file on the host, with its folders, to be written bit by bit. Throws as writeFile does. */
  openFile(name: string): PluginFile;
  /**
   * Meets another process at a Unix socket: whoever comes first makes it and waits for the other.
   * Throws where the host cannot, and a UserError where the path cannot be used.
   */
  meet(path: string): PluginSocket;

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
  /** A signal's handler is what the thread runs next; its end is the system call rt_sigreturn. */
  onHandler(callback: (thread: PluginThread) => void): void;
  /** The kernel has written to the memory of the process that runs: what a system call gives, a signal's frame. */
  onKernelWrite(callback: (address: number, data: Uint8Array) => void): void;
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
  /**
   * Where `everystep trace` has a trigger `plugin=NAME`, it fires: the trace begins or ends here, before the instruction or behind the
   * system call; else nothing happens. Only in onExec, onExecIf and onSyscall. @throws Error
   */
  trigger(name: string): void;
  /** Instructions completed by all threads. */
  readonly steps: number;
}

/** Says that an object is a plugin, so that its members are checked where it is written. */
export const definePlugin = (plugin: Plugin): Plugin => plugin;
