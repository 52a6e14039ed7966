import { ByteWriter, crc32, utf8Bytes } from '../../base/index.ts';
import type { EngineModules, LinearMemory } from '../../engine/index.ts';
import type { Compression } from '../../trace/index.ts';
import { ContentTable } from './contents.ts';
import type { CallSums, EntryKindNumber } from './entries.ts';
import { EntryContents, type WrittenBytes } from './entryContents.ts';
import { EntryEncoder } from './entryEncoder.ts';
import { FRAME_START, FrameKind, fileStart, frameParts, type RecordingHeader, type RunEnd } from './format.ts';

/** Bytes of entries that make a frame, packed; and as they are, about, which a reader unpacks at once. */
const FRAME_BYTES = 0x4_0000;
const PLAIN_BYTES = 0x10_0000;
/** Of the first one, which are twice as many each time. */
const FIRST_BYTES = 0x1000;
/** A shorter frame is written at once. */
const SMALL_FRAME = 0x4000;
/** Fewer bytes are not compressed. */
const LEAST_COMPRESSED = 64;
/** Part of the time that compression may take: of programs that read much, only as much is compressed. */
const COMPRESSION_SHARE = 0.05;

/** Data that does not become shorter than so much of it is likely to be followed by more of its kind: that is left as it is, up to so many frames. */
const WORTHWHILE = 0.95;
const LONGEST_PAUSE = 31;

/** Where a journal goes, and what its host does for it. */
export interface JournalSink {
  /** Appends to the file. Throws what the host throws. */
  write(bytes: Uint8Array): void;
  /** Reads what has been written; undefined where that fails. */
  read(offset: number, length: number): Uint8Array | undefined;
  readonly compression: Compression;
  /** Whether the bytes of two are the same. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
  /** As crc32 of ours, where the host has a faster one. */
  crc32?(data: Uint8Array, before?: number): number;
  /** Milliseconds of some clock. */
  now(): number;
  /** Gives bytes of modules, where the host keeps them. */
  readonly engineModule?: EngineModules | undefined;
}

/** Where contents stand in the file. */
interface ContentPlace {
  readonly offset: number;
  readonly stored: number;
  readonly plain: number;
}

/** Writes a journal, frame by frame, see format.ts. */
export class JournalWriter {
  /** Contents of the entry that is being made. */
  readonly entryContents: EntryContents;
  private readonly entries: EntryEncoder;
  /** Bytes of entries, as they are, that make a frame: first ones are short, so that engines know how frames are written before they optimise. */
  private plainBytes = FIRST_BYTES;
  /** Of the entry before, and of the one before the frame's first. */
  private step = 0;
  private frameStep = 0;
  private readonly contents: ContentTable;
  private readonly places: ContentPlace[] = [];
  private readonly small = new ByteWriter(SMALL_FRAME);
  private readonly began: number;
  private compressing = 0;
  /** Frames that are not compressed as the last attempt did not pay, and how many of them are left. */
  private pause = 0;
  private left = 0;
  /** Bytes of memory that came from outside, as they are; those of equal contents once. */
  inputBytes = 0;
  /** Bytes of the file so far. */
  bytes = 0;

  /** @param memory of the machine that is recorded: entries' contents are put there */
  constructor(
    private readonly sink: JournalSink,
    header: RecordingHeader,
    memory?: LinearMemory,
  ) {
    this.began = sink.now();
    this.entryContents = new EntryContents(memory, sink.engineModule);
    this.entries = new EntryEncoder(FRAME_BYTES, this.entryContents);
    this.contents = new ContentTable((number) => this.contentsAgain(this.places[number]), sink.equal);
    this.put(fileStart(header));
  }

  /** A system call. @param sums of the registers before it @param content outcome, [status], changes, as entries.ts says */
  call(number: number, step: number, sums: CallSums | undefined, content: ByteWriter): void {
    const steps = step - this.step;
    this.step = step;
    this.entries.call(number, steps, sums, content);
    this.flushIfFull();
  }

