import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { startCountingDrain } from './countingDrain.ts';
import type { DrainNote, DrainResult, DrainTask } from './drainTask.ts';
import { isTable, type TraceFormat } from './traceOptions.ts';

/** File of the worker for a format. The bundle has its workers beside it; sources run with the bundle's. */
function workerFile(format: TraceFormat): string {
  const name = format === 'chunks' ? 'drainWorker.cjs' : isTable(format) ? 'tableWorker.cjs' : 'formatWorker.cjs';
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? `../../dist/${name}` : `./${name}`, import.meta.url));
}

/** What takes the ring's chunks, as the main thread sees it. */
export interface TraceDrain {
  /** Sends a note ahead of the chunk that it belongs to. */
  send(note: DrainNote): void;
  /** A chunk of the ring has been published. Only where a drain has no thread of its own. */
  published?(): void;
  /** Once the ring has been ended: waits for the drain's last word. */
  finish(): Promise<DrainResult>;
}

/** In place of a drain whose trace goes nowhere. */
export const NO_DRAIN: TraceDrain = {
  send: () => undefined,
  finish: () => Promise.resolve({ totals: { step: 0, insns: 0, wanted: 0 }, isFull: false, failure: undefined, bug: undefined }),
};

/** Starts the drain: a worker, but where all that it would do is to count. */
export function startDrain(task: Omit<DrainTask, 'notes'>): TraceDrain {
  if (task.format === 'none') return startCountingDrain(task);
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(workerFile(task.format), { workerData: { ...task, notes: port2 }, transferList: [port2] });
  const result = new Promise<DrainResult>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the trace worker ended early')));
  });
  // Reported by whoever awaits `finish`.
  result.catch(() => undefined);
  return {
    send: (note) => port1.postMessage(note, note instanceof Uint8Array ? [note.buffer] : []),
    finish: () => result.finally(() => port1.close()),
  };
}
