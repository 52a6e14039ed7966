import { ByteWriter, crc32 } from '../../base/index.ts';
import { snapshotStep } from '../events.ts';
import { RecordWalker } from '../walker.ts';
import { type Compression, Encoding, FRAME_START, FrameKind, fileStart, type TraceKey, writeNumber } from './chunkFile.ts';
import { RecordColumns } from './columns.ts';
import { type ByteSpan, type IndexedFrame, keepNewest } from './frameIndex.ts';
import { END_REASONS, type EndReason, type TraceHeader, type TraceTotals } from './header.ts';

/** Data below so many bytes is not worth compressing. */
const MIN_COMPRESSED = 64;
/** Bytes of the frame at the end. */
const END_BYTES = FRAME_START + 32;
/** Bytes of zeros to fill up with. */
const PADDING = new Uint8Array(4);

/** How large a chunk file may get. */
export interface FileBound {
  /** Most bytes, with those that `rewrite` takes meanwhile. */
  readonly maxBytes: number;
  /**
   * Makes the file of these parts of what it was, in their order, so that who reads it finds the one or the other; what is
   * written then goes behind. undefined: what has no room is left out.
   */
  readonly rewrite?: ((parts: readonly ByteSpan[]) => void) | undefined;
}

/** A frame that has not been written yet. */
interface HeldFrame extends Omit<IndexedFrame, 'start'> {
  readonly parts: readonly Uint8Array[];
}

/** Writes a chunk file. */
export class ChunkFileWriter {
  readonly walker = new RecordWalker();
  private readonly columns = new RecordColumns(this.walker.table);
  private readonly definitions = new ByteWriter(0x1_0000);
  private readonly head = new ByteWriter(64);
  private readonly fields = new ByteWriter(32);
  private pendingKey: TraceKey | undefined;
  private readonly pendingMappings = new ByteWriter(0x1000);
  private written = 0;
  /** The frames of a chunk, held back until it is known whether there is room for all of them; undefined: nothing is held back. */
  private held: HeldFrame[] | undefined;
  /** Those that are in the file, where old ones are to be dropped. */
  private frames: IndexedFrame[] = [];
  private readonly headerBytes: number;
  private readonly standsAlone: boolean;
  /** Of what is in the file. */
  private totals: TraceTotals = { step: 0, insns: 0, wanted: 0 };
  /** A chunk would have made the file too large: it and what follows are left out. */
  isFull = false;

  /**
   * @param output gets the file's parts in order, valid during the call only
   * @param compression undefined: data is stored as it is
   * @param bound undefined: it may get as large as it likes
   */
  constructor(
    private readonly output: (parts: readonly Uint8Array[]) => void,
    header: TraceHeader,
    private readonly compression: Compression | undefined,
    private readonly bound?: FileBound,
  ) {
    const start = fileStart(header);
    this.headerBytes = start.length;
    this.standsAlone = header.filtered;
    this.written = start.length;
    this.output([start]);
  }

  private write(frame: HeldFrame): void {
    if (this.held !== undefined) return void this.held.push({ ...frame, parts: frame.parts.map((part) => part.slice()) });
    const { parts, ...facts } = frame;
    if (this.bound?.rewrite !== undefined) this.frames.push({ ...facts, start: this.written });
    this.written += frame.bytes;
    this.output(parts);
  }

  /** What the records before told of mapped files, see ChunkFileVisitor; goes out with the next records. */
  mappings(events: Uint8Array): void {
    this.pendingMappings.bytes(events);
  }

  /** Takes definitions of blocks; they go out with the next records. */
  define(definitions: Uint8Array): void {
    this.walker.table.define(definitions);
    this.definitions.bytes(definitions);
  }

  /** The state before the next records. */
  key(key: TraceKey): void {
    this.pendingKey = key;
  }

