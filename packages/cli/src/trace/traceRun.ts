import type { EndReason, Machine, RunEvent, Tracer } from '@everystep/core';

/** The guest's agent looks at signals and the drain so often. */
const SLICE_MILLISECONDS = 200;
const FIRST_SLICE = 1_000_000;
const LAST_SLICE = 1_000_000_000;

export interface TraceRunOptions {
  readonly machine: Machine;
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
  private slice = FIRST_SLICE;
  private sliceStart = 0;

  constructor(private readonly options: TraceRunOptions) {}

  /** For the tracer: a chunk has gone out. Ends the slice when it has taken long enough. */
  onChunk(): void {
    const { machine, tracer } = this.options;
    if (tracer.enough || performance.now() - this.sliceStart > SLICE_MILLISECONDS) machine.requestStop();
  }

  /** Runs all of it. The tracer is left open or paused, as it stood at the end. */
  async run(): Promise<TraceRunEnd> {
    const { tracer, from, to } = this.options;
    let event = await this.runTo(from, () => false);
    if (event.kind !== 'budget') return this.ended(event);
    tracer.open();
    event = await this.runTo(to, () => tracer.enough);
    tracer.ranUntil(event);
    const isLimit = event.kind === 'budget' || (event.kind === 'stop' && !this.options.isInterrupted() && !tracer.failed);
    if (!isLimit) return this.ended(event);
    tracer.pause();
    event = await this.runTo(Number.POSITIVE_INFINITY, () => false);
    return { event, reason: event.kind === 'stop' ? 'interrupted' : 'limit' };
  }

  private ended(event: RunEvent): TraceRunEnd {
    return { event, reason: event.kind === 'exit' ? 'exit' : event.kind === 'fault' ? 'fault' : 'interrupted' };
  }

  /** Runs to a step; 'stop' if `enough` or the user ended it. */
  private async runTo(until: number, enough: () => boolean): Promise<RunEvent> {
    const { machine, isInterrupted, onSlice } = this.options;
    for (;;) {
      if (isInterrupted() || enough()) return { kind: 'stop' };
      this.sliceStart = performance.now();
      const start = machine.steps;
      const event = machine.run(Math.min(until, start + this.slice));
      if (event.kind === 'exit' || event.kind === 'fault' || machine.steps >= until) return event;
      this.adapt(machine.steps - start);
      onSlice();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  private adapt(done: number): void {
    const elapsed = Math.max(performance.now() - this.sliceStart, 0.1);
    this.slice = Math.min(Math.max(Math.round((done * SLICE_MILLISECONDS) / elapsed), FIRST_SLICE), Math.min(this.slice * 8, LAST_SLICE));
  }
}
