import { helpOption, optionHelp } from '../options/help.ts';
import type { OptionRow } from '../options/optionTable.ts';
import { parseOperand } from '../options/parseOperands.ts';
import { checkTraceFile } from '../trace/checkTraceFile.ts';
import { TraceFile } from '../trace/traceFile.ts';

const ROWS: readonly OptionRow<object>[] = [helpOption(() => help())];

function help(): string {
  return [
    'usage: everystep check-trace TRACE',
    '',
    "Checks that a trace file, written by 'everystep trace --format chunks', is whole and fits together: sums of its parts, steps",
    'without gaps, each block where the one before leads, loads that find what was stored, keys that are the state which follows',
    'from the instructions before them. Shows how many instructions it holds, a hash of all values, and what does not hold, the',
    'first thing first.',
    '',
    optionHelp(ROWS),
    'The exit status is 1 if something does not hold, 2 if the file is no trace file. A file whose writer was interrupted is',
    'checked as far as it goes, with a note on standard error.',
    '',
  ].join('\n');
}

/**
 * `everystep check-trace`: checks a trace in chunks.
 * @param argv what follows `check-trace`
 * @returns the exit status
 */
export async function checkTraceCommand(argv: readonly string[]): Promise<number> {
  const path = parseOperand('everystep check-trace', 'trace file', ROWS, {}, argv);
  if (path === undefined) return 0;
  const file = new TraceFile(path);
  try {
    return checkTraceFile(file);
  } finally {
    file.close();
  }
}
