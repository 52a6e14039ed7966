// Makes the index of part of a recording, while other threads make those of others.
import { setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { IndexPart, recordedGuest, SharedPlan, UserError } from '@everystep/core';
import { milliseconds } from '../../host/clock.ts';
import { engineHooks } from '../../host/engineHooks.ts';
import { openRecording } from '../recordingFolder.ts';
import type { IndexAnswer, IndexTask } from './indexMessages.ts';
import { joinPieces, type PackedPart, packPieces } from './packedPieces.ts';

/** Of a thread in the background: others go first. */
const LOW_PRIORITY = 5;

function makePart({ recording, cells, part: number, build, isInBackground }: IndexTask): PackedPart | undefined {
  // On Linux, a thread has a priority of its own.
  if (isInBackground && process.platform === 'linux') setPriority(LOW_PRIORITY);
  const journal = openRecording(recording);
  const part = new IndexPart({ guest: recordedGuest(journal), journal, now: milliseconds, machine: { hooks: engineHooks() }, build });
  return part.make(new SharedPlan(cells, number, journal.lastStep)) ? joinPieces(packPieces(part.save())) : undefined;
}

const task = workerData as IndexTask;

function tell(answer: IndexAnswer, transferred: ArrayBuffer[] = []): void {
  task.port.postMessage(answer, transferred);
  task.port.close();
}

try {
  const index = makePart(task);
  tell({ kind: 'made', index }, index === undefined ? [] : [index.bytes.buffer, index.heads.buffer]);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  tell({ kind: 'refused', message: error.message });
}
