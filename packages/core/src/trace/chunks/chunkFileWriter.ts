import { ByteWriter } from '../../base/index.ts';
import { snapshotStep } from '../events.ts';
import { RecordWalker } from '../walker.ts';
import { type Compression, Encoding, fileStart, type TraceKey } from './chunkFile.ts';
import { RecordColumns } from './columns.ts';
import { END_BYTES, type Frame, FrameMaker, held } from './frameMaker.ts';
import type { EndReason, TraceHeader, TraceTotals } from './header.ts';
import { NewestFile, type Rewrite } from './newestFile.ts';

/** How large a chunk file may get. */
export interface FileBound {
  readonly maxBytes: number;
  /** Makes room by leaving out what is oldest. undefined: what has no room is left out. */
  readonly rewrite?: Rewrite | undefined;
}

/** Writes a chunk file. */
export class ChunkFileWriter {
  readonly walker = new RecordWalker();
  private readonly columns = new RecordColumns(this.walker.table);
  private readonly frames: FrameMaker;
  /** Where old chunks are to be dropped. */
  private readonly newest: NewestFile | undefined;
  private readonly definitions = new ByteWriter(0x1_0000);
  private readonly pendingMappings = new ByteWriter(0x1000);
  private pendingKey: TraceKey | undefined;
  private bytes: number;
  /** Of what is in the file, where nothing is dropped. */
  private written: TraceTotals = { step: 0, insns: 0, wanted: 0 };
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
    compression: Compression | undefined,
    private readonly bound?: FileBound,
  ) {
    const start = fileStart(header);
    this.frames = new FrameMaker(compression);
    this.bytes = start.length;
    this.output([start]);
    const { rewrite, maxBytes } = bound ?? {};
    if (rewrite === undefined || maxBytes === undefined) return;
    const { table } = this.walker;
    this.newest = new NewestFile({ output, rewrite, maxBytes, headerBytes: start.length, standsAlone: header.filtered, frames: this.frames, table });
  }

  /** What the records before told of mapped files, see ChunkFileVisitor; goes out with the next records. */
  mappings(events: Uint8Array): void {
    this.pendingMappings.bytes(events);
  }

  /** Takes definitions of blocks; they go out with the next records. */
  define(definitions: Uint8Array): void {
    this.walker.table.define(definitions);
    if (this.newest === undefined) this.definitions.bytes(definitions);
    else this.newest.define(definitions);
  }

  /** The state before the next records. */
  key(key: TraceKey): void {
    this.pendingKey = key;
  }

  /** Writes a chunk of whole records. */
  records(records: Uint8Array): void {
    if (records.length === 0 || this.isFull) return;
    const { walker, columns, frames, pendingKey: key, pendingMappings, newest } = this;
    const { insns, wanted } = walker;
    const step = snapshotStep(records) ?? walker.step;
    const split = frames.compression === undefined ? undefined : columns.split(records, walker);
    if (split === undefined) walker.walk(records);
    const counts = { insns: walker.insns - insns, wanted: walker.wanted - wanted };
    const mappings = pendingMappings.copy();
    this.pendingKey = undefined;
    pendingMappings.reset();
    const chunk = (): Frame => frames.chunk(split ?? records, split === undefined ? Encoding.plain : Encoding.columns, step, counts.insns, counts.wanted);
    if (newest !== undefined) return newest.add({ records, mappings, key, chunk: held(chunk()), ...counts, end: walker.step });
    this.append([
      ...(this.definitions.length === 0 ? [] : [() => frames.blocks(this.definitions.view())]),
      ...(mappings.length === 0 ? [] : [() => frames.mappings(mappings)]),
      ...(key === undefined ? [] : [() => frames.key(key)]),
      chunk,
    ]);
    this.definitions.reset();
    if (this.isFull) return;
    const { totals } = this;
    this.written = { step: walker.step, insns: totals.insns + counts.insns, wanted: totals.wanted + counts.wanted };
  }

  /** Writes frames, all or none. */
  private append(made: readonly (() => Frame)[]): void {
    const { bound, output } = this;
    const write = ({ bytes, parts }: Frame): void => {
      this.bytes += bytes;
      output(parts);
    };
    if (bound === undefined) {
      for (const make of made) write(make());
      return;
    }
    const all = made.map((make) => held(make()));
    this.isFull = all.reduce((sum, { bytes }) => sum + bytes, this.bytes + END_BYTES) > bound.maxBytes;
    if (!this.isFull) for (const frame of all) write(frame);
  }

  /** Of what is in the file: less than there was where old chunks have been dropped. */
  get totals(): TraceTotals {
    return this.newest?.totals ?? this.written;
  }

  /** The trace is complete. */
  end(reason: EndReason): void {
    this.output(this.frames.end(this.totals, reason).parts);
  }
}
