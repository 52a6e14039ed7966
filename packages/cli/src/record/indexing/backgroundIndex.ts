import { writeSync } from 'node:fs';
import { type KeptIndex, UserError } from '@everystep/core';
import { loadIndex, saveIndexNow } from './indexStore.ts';
import { IndexWorkers, indexThreads } from './indexWorkers.ts';
import { keptInMemory, type PackedPart, piecesOf } from './packedPieces.ts';

/** A recording's index that is made while somebody asks questions, which are answered without it until it is there. */
export class BackgroundIndex {
  private readonly workers: IndexWorkers;
  private kept: readonly KeptIndex[] | undefined;
  private hasFailed = false;

  constructor(private readonly recording: string) {
    this.workers = new IndexWorkers(recording, indexThreads(), true);
    this.workers.finished.then(
      (parts) => this.take(parts),
      (error: unknown) => this.failed(error),
    );
  }

  /** The index, once it is there: see TimelineOptions.offered. */
  take(parts = this.hasFailed ? undefined : this.workers.poll()): readonly KeptIndex[] | undefined {
    if (this.kept === undefined && parts !== undefined) this.kept = this.keep(parts);
    return this.kept;
  }

  private keep(parts: readonly PackedPart[]): readonly KeptIndex[] {
    saveIndexNow(this.recording, parts.map(piecesOf));
    return loadIndex(this.recording) ?? parts.map(keptInMemory);
  }

  private failed(error: unknown): void {
    this.hasFailed = true;
    // What is wrong with the recording is told to who comes to the place.
    if (!(error instanceof UserError)) writeSync(2, `everystep: no index could be made meanwhile: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
