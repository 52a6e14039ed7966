import { assert } from '../base/index.ts';
import { Cell, type LinearMemory, RING, RING_END, RING_SLACK } from '../engine/index.ts';
import { END_REASONS, type EndReason } from './chunks/header.ts';
import { MAX_EVENT_BYTES } from './events.ts';

/**
 * The ring in linear memory, in chunks. The guest's agent fills one chunk after the other and publishes them in order;
 * the drain, in another agent or the same one, takes each and gives it back. When no chunk is free, the guest waits.
 *
 *     RING  | chunk 0 | chunk 1 | … | RING_END        records of a chunk start before its last SLACK bytes
 */
export const CHUNK_BYTES = 0x18_0000;
export const CHUNKS = (RING_END - RING) / CHUNK_BYTES;
/** So many chunks are the ring where plugins have the rest of its place. */
export const CHUNKS_BESIDE_PLUGINS = 8;
const SLACK = RING_SLACK + MAX_EVENT_BYTES;
/** Of a ring whose records go nowhere, so much is used over and over: it stays in the processor's cache. */
const DISCARDED_BYTES = 0x2_0000;

/** Words of the control buffer, which both sides share. */
export const Control = {
  /** Chunks published so far, modulo 2^32. */
  published: 0,
  /** Chunks given back so far, modulo 2^32. */
  consumed: 1,
  /** Not 0: no more chunks come; 1 + the index in END_REASONS. */
  ended: 2,
  /** 1: the drain wants no more, 2: it cannot go on; what comes is dropped. 3: there is no drain any more. */
  enough: 3,
  /** From here, for each chunk in the queue: number of the chunk, bytes in it. */
  queue: 16,
  /** From here, for each chunk: 1 if it is in the queue. */
  busy: 16 + 2 * CHUNKS,
  words: 16 + 3 * CHUNKS,
} as const;

/** Makes the control buffer of a ring. */
export function createRingControl(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Control.words * 4));
}

/** For the guest's side: the drain has gone, and takes no chunk ever. What comes is dropped, and the run should end. */
export function abandonRing(control: Int32Array): void {
  Atomics.store(control, Control.enough, 3);
}

export interface RingOptions {
  /** Nothing is published: there is no drain. */
  readonly discards?: boolean | undefined;
  /** Chunks of the ring that are used. */
  readonly chunks?: number | undefined;
  /** A chunk is published when it has about so many bytes; default: when it is full. */
  readonly chunkBytes?: number | undefined;
}

/** The guest's side. */
export class RingWriter {
  private chunk = -1;
  private readonly discards: boolean;
  private readonly chunks: number;
  private readonly chunkBytes: number;
  /** In chunks that have been published. */
  private publishedBytes = 0;

  /**
   * @param wait called when all chunks are taken, to return when the count of consumed chunks is no longer `seen`, or the ring has been abandoned
   */
  constructor(
    private readonly memory: LinearMemory,
    private readonly control: Int32Array,
    private readonly wait: (seen: number) => void,
    { discards = false, chunks = CHUNKS, chunkBytes = CHUNK_BYTES }: RingOptions = {},
  ) {
    this.discards = discards;
    this.chunks = chunks;
    this.chunkBytes = Math.min(chunkBytes, CHUNK_BYTES - SLACK);
  }

  /** Linear offset where the next record goes. */
  get pointer(): number {
    return this.memory.u32[Cell.ringPointer >> 2];
  }

  set pointer(offset: number) {
    this.memory.u32[Cell.ringPointer >> 2] = offset;
  }

  /** True once the drain has said that it wants no more. */
  get enough(): boolean {
    return Atomics.load(this.control, Control.enough) !== 0;
  }

  /** True once the drain has said that it has failed, or has gone. */
  get failed(): boolean {
    return Atomics.load(this.control, Control.enough) >= 2;
  }

  private get isAbandoned(): boolean {
    return Atomics.load(this.control, Control.enough) === 3;
  }

