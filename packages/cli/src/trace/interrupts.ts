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
