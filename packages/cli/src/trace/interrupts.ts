import { type Kernel, LinuxError, type LinuxProcess, type SyscallObserver } from '@everystep/core';

/** The signals that end a trace in good order, with their numbers. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3, SIGUSR1: 10, SIGUSR2: 12 } as const;

/**
 * Takes SIGINT and its like, which otherwise end the process at once, unless the guest gets them. While the host waits for
 * input, Node would not tell of them; so then they are let through.
 */
export class Interrupts {
  /** Number of the signal that came. */
  signal: number | undefined;
  private isActive = false;
  private readonly handlers = Object.entries(SIGNALS).map(([name, number]) => ({
    name: name as NodeJS.Signals,
    handle: (): void => {
      if (!this.isGuests(name)) this.signal = number;
    },
  }));

  /** @param isGuests whether the guest gets a signal, given by its name */
  constructor(private readonly isGuests: (name: string) => boolean) {
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

const READING: ReadonlySet<string> = new Set(['read', 'readv']);

/**
 * Lets signals through while the host may wait in a system call: for a file of which nobody can tell whether there is something to
 * read. Otherwise threads wait.
 * @param before called before the host may wait
 */
export function waitObserver({ machine }: Kernel, interrupts: Interrupts, before: () => void): SyscallObserver {
  const numbers = [...machine.guest.linux.syscalls].flatMap(([number, name]) => (READING.has(name) ? [number] : []));
  return {
    only: new Set(numbers),
    enter({ process, given }) {
      if (!readsUnseen(process, given.int(0))) return;
      before();
      interrupts.letThrough();
    },
    leave: () => interrupts.take(),
  };
}

function readsUnseen({ files }: LinuxProcess, fd: number): boolean {
  try {
    const file = files.get(fd);
    return file.mayWait && file.readiness().uncertain === true;
  } catch (error) {
    // It is about to fail, which takes no time.
    if (error instanceof LinuxError) return false;
    throw error;
  }
}
