import { type Kernel, sendFromHost, wantedHostSignals } from '@everystep/core';
import { milliseconds } from './clock.ts';

/** The event loop turns so often while a guest runs that wants signals. */
export const TURN_MILLISECONDS = 20;

/**
 * Passes the host's signals to the guest, from when on one of its processes handles, ignores or blocks them; before, they
 * do to everystep what they do to every program. Node tells of signals when its event loop turns, so the guest's run has
 * to be left now and then.
 */
export class HostSignals {
  private readonly handlers = new Map<string, () => void>();
  private turned = 0;

  constructor(private readonly kernel: Kernel) {
    kernel.events.dispositions = () => this.take();
    kernel.events.stops = (signal) => this.stop(signal);
  }

  /** Whether the event loop must turn: the guest has any of them, or is a program of the host's. */
  get isActive(): boolean {
    return this.kernel.wantsTurns;
  }

  /** Whether the guest gets any of the host's signals. */
  get hasAny(): boolean {
    return this.handlers.size > 0;
  }

  /** Whether the guest gets a signal, given by its name. */
  has(name: string): boolean {
    return this.handlers.has(name);
  }

  /** To be called often while the guest runs: stops the machine when the event loop should turn. */
  onTurn(): void {
    if (this.isActive && milliseconds() - this.turned > TURN_MILLISECONDS) this.kernel.machine.requestStop();
  }

  /** Lets the event loop turn. */
  async turn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.turned = milliseconds();
  }

  /** The guest has ended. */
  release(): void {
    for (const [name, handler] of this.handlers) process.off(name, handler);
    this.handlers.clear();
  }

  /** Takes those that the guest wants. They stay taken: what the guest does by default is what they would have done to everystep. */
  private take(): void {
    for (const name of wantedHostSignals(this.kernel)) {
      if (this.handlers.has(name)) continue;
      const handler = (): void => sendFromHost(this.kernel, name);
      this.handlers.set(name, handler);
      process.on(name, handler);
      if (!this.kernel.wantsTurns) this.kernel.machine.requestStop();
      this.kernel.wantsTurns = true;
    }
  }

  /** A signal stops the guest's first process, and everystep with it, until somebody sends SIGCONT. */
  private stop(name: string): void {
    const handler = this.handlers.get(name);
    if (handler !== undefined) process.off(name, handler);
    process.kill(process.pid, name as NodeJS.Signals);
    if (handler !== undefined) process.on(name, handler);
    // The guest may handle SIGCONT, which Node has yet to tell of.
    this.kernel.machine.requestStop();
  }
}
