import { type JournalReader, recordedGuest, Timeline } from '@everystep/core';
import { milliseconds } from '../host/clock.ts';
import { engineHooks } from '../host/engineHooks.ts';
import { Progress } from '../trace/progress.ts';
import { BUILD } from '../version.ts';
import { loadIndex, saveIndex } from './indexStore.ts';
import { openRecording } from './recordingFolder.ts';

interface OpenOptions {
  /** Default: that of the path. */
  readonly journal?: JournalReader;
  /** See TimelineOptions; default: it is shown on standard error. */
  readonly progress?: (step: number, of: number) => void;
}

/**
 * Opens a recording for questions. The first time, all of it is gone through, and an index kept beside it.
 * @throws UserError if it is none
 */
export function openTimeline(path: string, { journal = openRecording(path), progress }: OpenOptions = {}): Timeline {
  const guest = recordedGuest(journal);
  const shown = new Progress();
  const show = (step: number, of: number): void => shown.show(() => `going through the recording: ${Math.floor((step / of) * 100)} %`);
  const timeline = withKeptIndex(
    path,
    () => new Timeline({ guest, journal, now: milliseconds, machine: { hooks: engineHooks() }, progress: progress ?? show, build: BUILD }),
    (made) => made,
  );
  if (timeline.isComplete) return timeline;
  timeline.complete();
  shown.clear();
  saveIndex(path, timeline);
  return timeline;
}

/** Makes something with a timeline, which gets the index that is kept beside the recording, if there is one and it is good. */
export function withKeptIndex<Made>(path: string, make: () => Made, timelineOf: (made: Made) => Timeline): Made {
  const kept = loadIndex(path);
  const made = make();
  if (kept === undefined) return made;
  try {
    timelineOf(made).restore(kept);
    return made;
  } catch {
    // Damaged: the run is gone through again.
    return make();
  }
}
