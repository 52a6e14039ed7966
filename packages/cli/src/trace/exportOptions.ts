import { TEXT_FORMATS } from '@everystep/core';
import { optionHelp } from '../options/help.ts';
import type { OptionRow } from '../options/optionTable.ts';
import { type OutputSettings, outputOptions } from './traceOptions.ts';

/** What the options of `everystep export` say. */
export interface ExportSettings extends OutputSettings {
  /** Check the trace instead of writing it. */
  check: boolean;
}

export function defaultExportSettings(): ExportSettings {
  return { format: 'text', output: undefined, watchedRegisters: [], check: false };
}

function exportHelp(rows: readonly OptionRow<ExportSettings>[]): string {
  return [
    'usage: everystep export [options] TRACE',
    '',
    "Reads a trace that 'everystep trace --format chunks' wrote, and writes it in another format. A trace whose writing was",
    'interrupted is read as far as it goes.',
    '',
    optionHelp(rows),
    'Examples:',
    '  everystep export trace.everystep --format jsonl -o trace.jsonl',
    '  everystep export trace.everystep --format callgrind -o callgrind.out',
    '  everystep export --check trace.everystep',
    '',
  ].join('\n');
}

/** The options of `everystep export`. */
export function exportOptions(): readonly OptionRow<ExportSettings>[] {
  const rows: readonly OptionRow<ExportSettings>[] = [
    ...outputOptions(TEXT_FORMATS, 'standard output; uftrace: uftrace.data'),
    {
      names: ['check'],
      group: 'Output',
      help: 'write nothing; check that the trace fits together, and show its length and a hash of all values. Exit status 1 if it does not',
      state: 'done',
      apply: (s) => {
        s.check = true;
      },
    },
    { names: ['h', 'help'], group: 'About', help: 'show this help', state: 'done', print: () => exportHelp(rows) },
  ];
  return rows;
}