  /** Bytes in the chunk that is being filled. */
  get pending(): number {
    return this.chunk < 0 ? 0 : this.pointer - (RING + this.chunk * CHUNK_BYTES);
  }

  /** Bytes of all records so far. */
  get bytes(): number {
    return this.publishedBytes + this.pending;
  }

  /** True if the chunk has no room for another record: `next` is due. */
  get full(): boolean {
    return this.pointer > this.memory.u32[Cell.ringLimit >> 2];
  }

  /** Publishes the chunk that is being filled, if there is anything in it, and starts another. */
  next(): void {
    if (this.discards) return this.start(0, DISCARDED_BYTES);
    this.publish();
    for (;;) {
      if (this.isAbandoned) return this.start(0, DISCARDED_BYTES);
      const seen = Atomics.load(this.control, Control.consumed);
      // The lowest free chunk: while the drain keeps up, few of them are used and stay in the cache.
      for (let chunk = 0; chunk < this.chunks; chunk++) if (Atomics.load(this.control, Control.busy + chunk) === 0) return this.start(chunk);
      this.wait(seen);
    }
  }

  /** Publishes what there is and says that no more comes. */
  end(reason: EndReason): void {
    this.publish();
    Atomics.store(this.control, Control.ended, 1 + END_REASONS.indexOf(reason));
    Atomics.notify(this.control, Control.published);
  }

  /** @param bytes beyond which the chunk is full */
  private start(chunk: number, bytes = this.chunkBytes): void {
    this.chunk = chunk;
    this.pointer = RING + chunk * CHUNK_BYTES;
    this.memory.u32[Cell.ringLimit >> 2] = this.pointer + bytes;
  }

  private publish(): void {
    const bytes = this.pending;
    if (bytes === 0 || this.discards || this.isAbandoned) return;
    assert(bytes <= CHUNK_BYTES, `a trace chunk holds ${bytes} bytes`);
    const { control, chunk } = this;
    const number = Atomics.load(control, Control.published);
    const entry = Control.queue + 2 * ((number >>> 0) % CHUNKS);
    control[entry] = chunk;
    control[entry + 1] = bytes;
    this.publishedBytes += bytes;
    Atomics.store(control, Control.busy + chunk, 1);
    this.chunk = -1;
    Atomics.store(control, Control.published, (number + 1) | 0);
    Atomics.notify(control, Control.published);
  }
}

/** The drain's side. */
export class RingDrain {
  private taken = 0;

  constructor(
    private readonly memory: ArrayBufferLike,
    private readonly control: Int32Array,
  ) {}

  /** True once no more chunks come and all have been taken. */
  get ended(): boolean {
    return Atomics.load(this.control, Control.ended) !== 0 && Atomics.load(this.control, Control.published) === this.taken;
  }

  /** Why the trace ended, once it has. */
  get reason(): EndReason {
    return END_REASONS[Atomics.load(this.control, Control.ended) - 1] ?? 'interrupted';
  }

  /** Waits in this agent until there is a chunk or the end. Not for a browser's window. */
  wait(): void {
    if (Atomics.load(this.control, Control.ended) === 0) Atomics.wait(this.control, Control.published, this.taken);
  }

  /** Hands the next chunk's records to `use` and gives the chunk back. @returns false if there is none now */
  take(use: (records: Uint8Array) => void): boolean {
    const { control } = this;
    if (Atomics.load(control, Control.published) === this.taken) return false;
    const entry = Control.queue + 2 * ((this.taken >>> 0) % CHUNKS);
    const chunk = control[entry];
    use(new Uint8Array(this.memory, RING + chunk * CHUNK_BYTES, control[entry + 1]));
    this.taken = (this.taken + 1) | 0;
    Atomics.store(control, Control.busy + chunk, 0);
    Atomics.store(control, Control.consumed, this.taken);
    Atomics.notify(control, Control.consumed);
    return true;
  }

  /** Tells the guest's side that no more records are wanted, or that the drain has failed. */
  refuse(why: 'enough' | 'failed'): void {
    Atomics.store(this.control, Control.enough, why === 'enough' ? 1 : 2);
  }
}
