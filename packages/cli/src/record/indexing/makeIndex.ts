import type { Timeline } from '@everystep/core';
import { loadIndex, saveIndex } from './indexStore.ts';
import { IndexWorkers, indexThreads } from './indexWorkers.ts';
import { keptInMemory, packPieces, piecesOf } from './packedPieces.ts';

/** Shorter runs are gone through sooner than threads would have started. */
const WORTH_THREADS = 200_000_000;
/** Milliseconds between two looks at how far threads are. */
const LOOK_TIME = 100;

export interface MakeIndexOptions {
  /** Default: see indexThreads, and one for a short run. */
  readonly threads?: number | undefined;
  readonly progress: (step: number, of: number) => void;
}

/** Whether several threads go through a run sooner. */
export const isWorthThreads = ({ lastStep }: Timeline): boolean => lastStep >= WORTH_THREADS;

/** Goes through a recording of which no index has been kept, gives its timeline the index, and keeps it beside it. @throws UserError if it is damaged */
export async function makeIndex(recording: string, timeline: Timeline, { threads, progress }: MakeIndexOptions): Promise<void> {
  const count = threads ?? (isWorthThreads(timeline) ? indexThreads() : 1);
  if (count > 1 && (await makeWithThreads(recording, timeline, count, progress))) return;
  timeline.complete();
  await saveIndex(recording, [packPieces(timeline.save())]);
}

/** @returns false if there is no room for so many */
async function makeWithThreads(recording: string, timeline: Timeline, threads: number, progress: MakeIndexOptions['progress']): Promise<boolean> {
  const workers = new IndexWorkers(recording, threads, false);
  const look = setInterval(() => progress(workers.steps, timeline.lastStep), LOOK_TIME);
  try {
    const parts = await workers.finished;
    await saveIndex(recording, parts.map(piecesOf));
    timeline.restore(...(loadIndex(recording) ?? parts.map(keptInMemory)));
    return true;
  } catch (error) {
    if (!isLackOfRoom(error)) throw error;
    return false;
  } finally {
    clearInterval(look);
  }
}

/** Whether there was no memory for so many threads. */
const isLackOfRoom = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_WORKER'));
