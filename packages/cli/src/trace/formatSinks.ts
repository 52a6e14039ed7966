import { createTextSink, type FormatSettings, formatContext, type Guest, type StepWindow, type TextFormat, type TextSink } from '@everystep/core';
import { loadDisassembler } from '../disassembly/disassembler.ts';

/** Makes the sink of a format. @param write gets the output's bytes, valid during the call only */
export type SinkMaker = (guest: Guest, write: (bytes: Uint8Array) => void, window?: StepWindow) => TextSink;

/** Loads what a format needs. */
export async function loadSinkMaker(format: TextFormat, settings: FormatSettings): Promise<SinkMaker> {
  const disassemble = await loadDisassembler();
  const words = (pc: number, word: number): string => {
    const { mnemonic, operands } = disassemble(pc, word);
    return `${mnemonic} ${operands}`;
  };
  return (guest, write, window) => createTextSink(format, formatContext(guest, words, settings), write, window);
}
