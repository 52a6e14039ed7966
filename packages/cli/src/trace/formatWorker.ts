import { parentPort, workerData } from 'node:worker_threads';
import { createAArch64, createTextSink, formatContext, type TextFormat, type TraceSink } from '@everystep/core';
import { loadDisassembler } from '../disassembly/disassembler.ts';
import { drainAll } from './drainLoop.ts';
import type { DrainTask } from './drainTask.ts';
import { fileIn, formatWriter } from './outputFile.ts';
import { symbolHost } from './symbolHost.ts';

/** The worker that turns the trace into text. */
async function createSink({ format, fd, outputName, cpu, header, watchedRegisters }: DrainTask): Promise<TraceSink> {
  const disassemble = await loadDisassembler();
  const words = (pc: number, word: number): string => {
    const { mnemonic, operands } = disassemble(pc, word);
    return `${mnemonic} ${operands}`;
  };
  const openFile = (name: string) => fileIn(outputName, name);
  const context = formatContext(createAArch64(cpu), words, { watchedRegisters, command: header.argv, symbols: symbolHost(), openFile });
  return createTextSink(format as TextFormat, context, formatWriter({ fd }, format));
}

void drainAll(workerData as DrainTask, createSink).then((result) => parentPort?.postMessage(result));
