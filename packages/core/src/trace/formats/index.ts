import { UserError } from '../../base/index.ts';
import type { Guest } from '../../guest/index.ts';
import type { SymbolHost } from '../../symbols/index.ts';
import type { TraceReader } from '../reader.ts';
import { createBbvFormatter } from './bbv.ts';
import { createCallgrindFormatter } from './callgrind.ts';
import { createChampsimFormatter } from './champsim.ts';
import { createChromeFormatter } from './chrome.ts';
import { createDrcovFormatter } from './drcov.ts';
import { createExeclogFormatter } from './execlog.ts';
import { createFoldedFormatter } from './folded.ts';
import { DEFAULT_FORMAT_SETTINGS, type FormatContext, type FormatSettings, type TraceFormatter } from './format.ts';
import { createJsonlFormatter } from './jsonl.ts';
import { createLcovFormatter } from './lcov.ts';
import { createPerfettoFormatter } from './perfetto.ts';
import { createPprofFormatter } from './pprof.ts';
import { createQemuLogFormatter } from './qemuLog.ts';
import { createSpeedscopeFormatter } from './speedscope.ts';
import { createSpikeFormatter } from './spike.ts';
import { createTarmacFormatter } from './tarmac.ts';
import { createTenetFormatter } from './tenet.ts';
import { createTextFormatter } from './text.ts';
import type { TextOutput } from './textOutput.ts';
import { createUftraceFormatter } from './uftrace.ts';
import { createVcdFormatter } from './vcd.ts';

export * from './format.ts';
export { writeLcov } from './lcov.ts';
export { QemuCpuDump, qemuBlockHead, qemuCflags, qemuInsnLine, qemuTraceLine } from './qemuText.ts';
export { TextOutput } from './textOutput.ts';
export { UftraceWriter } from './uftrace.ts';

const FORMATTERS = {
  text: createTextFormatter,
  execlog: createExeclogFormatter,
  jsonl: createJsonlFormatter,
  callgrind: createCallgrindFormatter,
  folded: createFoldedFormatter,
  lcov: createLcovFormatter,
  pprof: createPprofFormatter,
  uftrace: createUftraceFormatter,
  speedscope: createSpeedscopeFormatter,
  chrome: createChromeFormatter,
  perfetto: createPerfettoFormatter,
  qemu: createQemuLogFormatter,
  tarmac: createTarmacFormatter,
  tenet: createTenetFormatter,
  spike: createSpikeFormatter,
  drcov: createDrcovFormatter,
  bbv: createBbvFormatter,
  champsim: createChampsimFormatter,
  vcd: createVcdFormatter,
} as const satisfies Record<string, (reader: TraceReader, context: FormatContext, out: TextOutput) => TraceFormatter>;

export type TextFormat = keyof typeof FORMATTERS;
/** Names of the formats that are text. */
export const TEXT_FORMATS = Object.keys(FORMATTERS) as readonly TextFormat[];

/** Formats that are a folder of files. */
export const FOLDER_FORMATS: ReadonlySet<string> = new Set<TextFormat>(['uftrace']);
/** Formats whose readers expect them to be packed with gzip. */
export const PACKED_FORMATS: ReadonlySet<string> = new Set<TextFormat>(['pprof']);

/** Formats that are lines, as many as there are instructions or more: what there is of them can be read before the rest comes. */
export const LINE_FORMATS: ReadonlySet<string> = new Set<TextFormat>(['text', 'execlog', 'jsonl', 'qemu', 'tarmac', 'tenet', 'spike', 'vcd']);

/** Makes a formatter that follows `reader` and writes to `out`. */
export function createFormatter(format: TextFormat, reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  return FORMATTERS[format](reader, context, out);
}

/** @throws UserError if there is no such format among `formats` */
export function checkFormat<F extends string>(name: string, formats: readonly F[]): F {
  const format = formats.find((each) => each === name);
  if (format === undefined) throw new UserError(`unknown trace format '${name}' (there are ${formats.join(', ')})`);
  return format;
}

/** Of what formats need to know, all but the guest, and what the text of instructions is. */
export type FormatOptions = Partial<Pick<FormatContext, 'command' | 'symbols' | 'openFile'>> & { readonly settings?: Partial<FormatSettings> };

/** Where no files can be read: functions have the names that the trace has. */
const NO_FILES: SymbolHost = { readFile: () => undefined, decompress: () => undefined, demangle: (name) => name, warn: () => undefined };

/** What formats need to know of a guest. */
export function formatContext(guest: Guest, disassemble: FormatContext['disassemble'], options: FormatOptions = {}): FormatContext {
  const gdbRegisters = guest.gdbRegisters ?? guest.state.registers.filter((r) => r.visible).map((r) => ({ name: r.name, kind: 'state' as const }));
  return {
    state: guest.state,
    disassemble,
    syscalls: guest.linux.syscalls,
    gdbRegisters,
    hidesAccesses: guest.hidesAccesses ?? (() => false),
    command: [],
    openFile: () => () => undefined,
    symbols: NO_FILES,
    stackPointer: guest.roles.stackPointer,
    ...options,
    settings: { ...DEFAULT_FORMAT_SETTINGS, ...options.settings },
  };
}
