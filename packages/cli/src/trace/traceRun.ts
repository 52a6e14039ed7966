import type { EndReason, Kernel, RunEvent, Tracer, Triggers } from '@everystep/core';
import { type HostSignals, TURN_MILLISECONDS } from '../host/hostSignals.ts';
import type { RunLimits } from '../runLimits.ts';

/** The guest stops so often to let the event loop turn, unless it wants signals. */
const SLICE_MILLISECONDS = 200;

export interface TraceRunOptions {
  readonly kernel: Kernel;
  readonly tracer: Tracer;
  readonly triggers: Triggers;
  /** Most stretches that triggers begin. */
  readonly windows: number;
  /** Whether there is anything that begins another stretch. */
  readonly canStartAgain: boolean;
  /** Steps after which the trace is to be readable on its own; Infinity: never. */
  readonly checkpointSteps: number;
  /** First step to trace. */
  readonly from: number;
  /** First step not to trace; Infinity: to the end. The program runs on. */
  readonly to: number;
  readonly limits: RunLimits;
  readonly signals: HostSignals;
  /** True once the user wants the run to end. */
  readonly isInterrupted: () => boolean;
  /** Called between slices. @returns true if the run has stopped for a key */
  readonly onSlice: () => boolean;
}

export interface TraceRunEnd {
  /** How the guest's run ended; 'stop' if the user, a limit or the output ended it. */
  readonly event: RunEvent;
  readonly reason: EndReason;
}

/**
 * Runs a guest to its end, tracing it in the window. Runs in slices, between which the event loop turns: Node delivers
 * signals only then.
 */
export class TraceRun {
  private sliceStart = 0;
  /** Whether the slice ends early; asked often. */
  private isEnough = (): boolean => false;

  constructor(private readonly options: TraceRunOptions) {}

  /** To be called while the guest runs. Ends the slice when it has taken long enough, or no more of the trace is wanted. */
  onTurn(): void {
    const { kernel, limits, signals } = this.options;
    limits.onTurn(kernel);
    const slice = signals.hasAny ? TURN_MILLISECONDS : SLICE_MILLISECONDS;
    if (this.isEnough() || performance.now() - this.sliceStart > slice) kernel.machine.requestStop();
  }

  /** Runs all of it. The tracer is left open or paused, as it stood at the end. */
  async run(): Promise<TraceRunEnd> {
    const { tracer, triggers, from, to, windows } = this.options;
    let event = await this.runTo(from);
    if (event.kind !== 'budget') return this.ended(event);
    const wantsNoMore = (): boolean => tracer.enough || triggers.isDue;
    for (let window = 0; window < windows; window++) {
      this.watch();
      if (!triggers.isOpen) {
        event = await this.runTo(to, () => triggers.isDue);
        if (!triggers.isDue) break;
        triggers.take();
        this.watch();
      }
      tracer.open();
      event = await this.runTo(to, wantsNoMore);
      tracer.ranUntil(event);
      if (!triggers.isDue || tracer.enough) break;
      triggers.take();
      tracer.pause();
      if (!this.options.canStartAgain) break;
    }
    const isLimit = event.kind === 'budget' || (event.kind === 'stop' && !this.isEnded() && !tracer.failed);
    if (!isLimit) return this.ended(event);
    tracer.pause();
    triggers.areWatched = false;
    tracer.watch([]);
    event = await this.runTo(Number.POSITIVE_INFINITY);
    return { event, reason: event.kind === 'stop' ? 'interrupted' : 'limit' };
  }

  /** Has the places looked at where triggers may fire now. */
  private watch(): void {
    const { tracer, triggers } = this.options;
    triggers.areWatched = true;
    triggers.haveMoved = false;
    tracer.watch(triggers.pcs);
  }

  /** Whether the user or a limit has ended the run. */
  private isEnded(): boolean {
    const { kernel, limits, isInterrupted } = this.options;
    return isInterrupted() || limits.reached(kernel.machine) !== undefined;
  }

  private ended(event: RunEvent): TraceRunEnd {
    if (event.kind !== 'stop') return { event, reason: event.kind === 'exit' ? 'exit' : event.kind === 'fault' ? 'fault' : 'interrupted' };
    const { kernel, limits, isInterrupted } = this.options;
    return { event, reason: !isInterrupted() && limits.reached(kernel.machine) !== undefined ? 'limit' : 'interrupted' };
  }

  /** Runs to a step; 'stop' if `enough`, the user or a limit ended it. */
  private async runTo(until: number, isEnough = (): boolean => false): Promise<RunEvent> {
    const { kernel, limits, signals, triggers, onSlice } = this.options;
    const { machine } = kernel;
    this.isEnough = isEnough;
    this.sliceStart = performance.now();
    for (;;) {
      // A step that is wanted is reached before a limit there ends the run.
      if (machine.steps >= until) return { kind: 'budget' };
      triggers.reachedStep(machine.steps);
      if (this.isEnded() || isEnough()) return { kind: 'stop' };
      if (triggers.areWatched && triggers.haveMoved) this.watch();
      const next = Math.min(until, triggers.nextStep(machine.steps));
      const event = kernel.run(limits.until(machine, Math.min(next, machine.steps + this.options.checkpointSteps)));
      if (event.kind !== 'stop' && event.kind !== 'budget') return event;
      if (event.kind === 'budget' && machine.steps < next) this.options.tracer.checkpoint();
      // Keys may be due much more often than anything else is.
      if (onSlice() && performance.now() - this.sliceStart < TURN_MILLISECONDS) continue;
      await signals.turn();
      this.sliceStart = performance.now();
    }
  }
}
