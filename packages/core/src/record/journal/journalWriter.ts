import { ByteWriter, utf8Bytes } from '../../base/index.ts';
import type { Compression } from '../../trace/index.ts';
import { type EntryKindNumber, writeEntry } from './entries.ts';
import { FrameKind, fileStart, frame, type RecordingHeader, type RunEnd } from './format.ts';

/** Bytes of entries that make a frame. */
const FRAME_BYTES = 0x4_0000;

/** Where a journal goes, and what its host does for it. */
export interface JournalSink {
  /** Appends to the file. Throws what the host throws. */
  write(bytes: Uint8Array): void;
  readonly compression: Compression;
  /** A sum of bytes by which contents are known again: no two have the same. */
  digest(bytes: Uint8Array): string;
}

/** Writes a journal, frame by frame, see format.ts. */
export class JournalWriter {
  private readonly entries = new ByteWriter(FRAME_BYTES);
  /** Of the entry before, and of the one before the frame's first. */
  private step = 0;
  private frameStep = 0;
  private readonly contents = new Map<string, number>();
  /** Bytes of memory that came from outside, as they are; those of equal contents once. */
  inputBytes = 0;
  /** Bytes of the file so far. */
  bytes = 0;

  constructor(
    private readonly sink: JournalSink,
    header: RecordingHeader,
  ) {
    this.put(fileStart(header));
  }

  /** @param rest as entries.ts says @param more of it */
  entry(kind: EntryKindNumber, step: number, rest: ByteWriter, more?: ByteWriter): void {
    writeEntry(this.entries, kind, step - this.step, rest, more);
    this.step = step;
    if (this.entries.length >= FRAME_BYTES) this.flush();
  }

  /** Of the last entry: what entries without a step of their own have. */
  get lastStep(): number {
    return this.step;
  }

  /** The number of these contents; they are in the file from here on. */
  contentsOf(data: Uint8Array): number {
    const digest = this.sink.digest(data);
    const known = this.contents.get(digest);
    if (known !== undefined) return known;
    const number = this.contents.size;
    this.contents.set(digest, number);
    this.inputBytes += data.length;
    this.frame(FrameKind.contents, 0, 0, data);
    return number;
  }

  /** All entries so far are in the file then. */
  flush(): void {
    if (this.entries.length === 0) return;
    this.frame(FrameKind.entries, this.frameStep, this.step, this.entries.view());
    this.entries.reset();
    this.frameStep = this.step;
  }

  /** The journal is complete. */
  end(step: number, end: RunEnd): void {
    this.flush();
    this.frame(FrameKind.end, step, step, Uint8Array.from(utf8Bytes(JSON.stringify(end))));
  }

  private frame(kind: number, step: number, lastStep: number, data: Uint8Array): void {
    const packed = this.sink.compression.compress(data);
    this.put(frame(kind, { step, lastStep }, data.length, packed.length < data.length ? packed : data));
  }

  private put(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.bytes += bytes.length;
  }
}
