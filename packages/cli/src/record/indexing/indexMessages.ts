import type { MessagePort } from 'node:worker_threads';
import type { PackedPart } from './packedPieces.ts';

/** What a thread is told that makes the index of part of a run. */
export interface IndexTask {
  readonly recording: string;
  /** Where the answer goes. */
  readonly port: MessagePort;
  /** See SharedPlan: shared by all threads. */
  readonly cells: BigInt64Array;
  /** Of the part, from 0. */
  readonly part: number;
  /** Of everystep: code is kept for it. */
  readonly build: string;
  /** Somebody works meanwhile, and is not to wait for it. */
  readonly isInBackground: boolean;
}

/** What it answers. */
export type IndexAnswer =
  /** undefined: others have gone through all of the run. */
  | { readonly kind: 'made'; readonly index: PackedPart | undefined }
  /** The user's mistake, in one line. */
  | { readonly kind: 'refused'; readonly message: string };
