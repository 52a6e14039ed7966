import type { Guest } from '../guest/index.ts';
import type { ByteString } from '../linux/index.ts';

/** A thread, by Linux's numbers. */
export interface ThreadId {
  readonly pid: number;
  readonly tid: number;
}

/** A thread as the debugger lists it. */
export interface DebugThread extends ThreadId {
  /** As prctl(PR_SET_NAME) gives it. */
  readonly name: string;
  /** What it is doing, in words; '' if it just runs. */
  readonly state: string;
}

/** A thread's registers, by their numbers in `Guest.gdbRegisters`; values are unsigned. */
export interface RegisterFile {
  get(number: number): bigint;
  /** Sets a register to `value` modulo its width. @returns false if registers cannot be changed */
  set(number: number, value: bigint): boolean;
}

/** `code`: before the instruction at the address. The others: before an instruction that stores to, loads from, or accesses one of `length` bytes. */
export type BreakpointKind = 'code' | 'write' | 'read' | 'access';

export interface Breakpoint {
  readonly kind: BreakpointKind;
  /** Below 2^53. */
  readonly address: number;
  /** In bytes; of no meaning where `kind` is code. */
  readonly length: number;
}

/** What one thread does when the target goes on. */
export interface ThreadAction {
  /** `step`: one instruction; with `range`, as many as lie from its start up to, and without, its end. */
  readonly kind: 'continue' | 'step';
  readonly range?: { readonly start: number; readonly end: number };
  /** Linux's number of a signal that it gets first; 0: none, and one that it stopped for is dropped. */
  readonly signal: number;
}

export interface ResumeRequest {
  /** What a thread does; undefined: it stays where it is. Of threads that do not exist yet, too. */
  actionOf(thread: ThreadId): ThreadAction | undefined;
}

/** Why the target has stopped. Wherever a thread is named, it is where its registers say. */
export type StopEvent =
  /** A breakpoint of kind `code`: the instruction there comes next. */
  | { readonly kind: 'breakpoint'; readonly thread: ThreadId }
  /**
   * Going forwards, the instruction that comes next makes the access: it has not happened. Going backwards, it has not been
   * undone. That is what gdb expects of instruction sets where accesses stop before they happen: it makes one step before
   * it compares values. The address is that of the breakpoint.
   */
  | { readonly kind: 'watchpoint'; readonly thread: ThreadId; readonly access: Exclude<BreakpointKind, 'code'>; readonly address: number }
  /** What was to be stepped has been stepped. */
  | { readonly kind: 'stepped'; readonly thread: ThreadId }
  /** The debugger asked for it. */
  | { readonly kind: 'interrupted'; readonly thread: ThreadId }
  /** The thread is about to get a signal, by Linux's number, or its next instruction cannot be done. */
  | { readonly kind: 'signal'; readonly thread: ThreadId; readonly signal: number }
  /** `entry`: the instruction that calls comes next. `return`: it has been done. */
  | { readonly kind: 'syscall'; readonly thread: ThreadId; readonly at: 'entry' | 'return'; readonly number: number }
  /** The child has not run yet. */
  | { readonly kind: 'forked'; readonly thread: ThreadId; readonly child: ThreadId; readonly isVfork: boolean }
  | { readonly kind: 'vforkDone'; readonly thread: ThreadId }
  /** The process has another program, at its first instruction. */
  | { readonly kind: 'executed'; readonly thread: ThreadId; readonly path: ByteString }
  | { readonly kind: 'exited'; readonly pid: number; readonly status: number }
  | { readonly kind: 'killed'; readonly pid: number; readonly signal: number }
  /** None of the threads that were to go on is there any more. */
  | { readonly kind: 'idle' }
  /** The first or last moment that a recording has. */
  | { readonly kind: 'history'; readonly thread: ThreadId; readonly end: 'begin' | 'end' };

/** How a target that runs finds out that it should stop. */
export interface ResumeControl {
  /** Whether the debugger wants the target to stop. Cheap: to be asked every few milliseconds while it runs. */
  interrupted(): boolean;
}

/** What the debugger wants to hear of. */
export interface DebugWishes {
  /** Signals, by Linux's numbers, that threads get without a stop. */
  readonly passedSignals: ReadonlySet<number>;
  /** System calls that stop: all, or those with these numbers; undefined: none. */
  readonly syscalls: ReadonlySet<number> | 'all' | undefined;
  readonly forks: boolean;
  readonly vforks: boolean;
  readonly execs: boolean;
}

/** Read-only access to files as the guest sees them. Throws LinuxError. */
export interface DebugFiles {
  /** @returns a number of the file, from 0 */
  open(path: ByteString): number;
  /** Up to `length` bytes; none at the end of the file. */
  read(file: number, length: number, offset: number): Uint8Array;
  stat(file: number): DebugFileStat;
  close(file: number): void;
  readLink(path: ByteString): ByteString;
}

export interface DebugFileStat {
  /** As Linux's st_mode. */
  readonly mode: number;
  readonly size: bigint;
  /** In seconds since 1970. */
  readonly modified: number;
}

/** A target that can go back in time. Steps are instructions completed. */
export interface DebugHistory {
  /** Goes one instruction of the thread back. */
  reverseStep(thread: ThreadId, control: ResumeControl): Promise<StopEvent>;
  /** Goes back until it arrives at a breakpoint or has passed a watchpoint's access (see StopEvent), or to the beginning. */
  reverseContinue(control: ResumeControl): Promise<StopEvent>;
  /** Goes to a step. @throws UserError where there is none */
  goTo(step: number): Promise<void>;
  /** Goes back to the last instruction that wrote the byte at an address, which comes next then. @returns its step; undefined if there is none, and nothing has moved */
  findWrite(pid: number, address: number): Promise<number | undefined>;
}

/**
 * Something that a debugger can look at and move: a guest that runs, or a recording. All threads stand still except during
 * `resume` and the movements of `history`. Methods that take a pid or a thread are called with those that `threads` lists.
 */
export interface DebugTarget {
  readonly guest: Guest;
  /** Those of all processes that are debugged, each process's first thread first. */
  threads(): readonly DebugThread[];
  /** The thread that the last stop was about; undefined when there is none left. */
  readonly current: ThreadId | undefined;
  /** Instructions completed by all threads. */
  readonly step: number;
  registers(thread: ThreadId): RegisterFile;
  /** The bytes from an address (below 2^53) on, up to the first that is not mapped: none if that is the first. */
  readMemory(pid: number, address: number, length: number): Uint8Array;
  /** @returns false where nothing is mapped, or memory cannot be changed */
  writeMemory(pid: number, address: number, data: Uint8Array): boolean;
  /** Takes effect when the target goes on. The same one may be there already. @returns false if there are too many */
  insertBreakpoint(pid: number, breakpoint: Breakpoint): boolean;
  removeBreakpoint(pid: number, breakpoint: Breakpoint): void;
  /** Goes on until something happens. */
  resume(request: ResumeRequest, control: ResumeControl): Promise<StopEvent>;
  /** The process runs on, undebugged. */
  detach(pid: number): void;
  /** Ends the process. */
  kill(pid: number): void;
  /** From now on. What a target cannot tell of does not happen. */
  want(wishes: DebugWishes): void;
  /** The program's path, as the guest sees it. */
  executable(pid: number): ByteString;
  /** The auxiliary vector, as it was given to the program. */
  auxiliaryVector(pid: number): Uint8Array;
  /** siginfo_t of the signal that the thread has stopped for, if it has. */
  signalInfo(thread: ThreadId): Uint8Array | undefined;
  readonly files?: DebugFiles;
  readonly history?: DebugHistory;
}
