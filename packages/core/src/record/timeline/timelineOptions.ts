import type { MachineOptions } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import type { JournalReader } from '../journal/journalReader.ts';
import type { KeptIndex } from './indexFile.ts';

/** How a run is gone through for the first time. */
export interface IndexOptions {
  /** Milliseconds of some clock: how far apart snapshots are depends on it, and nothing else. */
  readonly now: () => number;
  /** Bytes that snapshots may take; default 512 MiB. */
  readonly snapshotBytes?: number;
  /** Steps up to the first snapshot; default 200,000. */
  readonly firstStretch?: number;
  /** About so many steps are told together what was read in them; default 10 million. */
  readonly readSteps?: number;
  /**
   * Called now and then with the step that has been reached, while the run is gone through or searched. May throw, to end that: the
   * timeline stays as good as it was.
   */
  readonly progress?: (step: number, of: number) => void;
}

export interface TimelineOptions extends IndexOptions {
  readonly guest: Guest;
  readonly journal: JournalReader;
  readonly machine?: Omit<MachineOptions, 'guest' | 'syscall' | 'translations' | 'keptWish'>;
  /** Tells builds of everystep apart; with it, code is kept with the index, for the same build; default: none is. */
  readonly build?: string;
  /**
   * Asked now and then while the run is gone through for the first time: the index that others have made meanwhile, in parts (see
   * IndexPart), which then is taken; undefined: there is none yet.
   */
  readonly offered?: () => readonly KeptIndex[] | undefined;
}
