import {
  checkFormat,
  createFormatSink,
  createTextSink,
  type FormatContext,
  type FormatSettings,
  type FormatSink,
  type FormatSinkOptions,
  formatContext,
  type Guest,
  type SymbolHost,
  TEXT_FORMATS,
  type TraceLevel,
  withValues,
} from '@everystep/core';
import { loadDisassembler } from '../disassembly/disassembler.ts';
import { symbolHost } from './symbolHost.ts';

/** Of which guest a trace is, and the program and its arguments as they were given. */
export interface TraceSource {
  readonly guest: Guest;
  readonly command: readonly string[];
  /** How much there is of each instruction. */
  readonly level: TraceLevel;
  /** Begins a file of a format that is a folder. @returns appends to it */
  readonly openFile: FormatContext['openFile'];
  /** Reads files of the system that the program ran on; default: this one. */
  readonly readFile?: SymbolHost['readFile'] | undefined;
}

/** Makes the sink of a format. @param write gets the output's bytes, valid during the call only */
export type SinkMaker = (source: TraceSource, write: (bytes: Uint8Array) => void, options?: FormatSinkOptions) => FormatSink;

/** Loads what a format that needs no library needs. */
export function loadSinkMaker(format: string, settings: FormatSettings): Promise<SinkMaker> {
  if (format === 'none') return Promise.resolve(dropped);
  const name = checkFormat(format, TEXT_FORMATS);
  return withDisassembler(settings, (...args) => createTextSink(name, ...args));
}

/** Format `none`: every value is read, and dropped. */
const dropped: SinkMaker = ({ guest, level }, _write, options) => {
  const nothing = (): void => undefined;
  const context = formatContext(guest, () => '');
  return withValues(
    { level },
    guest,
    createFormatSink(() => ({ looksAtState: false, insn: nothing, event: nothing, end: nothing }), context, options),
  );
};

/** Gives sinks the disassembler. */
export async function withDisassembler(
  settings: FormatSettings,
  create: (context: FormatContext, write: (bytes: Uint8Array) => void, options?: FormatSinkOptions) => FormatSink,
): Promise<SinkMaker> {
  const disassemble = await loadDisassembler();
  const words = (pc: number, word: number): string => {
    const { mnemonic, operands } = disassemble(pc, word);
    return `${mnemonic} ${operands}`;
  };
  return ({ guest, level, readFile, ...source }, write, options) =>
    withValues({ level }, guest, create(formatContext(guest, words, { settings, ...source, symbols: symbolHost(readFile) }), write, options));
}
