import type { RunEvent } from '../../engine/index.ts';
import type { LinuxProcess } from '../process.ts';
import type { SignalInfo } from '../signals/index.ts';
import type { SyscallResult } from '../syscalls/row.ts';
import type { Thread } from './thread.ts';

/** What a machine tells of an instruction that failed. */
export type FaultEvent = Extract<RunEvent, { kind: 'fault' }>;

/** Who decides which threads run, and sees signals before guests do: as ptrace lets a debugger. */
export interface KernelDebugger {
  /** Index of the thread, of those that could run, whose turn it is; -1 for none. */
  choose(ready: readonly Thread[]): number;
  /** A thread is going to act on a signal. @returns true if it must not: then `Kernel.act` may be called later */
  holdsSignal(thread: Thread, info: SignalInfo): boolean;
  /** An instruction of a thread's failed. @returns true if that is to have no effect: then `Kernel.actOnFault` may be called later */
  holdsFault(thread: Thread, event: FaultEvent): boolean;
}

/** What the kernel tells its user. */
export interface KernelEvents {
  /** A signal that it did not handle is going to end a process other than the first; its files are still open. */
  uncaught?(process: LinuxProcess, signal: number): void;
  /** A thread besides the first process's first; it has not run yet. */
  threadStarted?(thread: Thread): void;
  /** A thread will run no more. */
  threadEnded?(thread: Thread): void;
  /** A process besides the first; it has not run yet. */
  processStarted?(process: LinuxProcess): void;
  /** A process has ended, its threads before it. */
  processEnded?(process: LinuxProcess): void;
  /** A process has another program, which has not run yet. */
  executed?(process: LinuxProcess): void;
  /** A thread goes on, as the child that it made by vfork has a program of its own, or has ended. */
  vforkDone?(parent: Thread): void;
  /** Another thread's registers are loaded from now on. */
  switched?(thread: Thread): void;
  /**
   * A system call has ended, and its result is in its register, before anything else happens. Not told where `Kernel.syscall` returns
   * 'done': then nothing else happens. Observers take longer.
   */
  returned?(process: LinuxProcess, number: number, result: SyscallResult): void;
  /** A signal reaches a process. */
  signal?(process: LinuxProcess, info: SignalInfo): void;
  /** What a process handles, ignores or blocks may have changed; of what it blocks, when it waits. */
  dispositions?(): void;
  /** A process is going to be killed, as there is no memory for what it writes; its registers are loaded. */
  outOfMemory?(process: LinuxProcess): void;
  /** A signal, by name, stops the first process, whose parent is the host's. */
  stops?(signal: string): void;
}
