import { parentPort, workerData } from 'node:worker_threads';
import { createAArch64, type TextFormat, type TraceSink } from '@everystep/core';
import { drainAll } from './drainLoop.ts';
import type { DrainTask } from './drainTask.ts';
import { loadSinkMaker } from './formatSinks.ts';
import { writeAll } from './outputFile.ts';

/** The worker that writes the trace in the formats that are not chunks. */
async function createSink({ format, fd, cpu, header, formatSettings }: DrainTask): Promise<TraceSink> {
  const make = await loadSinkMaker(format as TextFormat, formatSettings);
  return make({ guest: createAArch64(cpu), command: header.argv }, (bytes) => writeAll(fd, bytes));
}

void drainAll(workerData as DrainTask, createSink).then((result) => parentPort?.postMessage(result));
