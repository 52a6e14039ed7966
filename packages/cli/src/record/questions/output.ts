import { callTextOf, type OutputHit, outputObserver } from '@everystep/core';
import { writeOutput } from '../writeOutput.ts';
import type { Answer } from './answer.ts';
import type { RecordingView } from './recordingView.ts';

/** Standard output, or standard error. */
export type Stream = 1 | 2;

/** Writes the run's output, or, as JSON, tells of each write. The timeline is moved. */
export function tellOutput({ timeline }: RecordingView, stream: Stream, json: boolean, answer: Answer): void {
  const { replayer } = timeline;
  const write = writeOutput(stream);
  let first = 0;
  let text = '';
  const output = outputObserver(replayer, (written) => {
    if (!json) return write(written);
    if (written.stream !== stream) return;
    answer.json({ step: written.step, text, first, length: written.length });
    first += written.length;
  });
  const observer = {
    ...output,
    enterCall(number: number) {
      if (json) ({ text } = callTextOf(replayer.machine));
      output.enterCall?.(number);
    },
  };
  timeline.goThrough(0, timeline.lastStep, { observer, sought: () => [{ kind: 'output', stream }] });
}

/** The call, as `-strace` shows it, that wrote a byte of the output; undefined if there are not so many. The timeline is before it then. */
export function momentOfByte({ timeline }: RecordingView, stream: Stream, byte: number): (OutputHit & { readonly text: string }) | undefined {
  const hit = timeline.outputByte(stream, byte);
  if (hit === undefined) return undefined;
  timeline.seek(hit.step);
  return { ...hit, text: callTextOf(timeline.replayer.machine).text };
}
