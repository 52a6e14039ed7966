import { writeSync } from 'node:fs';
import type { Hit } from '@everystep/core';
import { parseCount } from '../options/numbers.ts';
import { parseQuestion, type Question, type QuestionSettings, textRow } from '../record/questions/questionOptions.ts';
import { RecordingView } from '../record/questions/recordingView.ts';
import { probeOf, tellWrites, type Written, writtenOf } from '../record/questions/writes.ts';
import { grouped } from '../trace/progress.ts';

interface WhoWroteSettings extends QuestionSettings {
  before: string;
  all: boolean;
  first: number;
  readers: boolean;
}

const GROUP = 'Which';
/** Of all writes, so many are looked for at a time. */
const PART = 500;

const QUESTION: Question<WhoWroteSettings> = {
  name: 'who-wrote',
  operands: 'RECORDING ADDRESS[:BYTES]|SYMBOL[:BYTES]|REGISTER',
  count: [2, 2],
  about: [
    'Tells who wrote memory or a register last: instruction, function, line, the value before and after; of what the kernel',
    "wrote, the system call. Without BYTES, all of a symbol's, or 8. Meant is the process, or thread, that runs at --before.",
  ],
  examples: [
    'everystep who-wrote recording counter',
    'everystep who-wrote recording 0x491a40:4 --before 20_000',
    'everystep who-wrote recording x3 --before 1234 --json',
  ],
  rows: [
    textRow(GROUP, 'before', 'step', 'the last before this step (default: end)', (s, value) => {
      s.before = value;
    }),
    {
      names: ['all'],
      group: GROUP,
      help: 'all writes before that step, the first one first',
      state: 'done',
      apply: (s) => {
        s.all = true;
      },
    },
    textRow(GROUP, 'first', 'n', 'of all, the first n', (s, value) => {
      s.all = true;
      s.first = parseCount(value);
    }),
    {
      names: ['readers'],
      group: GROUP,
      help: 'who read the memory, instead',
      state: 'done',
      apply: (s) => {
        s.readers = true;
      },
    },
  ],
};

/**
 * `everystep who-wrote`: tells who wrote memory or a register.
 * @param argv what follows `who-wrote`
 * @returns the exit status
 */
export async function whoWroteCommand(argv: readonly string[]): Promise<number> {
  const settings: WhoWroteSettings = { json: false, before: 'end', all: false, first: Number.POSITIVE_INFINITY, readers: false };
  const operands = parseQuestion(QUESTION, settings, argv, true);
  if (operands === undefined) return 0;
  const view = await RecordingView.open(operands[0]);
  const { timeline } = view;
  const to = view.stepOf(settings.before);
  view.seekNear(to);
  const written = writtenOf(view, operands[1]);
  const isThere = written.kind === 'register' || timeline.replayer.machine.space.peek(written.address, written.bytes) !== undefined;
  const { probe, options } = probeOf(written, settings.readers);
  const { answer } = view;
  let told = 0;
  const tell = (hits: readonly Hit[]): void => {
    tellWrites(view, written, hits, settings.json, answer);
    told += hits.length;
  };
  if (settings.all) {
    // A part at a time, so that what is found first is told first.
    for (let from = 0; told < settings.first; ) {
      const limit = Math.min(PART, settings.first - told);
      const hits = timeline.find(probe, { ...options, from, to, limit });
      tell(hits);
      if (hits.length < limit) break;
      from = hits[hits.length - 1].step + 1;
    }
  } else {
    const hit = timeline.previous(probe, { ...options, to });
    if (hit !== undefined) tell([hit]);
  }
  answer.flush();
  if (told > 0) return 0;
  writeSync(2, `everystep: ${nothing(written, settings.readers, to, isThere)}\n`);
  return 1;
}

function nothing(written: Written, readers: boolean, to: number, isThere: boolean): string {
  const when = ` before step ${grouped(to)}`;
  if (written.kind === 'register') return `thread ${written.tid} did not write ${written.name}${when}: it is as the thread began with it`;
  const what = `${written.bytes} bytes at 0x${written.address.toString(16)}`;
  if (readers) return `nobody read the ${what} of process ${written.pid}${when}`;
  return `nobody wrote the ${what} of process ${written.pid}${when}: ${isThere ? 'they are as the program was loaded' : 'there is no such memory then'}`;
}
