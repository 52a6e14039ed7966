import type { RecordedPart } from './fileHistory.ts';
import type { Replayer, ReplayObserver } from './replayer.ts';

/** A process of a replay, as it is at the replay's present step. */
export interface ReplayedProcess {
  readonly pid: number;
  /** Another object after each exec. */
  readonly image: object;
  /** The program's file, on the recorded system. */
  readonly programPath: string;
  /** What it has mapped of files, in ascending order. */
  readonly parts: readonly RecordedPart[];
}

export interface ReplayedThread {
  readonly tid: number;
  readonly process: ReplayedProcess;
}

/** A system call of a replay. */
export interface ReplayedCall {
  readonly thread: ReplayedThread;
  readonly number: number;
  /** The kernel's name; undefined where there is none. */
  readonly name: string | undefined;
  readonly args: readonly bigint[];
}

/** What somebody hears of a replay, as of a live run's kernel. */
export interface ReplayedEvents {
  /** Before anything happens. */
  enter?(call: ReplayedCall): void;
  /** After it. @param result see SyscallObserver */
  leave?(call: ReplayedCall, result: bigint | undefined): void;
  /** Another thread's registers are loaded from now on, or a signal's handler is going to run. */
  switched?(thread: ReplayedThread): void;
  threadEnded?(tid: number): void;
  signal?(signal: number, pid: number): void;
}

/** Makes of what a replay's journal says what a live run's kernel would tell: it is the replay's observer. */
export class ReplayedRun implements ReplayObserver {
  private readonly calls = new Map<number, ReplayedCall>();
  /** The thread whose registers are the machine's, also where it has ended. */
  private tid: number;
  private pid: number;

  constructor(
    private readonly replayer: Replayer,
    private readonly events: ReplayedEvents,
  ) {
    this.tid = replayer.tid;
    this.pid = replayer.pid;
  }

  /** The thread that runs. */
  get current(): ReplayedThread {
    return { tid: this.tid, process: processOf(this.replayer, this.pid) };
  }

  /** The replay is at another step. @param isLater calls that had begun may end there */
  goOn(isLater = false): void {
    this.tid = this.replayer.tid;
    this.pid = this.replayer.pid;
    if (!isLater) this.calls.clear();
  }

  enterCall(number: number): void {
    const { cpu, guest } = this.replayer.machine;
    const { syscalls, syscallArguments } = guest.linux;
    const call = { thread: this.current, number, name: syscalls.get(number), args: syscallArguments.map((register) => cpu.getByName(register)) };
    this.calls.set(this.tid, call);
    this.events.enter?.(call);
  }

  returned(result: bigint | undefined): void {
    const call = this.calls.get(this.tid);
    this.calls.delete(this.tid);
    // One that began before the replay was looked at has no beginning.
    if (call !== undefined) this.events.leave?.({ ...call, thread: this.current }, result);
  }

  switched(): void {
    this.tid = this.replayer.tid;
    this.pid = this.replayer.pid;
    this.events.switched?.(this.current);
  }

  threadEnd(tid: number): void {
    this.events.threadEnded?.(tid);
  }

  signal(pid: number, signal: number): void {
    this.events.signal?.(signal, pid);
  }
}

/** A process, as it is at the replay's present step. */
function processOf(replayer: Replayer, pid: number): ReplayedProcess {
  const program = replayer.files.at(pid, replayer.steps);
  return { pid, image: program?.image ?? replayer, programPath: program?.path ?? '', parts: program?.parts ?? [] };
}
