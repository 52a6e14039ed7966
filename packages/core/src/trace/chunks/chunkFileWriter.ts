import { ByteWriter, crc32, utf8Bytes } from '../../base/index.ts';
import { snapshotStep } from '../events.ts';
import { RecordWalker } from '../walker.ts';
import { type Compression, Encoding, FRAME_START, FrameKind, fileStart, type MappedImage, type TraceKey, writeNumber } from './chunkFile.ts';
import { RecordColumns } from './columns.ts';
import { END_REASONS, type EndReason, type TraceHeader, type TraceTotals } from './header.ts';

/** Data below so many bytes is not worth compressing. */
const MIN_COMPRESSED = 64;
/** Bytes of the frame at the end. */
const END_BYTES = FRAME_START + 32;
/** Bytes of zeros to fill up with. */
const PADDING = new Uint8Array(4);

/** Writes a chunk file. */
export class ChunkFileWriter {
  readonly walker = new RecordWalker();
  private readonly columns = new RecordColumns(this.walker.table);
  private readonly definitions = new ByteWriter(0x1_0000);
  private readonly head = new ByteWriter(64);
  private readonly fields = new ByteWriter(32);
  private pendingKey: TraceKey | undefined;
  private written = 0;
  /** The frames of a chunk, held back until it is known whether there is room for all of them; undefined: nothing is held back. */
  private held: Uint8Array[] | undefined;
  /** Of what is in the file. */
  private totals: TraceTotals = { step: 0, insns: 0, wanted: 0 };
  /** A chunk would have made the file too large: it and what follows are left out. */
  isFull = false;

  /**
   * @param output gets the file's parts in order, valid during the call only
   * @param compression undefined: data is stored as it is
   * @param maxBytes the file's greatest size
   */
  constructor(
    private readonly output: (parts: readonly Uint8Array[]) => void,
    header: TraceHeader,
    private readonly compression: Compression | undefined,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {
    this.write([fileStart(header)]);
  }

  private write(parts: readonly Uint8Array[]): void {
    if (this.held !== undefined) return void this.held.push(...parts.map((part) => part.slice()));
    for (const { length } of parts) this.written += length;
    this.output(parts);
  }

  /** From here on these files are in memory. */
  images(images: readonly MappedImage[]): void {
    this.fields.reset();
    this.frame(FrameKind.images, Uint8Array.from(utf8Bytes(JSON.stringify(images))), Encoding.compressed);
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
    this.held = this.maxBytes === Number.POSITIVE_INFINITY ? undefined : [];
    const { walker, fields, definitions, columns, compression, pendingKey } = this;
    const { insns, wanted } = walker;
    const before = snapshotStep(records) ?? walker.step;
    walker.walk(records);
    fields.reset();
    if (definitions.length > 0) this.frame(FrameKind.blocks, definitions.view(), Encoding.compressed);
    definitions.reset();
    if (pendingKey !== undefined) this.writeKey(pendingKey);
    this.pendingKey = undefined;
    fields.reset();
    writeNumber(fields, before);
    fields.fixed32(walker.insns - insns);
    fields.fixed32(walker.wanted - wanted);
    if (compression === undefined) this.frame(FrameKind.chunk, records, Encoding.plain);
    else this.frame(FrameKind.chunk, columns.split(records), Encoding.columns);
    const parts = this.held;
    this.held = undefined;
    this.isFull = parts !== undefined && this.written + parts.reduce((sum, { length }) => sum + length, 0) + END_BYTES > this.maxBytes;
    if (this.isFull) return;
    if (parts !== undefined) this.write(parts);
    this.totals = { step: walker.step, insns: walker.insns, wanted: walker.wanted };
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
  private frame(kind: number, data: Uint8Array, encoding: number): void {
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
    head.fixed32(FRAME_START + fields.length + stored.length + padding.length);
    head.fixed32(sum);
    this.write([head.view(), rest, stored, padding]);
  }
}
