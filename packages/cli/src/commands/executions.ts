import { writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import { parseCount } from '../options/numbers.ts';
import { tellExecutions } from '../record/questions/executions.ts';
import { type Expression, parseExpression, parseExpressions } from '../record/questions/expression.ts';
import { parseQuestion, type Question, type QuestionSettings, type RangeSettings, rangeRows, textRow } from '../record/questions/questionOptions.ts';
import { RecordingView } from '../record/questions/recordingView.ts';
import { expressionContext } from '../record/questions/viewExpressions.ts';

interface ExecutionsSettings extends QuestionSettings, RangeSettings {
  where: string | undefined;
  print: string | undefined;
  first: number;
  last: number | undefined;
}

const GROUP = 'Which, and what of them';

const QUESTION: Question<ExecutionsSettings> = {
  name: 'executions',
  operands: 'RECORDING SYMBOL|PC',
  count: [2, 2],
  about: [
    'Tells when an instruction was executed: a function begins, or what is at main+0x1c or 0x400754. Registers and memory are',
    'as just before it, so that --print is a printf put there after the fact.',
    '',
    'Expressions have 64-bit numbers (12, 0x7f, -1), registers (x0 to x30, w0 to w30, sp, fp, lr, pc, nzcv), step, pid, tid,',
    "symbols (their addresses), memory u8[ADDRESS] to u64[ADDRESS] and s8 to s64 with sign, str(ADDRESS), 'c' for a character,",
    '+ - * / % & | ^ ~ << >> (keeps the sign) >>> (does not), == != < <= > >= (signed), <u <=u >u >=u (unsigned), && || !,',
    'with the precedence that C has.',
  ],
  examples: [
    'everystep executions recording main',
    "everystep executions recording write --where 'x0 == 2' --print 'x2, str(x1)'",
    "everystep executions recording 'insert+0x24' --where 'u32[x0+8] >u 100' --last 1",
  ],
  rows: [
    textRow(GROUP, 'where', 'condition', 'only where this expression is not 0', (s, value) => {
      s.where = value;
    }),
    textRow(GROUP, 'print', 'list', 'values of these expressions, with commas between', (s, value) => {
      s.print = value;
    }),
    textRow(GROUP, 'first', 'n', 'only the first n', (s, value) => {
      s.first = parseCount(value);
    }),
    textRow(GROUP, 'last', 'n', 'only the last n', (s, value) => {
      s.last = parseCount(value);
    }),
    ...rangeRows(GROUP),
  ],
};

/**
 * `everystep executions`: tells when an instruction was executed.
 * @param argv what follows `executions`
 * @returns the exit status
 */
export async function executionsCommand(argv: readonly string[]): Promise<number> {
  const settings: ExecutionsSettings = {
    json: false,
    where: undefined,
    print: undefined,
    first: Number.POSITIVE_INFINITY,
    last: undefined,
    from: '0',
    to: 'end',
  };
  const operands = parseQuestion(QUESTION, settings, argv, true);
  if (operands === undefined) return 0;
  const view = await RecordingView.open(operands[0]);
  const [from, to] = [view.stepOf(settings.from), view.stepOf(settings.to)];
  const pcs = new Set(view.addressesBefore(operands[1], to).map(({ address }) => address));
  const context = expressionContext(view);
  const read = <Result>(option: string, text: string | undefined, parse: (text: string) => Result): Result | undefined => {
    try {
      return text === undefined ? undefined : parse(text);
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${option}: ${error.message}`) : error;
    }
  };
  const where: Expression | undefined = read('--where', settings.where, (text) => parseExpression(text, context));
  const print = read('--print', settings.print, (text) => parseExpressions(text, context)) ?? [];
  const { answer } = view;
  const { told, unreadable } = tellExecutions(view, { ...settings, from, to, pcs, where, print }, answer);
  answer.flush();
  if (unreadable > 0) writeSync(2, `everystep: left out ${unreadable} where the condition asks for memory that is not mapped\n`);
  if (told > 0) return 0;
  writeSync(2, `everystep: ${operands[1]} was not executed${settings.where === undefined ? '' : ' where that holds'}\n`);
  return 1;
}
