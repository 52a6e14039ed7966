import { writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import type { OptionRow } from './optionTable.ts';
import { parseOptions } from './parseOptions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the command line of a subcommand whose options may stand anywhere.
 * @param command `everystep pack`
 * @param isOperand what is no option, though it begins as they do
 * @returns the operands; undefined if only the help was wanted, which has been printed
 * @throws UserError
 */
export function parseOperands<S>(
  command: string,
  rows: readonly OptionRow<S>[],
  settings: S,
  argv: readonly string[],
  { environment = {}, isOperand }: { readonly environment?: Environment; readonly isOperand?: (text: string) => boolean } = {},
): readonly string[] | undefined {
  const operands: string[] = [];
  let left = argv;
  // Environment variables come first, and once.
  let variables = environment;
  do {
    const parsed = parseOptions(command, rows, settings, left, variables, isOperand);
    variables = {};
    if (parsed.kind === 'print') {
      writeSync(1, parsed.text);
      return undefined;
    }
    operands.push(...parsed.rest.slice(0, 1));
    left = parsed.rest.slice(1);
  } while (left.length > 0);
  return operands;
}

/**
 * The same of a subcommand that takes one operand.
 * @param what it is: `recording`
 * @returns the operand; undefined if only the help was wanted, which has been printed
 * @throws UserError if there is none, or more
 */
export function parseOperand<S>(
  command: string,
  what: string,
  rows: readonly OptionRow<S>[],
  settings: S,
  argv: readonly string[],
  environment: Environment = {},
): string | undefined {
  const operands = parseOperands(command, rows, settings, argv, { environment });
  if (operands === undefined) return undefined;
  if (operands.length === 0) throw new UserError(`no ${what} given (${command} -h shows how)`);
  if (operands.length > 1) throw new UserError(`one ${what} at a time: '${operands[1]}' is one too many`);
  return operands[0];
}
