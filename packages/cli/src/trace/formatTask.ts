import { parentPort, workerData } from 'node:worker_threads';
import { createAArch64, type FormatSettings } from '@everystep/core';
import { recordedFileReader } from '../record/recordedFiles.ts';
import { drainAll } from './drainLoop.ts';
import type { DrainTask } from './drainTask.ts';
import type { SinkMaker } from './formatSinks.ts';
import { fileIn, formatWriter } from './outputFile.ts';

/** The work of a worker that writes the trace in another format than chunks. @param load makes the format's sinks */
export async function runFormatTask(load: (format: string, settings: FormatSettings) => Promise<SinkMaker>): Promise<void> {
  const task = workerData as DrainTask;
  const result = await drainAll(task, async ({ format, fd, outputName, cpu, header, formatSettings, maxSize, recording }, onFull) => {
    const make = await load(format, formatSettings);
    return make(
      {
        guest: createAArch64(cpu),
        command: header.argv,
        level: header.level,
        openFile: (name) => fileIn(outputName, name),
        readFile: recording === undefined ? undefined : recordedFileReader(recording),
      },
      formatWriter({ fd }, format),
      { limit: { maxBytes: maxSize, onFull } },
    );
  });
  parentPort?.postMessage(result);
}
