import { CPU_MODEL_NAMES, createAArch64, type JournalReader, Timeline, UserError } from '@everystep/core';
import { milliseconds } from '../host/clock.ts';
import { Progress } from '../trace/progress.ts';
import { openRecording } from './recordingFolder.ts';

/** The CPU that a recording is of. @throws UserError if this version has none such */
export function guestOf({ header }: JournalReader): ReturnType<typeof createAArch64> {
  const cpu = CPU_MODEL_NAMES.find((name) => name === header.cpu);
  if (cpu === undefined || header.guest !== 'aarch64')
    throw new UserError(`the recording is of a CPU '${header.cpu}' (${header.guest}), which this everystep does not have`);
  return createAArch64(cpu);
}

/** Opens a recording for questions; shows on standard error how far it has been gone through. @throws UserError if it is none */
export function openTimeline(path: string): Timeline {
  const journal = openRecording(path);
  const progress = new Progress();
  return new Timeline({
    guest: guestOf(journal),
    journal,
    now: milliseconds,
    progress: (step, of) => progress.show(() => `${Math.floor((step / of) * 100)} % of the run`),
  });
}
