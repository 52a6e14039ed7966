import { WHOLE_TRACE } from '@everystep/core';
import { optionHelp } from '../options/help.ts';
import type { OptionRow } from '../options/optionTable.ts';
import { defaultOutputSettings, EXPORT_FORMATS, FORMAT_LIST, type OutputSettings, outputOptions, type WindowSettings, windowOptions } from './traceOptions.ts';

/** What the options of `everystep export` say. */
export interface ExportSettings extends OutputSettings, WindowSettings {
  /** Check the trace instead of writing it. */
  check: boolean;
  /** Say what the export would take instead. */
  estimate: boolean;
}

export function defaultExportSettings(): ExportSettings {
  return { ...defaultOutputSettings(), ...WHOLE_TRACE, check: false, estimate: false };
}

function exportHelp(rows: readonly OptionRow<ExportSettings>[]): string {
  return [
    'usage: everystep export [options] TRACE',
    '',
    "Reads a trace that 'everystep trace --format chunks' wrote, and writes it in another format. A trace whose writing was",
    'interrupted is read as far as it goes.',
    '',
    optionHelp(rows),
    'Formats:',
    ...FORMAT_LIST,
    '  none      every value is read and dropped: for measuring',
    '',
    'Examples:',
    '  everystep export trace.everystep --format jsonl -o trace.jsonl',
    '  everystep export trace.everystep --from=5_000_000 --first=100 --format tarmac',
    '  everystep export trace.everystep --format callgrind -o callgrind.out',
    '  everystep export --check trace.everystep',
    '',
  ].join('\n');
}

/** The options of `everystep export`. */
export function exportOptions(): readonly OptionRow<ExportSettings>[] {
  const rows: readonly OptionRow<ExportSettings>[] = [
    ...windowOptions('What to export (default: everything)', 'no more instructions than this'),
    ...outputOptions(EXPORT_FORMATS, 'standard output; uftrace: uftrace.data'),
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
    { names: ['h', 'help'], group: 'About', help: 'show this help', state: 'done', print: () => exportHelp(rows) },
  ];
  return rows;
}
