import type { TraceEvent } from '../events.ts';
import type { TracedFunction } from './functionTable.ts';
import type { ProfiledThread, ProfileListener } from './profiler.ts';

/** Takes what happens when. Times are steps: one instruction of any thread each. */
export interface TimelineSink {
  /** Before anything else is told of the thread. */
  thread(thread: ProfiledThread): void;
  /** Things that begin and end in one thread are nested. */
  begin(thread: ProfiledThread, step: number, fn: TracedFunction): void;
  beginSyscall(thread: ProfiledThread, step: number, name: string, args: readonly bigint[]): void;
  end(thread: ProfiledThread, step: number): void;
}

/** Makes a timeline of functions and system calls. */
export class Timeline implements ProfileListener {
  /** By thread: whether it is in a system call. */
  private readonly inSyscall: boolean[] = [];

  /** @param step the instructions that all threads have completed */
  constructor(
    private readonly sink: TimelineSink,
    private readonly step: () => number,
    private readonly syscalls: ReadonlyMap<number, string>,
  ) {}

  enter(thread: ProfiledThread, fn: TracedFunction): void {
    this.runs(thread);
    this.sink.begin(thread, this.step(), fn);
  }

  leave(thread: ProfiledThread): void {
    this.runs(thread);
    this.sink.end(thread, this.step());
  }

  spent(thread: ProfiledThread): void {
    this.runs(thread);
  }

  event(thread: ProfiledThread, event: TraceEvent): void {
    if (event.kind === 'syscallResult') this.runs(thread);
    else if (event.kind === 'syscall') {
      this.runs(thread);
      const name = this.syscalls.get(event.number) ?? `syscall ${event.number}`;
      // Those that do not come back: their thread has ended already.
      if (name === 'exit' || name === 'exit_group') return;
      this.sink.beginSyscall(thread, this.step(), name, event.args);
      this.inSyscall[thread.index] = true;
    }
  }

  /** The thread is in a system call no more, and known. */
  private runs(thread: ProfiledThread): void {
    const state = this.inSyscall[thread.index];
    if (state === false) return;
    this.inSyscall[thread.index] = false;
    if (state === undefined) this.sink.thread(thread);
    else this.sink.end(thread, this.step());
  }
}
