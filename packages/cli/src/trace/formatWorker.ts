import { parentPort, workerData } from 'node:worker_threads';
import { createAArch64, createTextSink, formatContext, type TextFormat, type TraceSink, withValues } from '@everystep/core';
import { loadDisassembler } from '../disassembly/disassembler.ts';
import { drainAll } from './drainLoop.ts';
import type { DrainTask } from './drainTask.ts';
import { writeAll } from './outputFile.ts';

/** The worker that turns the trace into text. */
async function createSink({ format, fd, cpu, watchedRegisters, maxSize, header }: DrainTask, onFull: () => void): Promise<TraceSink> {
  const disassemble = await loadDisassembler();
  const words = (pc: number, word: number): string => {
    const { mnemonic, operands } = disassemble(pc, word);
    return `${mnemonic} ${operands}`;
  };
  const guest = createAArch64(cpu);
  const context = formatContext(guest, words, watchedRegisters);
  const sink = createTextSink(format as TextFormat, context, (bytes) => writeAll(fd, bytes), { maxBytes: maxSize, onFull });
  return withValues(header, guest, sink);
}

void drainAll(workerData as DrainTask, createSink).then((result) => parentPort?.postMessage(result));
