import { ByteWriter, crc32, utf8Bytes } from '../../base/index.ts';
import { snapshotStep } from '../events.ts';
import { RecordWalker } from '../walker.ts';
import { type Compression, Encoding, FRAME_START, FrameKind, fileStart, type MappedImage, type TraceKey, writeNumber } from './chunkFile.ts';
import { RecordColumns } from './columns.ts';
import { END_REASONS, type EndReason, type TraceHeader } from './header.ts';

/** Data below so many bytes is not worth compressing. */
const MIN_COMPRESSED = 64;
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

  /**
   * @param write gets the file's parts in order, valid during the call only
   * @param compression undefined: data is stored as it is
   */
  constructor(
    private readonly write: (parts: readonly Uint8Array[]) => void,
    header: TraceHeader,
    private readonly compression: Compression | undefined,
  ) {
    write([fileStart(header)]);
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
    if (records.length === 0) return;
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
  }

  /** The trace is complete. */
  end(reason: EndReason): void {
    const { fields, walker } = this;
    fields.reset();
    writeNumber(fields, walker.step);
    writeNumber(fields, walker.insns);
    writeNumber(fields, walker.wanted);
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
