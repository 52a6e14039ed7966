import { AssertionError, crc32, utf8Text } from '../../base/index.ts';
import type { Compression } from '../../trace/index.ts';
import { unpackEntries } from './entryDecoder.ts';
import {
  FILE_START,
  FRAME_START,
  type FrameHead,
  FrameKind,
  RecordingDamage,
  type RecordingHeader,
  type RunEnd,
  readFileStart,
  readFrameHead,
} from './format.ts';

/** Where a journal's bytes are. */
export interface JournalSource {
  /** Bytes of the file. */
  readonly size: number;
  /** Fewer than `length` only where the file ends. */
  read(offset: number, length: number): Uint8Array;
  readonly compression: Compression;
}

interface Frame extends FrameHead {
  readonly offset: number;
}

const damagedFrame = ({ offset }: Frame, what: string): RecordingDamage => new RecordingDamage(`the recording is damaged: the frame at byte ${offset} ${what}`);

/** Frames of entries that are kept unpacked. */
const KEPT = 4;

/** A journal that can be read from any frame on. */
export class JournalReader {
  readonly header: RecordingHeader;
  /** How the run ended; undefined: whoever recorded it was interrupted. */
  readonly end: RunEnd | undefined;
  /** Up to which step the journal goes. */
  readonly lastStep: number;
  private readonly frames: Frame[] = [];
  private readonly contentFrames: Frame[] = [];
  private readonly fileFrames: Frame[] = [];
  private readonly unpacked = new Map<number, Uint8Array>();
  /** Bytes of the file up to the end of its last whole frame. */
  readonly bytes: number;

  /**
   * Reads the heads of all frames.
   * @throws UserError if it is no recording that this version reads, or is damaged; a last frame in part is none
   */
  constructor(private readonly source: JournalSource) {
    const { header, bytes } = readRecordingHeader(source);
    this.header = header;
    this.bytes = bytes;
    let end: Frame | undefined;
    for (let offset = bytes; offset < source.size; ) {
      const head = readFrameHead(source.read(offset, FRAME_START), offset);
      if (head === undefined || offset + head.bytes > source.size) break;
      if (end !== undefined) throw new RecordingDamage(`the recording is damaged: there is more behind its end, at byte ${offset}`);
      const frame = { ...head, offset };
      if (head.kind === FrameKind.end) end = frame;
      else this.framesOf(head.kind).push(frame);
      offset += head.bytes;
      this.bytes = offset;
    }
    this.lastStep = end?.step ?? this.frames.at(-1)?.lastStep ?? 0;
    this.end = end && this.readEnd(end);
  }

  private readEnd(frame: Frame): RunEnd {
    const text = utf8Text(this.unpack(frame));
    try {
      return JSON.parse(text) as RunEnd;
    } catch {
      throw new RecordingDamage(`the recording is damaged: the frame at byte ${frame.offset} does not say how the run ended`);
    }
  }

  /** Bytes of the file. */
  get size(): number {
    return this.source.size;
  }

  private framesOf(kind: number): Frame[] {
    return kind === FrameKind.entries || kind === FrameKind.plainEntries ? this.frames : kind === FrameKind.contents ? this.contentFrames : this.fileFrames;
  }

  /** Frames of contents. */
  get contentsCount(): number {
    return this.contentFrames.length;
  }

  /** A file of the recorded system; undefined if the recording does not have it. @throws RecordingDamage */
  file(path: string): Uint8Array | undefined {
    const number = this.header.files?.indexOf(path) ?? -1;
    const frame = this.fileFrames[number];
    return frame && this.unpack(frame);
  }

  /** Frames of entries. */
  get frameCount(): number {
    return this.frames.length;
  }

  /** Step of the entry before the frame's first. */
  stepOf(frame: number): number {
    return this.frames[frame].step;
  }

  /** Of its last entry. */
  lastStepOf(frame: number): number {
    return this.frames[frame].lastStep;
  }

  /** The entries of a frame. @throws RecordingDamage */
  entries(frame: number): Uint8Array {
    const known = this.unpacked.get(frame);
    if (known !== undefined) return known;
    const data = this.unpackEntries(this.frames[frame]);
    for (const [oldest] of this.unpacked) if (this.unpacked.size >= KEPT) this.unpacked.delete(oldest);
    this.unpacked.set(frame, data);
    return data;
  }

  private unpackEntries(frame: Frame): Uint8Array {
    const data = this.unpack(frame);
    if (frame.kind === FrameKind.plainEntries) return data;
    try {
      return unpackEntries(data);
    } catch (error) {
      if (error instanceof AssertionError) throw damagedFrame(frame, `cannot be unpacked: ${error.message}`);
      throw error;
    }
  }

  /** What entries write to memory, by its number. @throws RecordingDamage */
  contents(number: number): Uint8Array {
    const frame = this.contentFrames[number];
    if (frame === undefined) throw new RecordingDamage(`the recording is damaged: contents ${number} are missing`);
    return this.unpack(frame);
  }

  private unpack(frame: Frame): Uint8Array {
    const bytes = this.source.read(frame.offset, frame.bytes);
    // What the sum is of: all behind it.
    if (bytes.length < frame.bytes || crc32(bytes.subarray(16)) !== frame.sum) throw damagedFrame(frame, 'does not have the sum that it should have');
    const stored = bytes.subarray(FRAME_START, FRAME_START + frame.stored);
    if (frame.stored === frame.plain) return stored;
    try {
      return this.source.compression.decompress(stored, frame.plain).slice();
    } catch {
      throw damagedFrame(frame, 'cannot be unpacked');
    }
  }
}

/**
 * What a recording says of itself, and where its frames begin.
 * @throws UserError if it is no recording that this version reads, or is damaged
 */
export function readRecordingHeader({ read }: Pick<JournalSource, 'read'>): { readonly header: RecordingHeader; readonly bytes: number } {
  const start = readFileStart(read(0, FILE_START));
  const { header, bytes } = readFileStart(read(0, start.bytes));
  if (header === undefined) throw new RecordingDamage('the recording is damaged: it ends within its header');
  return { header, bytes };
}
