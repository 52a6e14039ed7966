import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { abandonRing, RingControl, UserError } from '@everystep/core';
import { startCountingDrain } from './countingDrain.ts';
import type { DrainNote, DrainResult, DrainTask } from './drainTask.ts';
import { isTable, type TraceFormat } from './traceOptions.ts';
import { threadStartedBy } from './workerThread.ts';

/** A guest that has waited so long for the worker finds out whether there still is one. */
const STALL_MILLISECONDS = 500;

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
  /** Waits until the count of consumed chunks is no longer `seen`. Where the worker has come to grief, the ring is abandoned instead. */
  wait(seen: number): void;
  /** Once the ring has been ended: waits for the drain's last word. */
  finish(): Promise<DrainResult>;
  /** Told when `wait` has begun to take long, and when that is over: meanwhile Node tells of no signals. */
  onStall: ((isStalled: boolean) => void) | undefined;
}

const NO_TOTALS = { step: 0, insns: 0, wanted: 0 };

/** In place of a drain whose trace goes nowhere. */
export const NO_DRAIN: TraceDrain = {
  send: () => undefined,
  wait: () => undefined,
  finish: () => Promise.resolve({ totals: NO_TOTALS, isFull: false, failure: undefined, bug: undefined }),
  onStall: undefined,
};

/**
 * Starts the drain: a worker, but where all that it would do is to count.
 * @param file the worker's script
 * @throws UserError if it is not there
 */
export function startDrain(task: Omit<DrainTask, 'notes'>, file = workerFile(task.format)): TraceDrain {
  if (task.format === 'none') return startCountingDrain(task);
  if (!existsSync(file)) throw new UserError(`${file} is not there, which writes traces: install everystep again`);
  const { control } = task;
  const { port1, port2 } = new MessageChannel();
  const start = (): Worker => new Worker(file, { workerData: { ...task, notes: port2 }, transferList: [port2] });
  const { result: worker, isAlive } = threadStartedBy(start);
  const result = new Promise<DrainResult>((resolve) => {
    worker.once('message', resolve);
    const ended = (how: Pick<DrainResult, 'failure' | 'bug'>): void => {
      abandonRing(control);
      resolve({ totals: NO_TOTALS, isFull: false, ...how });
    };
    worker.once('error', (error: unknown) => ended(endOf(error)));
    // Behind its last word and its error, if there were any.
    worker.once('exit', (code) => ended(failed('', `the worker that writes it ended early, with exit code ${code}`)));
  });
  return {
    onStall: undefined,
    send: (note) => port1.postMessage(note, note instanceof Uint8Array ? [note.buffer] : []),
    wait(seen) {
      const waits = (): boolean => Atomics.wait(control, RingControl.consumed, seen, STALL_MILLISECONDS) === 'timed-out';
      if (!waits()) return;
      this.onStall?.(true);
      while (waits()) {
        if (isAlive()) continue;
        // Node tells of its end when the event loop turns, which it does not while the guest waits here.
        abandonRing(control);
        break;
      }
      this.onStall?.(false);
    },
    finish: () => result.finally(() => port1.close()),
  };
}

const failed = (code: string, text: string): Pick<DrainResult, 'failure' | 'bug'> => ({ failure: { code, text }, bug: undefined });

/** @param error what Node says that a worker ended by */
function endOf(error: unknown): Pick<DrainResult, 'failure' | 'bug'> {
  const { code, stack } = error as Partial<NodeJS.ErrnoException>;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return failed(code, 'the worker that writes it has run out of memory');
  return { failure: undefined, bug: stack ?? String(error) };
}
