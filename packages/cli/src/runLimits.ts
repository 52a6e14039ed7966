import type { Kernel, Machine } from '@everystep/core';
import { milliseconds } from './host/clock.ts';

/** Which limit has ended a run. */
export type LimitReached = 'steps' | 'time';

/** What bounds a run; Infinity: nothing does. */
export interface LimitSettings {
  /** Instructions of all threads of all processes. */
  readonly maxSteps: number;
  /** Seconds of wall time. */
  readonly timeout: number;
}

/** Steps after which the clock is looked at, at the latest: system calls alone leave translated code seldom. */
const CLOCK_SLICE = 4_000_000;

/**
 * The limits of one run on instructions and time. They stop the machine between two instructions, where registers and
 * memory are exact; what the guest does before does not depend on them.
 */
export class RunLimits {
  private readonly deadline: number;

  /** @param settings the time begins now */
  constructor(private readonly settings: LimitSettings) {
    this.deadline = milliseconds() + settings.timeout * 1000;
  }

  private get isTimed(): boolean {
    return this.deadline !== Number.POSITIVE_INFINITY;
  }

  private get isOver(): boolean {
    return this.isTimed && milliseconds() >= this.deadline;
  }

  /** To be called before the guest runs: threads that wait must not keep the clock from being looked at. */
  attach(kernel: Kernel): void {
    if (this.isTimed) kernel.wantsTurns = true;
  }

  /** To be called often while the guest runs: stops the machine when its time is over. */
  onTurn(kernel: Kernel): void {
    if (this.isOver) kernel.machine.requestStop();
  }

  /** How far to run, if `step` is wanted. */
  until(machine: Machine, step: number): number {
    return Math.min(step, this.settings.maxSteps, this.isTimed ? machine.steps + CLOCK_SLICE : step);
  }

  /** The limit that the run has come to, if it has. */
  reached({ steps }: Machine): LimitReached | undefined {
    if (steps >= this.settings.maxSteps) return 'steps';
    return this.isOver ? 'time' : undefined;
  }

  /** As messages name it. */
  describe(limit: LimitReached): string {
    const { maxSteps, timeout } = this.settings;
    return limit === 'steps' ? `after ${maxSteps} instructions (--max-steps)` : `after ${timeout} s (--timeout)`;
  }
}
