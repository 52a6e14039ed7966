import { writeSync } from 'node:fs';
import { signalName, UserError } from '@everystep/core';
import { parseCount } from '../options/numbers.ts';
import { parseQuestion, type Question, type QuestionSettings, type RangeSettings, rangeRows, textRow } from '../record/questions/questionOptions.ts';
import { RecordingView } from '../record/questions/recordingView.ts';
import { forEachCall } from '../record/questions/systemCalls.ts';
import { hex } from '../record/questions/values.ts';
import { grouped } from '../trace/progress.ts';

interface SyscallsSettings extends QuestionSettings, RangeSettings {
  first: number;
}

const GROUP = 'Which';

const QUESTION: Question<SyscallsSettings> = {
  name: 'syscalls',
  operands: 'RECORDING [NAME...]',
  count: [1, Number.POSITIVE_INFINITY],
  about: [
    "Tells the run's system calls, or those of these names, as -strace words them (with all of every address), with the step and the thread of each, and, if all",
    'are wanted, signals. Calls are told when they return.',
  ],
  examples: ['everystep syscalls recording', 'everystep syscalls recording openat read --to=100_000', 'everystep syscalls recording write --json'],
  rows: [
    textRow(GROUP, 'first', 'n', 'only the first n', (s, value) => {
      s.first = parseCount(value);
    }),
    ...rangeRows(GROUP),
  ],
};

/**
 * `everystep syscalls`: tells the system calls of a recorded run.
 * @param argv what follows `syscalls`
 * @returns the exit status
 */
export async function syscallsCommand(argv: readonly string[]): Promise<number> {
  const settings: SyscallsSettings = { json: false, from: '0', to: 'end', first: Number.POSITIVE_INFINITY };
  const operands = parseQuestion(QUESTION, settings, argv, true);
  if (operands === undefined) return 0;
  const [path, ...names] = operands;
  const view = await RecordingView.open(path);
  const known = new Map([...view.timeline.replayer.machine.guest.linux.syscalls].map(([number, name]) => [name, number]));
  const numbers = names.map((name) => {
    const number = known.get(name);
    if (number === undefined) throw new UserError(`there is no system call '${name}'`);
    return number;
  });
  const { answer } = view;
  let told = 0;
  const tellSignal = (step: number, pid: number, signal: number): void => {
    if (settings.json) answer.json({ step, pid, signal: signalName(signal) });
    else answer.line(`step ${grouped(step)}, process ${pid}: --- ${signalName(signal)} ---`);
  };
  const range = {
    from: view.stepOf(settings.from),
    to: view.stepOf(settings.to),
    limit: settings.first,
    ...(names.length === 0 ? {} : { numbers: new Set(numbers) }),
  };
  forEachCall(view, range, {
    call({ step, end, pc, pid, tid, name, text, result, value }) {
      told++;
      if (!settings.json)
        return answer.line(`step ${grouped(step)}, thread ${tid}: ${text}${end === undefined ? ' = (waits)' : result === undefined ? '' : ` = ${result}`}`);
      answer.json({
        step,
        ...(end === undefined ? {} : { end }),
        pid,
        tid,
        pc: hex(pc),
        name,
        text,
        ...(value === undefined ? {} : { value: hex(BigInt.asUintN(64, value)), result }),
      });
    },
    signal(step, pid, signal) {
      told++;
      tellSignal(step, pid, signal);
    },
  });
  answer.flush();
  if (told > 0) return 0;
  writeSync(2, 'everystep: there are no such system calls\n');
  return 1;
}
