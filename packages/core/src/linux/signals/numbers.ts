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

/** Bit n - 1 of a signal set stands for signal n. */
export const signalBit = (signal: number): bigint => 1n << BigInt(signal - 1);

/** The set of the signals. */
export const signalSet = (...signals: readonly number[]): bigint => signals.reduce((set, signal) => set | signalBit(signal), 0n);

/** Signals that can be neither blocked nor handled. */
export const UNBLOCKABLE = signalSet(9, 19);
/** Signals that stop a process unless it handles or ignores them. */
export const STOPS = signalSet(19, 20, 21, 22);
/** Signals that instructions raise: ILL, TRAP, BUS, FPE, SEGV, SYS. Linux delivers them before others. */
export const SYNCHRONOUS = signalSet(4, 5, 7, 8, 11, 31);
/** Signals from here on queue; of the others one at a time waits. */
export const FIRST_REAL_TIME = 32;
