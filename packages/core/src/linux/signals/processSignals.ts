import { WaitQueue } from '../kernel/waiting.ts';
import { SignalActions } from './actions.ts';
import { PendingSignals } from './pendingSignals.ts';

/** A process's side of signals. */
export class ProcessSignals {
  /** Signals for any of the threads. */
  readonly pending = new PendingSignals();
  /** Woken when a signal begins to wait, in the process or one of its threads. */
  readonly arrived = new WaitQueue();

  constructor(
    /** What kcmp calls the signal handlers. */
    public actions = new SignalActions(),
  ) {}

  /** A new program has no handlers, and shares none. */
  exec(): void {
    this.actions = this.actions.fork();
    this.actions.exec();
  }

  /** A forked process's: nothing waits. @param shared whether what one sets is set for both */
  fork(shared: boolean): ProcessSignals {
    return new ProcessSignals(shared ? this.actions : this.actions.fork());
  }
}
