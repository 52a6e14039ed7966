import { writeSync } from 'node:fs';
import { parseCount } from '../options/numbers.ts';
import { CallTeller } from '../record/questions/callTree.ts';
import { parseQuestion, type Question, type QuestionSettings, type RangeSettings, rangeRows, textRow } from '../record/questions/questionOptions.ts';
import { RecordingView } from '../record/questions/recordingView.ts';

interface CallsSettings extends QuestionSettings, RangeSettings {
  depth: number | undefined;
  args: number;
}

const GROUP = 'Which, and what of them';
const DEFAULT_ARGUMENTS = 4;

const QUESTION: Question<CallsSettings> = {
  name: 'calls',
  operands: 'RECORDING [SYMBOL]',
  count: [1, 2],
  about: [
    "Tells the run's calls as a tree, or those of one function: the step of its first instruction, arguments (registers x0 to x7,",
    'however many the function has) and result (x0, if it has any). Tail calls, longjmp and signal handlers are followed.',
  ],
  examples: ['everystep calls recording --depth=3', 'everystep calls recording insert', 'everystep calls recording insert --depth=2 --from=20_000 --json'],
  rows: [
    textRow(GROUP, 'depth', 'n', 'so many levels of calls (default: all; of one function, only itself)', (s, value) => {
      s.depth = parseCount(value);
    }),
    textRow(GROUP, 'args', 'n', `registers that are shown as arguments (default: ${DEFAULT_ARGUMENTS}); JSON has all 8`, (s, value) => {
      s.args = parseCount(value);
    }),
    ...rangeRows(GROUP),
  ],
};

/**
 * `everystep calls`: tells the calls of a recorded run.
 * @param argv what follows `calls`
 * @returns the exit status
 */
export async function callsCommand(argv: readonly string[]): Promise<number> {
  const settings: CallsSettings = { json: false, from: '0', to: 'end', depth: undefined, args: DEFAULT_ARGUMENTS };
  const operands = parseQuestion(QUESTION, settings, argv, true);
  if (operands === undefined) return 0;
  const [path, symbol] = operands;
  const view = await RecordingView.open(path);
  const [from, to] = [view.stepOf(settings.from), view.stepOf(settings.to)];
  const starts: ReadonlySet<number> = new Set(symbol === undefined ? [] : view.addressesBefore(symbol, to).map(({ address }) => address));
  const { answer } = view;
  const teller = new CallTeller(
    view,
    { ...settings, from, to, starts, depth: settings.depth ?? (symbol === undefined ? Number.POSITIVE_INFINITY : 1) },
    answer,
  );
  teller.tell();
  answer.flush();
  if (teller.count > 0) return 0;
  writeSync(2, `everystep: there are no calls${symbol === undefined ? '' : ` of ${symbol}`}\n`);
  return 1;
}
