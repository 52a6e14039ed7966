import { CPU_MODEL_NAMES, createAArch64, type JournalReader, Timeline, UserError } from '@everystep/core';
import { milliseconds } from '../host/clock.ts';
import { Progress } from '../trace/progress.ts';
import { loadIndex, saveIndex } from './indexStore.ts';
import { openRecording } from './recordingFolder.ts';

/** The CPU that a recording is of. @throws UserError if this version has none such */
export function guestOf({ header }: JournalReader): ReturnType<typeof createAArch64> {
  const cpu = CPU_MODEL_NAMES.find((name) => name === header.cpu);
  if (cpu === undefined || header.guest !== 'aarch64')
    throw new UserError(`the recording is of a CPU '${header.cpu}' (${header.guest}), which this everystep does not have`);
  return createAArch64(cpu);
}

/**
 * Opens a recording for questions. The first time, all of it is gone through, and an index kept beside it; how far that is, is shown on
 * standard error.
 * @param journal of the recording, where it is open
 * @param look called now and then while the timeline is gone through or searched; may throw, to end that
 * @throws UserError if it is none
 */
export function openTimeline(path: string, journal: JournalReader = openRecording(path), look: () => void = () => undefined): Timeline {
  const guest = guestOf(journal);
  const progress = new Progress();
  let isOpen = false;
  const make = (): Timeline =>
    new Timeline({
      guest,
      journal,
      now: milliseconds,
      progress: (step, of) => {
        look();
        if (!isOpen) progress.show(() => `going through the recording: ${Math.floor((step / of) * 100)} %`);
      },
    });
  const kept = loadIndex(path);
  const timeline = make();
  if (kept !== undefined) {
    try {
      timeline.restore(kept);
      isOpen = true;
      return timeline;
    } catch {
      // Damaged: it is made anew.
    }
  }
  const fresh = kept === undefined ? timeline : make();
  fresh.complete();
  isOpen = true;
  progress.clear();
  saveIndex(path, fresh);
  return fresh;
}
