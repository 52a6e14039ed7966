import { UserError } from '@everystep/core';
import { optionHelp } from '../../options/help.ts';
import type { OptionRow } from '../../options/optionTable.ts';
import { parseOperands } from '../../options/parseOperands.ts';

/** What every question can be told. */
export interface QuestionSettings {
  json: boolean;
}

/** A question of the command line: how it is asked. */
export interface Question<Settings> {
  /** `who-wrote` */
  readonly name: string;
  /** What follows the name: `RECORDING STEP`. */
  readonly operands: string;
  /** Fewest and most operands. */
  readonly count: readonly [least: number, most: number];
  /** Lines of the help, before the options and behind them. */
  readonly about: readonly string[];
  readonly examples: readonly string[];
  readonly rows: readonly OptionRow<Settings>[];
}

const GROUP = 'The answer';

const jsonRow = (lines: boolean): OptionRow<QuestionSettings> => ({
  names: ['json'],
  group: GROUP,
  help: `as JSON for programs${lines ? ', one object a line' : ''}; numbers of 64 bits are strings, as "0x7f"`,
  state: 'done',
  apply: (s) => {
    s.json = true;
  },
});

/** Which part of the run is looked at, as steps are written. */
export interface RangeSettings {
  from: string;
  to: string;
}

/** `--from` and `--to`. */
export const rangeRows = (group: string): readonly OptionRow<RangeSettings>[] => [
  textRow(group, 'from', 'step', 'from this step on', (s, value) => {
    s.from = value;
  }),
  textRow(group, 'to', 'step', 'up to this step', (s, value) => {
    s.to = value;
  }),
];

/** An option that takes a text. */
export function textRow<Settings>(
  group: string,
  name: string,
  argument: string,
  help: string,
  apply: (s: Settings, value: string) => void,
): OptionRow<Settings> {
  return { names: [name], argument, equals: true, group, help, state: 'done', apply };
}

/**
 * Reads a question's command line, where options may also stand behind the recording.
 * @param lines whether the answer has several parts
 * @returns the operands; undefined if only the help was wanted, which has been printed
 * @throws UserError
 */
export function parseQuestion<Settings extends QuestionSettings>(
  question: Question<Settings>,
  settings: Settings,
  argv: readonly string[],
  lines: boolean,
): readonly string[] | undefined {
  const rows: readonly OptionRow<Settings>[] = [
    ...question.rows,
    jsonRow(lines),
    { names: ['h', 'help'], group: 'About', help: 'show this help', state: 'done', print: () => questionHelp(question, rows) },
  ];
  // A step from the end is no option.
  const isOperand = (text: string): boolean => /^-[0-9]/.test(text);
  const operands = parseOperands(`everystep ${question.name}`, rows, settings, argv, { isOperand });
  if (operands === undefined) return undefined;
  const [least, most] = question.count;
  const usage = `usage: everystep ${question.name} ${question.operands} (everystep ${question.name} -h tells more)`;
  if (operands.length < least) throw new UserError(`${operands.length === 0 ? 'no recording given' : 'something is missing'}: ${usage}`);
  if (operands.length > most) throw new UserError(`'${operands[most]}' is one too many: ${usage}`);
  return operands;
}

function questionHelp<Settings>({ name, operands, about, examples }: Question<Settings>, rows: readonly OptionRow<Settings>[]): string {
  return [
    `usage: everystep ${name} ${operands} [options]`,
    '',
    ...about,
    '',
    optionHelp(rows),
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
    'The exit status is 0; 1 if nothing was found; 2 if the question or the recording is no good.',
    '',
  ].join('\n');
}
