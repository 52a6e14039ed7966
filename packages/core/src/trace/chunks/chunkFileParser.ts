import { assert, crc32, UserError } from '../../base/index.ts';
import { RecordTable } from '../walker.ts';
import { type Compression, Encoding, type FrameHead, FrameKind, readFileStart, readFrameHead, TraceDamage, type TraceKey } from './chunkFile.ts';
import { RecordColumns } from './columns.ts';
import { END_REASONS, type EndReason, type TraceHeader, type TraceTotals } from './header.ts';

/** Told what is in a chunk file, in order. Bytes are valid during the call only, but for definitions, keys and mappings. */
export interface ChunkFileVisitor {
  header(header: TraceHeader): void;
  define(definitions: Uint8Array): void;
  /** @param chunk what the chunk's head says of the records; `offset` is the frame's in the file */
  records(records: Uint8Array, chunk: { readonly offset: number; readonly step: number; readonly insns: number; readonly wanted: number }): void;
  /** The state before the records that come next, which follows from the ones before, too. */
  key?(key: TraceKey): void;
  /** What the chunk before told of mapped files: its `program` and `mapping` events, as records. */
  mappings?(events: Uint8Array): void;
  end?(totals: TraceTotals, reason: EndReason): void;
}

/** Reads a chunk file that comes in pieces of any size. Frames may be left out, but for blocks that chunks need. */
export class ChunkFileParser {
  /** True once the end frame has been read. */
  isComplete = false;
  private buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0x10_0000);
  private start = 0;
  private length = 0;
  private hasHeader = false;
  /** Of the byte at `start` in the file. */
  private offset = 0;
  private readonly table = new RecordTable();
  private readonly columns = new RecordColumns(this.table);

  /** @param compression the one that the file was written with */
  constructor(
    private readonly visitor: ChunkFileVisitor,
    private readonly compression: Compression | undefined,
  ) {}

  /** Bytes that belong to no whole frame yet. */
  get pending(): number {
    return this.length - this.start;
  }

  /**
   * Takes the next bytes of the file.
   * @throws TraceDamage if they are damaged @throws UserError if they are none of a chunk file that this version reads
   */
  push(bytes: Uint8Array): void {
    this.append(bytes);
    if (!this.hasHeader && !this.readHeader()) return;
    while (this.readFrame()) {}
  }

  /** The next bytes that are pushed stand at `offset` in the file. Only between frames. */
  skipTo(offset: number): void {
    assert(this.pending === 0 && this.hasHeader, 'a chunk file cannot be skipped within a frame');
    this.offset = offset;
  }

  /**
   * The file has no more bytes.
   * @returns undefined, or what is wrong with its end
   * @throws UserError if it ends before its header does
   */
  finish(): string | undefined {
    if (!this.hasHeader) throw new UserError('this is not an everystep trace file (it is too short)');
    if (this.pending > 0) return `the trace file is incomplete: its last ${this.pending} bytes are part of a frame and were left out`;
    return this.isComplete ? undefined : 'the trace file is incomplete: it has no end mark, its writer was interrupted';
  }

  private append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.buffer.length) {
      const rest = this.buffer.subarray(this.start, this.length);
      // Records stay aligned: frames are multiples of 4 bytes, and here they start anew at 0.
      const bigger = rest.length + bytes.length > this.buffer.length / 2 ? new Uint8Array((rest.length + bytes.length) * 2) : this.buffer;
      bigger.set(rest, 0);
      this.buffer = bigger;
      this.length -= this.start;
      this.start = 0;
    }
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private take(bytes: number): void {
    this.start += bytes;
    this.offset += bytes;
  }

  private readHeader(): boolean {
    const start = readFileStart(this.buffer.subarray(this.start, this.length));
    if (start === undefined) return false;
    this.visitor.header(start.header);
    this.take(start.bytes);
    this.hasHeader = true;
    return true;
  }

  private readFrame(): boolean {
    const rest = this.buffer.subarray(this.start, this.length);
    const head = readFrameHead(rest, this.offset);
    if (head === undefined || rest.length < head.bytes) return false;
    if (this.isComplete) throw this.damage('stands behind the end mark');
    if (crc32(rest.subarray(12, head.bytes)) !== head.sum) throw this.damage('has another sum than it should');
    this.visit(head, rest.subarray(head.dataAt, head.dataAt + head.stored));
    this.take(head.bytes);
    return true;
  }

  private visit(head: FrameHead, stored: Uint8Array): void {
    const { visitor } = this;
    switch (head.kind) {
      case FrameKind.mappings:
        return visitor.mappings?.(this.decode(head, stored).slice());
      case FrameKind.blocks: {
        const definitions = this.decode(head, stored).slice();
        try {
          this.table.define(definitions);
        } catch (error) {
          throw this.damage((error as Error).message);
        }
        return visitor.define(definitions);
      }
      case FrameKind.key: {
        const { step, pc, pid, tid } = head;
        return visitor.key?.({ step, pc, pid, tid, state: this.decode(head, stored).slice() });
      }
      case FrameKind.chunk: {
        const { step, insns, wanted } = head;
        return visitor.records(this.decode(head, stored), { offset: this.offset, step, insns, wanted });
      }
      default: {
        const { step, insns, wanted } = head;
        const reason = END_REASONS[head.reason];
        if (reason === undefined) throw this.damage('is an end mark with an unknown reason');
        this.isComplete = true;
        visitor.end?.({ step, insns, wanted }, reason);
      }
    }
  }

  /** The data as it was. */
  private decode({ encoding, plain }: FrameHead, stored: Uint8Array): Uint8Array {
    if (encoding === Encoding.plain) return stored;
    const { compression, columns } = this;
    if (compression === undefined) throw new UserError('the trace file is compressed, which cannot be undone here');
    try {
      const data = compression.decompress(stored, plain);
      return encoding === Encoding.columns ? columns.join(data) : data;
    } catch (error) {
      throw this.damage(`cannot be unpacked: ${(error as Error).message}`);
    }
  }

  private damage(what: string): TraceDamage {
    return new TraceDamage(`the trace file is damaged: the frame at byte ${this.offset} ${what}`);
  }
}
