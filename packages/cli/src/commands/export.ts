import { writeSync } from 'node:fs';
import { checkFormat, type FormatSink, UserError } from '@everystep/core';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';
import { signalStatus } from '../messages.ts';
import { parseOperand } from '../options/parseOperands.ts';
import { exportRecording } from '../record/export/exportRecording.ts';
import { isRecording } from '../record/recordingFolder.ts';
import { checkTraceFile } from '../trace/checkTraceFile.ts';
import { estimateExport, estimateText, warningOf } from '../trace/estimate.ts';
import { defaultExportSettings, type ExportSettings, exportOptions } from '../trace/exportOptions.ts';
import { checkFormatOptions } from '../trace/formatOptions.ts';
import { loadSinkMaker } from '../trace/formatSinks.ts';
import { openFormat } from '../trace/openFormat.ts';
import { closeOutput, fileIn, formatWriter, type OutputFile } from '../trace/outputFile.ts';
import { grouped, Progress } from '../trace/progress.ts';
import { isSelective } from '../trace/selectionOptions.ts';
import { guestOf, TraceFile } from '../trace/traceFile.ts';
import { EXPORT_FORMATS, isTable } from '../trace/traceOptions.ts';

const SIGPIPE = 13;
const STATUS_FAILED = 1;

/**
 * `everystep export`: turns a trace in chunks into another format, or checks it.
 * @param argv what follows `export`
 * @returns the exit status
 */
export async function exportCommand(argv: readonly string[]): Promise<number> {
  const settings = defaultExportSettings();
  const path = parseOperand('everystep export', 'trace file', exportOptions(), settings, argv, process.env);
  if (path === undefined) return 0;
  if (settings.from >= settings.to) throw new UserError(`nothing to export: step ${settings.from} (--from) is not before step ${settings.to} (--to)`);
  if (isRecording(path)) return exportRecording(path, settings);
  checkTraceExport(settings);
  const file = new TraceFile(path);
  try {
    if (settings.check) return checkTraceFile(file);
    return await exportFile(file, settings);
  } finally {
    file.close();
  }
}

/** @throws UserError where something is asked for that a trace cannot give */
function checkTraceExport(settings: ExportSettings): void {
  checkFormat(settings.format, EXPORT_FORMATS);
  if (isSelective(settings) || settings.level !== 'values')
    throw new UserError('a trace has the instructions and the level that it was written with: only of recordings can others be had');
}

function print(text: string): number {
  writeSync(1, text);
  return 0;
}

async function exportFile(file: TraceFile, settings: ExportSettings): Promise<number> {
  const { lastStep } = file;
  if (settings.from > 0 && lastStep !== undefined && settings.from >= lastStep) throw new UserError(`--from: ${file.path} ends at step ${grouped(lastStep)}`);
  const load = isTable(settings.format) ? (await import('../trace/tables/tables.ts')).loadTableSinkMaker : loadSinkMaker;
  const make = await load(settings.format, settings);
  const progress = new Progress();
  const estimate = estimateExport(file, make, settings, progress.isWanted);
  if (settings.estimate) return print(`${estimateText(settings.format, estimate)}\n`);
  const warning = warningOf(settings.format, estimate);
  if (warning !== undefined) writeSync(2, `everystep: ${warning}\n`);
  if (estimate?.isLarge === true) progress.note(estimateText(settings.format, estimate));
  let output: OutputFile | undefined;
  let sink: FormatSink | undefined;
  let isAnew = true;
  try {
    const note = file.readFrom(
      settings.from,
      {
        header: (header) => {
          const guest = guestOf(header);
          checkFormatOptions(settings, guest);
          const opened = openFormat(settings);
          output = opened;
          const source = { guest, command: header.argv, level: header.level, openFile: (name: string) => fileIn(opened.name, name) };
          sink = make(source, formatWriter(opened, settings.format), { window: settings });
        },
        define: (definitions) => sink?.define(definitions),
        mappings: (events) => sink?.mappings?.(events),
        key: ({ step, state, ...thread }) => {
          if (isAnew) sink?.resume(step, state, thread);
          isAnew = false;
        },
        records: (records, { step }) => {
          // Of a filtered trace, which has no keys.
          if (isAnew) sink?.resume(step, undefined);
          isAnew = false;
          sink?.records(records);
        },
      },
      () => sink?.isOver === true,
      (bytes) => progress.show(() => `${percent(bytes, file.size)}${grouped(sink?.totals.step ?? 0)} steps`),
    );
    sink?.end('exit');
    progress.clear();
    if (output !== undefined) closeOutput(output);
    if (note !== undefined) writeSync(2, `everystep: ${file.path}: ${note}\n`);
    return 0;
  } catch (error) {
    progress.clear();
    const code = hostErrorCode(error);
    if (code === undefined) throw error;
    if (code === 'EPIPE') return signalStatus(SIGPIPE);
    writeSync(2, `everystep: cannot write ${output?.name}: ${hostErrorText(error)}\n`);
    return STATUS_FAILED;
  }
}

const percent = (bytes: number, size: number | undefined): string => (size === undefined ? '' : `${Math.floor((bytes * 100) / size)}%, `);
