import { createCountingSink, RingDrain } from '@everystep/core';
import { boundedSink, type DrainTask } from './drainTask.ts';
import type { TraceDrain } from './traceDrain.ts';

/**
 * Takes the ring's chunks in the guest's own agent, and counts what is in them, where nobody wants more (format `none`): a worker
 * takes longer to start than counting takes.
 */
export function startCountingDrain({ memory, control, ...task }: Omit<DrainTask, 'notes'>): TraceDrain {
  const drain = new RingDrain(memory, control);
  const sink = boundedSink(task, createCountingSink(), () => drain.refuse('enough'), true);
  const take = (): void => {
    while (drain.take((records) => sink.records(records))) {}
  };
  return {
    // What else there is to be told does not count.
    send: (note) => {
      if (note instanceof Uint8Array) sink.define(note);
    },
    published: take,
    wait: take,
    onStall: undefined,
    finish: () => {
      take();
      sink.end(drain.reason);
      const { step, insns, wanted } = sink.totals;
      return Promise.resolve({ totals: { step, insns, wanted }, isFull: false, failure: undefined, bug: undefined });
    },
  };
}
