import type { EndReason, Kernel, RunEvent, Tracer } from '@everystep/core';

/** The guest stops so often to let the event loop turn. */
const SLICE_MILLISECONDS = 200;

export interface TraceRunOptions {
  readonly kernel: Kernel;
  readonly tracer: Tracer;
  /** First step to trace. */
  readonly from: number;
  /** First step not to trace; Infinity: to the end. The program runs on. */
  readonly to: number;
  /** True once the user wants the run to end. */
  readonly isInterrupted: () => boolean;
  /** Called between slices. */
  readonly onSlice: () => void;
}

export interface TraceRunEnd {
  /** How the guest's run ended; 'stop' if the user or the output ended it. */
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
    const { kernel } = this.options;
    if (this.isEnough() || performance.now() - this.sliceStart > SLICE_MILLISECONDS) kernel.machine.requestStop();
  }

  /** Runs all of it. The tracer is left open or paused, as it stood at the end. */
  async run(): Promise<TraceRunEnd> {
    const { tracer, from, to } = this.options;
    let event = await this.runTo(from);
    if (event.kind !== 'budget') return this.ended(event);
    tracer.open();
    event = await this.runTo(to, () => tracer.enough);
    tracer.ranUntil(event);
    const isLimit = event.kind === 'budget' || (event.kind === 'stop' && !this.options.isInterrupted() && !tracer.failed);
    if (!isLimit) return this.ended(event);
    tracer.pause();
    event = await this.runTo(Number.POSITIVE_INFINITY);
    return { event, reason: event.kind === 'stop' ? 'interrupted' : 'limit' };
  }

  private ended(event: RunEvent): TraceRunEnd {
    return { event, reason: event.kind === 'exit' ? 'exit' : event.kind === 'fault' ? 'fault' : 'interrupted' };
  }

  /** Runs to a step; 'stop' if `enough` or the user ended it. */
  private async runTo(until: number, isEnough = (): boolean => false): Promise<RunEvent> {
    const { kernel, isInterrupted, onSlice } = this.options;
    this.isEnough = isEnough;
    for (;;) {
      if (isInterrupted() || isEnough()) return { kind: 'stop' };
      this.sliceStart = performance.now();
      const event = kernel.run(until);
      if (event.kind !== 'stop') return event;
      onSlice();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
