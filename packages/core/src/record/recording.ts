import type { Guest } from '../guest/index.ts';
import type { SymbolHost } from '../symbols/index.ts';
import type { TraceReader, TraceVisitor, Wish } from '../trace/index.ts';
import type { JournalReader } from './journal/journalReader.ts';
import { RecordedSymbols } from './recordedSymbols.ts';
import { ReplayReader } from './replayReader.ts';
import type { Timeline, TimelineOptions } from './timeline/timeline.ts';

export interface RecordingOptions {
  readonly journal: JournalReader;
  /** The CPU that the recording is of, see its header. */
  readonly guest: Guest;
  /** Milliseconds of some clock. */
  readonly now: () => number;
  /** Reads files of the recorded system for names of its code; default: there are none. */
  readonly symbols?: SymbolHost;
  /** Called now and then with the step that has been reached. May throw, to end what goes on: the recording stays as good as it was. */
  readonly progress?: (step: number, of: number) => void;
  /** See TimelineOptions: an index that others make meanwhile. */
  readonly offered?: NonNullable<TimelineOptions['offered']>;
}

const NO_FILES: SymbolHost = { readFile: () => undefined, decompress: () => undefined, demangle: (name) => name, warn: () => undefined };

/** A recorded run, to look at any moment of it, search it, and run any part of it again. */
export class Recording {
  /** Moments and searches. */
  readonly timeline: Timeline;
  /** Names, at the moment where the timeline is. */
  readonly symbols: RecordedSymbols;
  private readonly replay: ReplayReader;

  private constructor({ symbols = NO_FILES, ...options }: RecordingOptions) {
    this.replay = new ReplayReader(options);
    this.timeline = this.replay.timeline;
    this.symbols = new RecordedSymbols(this.timeline.replayer, symbols);
  }

  /** @throws UserError if the journal is damaged */
  static open(options: RecordingOptions): Recording {
    return new Recording(options);
  }

  /** While `run` shows something: values of its instruction, registers before it, step. Formats want it, too. */
  get reader(): TraceReader {
    return this.replay.reader;
  }

  /**
   * Runs a part again, and shows it as a trace of it would be shown: `visitor` may be a format.
   * @param wish which instructions, and how much of each; default: all, with all values
   * @returns the step that it has come to
   */
  run(from: number, to: number, visitor: TraceVisitor, wish?: Wish): number {
    return this.replay.read(from, to, visitor, undefined, wish);
  }
}
