import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { MessagePort, Worker } from 'node:worker_threads';
import { planCells, plannedSteps, UserError } from '@everystep/core';
import { BUILD } from '../../version.ts';
import type { IndexAnswer, IndexTask } from './indexMessages.ts';
import type { PackedPart } from './packedPieces.ts';

/** As each part's thread runs all that is before it, more of them save little time, and take much: see docs/recording-files.md. */
const MOST_THREADS = 3;

/** How many threads make an index, unless the user says it. Two of the cores that systems count are often one, and two threads on it save nothing. */
export const indexThreads = (): number => Math.min(Math.max(Math.floor(availableParallelism() / 2), 1), MOST_THREADS);

/** File of the worker. The bundle has its workers beside it; sources run with the bundle's. */
const workerFile = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../../dist/indexWorker.cjs' : './indexWorker.cjs', import.meta.url));

/** Threads that make a recording's index, each that of a part of the run. */
export class IndexWorkers {
  /** All parts, in the run's order. Rejects where one cannot be made: UserError if that is the recording's fault, RangeError if there is no room. */
  readonly finished: Promise<readonly PackedPart[]>;
  private readonly cells: BigInt64Array;
  private readonly workers: Worker[] = [];
  private readonly ports: MessagePort[] = [];
  private readonly parts: (PackedPart | undefined)[] = [];
  private left: number;
  private finish: (parts: readonly PackedPart[]) => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;

  /** @param isInBackground the process may end before; whatever else runs goes first */
  constructor(recording: string, threads: number, isInBackground: boolean) {
    const { MessageChannel, Worker } = process.getBuiltinModule('node:worker_threads');
    this.cells = planCells(threads);
    this.left = threads;
    this.finished = new Promise((finish, fail) => {
      this.finish = finish;
      this.fail = (error) => {
        this.stop();
        fail(error);
      };
    });
    for (let part = 0; part < threads; part++) {
      const { port1, port2 } = new MessageChannel();
      const task: IndexTask = { recording, port: port2, cells: this.cells, part, build: BUILD, isInBackground };
      const worker = new Worker(workerFile(), { workerData: task, transferList: [port2] });
      worker.on('error', this.fail);
      port1.on('message', (answer: IndexAnswer) => this.take(part, answer));
      if (isInBackground) for (const each of [worker, port1]) each.unref();
      this.workers.push(worker);
      this.ports.push(port1);
    }
  }

  /** How many steps have been gone through, about. */
  get steps(): number {
    return plannedSteps(this.cells);
  }

  /** Takes answers that have come, for who keeps the event loop from turning. @returns all parts, once they are there */
  poll(): readonly PackedPart[] | undefined {
    const { receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads');
    for (const [part, port] of this.ports.entries()) {
      const received: { readonly message: IndexAnswer } | undefined = receiveMessageOnPort(port);
      if (received !== undefined) this.take(part, received.message);
    }
    return this.left === 0 ? this.made : undefined;
  }

  private get made(): readonly PackedPart[] {
    return this.parts.filter((part) => part !== undefined);
  }

  private take(part: number, answer: IndexAnswer): void {
    if (answer.kind === 'refused') return this.fail(new UserError(answer.message));
    this.parts[part] = answer.index;
    if (--this.left === 0) this.finish(this.made);
  }

  /** Ends all of them. */
  stop(): void {
    for (const worker of this.workers) void worker.terminate();
    for (const port of this.ports) port.close();
  }
}
