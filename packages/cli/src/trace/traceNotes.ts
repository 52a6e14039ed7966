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
  /** A key is due after so many bytes of records, and little more; undefined: as it fits readers. */
  readonly bytesOfKey?: number | undefined;
  /** Sets Machine.longestSlice. */
  readonly setLongestSlice?: (insns: number) => void;
}

/** Slices of the run, at most, for each key: chunks are full at some time within one. */
const SLICES_OF_KEY = 2;
/** Bytes of records of an instruction, as long as nothing is known. */
const FIRST_BYTES = 16;
/** Slices become longer by as much, at most. */
const SLICE_GROWTH = 2;
/** Shorter slices would cost more than what they do. */
const SHORTEST_SLICE = 500;

/** What a trace tells besides its records: what these tell of mapped files, and keys, from which it can be read. */
export class TraceNotes {
  private chunks = 0;
  private pid = 0;
  private tid = 0;
  /** Step and bytes of records at the key before. */
  private keyStep = 0;
  private keyBytes = 0;
  private slice = 0;

  constructor(private readonly options: TraceNotesOptions) {
    const { bytesOfKey } = options;
    if (bytesOfKey !== undefined) this.setSlice(bytesOfKey / SLICES_OF_KEY / FIRST_BYTES);
  }

  /** The run should be stopped soon, so that `onSlice` can be called: a key is due. */
  get keyIsDue(): boolean {
    const { wantsKeys, bytesOfKey } = this.options;
    return wantsKeys && this.chunks >= (bytesOfKey === undefined ? CHUNKS_OF_KEY : 1);
  }

  /** A chunk goes out. */
  onChunk(): void {
    this.chunks++;
  }

  /** The guest stands between two slices of its run, traced. @returns true if a key was due */
  onSlice(): boolean {
    if (!this.keyIsDue || !this.options.tracer.isActive) return false;
    const { tracer, send, state, bytesOfKey } = this.options;
    // The chunk that goes out now stands before the key.
    this.chunks = -1;
    tracer.flush();
    this.chunks = 0;
    const key = { ...state(), pid: this.pid, tid: this.tid };
    send({ chunk: this.nextChunk, key });
    if (bytesOfKey === undefined) return true;
    // As long as chunks of so many bytes took this time.
    const { recordBytes } = tracer;
    const bytes = Math.max(recordBytes - this.keyBytes, 1);
    this.setSlice(Math.min(((key.step - this.keyStep) * bytesOfKey) / bytes / SLICES_OF_KEY, this.slice * SLICE_GROWTH));
    this.keyStep = key.step;
    this.keyBytes = recordBytes;
    return true;
  }

  private setSlice(insns: number): void {
    this.slice = Math.max(Math.round(insns), SHORTEST_SLICE);
    this.options.setLongestSlice?.(this.slice);
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
