import { writeSync } from 'node:fs';
import { signalName, UserError } from '@everystep/core';
import { Answer } from '../record/questions/answer.ts';
import { parseQuestion, type Question, type QuestionSettings, type RangeSettings, rangeRows } from '../record/questions/questionOptions.ts';
import { RecordingView } from '../record/questions/recordingView.ts';
import { forEachCall } from '../record/questions/systemCalls.ts';
import { hex } from '../record/questions/values.ts';
import { grouped } from '../trace/progress.ts';

interface SyscallsSettings extends QuestionSettings, RangeSettings {}

const QUESTION: Question<SyscallsSettings> = {
  name: 'syscalls',
  operands: 'RECORDING [NAME...]',
  count: [1, Number.POSITIVE_INFINITY],
  about: [
    "Tells the run's system calls, or those of these names, as -strace words them, with the step and the thread of each, and, if all",
    'are wanted, signals. Calls are told when they return.',
  ],
  examples: ['everystep syscalls recording', 'everystep syscalls recording openat read --to=100_000', 'everystep syscalls recording write --json'],
  rows: [...rangeRows('Which')],
};

/**
 * `everystep syscalls`: tells the system calls of a recorded run.
 * @param argv what follows `syscalls`
 * @returns the exit status
 */
export async function syscallsCommand(argv: readonly string[]): Promise<number> {
  const settings: SyscallsSettings = { json: false, from: '0', to: 'end' };
  const operands = parseQuestion(QUESTION, settings, argv, true);
  if (operands === undefined) return 0;
  const [path, ...names] = operands;
  const view = await RecordingView.open(path);
  const known = new Set(view.timeline.replayer.machine.guest.linux.syscalls.values());
  const wanted = new Set(names);
  for (const name of names) if (!known.has(name)) throw new UserError(`there is no system call '${name}'`);
  const answer = new Answer();
  let told = 0;
  const tellSignal = (step: number, pid: number, signal: number): void => {
    if (settings.json) answer.json({ step, pid, signal: signalName(signal) });
    else answer.line(`step ${grouped(step)}, process ${pid}: --- ${signalName(signal)} ---`);
  };
  forEachCall(view, view.stepOf(settings.from), view.stepOf(settings.to), {
    call({ step, end, pc, pid, tid, name, text, result, value }) {
      if (wanted.size > 0 && !wanted.has(name ?? '')) return;
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
      if (wanted.size > 0) return;
      told++;
      tellSignal(step, pid, signal);
    },
  });
  answer.flush();
  if (told > 0) return 0;
  writeSync(2, 'everystep: there are no such system calls\n');
  return 1;
}
