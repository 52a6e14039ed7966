import { callTextOf, ReplayOutput } from '@everystep/core';
import { writeAll } from '../../trace/outputFile.ts';
import type { Answer } from './answer.ts';
import type { RecordingView } from './recordingView.ts';

/** A system call that wrote to the run's standard output or error. */
interface Writing {
  /** Of the instruction that made the call. */
  readonly step: number;
  /** The call, as `-strace` shows it. */
  readonly text: string;
  /** Number, in all the output, of the first byte that it wrote. */
  readonly first: number;
  readonly length: number;
}

/** Calls `visit` with each write to a stream, in order. @returns how many bytes there were */
function forEachWriting({ timeline }: RecordingView, stream: number, visit: (writing: Writing) => void): number {
  const { replayer } = timeline;
  let text = '';
  let total = 0;
  timeline.goThrough(0, timeline.lastStep, {
    enterCall() {
      ({ text } = callTextOf(replayer.machine));
    },
    output(to, length) {
      if (to !== stream) return;
      visit({ step: replayer.steps - 1, text, first: total, length });
      total += length;
    },
  });
  return total;
}

/** Writes the run's output, or, as JSON, tells of each write. The timeline is moved. */
export function tellOutput(view: RecordingView, stream: number, json: boolean, answer: Answer): void {
  if (json) {
    forEachWriting(view, stream, (writing) => answer.json(writing));
    return;
  }
  const { timeline } = view;
  const output = new ReplayOutput(timeline.replayer, (to, bytes) => {
    if (to === stream) writeAll(1, bytes);
  });
  timeline.goThrough(0, timeline.lastStep, output);
}

/** The write that wrote a byte of the output; undefined if there are not so many. The timeline is moved. */
export function momentOfByte(view: RecordingView, stream: number, byte: number): { readonly moment: Writing | undefined; readonly bytes: number } {
  let moment: Writing | undefined;
  const bytes = forEachWriting(view, stream, (writing) => {
    if (byte >= writing.first && byte < writing.first + writing.length) moment = writing;
  });
  return { moment, bytes };
}