  /** Writes a chunk of whole records. */
  records(records: Uint8Array): void {
    if (records.length === 0 || this.isFull) return;
    this.held = this.bound === undefined ? undefined : [];
    const { walker, fields, definitions, columns, compression, pendingKey, pendingMappings } = this;
    const { insns, wanted } = walker;
    const before = snapshotStep(records) ?? walker.step;
    const split = compression === undefined ? undefined : columns.split(records, walker);
    if (split === undefined) walker.walk(records);
    fields.reset();
    if (definitions.length > 0) this.frame(FrameKind.blocks, definitions.view(), Encoding.compressed);
    definitions.reset();
    if (pendingMappings.length > 0) this.frame(FrameKind.mappings, pendingMappings.view(), Encoding.compressed);
    pendingMappings.reset();
    if (pendingKey !== undefined) this.writeKey(pendingKey);
    this.pendingKey = undefined;
    fields.reset();
    writeNumber(fields, before);
    const counts = { insns: walker.insns - insns, wanted: walker.wanted - wanted };
    fields.fixed32(counts.insns);
    fields.fixed32(counts.wanted);
    if (split === undefined) this.frame(FrameKind.chunk, records, Encoding.plain, counts);
    else this.frame(FrameKind.chunk, split, Encoding.columns, counts);
    const frames = this.held;
    this.held = undefined;
    this.isFull = frames !== undefined && !this.hasRoom(frames);
    if (this.isFull) return;
    for (const frame of frames ?? []) this.write(frame);
    const { totals } = this;
    this.totals = { step: walker.step, insns: totals.insns + counts.insns, wanted: totals.wanted + counts.wanted };
  }

  /** Finds out whether there is room for some frames; drops old ones if that makes some. */
  private hasRoom(frames: readonly HeldFrame[]): boolean {
    const { bound, headerBytes } = this;
    if (bound === undefined) return true;
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes, END_BYTES);
    if (bound.rewrite === undefined) return this.written + bytes <= bound.maxBytes;
    // A file and what is kept of it are there at the same time: two thirds and one third.
    const most = Math.floor((bound.maxBytes * 2) / 3);
    if (this.written + bytes <= most) return true;
    const begins = this.standsAlone ? FrameKind.chunk : FrameKind.key;
    const canBegin = frames.some(({ kind }) => kind === begins);
    const kept = keepNewest(this.frames, headerBytes, Math.floor(most / 2), (kind) => kind === begins, canBegin);
    if (kept === undefined) return false;
    const size = kept.spans.reduce((sum, { start, end }) => sum + end - start, 0);
    if (size + bytes > most || this.written + size > bound.maxBytes) return false;
    bound.rewrite(kept.spans);
    this.frames = [...kept.frames];
    this.written = size;
    const { totals } = this;
    this.totals = { ...totals, insns: totals.insns - kept.droppedInsns, wanted: totals.wanted - kept.droppedWanted };
    return true;
  }

  /** Instructions that are in the file and wanted: fewer than there were where old ones have been dropped. */
  get wanted(): number {
    return this.totals.wanted;
  }

  /** The trace is complete. */
  end(reason: EndReason): void {
    const { fields, totals } = this;
    fields.reset();
    writeNumber(fields, totals.step);
    writeNumber(fields, totals.insns);
    writeNumber(fields, totals.wanted);
    fields.fixed32(END_REASONS.indexOf(reason));
    fields.fixed32(0);
    this.frame(FrameKind.end, new Uint8Array(0), Encoding.plain);
  }

  private writeKey({ step, pc, pid, tid, state }: TraceKey): void {
    const { fields } = this;
    fields.reset();
    writeNumber(fields, step);
    writeNumber(fields, pc);
    fields.fixed32(pid);
    fields.fixed32(tid);
    this.frame(FrameKind.key, state, Encoding.compressed);
  }

  /** Writes a frame with the fields that are in `fields`. */
  private frame(kind: number, data: Uint8Array, encoding: number, facts: Partial<Pick<IndexedFrame, 'insns' | 'wanted'>> = {}): void {
    const { head, fields, compression } = this;
    const isStored = compression === undefined || encoding === Encoding.plain || (encoding === Encoding.compressed && data.length < MIN_COMPRESSED);
    const stored = isStored ? data : compression.compress(data);
    const padding = PADDING.subarray(0, -stored.length & 3);
    head.reset();
    head.fixed32(isStored ? Encoding.plain : encoding);
    head.fixed32(data.length);
    head.fixed32(stored.length);
    head.append(fields);
    const rest = head.copy();
    const sum = crc32(padding, crc32(stored, crc32(rest)));
    head.reset();
    head.fixed32(kind);
    const bytes = FRAME_START + fields.length + stored.length + padding.length;
    head.fixed32(bytes);
    head.fixed32(sum);
    this.write({ kind, bytes, insns: 0, wanted: 0, ...facts, parts: [head.view(), rest, stored, padding] });
  }
}
