import type { HostHandle } from '../host.ts';
import type { SyscallResult } from '../syscalls/row.ts';

/** Threads that wait for something inside the virtual kernel to change: a pipe's contents, a child's state, a futex. */
export class WaitQueue {
  private readonly waiters = new Set<Waiter>();

  /** Lets threads look again, those first that have waited longest. @returns how many there were, at most `most` */
  wake(most = Number.POSITIVE_INFINITY): number {
    if (this.waiters.size === 0) return 0;
    let woken = 0;
    for (const waiter of [...this.waiters]) {
      if (woken >= most) break;
      this.waiters.delete(waiter);
      waiter.awake(this);
      woken++;
    }
    return woken;
  }

  add(waiter: Waiter): void {
    this.waiters.add(waiter);
  }

  remove(waiter: Waiter): void {
    this.waiters.delete(waiter);
  }

  /** Those who wait, the longest first. */
  waiting(): Waiter[] {
    return [...this.waiters];
  }

  get length(): number {
    return this.waiters.size;
  }

  /** Takes the waiters that have waited longest, in order, without waking them: they wait somewhere else from now on. */
  take(most: number): Waiter[] {
    const taken = [...this.waiters].slice(0, most);
    for (const waiter of taken) this.waiters.delete(waiter);
    return taken;
  }
}

/** Who waits in a queue. */
export interface Waiter {
  /** `queue` has woken it; it is in that queue no longer. */
  awake(queue: WaitQueue): void;
}

/** What a system call waits for: the first of these lets its thread look again. */
export interface Wait {
  readonly on?: readonly WaitQueue[];
  /** Handles of the host that become readable (or end). */
  readonly handles?: readonly HostHandle[];
  /** In nanoseconds of Host.monotonicTime. */
  readonly until?: bigint | undefined;
  /** Whether a signal whose handler has SA_RESTART lets the call go on afterwards; default: it does. */
  readonly restarts?: boolean;
  /** What a signal whose handler is called makes the call give, instead of failing or going on: how much is done. */
  readonly interrupted?: () => SyscallResult;
}

/**
 * Thrown by a system call's handler that cannot finish yet. Its thread sleeps; then the handler is called again from its
 * beginning, with the same arguments. What it must remember in between is in the thread's `call`.
 */
export class Blocked {
  constructor(readonly wait: Wait) {}
}
