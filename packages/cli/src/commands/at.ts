import { UserError } from '@everystep/core';
import { parseSize } from '../options/numbers.ts';
import { momentJson, tellMoment } from '../record/questions/moment.ts';
import { parseQuestion, type Question, type QuestionSettings, textRow } from '../record/questions/questionOptions.ts';
import { RecordingView } from '../record/questions/recordingView.ts';

interface AtSettings extends QuestionSettings {
  vectors: boolean;
  maps: boolean;
  files: boolean;
  readonly memory: string[];
}

const GROUP = 'What to show besides';
const DEFAULT_LENGTH = 64;
const MOST_BYTES = 1 << 24;

const QUESTION: Question<AtSettings> = {
  name: 'at',
  operands: 'RECORDING STEP',
  count: [2, 2],
  about: [
    'Shows a moment of a recorded run: registers, the instruction that comes next, call stack, threads. STEP is the number of',
    'instructions completed before; end, or negative: from the end.',
  ],
  examples: ['everystep at recording 12_345', 'everystep at recording -1 --memory=sp:128', 'everystep at recording end --maps --json'],
  rows: [
    textRow(
      GROUP,
      'memory',
      'address[:bytes]',
      `memory from there on, ${DEFAULT_LENGTH} bytes or so many; a symbol or a register will do, too; may be repeated`,
      (s, value) => {
        s.memory.push(value);
      },
    ),
    {
      names: ['maps'],
      group: GROUP,
      help: 'what the process has mapped',
      state: 'done',
      apply: (s) => {
        s.maps = true;
      },
    },
    {
      names: ['files'],
      group: GROUP,
      help: 'what the process has open, by the calls that opened it',
      state: 'done',
      apply: (s) => {
        s.files = true;
      },
    },
    {
      names: ['vectors'],
      group: GROUP,
      help: 'the registers v0 to v31',
      state: 'done',
      apply: (s) => {
        s.vectors = true;
      },
    },
  ],
};

/**
 * `everystep at`: shows a moment of a recorded run.
 * @param argv what follows `at`
 * @returns the exit status
 */
export async function atCommand(argv: readonly string[]): Promise<number> {
  const settings: AtSettings = { json: false, vectors: false, maps: false, files: false, memory: [] };
  const operands = parseQuestion(QUESTION, settings, argv, false);
  if (operands === undefined) return 0;
  const view = await RecordingView.open(operands[0]);
  view.timeline.seek(view.stepOf(operands[1]));
  const wish = { ...settings, memory: settings.memory.map((text) => memoryRange(view, text)) };
  const { answer } = view;
  if (settings.json) answer.json(momentJson(view, wish));
  else tellMoment(view, wish, answer);
  answer.flush();
  return 0;
}

function memoryRange(view: RecordingView, text: string): { address: number; length: number } {
  const colon = text.lastIndexOf(':');
  const where = colon < 0 ? text : text.slice(0, colon);
  const length = colon < 0 ? DEFAULT_LENGTH : parseSize(text.slice(colon + 1));
  if (length > MOST_BYTES) throw new UserError(`--memory=${text}: that is more than ${MOST_BYTES} bytes`);
  return { address: view.addressOf(where), length };
}
