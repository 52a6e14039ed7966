import { createTextSink, type FormatSettings, formatContext, type Guest, type StepWindow, type TextFormat, type TextSink } from '@everystep/core';
import { loadDisassembler } from '../disassembly/disassembler.ts';
import { symbolHost } from './symbolHost.ts';

/** Of which guest a trace is, and the program and its arguments as they were given. */
export interface TraceSource {
  readonly guest: Guest;
  readonly command: readonly string[];
}

/** Makes the sink of a format. @param write gets the output's bytes, valid during the call only */
export type SinkMaker = (source: TraceSource, write: (bytes: Uint8Array) => void, window?: StepWindow) => TextSink;

/** Loads what a format needs. */
export async function loadSinkMaker(format: TextFormat, settings: FormatSettings): Promise<SinkMaker> {
  const disassemble = await loadDisassembler();
  const words = (pc: number, word: number): string => {
    const { mnemonic, operands } = disassemble(pc, word);
    return `${mnemonic} ${operands}`;
  };
  return ({ guest, command }, write, window) =>
    createTextSink(format, formatContext(guest, words, { settings, command, symbols: symbolHost() }), write, window);
}
