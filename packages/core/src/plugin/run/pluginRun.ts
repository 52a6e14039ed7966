import type { CodeMapping } from '../../trace/index.ts';
import type { PluginImage, PluginMapping, PluginSyscall } from '../api.ts';

/** A process of the run that plugins look at. */
export interface RunProcess {
  readonly pid: number;
  /** The program's file. */
  readonly programPath: string;
  /** Another object after each exec. */
  readonly image: object;
  /** What it has mapped of files to execute, in ascending order. */
  codeMappings(): readonly CodeMapping[];
  /** What it has mapped, in ascending order. Of the process that runs. */
  mappings(): readonly PluginMapping[];
  /** Its program, and the dynamic linker where there is one. */
  images(): readonly PluginImage[];
}

/** A thread of the run: the same object for as long as it lives. */
export interface RunThread {
  readonly tid: number;
  readonly process: RunProcess;
}

/** A signal that reaches a process. */
export interface RunSignal {
  readonly signal: number;
  /** si_code */
  readonly code: number;
  /** For faults: what si_addr is. */
  readonly address: bigint | undefined;
  readonly pid: number;
}

/** What the plugin host hears of a run. */
export interface RunListener {
  /** Another thread's registers are loaded from now on, or, of the same thread, a signal's handler is going to run. */
  switched(thread: RunThread): void;
  /** A thread besides the first; it has not run yet. */
  threadStarted(thread: RunThread): void;
  threadEnded(thread: RunThread): void;
  /** A process besides the first, before its thread. */
  processStarted(process: RunProcess): void;
  /** Its threads have ended before it. */
  processEnded(process: RunProcess): void;
  enter(call: PluginSyscall): void;
  /** @param result see PluginApi.onSyscallReturn */
  leave(call: PluginSyscall, result: bigint | undefined): void;
  signal(signal: RunSignal): void;
  /** The kernel has written to the memory of the process that runs. */
  wrote(address: number, data: Uint8Array): void;
}

/** A run that plugins look at: one that happens, or one that is replayed. */
export interface PluginRun {
  /** The thread that runs. */
  readonly current: RunThread;
  /** What has been recorded cannot be changed. */
  readonly isRecorded: boolean;
  /** Once. */
  listen(listener: RunListener): void;
}
