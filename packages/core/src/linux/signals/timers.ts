import type { Kernel, KernelTimer } from '../kernel/kernel.ts';

/** What timers' signals can count of expirations that were not told (DELAYTIMER_MAX). */
const MOST_OVERRUNS = 0x7fff_ffff;

/** A timer of a process's: runs out once, or again and again. Times are those of its clock, in nanoseconds. */
export class GuestTimer {
  interval = 0n;
  private target: bigint | undefined;
  private scheduled: KernelTimer | undefined;

  /**
   * @param now the clock; it need not go as fast as the kernel's
   * @param expired is told how often the timer has run out since it was last called
   */
  constructor(
    private readonly kernel: Kernel,
    private readonly now: () => bigint,
    private readonly expired: (times: number) => void,
  ) {}

  /** Runs out at `target`, and then every `interval` nanoseconds unless that is 0. */
  arm(target: bigint, interval: bigint): void {
    this.disarm();
    this.target = target;
    this.interval = interval;
    this.schedule(target);
  }

  disarm(): void {
    if (this.scheduled !== undefined) this.kernel.timers.delete(this.scheduled);
    this.scheduled = undefined;
    this.target = undefined;
    this.interval = 0n;
  }

  /** Until it runs out; 0 if it does not. */
  get left(): bigint {
    if (this.target === undefined) return 0n;
    const left = this.target - this.now();
    // It has not run out yet, as nobody has been told.
    return left > 0n ? left : 1n;
  }

  private schedule(target: bigint): void {
    const at = this.kernel.host.monotonicTime() + (target - this.now());
    this.scheduled = { at, fire: () => this.fire(target) };
    this.kernel.addTimer(this.scheduled);
  }

  private fire(target: bigint): void {
    const now = this.now();
    // The clock went slower than the kernel's.
    if (now < target) return this.schedule(target);
    this.scheduled = undefined;
    let times = 1;
    if (this.interval > 0n) {
      const missed = (now - target) / this.interval;
      times += Number(missed);
      this.target = target + this.interval * (missed + 1n);
      this.schedule(this.target);
    } else this.target = undefined;
    this.expired(Math.min(times, MOST_OVERRUNS));
  }
}

/** A timer of timer_create's. */
export interface CreatedTimer {
  readonly clock: number;
  readonly timer: GuestTimer;
  /** Of the signal told last. */
  readonly overrun: () => number;
}

/** The timers of one process. */
export class ProcessTimers {
  /** Those of setitimer, by ITIMER_*. */
  readonly intervals = new Map<number, GuestTimer>();
  readonly created = new Map<number, CreatedTimer>();
  /** Looks after RLIMIT_CPU. */
  cpu: GuestTimer | undefined;
  private lastId = -1;

  nextId(): number {
    return ++this.lastId;
  }

  /** A new program keeps the timers of setitimer alone. */
  exec(): void {
    for (const { timer } of this.created.values()) timer.disarm();
    this.created.clear();
  }

  /** The process has ended. */
  end(): void {
    this.exec();
    this.cpu?.disarm();
    for (const timer of this.intervals.values()) timer.disarm();
  }
}

/**
 * Counts a timer's expirations while its signal waits, as only one of it does.
 * @param send sends the signal, which must call `taken` when it waits no longer
 */
export class OverrunCounter {
  /** Of the signal told last. */
  last = 0;
  private waiting: { readonly id: number; overrun: number } | undefined;

  constructor(
    private readonly id: number,
    private readonly send: (told: { readonly id: number; overrun: number }, taken: () => void) => void,
  ) {}

  expired(times: number): void {
    if (this.waiting !== undefined) {
      this.waiting.overrun = Math.min(this.waiting.overrun + times, MOST_OVERRUNS);
      return;
    }
    const told = { id: this.id, overrun: times - 1 };
    this.waiting = told;
    this.send(told, () => {
      this.last = told.overrun;
      this.waiting = undefined;
    });
  }
}
