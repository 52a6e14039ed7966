import { LinuxError, type LinuxProcess, type SyscallCall } from '@everystep/core';

/** The signals that end a trace in good order, with their numbers. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Takes SIGINT and its like, which otherwise end the process at once. While the guest waits in a system call, Node
 * would not tell of them; so then they are let through.
 */
export class Interrupts {
  /** Number of the signal that came. */
  signal: number | undefined;
  private isActive = false;
  private readonly handlers = Object.entries(SIGNALS).map(([name, number]) => ({
    name: name as NodeJS.Signals,
    handle: (): void => {
      this.signal = number;
    },
  }));

  constructor() {
    this.take();
  }

  /** Takes the signals, from the start or again. */
  take(): void {
    if (this.isActive) return;
    for (const { name, handle } of this.handlers) process.on(name, handle);
    this.isActive = true;
  }

  /** Lets them end the process. */
  letThrough(): void {
    if (!this.isActive) return;
    for (const { name, handle } of this.handlers) process.off(name, handle);
    this.isActive = false;
  }
}

/** System calls that wait for something other than data to read. */
const WAITING: ReadonlySet<string> = new Set([
  'nanosleep',
  'clock_nanosleep',
  'ppoll',
  'pselect6',
  'epoll_pwait',
  'wait4',
  'waitid',
  'futex',
  'rt_sigtimedwait',
  'rt_sigsuspend',
]);
const READING: ReadonlySet<string> = new Set(['read', 'readv']);

/** True if the system call may wait for long. */
export function mayWait({ files }: LinuxProcess, { name, given }: SyscallCall): boolean {
  if (name === undefined || !READING.has(name)) return name !== undefined && WAITING.has(name);
  try {
    const { readable, uncertain } = files.get(given.int(0)).readiness();
    return !readable || uncertain === true;
  } catch (error) {
    // It is about to fail, which takes no time.
    if (error instanceof LinuxError) return false;
    throw error;
  }
}
