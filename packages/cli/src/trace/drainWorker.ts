import { parentPort, workerData } from 'node:worker_threads';
import { createChunkFileSink, type Rewrite, type TraceSink } from '@everystep/core';
import { writeAll } from '../host/writing.ts';
import { brotli } from './compression.ts';
import { drainAll } from './drainLoop.ts';
import type { DrainTask } from './drainTask.ts';
import { RewritableFile } from './outputFile.ts';

/** The worker that takes the trace as it is, format `chunks`. It has little code, since each trace starts one. */
function createSink({ fd, header, maxSize, dropsOldest, outputName }: DrainTask, onFull: () => void): TraceSink {
  if (dropsOldest) {
    const file = new RewritableFile(outputName);
    const limit = { maxBytes: maxSize, onFull, rewrite: (parts: Parameters<Rewrite>[0]) => file.rewrite(parts) };
    return createChunkFileSink((parts) => file.write(parts), header, { compression: brotli, limit });
  }
  const write = (parts: readonly Uint8Array[]): void => {
    for (const part of parts) writeAll(fd, part);
  };
  return createChunkFileSink(write, header, { compression: brotli, limit: { maxBytes: maxSize, onFull } });
}

void drainAll(workerData as DrainTask, createSink).then((result) => parentPort?.postMessage(result));
