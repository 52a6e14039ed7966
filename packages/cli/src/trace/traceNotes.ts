import { type MappedImage, RingControl, type TraceKey, type Tracer } from '@everystep/core';
import type { DrainNote } from './drainTask.ts';

/** A key goes into a trace file about every so many chunks of the ring: who looks for a step reads no more than these. */
const CHUNKS_OF_KEY = 8;
/** PROT_EXEC */
const EXECUTABLE = 4;

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

/** A process and what it has in memory of files. */
export interface NotedProcess {
  readonly pid: number;
  readonly mappings: { ranges(): readonly MappedPart[] };
}

/** Part of a file in memory. */
interface MappedPart {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly prot: number;
}

/** A system call that has been made. */
interface NotedCall {
  readonly process: NotedProcess;
  readonly name: string | undefined;
  readonly given: { int(i: number): number };
}

/** What a trace tells besides its records: which files the guest has in memory, and keys, from which it can be read. */
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
  switched(process: Pick<NotedProcess, 'pid'>, tid: number): void {
    this.pid = process.pid;
    this.tid = tid;
  }

  /** A system call is over. @param result see SyscallObserver */
  afterSyscall({ process, name, given }: NotedCall, result: bigint | undefined): void {
    if (name === 'execve' ? result === undefined : name === 'mmap' && (given.int(2) & EXECUTABLE) !== 0) this.tellImages(process);
  }

  /** Tells which files a process has in its memory. */
  tellImages({ pid, mappings }: NotedProcess): void {
    const images: MappedImage[] = mappings
      .ranges()
      .filter(({ name }) => name.startsWith('/'))
      .map(({ start, end, offset, prot, name }) => ({ path: name, pid, start, end, offset, executable: (prot & EXECUTABLE) !== 0 }));
    // From the chunk on that is being filled.
    this.options.send({ chunk: this.nextChunk, images });
  }

  private get nextChunk(): number {
    return Atomics.load(this.options.control, RingControl.published);
  }
}
