/** What a signal does to a process that neither handles nor ignores it. */
export type SignalDefault = 'terminate' | 'core' | 'ignore' | 'stop' | 'continue';

/** Linux's generic signals (include/uapi/asm-generic/signal.h): number, name, what it does, the C library's text. */
const SIGNALS: readonly (readonly [number: number, name: string, effect: SignalDefault, text: string])[] = [
  [1, 'SIGHUP', 'terminate', 'Hangup'],
  [2, 'SIGINT', 'terminate', 'Interrupt'],
  [3, 'SIGQUIT', 'core', 'Quit'],
  [4, 'SIGILL', 'core', 'Illegal instruction'],
  [5, 'SIGTRAP', 'core', 'Trace/breakpoint trap'],
  [6, 'SIGABRT', 'core', 'Aborted'],
  [7, 'SIGBUS', 'core', 'Bus error'],
  [8, 'SIGFPE', 'core', 'Floating point exception'],
  [9, 'SIGKILL', 'terminate', 'Killed'],
  [10, 'SIGUSR1', 'terminate', 'User defined signal 1'],
  [11, 'SIGSEGV', 'core', 'Segmentation fault'],
  [12, 'SIGUSR2', 'terminate', 'User defined signal 2'],
  [13, 'SIGPIPE', 'terminate', 'Broken pipe'],
  [14, 'SIGALRM', 'terminate', 'Alarm clock'],
  [15, 'SIGTERM', 'terminate', 'Terminated'],
  [16, 'SIGSTKFLT', 'terminate', 'Stack fault'],
  [17, 'SIGCHLD', 'ignore', 'Child exited'],
  [18, 'SIGCONT', 'continue', 'Continued'],
  [19, 'SIGSTOP', 'stop', 'Stopped (signal)'],
  [20, 'SIGTSTP', 'stop', 'Stopped'],
  [21, 'SIGTTIN', 'stop', 'Stopped (tty input)'],
  [22, 'SIGTTOU', 'stop', 'Stopped (tty output)'],
  [23, 'SIGURG', 'ignore', 'Urgent I/O condition'],
  [24, 'SIGXCPU', 'core', 'CPU time limit exceeded'],
  [25, 'SIGXFSZ', 'core', 'File size limit exceeded'],
  [26, 'SIGVTALRM', 'terminate', 'Virtual timer expired'],
  [27, 'SIGPROF', 'terminate', 'Profiling timer expired'],
  [28, 'SIGWINCH', 'ignore', 'Window changed'],
  [29, 'SIGIO', 'terminate', 'I/O possible'],
  [30, 'SIGPWR', 'terminate', 'Power failure'],
  [31, 'SIGSYS', 'core', 'Bad system call'],
];

/** Highest signal number. */
export const LAST_SIGNAL = 64;

export const Signal = Object.freeze(Object.fromEntries(SIGNALS.map(([number, name]) => [name, number]))) as Readonly<Record<string, number>>;

const row = (signal: number) => SIGNALS[signal - 1];

/** SIGSEGV; SIGRT_3 and the like from 32 on, or the number. */
export function signalName(signal: number): string {
  return row(signal)?.[1] ?? `${signal}`;
}

/** The text that strsignal gives: `Segmentation fault`. */
export function signalText(signal: number): string {
  if (row(signal) !== undefined) return row(signal)[3];
  return signal >= 34 && signal <= LAST_SIGNAL ? `Real-time signal ${signal - 34}` : `Unknown signal ${signal}`;
}

export const signalDefault = (signal: number): SignalDefault => row(signal)?.[2] ?? 'terminate';

/** The signals that can be neither handled nor ignored nor blocked. */
export const isUnblockable = (signal: number): boolean => signal === Signal.SIGKILL || signal === Signal.SIGSTOP;

/** The line that QEMU prints on stderr when a signal that dumps core ends the guest; undefined for the others, which are silent. */
export function uncaughtSignalMessage(signal: number): string | undefined {
  return signalDefault(signal) === 'core' ? `qemu: uncaught target signal ${signal} (${signalText(signal)}) - core dumped` : undefined;
}

/** sa_handler */
export const SIG_DFL = 0n;
export const SIG_IGN = 1n;

/** What rt_sigaction sets. */
export interface SignalAction {
  readonly handler: bigint;
  readonly flags: bigint;
  readonly restorer: bigint;
  readonly mask: bigint;
}

const DEFAULT_ACTION: SignalAction = { handler: SIG_DFL, flags: 0n, restorer: 0n, mask: 0n };

/** Bits of the signals that cannot be blocked. */
const UNBLOCKABLE_MASK = (1n << 8n) | (1n << 18n);

/** A process's signal state. Masks have bit n - 1 for signal n. */
export class SignalState {
  private readonly actions = new Map<number, SignalAction>();
  /** Signals that came while they were blocked, with their si_code. */
  private readonly waiting = new Map<number, number>();
  private blockedMask = 0n;
  /** sigaltstack: address, flags (SS_DISABLE is 2) and size. */
  alternateStack = { address: 0n, flags: 2, size: 0n };

  /** A forked process's: nothing waits. */
  fork(): SignalState {
    const copy = new SignalState();
    for (const [signal, action] of this.actions) copy.actions.set(signal, action);
    copy.blockedMask = this.blockedMask;
    copy.alternateStack = this.alternateStack;
    return copy;
  }

  /** A new program has no handlers. */
  exec(): void {
    for (const [signal, { handler }] of this.actions) if (handler !== SIG_IGN) this.actions.delete(signal);
    this.alternateStack = { address: 0n, flags: 2, size: 0n };
  }

  get blocked(): bigint {
    return this.blockedMask;
  }

  set blocked(mask: bigint) {
    this.blockedMask = mask & ~UNBLOCKABLE_MASK;
  }

  action(signal: number): SignalAction {
    return this.actions.get(signal) ?? DEFAULT_ACTION;
  }

  setAction(signal: number, action: SignalAction): void {
    this.actions.set(signal, action);
  }

  isBlocked(signal: number): boolean {
    return ((this.blockedMask >> BigInt(signal - 1)) & 1n) !== 0n;
  }

  /** The set of signals that wait. */
  get pending(): bigint {
    let mask = 0n;
    for (const signal of this.waiting.keys()) mask |= 1n << BigInt(signal - 1);
    return mask;
  }

  /** A blocked signal comes. */
  add(signal: number, code: number): void {
    this.waiting.set(signal, code);
  }

  /** Takes the lowest signal of `mask` that waits. */
  take(mask: bigint): { readonly signal: number; readonly code: number } | undefined {
    const candidates = [...this.waiting.keys()].filter((signal) => ((mask >> BigInt(signal - 1)) & 1n) !== 0n);
    if (candidates.length === 0) return undefined;
    const signal = Math.min(...candidates);
    const code = this.waiting.get(signal) as number;
    this.waiting.delete(signal);
    return { signal, code };
  }

  /** Takes the lowest signal that waits and is not blocked any more. */
  takePending(): { readonly signal: number; readonly code: number } | undefined {
    return this.take(~this.blockedMask);
  }
}