  /**
   * A system call whose registers before it have no sum, and of which nothing is to be told but its result, in halves.
   * @returns false, having done nothing, if it is not as the entries before make one expect: then `call` tells of it
   */
  expectedCall(number: number, step: number, low: number, high: number): boolean {
    if (!this.entries.expectedCall(number, step - this.step, low, high)) return false;
    this.step = step;
    this.flushIfFull();
    return true;
  }

  /**
   * As `expectedCall`, where a call has written to memory, too.
   * @returns false, having done nothing, if most bytes are others than expected, too
   */
  expectedWrite(number: number, step: number, written: WrittenBytes, low: number, high: number): boolean {
    if (!this.entries.expectedWrite(number, step - this.step, written, low, high)) return false;
    this.step = step;
    this.flushIfFull();
    return true;
  }

  /** An entry of another kind. @param rest as entries.ts says */
  entry(kind: EntryKindNumber, step: number, rest: ByteWriter): void {
    const steps = step - this.step;
    this.step = step;
    this.entries.entry(kind, steps, rest);
    this.flushIfFull();
  }

  private flushIfFull(): void {
    if (this.entries.length < FRAME_BYTES && this.entries.plain < this.plainBytes) return;
    this.flush();
    this.plainBytes = Math.min(2 * this.plainBytes, PLAIN_BYTES);
  }

  /** Of the last entry: what entries without a step of their own have. */
  get lastStep(): number {
    return this.step;
  }

  /** The number of these contents; they are in the file from here on. */
  contentsOf(data: Uint8Array): number {
    const next = this.places.length;
    const number = this.contents.number(data, next);
    if (number < next) return number;
    this.inputBytes += data.length;
    const offset = this.bytes;
    const stored = this.frame(FrameKind.contents, 0, 0, data);
    this.places.push({ offset: offset + FRAME_START, stored, plain: data.length });
    return number;
  }

  private contentsAgain({ offset, stored, plain }: ContentPlace): Uint8Array | undefined {
    const bytes = this.sink.read(offset, stored);
    if (bytes?.length !== stored) return undefined;
    return stored === plain ? bytes : this.sink.compression.decompress(bytes, plain).slice();
  }

  /** All entries so far are in the file then. */
  flush(): void {
    if (this.entries.length === 0) return;
    this.frame(FrameKind.entries, this.frameStep, this.step, this.entries.take());
    this.entries.reset();
    this.frameStep = this.step;
  }

  /** The journal is complete. */
  end(step: number, end: RunEnd): void {
    this.flush();
    this.frame(FrameKind.end, step, step, Uint8Array.from(utf8Bytes(JSON.stringify(end))));
  }

  /** @returns bytes of the data in the file */
  private frame(kind: number, step: number, lastStep: number, data: Uint8Array): number {
    const { sink, small } = this;
    const stored = this.compressed(data);
    const parts = frameParts(kind, { step, lastStep }, data.length, stored, sink.crc32 ?? crc32);
    if (stored.length > SMALL_FRAME) for (const part of parts) this.put(part);
    else {
      small.reset();
      for (const part of parts) small.bytes(part);
      this.put(small.view());
    }
    return stored.length;
  }

  /** The data, compressed if there is time and it becomes shorter. */
  private compressed(data: Uint8Array): Uint8Array {
    const { sink } = this;
    if (data.length < LEAST_COMPRESSED) return data;
    if (this.left > 0) {
      this.left--;
      return data;
    }
    const began = sink.now();
    if (this.compressing > (began - this.began) * COMPRESSION_SHARE) return data;
    const packed = sink.compression.compress(data);
    this.compressing += sink.now() - began;
    this.pause = packed.length < data.length * WORTHWHILE ? 0 : Math.min(2 * this.pause + 1, LONGEST_PAUSE);
    this.left = this.pause;
    return packed.length < data.length ? packed : data;
  }

  private put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.sink.write(bytes);
    this.bytes += bytes.length;
  }
}
