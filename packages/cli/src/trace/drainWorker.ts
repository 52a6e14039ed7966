import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  createAArch64,
  createChunkFileSink,
  createCountingSink,
  createNullSink,
  createTextSink,
  filtered,
  formatContext,
  RingDrain,
  type TraceSink,
} from '@everystep/core';
import { loadDisassembler } from '../disassembly/disassembler.ts';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';
import type { DrainResult, DrainTask } from './drainTask.ts';
import { writeAll } from './outputFile.ts';

/** The worker that empties the trace ring: counts, writes or formats what is in it. */
async function drainAll(task: DrainTask): Promise<DrainResult> {
  const drain = new RingDrain(task.memory, task.control);
  let failure: DrainResult['failure'];
  let bug: string | undefined;
  const fail = (error: unknown): void => {
    const code = hostErrorCode(error);
    if (code !== undefined) failure = { code, text: hostErrorText(error) };
    else bug = error instanceof Error ? (error.stack ?? error.message) : String(error);
    drain.refuse('failed');
  };
  /** A sink that failed gets nothing more; the guest must not wait for it. */
  const guarded = (use: () => void): void => {
    if (failure !== undefined || bug !== undefined) return;
    try {
      use();
    } catch (error) {
      fail(error);
    }
  };
  const sink = await createSink(task, () => drain.refuse('enough')).catch((error: unknown) => {
    fail(error);
    return createNullSink();
  });
  const takeDefinitions = (): void => {
    for (let got = receiveMessageOnPort(task.definitions); got !== undefined; got = receiveMessageOnPort(task.definitions)) {
      const definitions = got.message as Uint8Array;
      guarded(() => sink.define(definitions));
    }
  };
  while (!drain.ended) {
    drain.wait();
    while (
      drain.take((records) => {
        // Those that a chunk needs were sent before it was published.
        takeDefinitions();
        guarded(() => sink.records(records));
      })
    ) {}
  }
  guarded(() => sink.end(drain.reason));
  const { step, insns, wanted } = sink.totals;
  return { totals: { step, insns, wanted }, failure, bug };
}

async function createSink(task: DrainTask, onLimit: () => void): Promise<TraceSink> {
  const sink = await createPlainSink(task);
  return task.header.filtered || task.limit !== Number.POSITIVE_INFINITY ? filtered(sink, task.limit, onLimit) : sink;
}

async function createPlainSink({ format, fd, header, cpu, watchedRegisters }: DrainTask): Promise<TraceSink> {
  switch (format) {
    case 'none':
      return header.filtered ? createCountingSink() : createNullSink();
    case 'chunks':
      return createChunkFileSink((parts) => {
        for (const part of parts) writeAll(fd, part);
      }, header);
    default: {
      const disassemble = await loadDisassembler();
      const words = (pc: number, word: number): string => {
        const { mnemonic, operands } = disassemble(pc, word);
        return `${mnemonic} ${operands}`;
      };
      return createTextSink(format, formatContext(createAArch64(cpu), words, watchedRegisters), (bytes) => writeAll(fd, bytes));
    }
  }
}

parentPort?.postMessage(await drainAll(workerData as DrainTask));
