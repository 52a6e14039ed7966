import { writeSync } from 'node:fs';
import {
  createTextSink,
  formatContext,
  type Guest,
  type TextFormat,
  TraceChecker,
  TraceHash,
  TraceReader,
  type TraceSink,
  type TraceVisitor,
  UserError,
  withValues,
} from '@everystep/core';
import { loadDisassembler } from '../disassembly/disassembler.ts';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';
import { signalStatus } from '../messages.ts';
import { parseOptions } from '../options/parseOptions.ts';
import { defaultExportSettings, type ExportSettings, exportOptions } from '../trace/exportOptions.ts';
import { closeOutput, type OutputFile, openOutput, writeAll } from '../trace/outputFile.ts';
import { grouped } from '../trace/progress.ts';
import { guestOf, readTraceFile } from '../trace/traceFile.ts';

const SIGPIPE = 13;
const STATUS_FAILED = 1;

/**
 * `everystep export`: turns a trace in chunks into text, or checks it.
 * @param argv what follows `export`
 * @returns the exit status
 */
export async function exportCommand(argv: readonly string[]): Promise<number> {
  const settings = defaultExportSettings();
  const options = exportOptions();
  const parsed = parseOptions('everystep export', options, settings, argv, process.env);
  if (parsed.kind === 'print') return print(parsed.text);
  const [file, ...behind] = parsed.rest;
  if (file === undefined) throw new UserError('no trace file given (everystep export -h shows how)');
  // Options may also stand behind the file.
  const more = parseOptions('everystep export', options, settings, behind, {});
  if (more.kind === 'print') return print(more.text);
  if (more.rest.length > 0) throw new UserError(`one trace file at a time: '${more.rest[0]}' is one too many`);
  return settings.check ? check(file) : exportFile(file, settings);
}

function print(text: string): number {
  writeSync(1, text);
  return 0;
}

async function exportFile(file: string, settings: ExportSettings): Promise<number> {
  const disassemble = await loadDisassembler();
  const words = (pc: number, word: number): string => {
    const { mnemonic, operands } = disassemble(pc, word);
    return `${mnemonic} ${operands}`;
  };
  let output: OutputFile | undefined;
  let sink: TraceSink | undefined;
  try {
    const note = readTraceFile(file, {
      header: (header) => {
        const guest = guestOf(header);
        const opened = openOutput(settings.output ?? '-');
        output = opened;
        const context = formatContext(guest, words, settings.watchedRegisters);
        const text = createTextSink(settings.format as TextFormat, context, (bytes) => writeAll(opened.fd, bytes));
        sink = withValues(header, guest, text);
      },
      define: (definitions) => sink?.define(definitions),
      records: (records) => sink?.records(records),
    });
    sink?.end('exit');
    if (output !== undefined) closeOutput(output);
    if (note !== undefined) writeSync(2, `everystep: ${file}: ${note}\n`);
    return 0;
  } catch (error) {
    const code = hostErrorCode(error);
    if (code === undefined) throw error;
    if (code === 'EPIPE') return signalStatus(SIGPIPE);
    writeSync(2, `everystep: cannot write ${output?.name}: ${hostErrorText(error)}\n`);
    return STATUS_FAILED;
  }
}

/** Reads all of a trace and tells what is in it, and what does not fit together. */
function check(file: string): number {
  let checker: TraceChecker | undefined;
  let hash: TraceHash | undefined;
  let sink: TraceSink | undefined;
  const note = readTraceFile(file, {
    header: (header) => {
      const guest: Guest = guestOf(header);
      const reader = new TraceReader(guest.state);
      const checked = new TraceChecker(reader, { syscalls: guest.linux.syscalls, ignoredTopBits: guest.ignoredTopBits });
      const hashed = new TraceHash(reader);
      const visitor: TraceVisitor = {
        insn: (shape) => {
          checked.insn(shape);
          hashed.insn(shape);
        },
        event: (event) => checked.event(event),
        block: (program, completed) => checked.block(program, completed),
        skip: (insns) => checked.skip(insns),
      };
      checker = checked;
      hash = hashed;
      sink = withValues(header, guest, {
        define: (definitions) => reader.define(definitions),
        records: (records) => reader.read(records, visitor),
        end: () => undefined,
        totals: { step: 0, insns: 0, wanted: 0 },
      });
    },
    define: (definitions) => sink?.define(definitions),
    records: (records) => sink?.records(records),
  });
  const { insns, problems, problemCount } = checker as TraceChecker;
  const found = problemCount === 0 ? 'no problems' : `${problemCount} problems`;
  writeSync(1, `${file}: ${grouped(insns)} instructions, hash of the values ${hash?.digest}, ${found}\n`);
  for (const problem of problems) writeSync(1, `${problem}\n`);
  if (note !== undefined) writeSync(2, `everystep: ${file}: ${note}\n`);
  return problemCount === 0 ? 0 : STATUS_FAILED;
}
