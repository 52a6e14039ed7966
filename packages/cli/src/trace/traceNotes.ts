import { RingControl, type TraceKey, type Tracer } from '@everystep/core';
import type { DrainNote } from './drainTask.ts';

/** A key goes into a trace file about every so many chunks of the ring: who looks for a step reads no more than these. */
const CHUNKS_OF_KEY = 8;

/** What the notes of a trace are made of. */
export interface TraceNotesOptions {
  /** Sends a note to the drain. */
  readonly send: (note: DrainNote) => void;
  /** Of the ring. */
  readonly control: Int32Array;
  readonly tracer: Tracer;
  /** The CPU state between two slices of the run. */
  readonly state: () => Pick<TraceKey, 'step' | 'pc' | 'state'>;
  /** True if the output has keys. */
  readonly wantsKeys: boolean;
  /** A key is due after so many chunks of the ring; undefined: as it fits readers. */
  readonly chunksOfKey?: number | undefined;
}

/** What a trace tells besides its records: what these tell of mapped files, and keys, from which it can be read. */
export class TraceNotes {
  private chunks = 0;
  private pid = 0;
  private tid = 0;

  constructor(private readonly options: TraceNotesOptions) {}

  /** The run should be stopped soon, so that `onSlice` can be called: a key is due. */
  get keyIsDue(): boolean {
    return this.options.wantsKeys && this.chunks >= (this.options.chunksOfKey ?? CHUNKS_OF_KEY);
  }

  /** A chunk goes out. */
  onChunk(): void {
    this.chunks++;
  }

  /** The guest stands between two slices of its run, traced. */
  onSlice(): void {
    if (!this.keyIsDue || !this.options.tracer.isActive) return;
    const { tracer, send, state } = this.options;
    // The chunk that goes out now stands before the key.
    this.chunks = -1;
    tracer.flush();
    this.chunks = 0;
    send({ chunk: this.nextChunk, key: { ...state(), pid: this.pid, tid: this.tid } });
  }

  /** Another thread runs from here on. */
  switched(pid: number, tid: number): void {
    this.pid = pid;
    this.tid = tid;
  }

  /** The tracer has written an event of mapped files: those need it who begin to read behind its chunk. */
  mapped(mapping: Uint8Array): void {
    this.options.send({ chunk: this.nextChunk + 1, mapping });
  }

  /** The one that is being filled. */
  private get nextChunk(): number {
    return Atomics.load(this.options.control, RingControl.published);
  }
}
