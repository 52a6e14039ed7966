import { type JournalReader, recordedGuest, Timeline, type TimelineOptions } from '@everystep/core';
import { milliseconds } from '../host/clock.ts';
import { engineHooks } from '../host/engineHooks.ts';
import { Progress } from '../trace/progress.ts';
import { BUILD } from '../version.ts';
import { BackgroundIndex } from './indexing/backgroundIndex.ts';
import { loadIndex } from './indexing/indexStore.ts';
import { isWorthThreads, makeIndex } from './indexing/makeIndex.ts';
import { openRecording } from './recordingFolder.ts';

interface OpenOptions {
  /** Default: that of the path. */
  readonly journal?: JournalReader;
  /** See TimelineOptions; default: it is shown on standard error. */
  readonly progress?: (step: number, of: number) => void;
  /** Of those that make the index, if there is none; default: as many as pay. */
  readonly threads?: number | undefined;
  /** Make the index anew. */
  readonly rebuild?: boolean;
}

/**
 * Opens a recording for questions. The first time, all of it is gone through, and an index kept beside it.
 * @throws UserError if it is none
 */
export async function openTimeline(path: string, { journal = openRecording(path), progress, threads, rebuild = false }: OpenOptions = {}): Promise<Timeline> {
  const shown = new Progress();
  const show = progress ?? ((step, of): void => shown.show(() => goingThrough(step, of)));
  const make = (): Timeline => createTimeline(journal, { progress: show });
  const timeline = rebuild ? make() : withKeptIndex(path, make, (made) => made);
  if (timeline.isComplete) return timeline;
  await makeIndex(path, timeline, { threads, progress: show });
  shown.clear();
  return timeline;
}

/** The same, but that other threads go through a long recording while it is asked: until they have, answers take longer. @throws UserError */
export async function openTimelineAtOnce(path: string, journal: JournalReader, progress: (step: number, of: number) => void): Promise<Timeline> {
  let index: BackgroundIndex | undefined;
  const make = (): Timeline => createTimeline(journal, { progress, offered: () => index?.take() });
  const timeline = withKeptIndex(path, make, (made) => made);
  if (timeline.isComplete) return timeline;
  if (isWorthThreads(timeline)) index = new BackgroundIndex(path);
  else await makeIndex(path, timeline, { progress });
  return timeline;
}

const createTimeline = (journal: JournalReader, options: Pick<TimelineOptions, 'progress' | 'offered'>): Timeline =>
  new Timeline({ guest: recordedGuest(journal), journal, now: milliseconds, machine: { hooks: engineHooks() }, build: BUILD, ...options });

/** What is shown meanwhile. */
export const goingThrough = (step: number, of: number): string => `going through the recording: ${Math.floor((step / of) * 100)} %`;

/** Makes something with a timeline, which gets the index that is kept beside the recording, if there is one and it is good. */
export function withKeptIndex<Made>(path: string, make: () => Made, timelineOf: (made: Made) => Timeline): Made {
  const kept = loadIndex(path);
  const made = make();
  if (kept === undefined) return made;
  try {
    timelineOf(made).restore(...kept);
    return made;
  } catch {
    // Damaged: the run is gone through again.
    return make();
  }
}
