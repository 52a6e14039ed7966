import type { RecordingQuestion } from '../../../examples/browser/replayRecording.ts';

/** What to do with a file; the browser gets it as JSON, and the file's bytes from `url`. */
export type Job = ProgramJob | RecordingJob;

/** A program to run. */
export interface ProgramJob {
  readonly kind: 'program';
  readonly url: string;
  readonly argv: readonly string[];
  /** As -plugin has them. */
  readonly plugins: readonly string[];
}

/** A recording to replay, and to ask. */
export interface RecordingJob {
  readonly kind: 'recording';
  readonly url: string;
  readonly questions: readonly RecordingQuestion[];
}

/** What came of it. */
export type Outcome =
  | {
      readonly kind: 'ended';
      readonly status: number;
      /** What it wrote to standard output, a character a byte. */
      readonly output: string;
      /** What plugins wrote to the log. */
      readonly log: string;
      /** From before its process is made until its end; neither loading the engine nor fetching the program is in it. */
      readonly seconds: number;
    }
  | {
      readonly kind: 'replayed';
      /** Instructions. */
      readonly steps: number;
      /** What it wrote to standard output, a character a byte. */
      readonly output: string;
      /** To the questions, in order. */
      readonly answers: readonly string[];
      /** From when the recording is there until its end has been replayed; neither loading the engine nor answers are in it. */
      readonly seconds: number;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** What the page tells of itself and of the program that it ran. */
export interface Report {
  readonly userAgent: string;
  readonly outcome: Outcome;
}
