import { WHOLE_TRACE } from '@everystep/core';
import { helpOption, optionHelp } from '../options/help.ts';
import type { OptionRow } from '../options/optionTable.ts';
import { defaultSelection, SELECTION_OPTIONS, type SelectionSettings } from './selectionOptions.ts';
import { defaultOutputSettings, FORMAT_LIST, type OutputSettings, outputOptions, TRACE_FORMATS, type WindowSettings, windowOptions } from './traceOptions.ts';

/** What the options of `everystep export` say. */
export interface ExportSettings extends OutputSettings, WindowSettings, SelectionSettings {
  /** Check the trace instead of writing it. */
  check: boolean;
  /** Say what the export would take instead. */
  estimate: boolean;
}

export function defaultExportSettings(): ExportSettings {
  return { ...defaultOutputSettings(), ...WHOLE_TRACE, ...defaultSelection(), check: false, estimate: false };
}

function exportHelp(rows: readonly OptionRow<ExportSettings>[]): string {
  return [
    'usage: everystep export [options] TRACE|RECORDING',
    '',
    "Reads a trace that 'everystep trace --format chunks' wrote, and writes it in another format. Of a recording, which",
    "'everystep record' made, it writes what 'everystep trace' would have written of that run, of a part of it, of some",
    'instructions or at another level. What was interrupted is read as far as it goes.',
    '',
    optionHelp(rows),
    'Formats:',
    ...FORMAT_LIST,
    '  chunks    of recordings: a trace file, that can be exported again',
    '  none      every value is read and dropped: for measuring',
    '',
    'Examples:',
    '  everystep export trace.everystep --format jsonl -o trace.jsonl',
    '  everystep export trace.everystep --from=5_000_000 --first=100 --format tarmac',
    '  everystep export trace.everystep --format callgrind -o callgrind.out',
    '  everystep export --check trace.everystep',
    '  everystep export recording --from=5_000_000 --first=100',
    '  everystep export recording --in main --format jsonl -o main.jsonl',
    '',
  ].join('\n');
}

/** The options of `everystep export`. */
export function exportOptions(): readonly OptionRow<ExportSettings>[] {
  const rows: readonly OptionRow<ExportSettings>[] = [
    ...windowOptions('What to export (default: everything)', 'no more instructions than this'),
    ...SELECTION_OPTIONS.map((row) => ({ ...row, group: 'Of a recording, what to export (default: everything)' })),
    ...outputOptions(TRACE_FORMATS, 'standard output; uftrace: uftrace.data'),
    {
      names: ['check'],
      group: 'Output',
      help: "write nothing, but do what 'everystep check-trace' does",
      state: 'done',
      apply: (s) => {
        s.check = true;
      },
    },
    {
      names: ['estimate'],
      group: 'Output',
      help: 'write nothing, but say how many instructions, bytes and seconds it would be',
      state: 'done',
      apply: (s) => {
        s.estimate = true;
      },
    },
    helpOption(() => exportHelp(rows)),
  ];
  return rows;
}
