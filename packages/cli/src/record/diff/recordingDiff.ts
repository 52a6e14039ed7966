import {
  align,
  compareRegisters,
  compareStates,
  findParting,
  type JournalReader,
  type Parting,
  type RecordedCall,
  RecordedSymbols,
  type RegisterDifference,
  ReplayReader,
  readCalls,
  recordedGuest,
  type StateDifference,
} from '@everystep/core';
import { milliseconds } from '../../host/clock.ts';
import { engineHooks } from '../../host/engineHooks.ts';
import { symbolHost } from '../../trace/symbolHost.ts';
import { recordedFileReader } from '../recordedFiles.ts';
import { openRecording } from '../recordingFolder.ts';

/** Calls behind the parting that are aligned, of each run. */
const MOST_CALLS = 20_000;
/** Calls that may be in one run only. */
const MOST_EDITS = 2000;
/** Differences of memory that are listed. */
const MOST_MEMORY = 1000;

/** A recording that is compared. */
export interface ComparedRun {
  readonly path: string;
  readonly journal: JournalReader;
  readonly replay: ReplayReader;
  /** function+offset, or '' @param pc an address in the process that runs at the replay's present step */
  nameAt(pc: number): string;
}

/** Calls that only one run, or both in other numbers, made. */
export interface CallHunk {
  readonly a: readonly RecordedCall[];
  readonly b: readonly RecordedCall[];
  /** Where both go on alike, each by its own step; undefined: they do not, as far as was looked. */
  readonly meet: readonly [RecordedCall, RecordedCall] | undefined;
}

export interface PathDifference {
  readonly parting: Parting;
  /** Registers that differed before the last instruction that both executed. */
  readonly registers: readonly RegisterDifference[];
  /** undefined: too much differs to tell what belongs together. */
  readonly calls: readonly CallHunk[] | undefined;
}

/** @param progress takes the step that has been reached @throws UserError if it is no recording */
export function openCompared(path: string, progress: (step: number, of: number) => void): ComparedRun {
  const journal = openRecording(path);
  const replay = new ReplayReader({ guest: recordedGuest(journal), journal, now: milliseconds, machine: { hooks: engineHooks() }, progress, level: 'blocks' });
  const symbols = new RecordedSymbols(replay.timeline.replayer, symbolHost(recordedFileReader(path, journal)));
  const nameAt = (pc: number): string => symbols.placeOf(pc, replay.run.current.process.pid).replace(/\+0x0$/, '');
  return { path, journal, replay, nameAt };
}

/** Where the paths of two runs part, and how they come together again. @returns undefined if they never part */
export function comparePaths(a: ComparedRun, b: ComparedRun): PathDifference | undefined {
  const parting = findParting(a.replay, b.replay);
  if (parting === undefined) return undefined;
  const { step } = parting;
  const [x, y] = [callsOf(a, step), callsOf(b, step)];
  const calls = hunks(x, y);
  // Names and states are those of this moment.
  const before = Math.max(step - 1, 0);
  for (const { replay } of [a, b]) {
    replay.timeline.seek(before);
    replay.run.goOn();
  }
  return { parting, registers: compareRegisters(a.replay.timeline.replayer, b.replay.timeline.replayer), calls };
}

const callsOf = ({ replay }: ComparedRun, step: number): readonly RecordedCall[] => readCalls(replay, step, MOST_CALLS);

function hunks(x: readonly RecordedCall[], y: readonly RecordedCall[]): readonly CallHunk[] | undefined {
  const pcs = (calls: readonly RecordedCall[]): number[] => calls.map(({ pc }) => pc);
  return align(pcs(x), pcs(y), MOST_EDITS)?.map(({ a, b }) => {
    const [p, q] = [x[a.end], y[b.end]];
    return { a: x.slice(a.start, a.end), b: y.slice(b.start, b.end), meet: p === undefined || q === undefined ? undefined : [p, q] };
  });
}

/** What differs between a state of each. */
export function compareAt(a: ComparedRun, b: ComparedRun, steps: readonly [number, number]): StateDifference {
  [a, b].forEach(({ replay }, i) => {
    replay.timeline.seek(steps[i]);
    replay.run.goOn();
  });
  return compareStates(a.replay.timeline.replayer, b.replay.timeline.replayer, MOST_MEMORY);
}
