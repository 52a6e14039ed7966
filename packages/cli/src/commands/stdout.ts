import { UserError } from '@everystep/core';
import { parseCount } from '../options/numbers.ts';
import { momentOfByte, tellOutput } from '../record/questions/output.ts';
import { parseQuestion, type Question, type QuestionSettings, textRow } from '../record/questions/questionOptions.ts';
import { RecordingView } from '../record/questions/recordingView.ts';
import { lineText, placeJson, placeText } from '../record/questions/values.ts';
import { grouped } from '../trace/progress.ts';

interface StdoutSettings extends QuestionSettings {
  at: number | undefined;
  stderr: boolean;
}

const QUESTION: Question<StdoutSettings> = {
  name: 'stdout',
  operands: 'RECORDING',
  count: [1, 1],
  about: [
    'Shows what the recorded run wrote to its standard output, or, with --at, the moment that wrote one byte of it: step, system',
    'call and call stack. With --json and without --at, each write is told: its step, and which bytes of the output it wrote.',
  ],
  examples: ['everystep stdout recording', 'everystep stdout recording | grep -b error', 'everystep stdout recording --at=1234'],
  rows: [
    textRow('What', 'at', 'byte', 'the moment that wrote this byte, counted from 0', (s, value) => {
      s.at = parseCount(value);
    }),
    {
      names: ['stderr'],
      group: 'What',
      help: 'standard error instead of standard output',
      state: 'done',
      apply: (s) => {
        s.stderr = true;
      },
    },
  ],
};

/**
 * `everystep stdout`: shows what a recorded run wrote, or when it wrote a byte of it.
 * @param argv what follows `stdout`
 * @returns the exit status
 */
export async function stdoutCommand(argv: readonly string[]): Promise<number> {
  const settings: StdoutSettings = { json: false, at: undefined, stderr: false };
  const operands = parseQuestion(QUESTION, settings, argv, true);
  if (operands === undefined) return 0;
  const view = await RecordingView.open(operands[0]);
  const stream = settings.stderr ? 2 : 1;
  const { answer } = view;
  const { at } = settings;
  if (at === undefined) {
    tellOutput(view, stream, settings.json, answer);
    answer.flush();
    return 0;
  }
  const moment = momentOfByte(view, stream, at);
  if (moment === undefined)
    throw new UserError(`there is no byte ${at}: the run wrote ${view.timeline.outputBytes(stream)} to standard ${settings.stderr ? 'error' : 'output'}`);
  const { step, pid, tid, first, text } = moment;
  const frames = view.frames();
  if (settings.json) answer.json({ step, pid, tid, text, first, stack: frames.map(placeJson) });
  else {
    answer.line(`step ${grouped(step)}, thread ${tid}: ${text} wrote bytes ${first} to ${first + moment.length - 1}`);
    frames.forEach((frame, i) => void answer.line(`#${i} ${placeText(frame)}${lineText(frame.line)}`));
  }
  answer.flush();
  return 0;
}
