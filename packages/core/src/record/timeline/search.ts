import type { Instrument } from '../../engine/index.ts';
import type { JournalPlace, ReplayObserver } from '../replayer.ts';
import type { Probe } from './probes.ts';

/** Steps from `from` to before `to`. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** Who looks on while part of a run is gone through. */
export interface Onlooker {
  readonly observer?: ReplayObserver;
  /** Adds callbacks to the code that runs there, which may want the ring's first bytes for cells. */
  readonly instrument?: Instrument;
  /** Is told of those, by their number; registers, pc and steps are exact. Where it answers true, it ends soon. */
  called?(number: number): boolean;
  /** What it is about: stretches between snapshots that have none of these are skipped. Asked before each; undefined: all matters. */
  sought?(): readonly Probe[] | undefined;
  /** A stretch has been skipped: the timeline is behind it. */
  skipped?(): void;
}

/** What is between two snapshots: steps `from` + 1 to `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** In the journal, behind all that happened at step `from`. */
  readonly place: JournalPlace;
  /** Of the thread that runs at its start; 0: none does. */
  readonly pid: number;
  readonly tid: number;
}

/** Where to look. */
export interface SearchOptions {
  /** First step, and the first that is no more part of it; default: all of the run. */
  readonly from?: number;
  readonly to?: number;
  /** Only in this process. */
  readonly pid?: number;
  /** Only in this thread. */
  readonly tid?: number;
  /** Only accesses to this process's memory, whoever makes them: it may be shared, and is its parent's before it was forked. */
  readonly memoryOf?: number;
  /** Most hits; default: all. */
  readonly limit?: number;
}
