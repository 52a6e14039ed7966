import { UserError } from '@everystep/core';
import type { OptionRow } from './optionTable.ts';

/** What a command line said. */
export type ParsedCommand =
  /** Print this on standard output, and that is all. */
  | { readonly kind: 'print'; readonly text: string }
  /** What is left of the command line: the program and its arguments. */
  | { readonly kind: 'run'; readonly rest: readonly string[] };

/**
 * Parses a command line as QEMU does: options begin with one dash or two, take their argument from the next word, and
 * end at the first word that is none, or behind `--`. Environment variables come first.
 *
 * @param command what messages call the command: `everystep run`
 * @param settings is changed
 * @param isOperand what is no option, though it begins as they do
 * @throws UserError
 */
export function parseOptions<Settings>(
  command: string,
  rows: readonly OptionRow<Settings>[],
  settings: Settings,
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  isOperand: (text: string) => boolean = () => false,
): ParsedCommand {
  for (const row of rows) {
    const value = row.variable === undefined ? undefined : environment[row.variable];
    if (value === undefined) continue;
    const text = take(row, row.variable as string, settings, row.argument === undefined ? '' : value);
    if (text !== undefined) return { kind: 'print', text };
  }
  const byName = new Map(rows.flatMap((row) => row.names.map((name) => [name, row])));
  let at = 0;
  while (at < argv.length && argv[at].startsWith('-') && !isOperand(argv[at])) {
    const word = argv[at++];
    if (word === '--') break;
    const name = word.replace(/^--?/, '');
    const equals = name.indexOf('=');
    const inline = equals < 0 ? undefined : byName.get(name.slice(0, equals));
    const row = byName.get(name) ?? (inline?.equals ? inline : undefined);
    if (row === undefined) throw new UserError(`unknown option '${word}' (${command} -h lists the options)`);
    let value = '';
    if (row === inline) value = name.slice(equals + 1);
    else if (row.argument !== undefined) {
      if (at === argv.length) throw new UserError(`option '${word}' needs an argument: ${row.argument}`);
      value = argv[at++];
    }
    const text = take(row, row === inline ? word.slice(0, word.indexOf('=')) : word, settings, value);
    if (text !== undefined) return { kind: 'print', text };
  }
  return { kind: 'run', rest: argv.slice(at) };
}

function take<Settings>(row: OptionRow<Settings>, source: string, settings: Settings, value: string): string | undefined {
  if (row.state === 'not supported') throw new UserError(`option '${source}' is not supported: ${row.instead}`);
  const text = row.print?.(value);
  if (text !== undefined) return text;
  try {
    row.apply?.(settings, value);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${source}: ${error.message}`);
    throw error;
  }
  return undefined;
}
