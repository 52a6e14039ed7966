import { type SlicePlace, Slicer, UserError } from '@everystep/core';
import { parseCount } from '../options/numbers.ts';
import { parseQuestion, type Question, type QuestionSettings, textRow } from '../record/questions/questionOptions.ts';
import { RecordingView } from '../record/questions/recordingView.ts';
import { SliceText, sliceJson, toldNodes } from '../record/questions/sliceText.ts';
import { lookAtNodes, placeName, valueAt } from '../record/questions/sliceView.ts';
import { writtenOf } from '../record/questions/writes.ts';
import { grouped } from '../trace/progress.ts';

interface WhySettings extends QuestionSettings {
  depth: number;
  limit: number;
  copies: boolean;
}

const GROUP = 'How far';
const DEFAULT_DEPTH = 8;
const DEFAULT_LIMIT = 100;

const QUESTION: Question<WhySettings> = {
  name: 'why',
  operands: 'RECORDING STEP REGISTER|ADDRESS[:BYTES]|SYMBOL[:BYTES]',
  count: [3, 3],
  about: [
    'Tells where a value came from that a register or memory has before instruction STEP: backwards through the instructions',
    'that made it of others, down to a system call, a constant, or what the program began with. Copies (moves, loads, stores) are',
    'folded into one line. Followed are values: not the addresses that they were at, nor the conditions that chose them.',
  ],
  examples: ['everystep why recording 25315 x1', 'everystep why recording end counter --depth=20', 'everystep why recording -1 0x5500800e8e:4 --copies'],
  rows: [
    textRow(GROUP, 'depth', 'n', `through so many computations (default: ${DEFAULT_DEPTH}); copies do not count`, (s, value) => {
      s.depth = parseCount(value);
    }),
    textRow(GROUP, 'limit', 'n', `at most so many values (default: ${DEFAULT_LIMIT})`, (s, value) => {
      s.limit = parseCount(value);
    }),
    {
      names: ['copies'],
      group: GROUP,
      help: 'show each copy',
      state: 'done',
      apply: (s) => {
        s.copies = true;
      },
    },
  ],
};

/**
 * `everystep why`: tells where a value came from.
 * @param argv what follows `why`
 * @returns the exit status
 */
export async function whyCommand(argv: readonly string[]): Promise<number> {
  const settings: WhySettings = { json: false, depth: DEFAULT_DEPTH, limit: DEFAULT_LIMIT, copies: false };
  const operands = parseQuestion(QUESTION, settings, argv, false);
  if (operands === undefined) return 0;
  const view = await RecordingView.open(operands[0]);
  const { timeline } = view;
  // At the very end, the process is gone.
  view.seekNear(view.stepOf(operands[1]));
  const { step } = timeline;
  const place = slicePlaceOf(view, operands[2]);
  const name = placeName(view, place);
  const value = valueAt(view, place);
  const origins = new Slicer(timeline, settings).originsOf(place, step);
  const views = lookAtNodes(view, toldNodes(origins));
  const { answer } = view;
  if (settings.json) answer.json({ step, place: name, value, ...sliceJson(origins, views) });
  else {
    answer.line(`${name} = ${value} before step ${grouped(step)}, because`);
    const text = new SliceText(views, answer, settings.copies);
    for (const node of origins) text.tell(node, 1);
  }
  answer.flush();
  return 0;
}

function slicePlaceOf(view: RecordingView, text: string): SlicePlace {
  const written = writtenOf(view, text);
  if (written.kind === 'register') return { kind: 'register', tid: written.tid, register: written.register === 'flags' ? -1 : written.register.index };
  const { replayer } = view.timeline;
  const { space } = replayer.machine;
  if (space.peek(written.address, written.bytes) === undefined) throw new UserError(`there is no memory at ${text} before step ${view.timeline.step}`);
  return { kind: 'memory', space: replayer.spaces.indexOf(space), address: written.address, bytes: written.bytes };
}
