import { ChunkFileWriter, type EndReason, type TraceHeader, type TraceTotals } from './chunkFile.ts';
import { RecordFilter } from './filter.ts';
import { createFormatter, type FormatContext, type TextFormat, TextOutput } from './formats/index.ts';
import { TraceReader } from './reader.ts';
import { RecordWalker } from './walker.ts';

/** Where a trace goes: takes definitions and records in order. */
export interface TraceSink {
  define(definitions: Uint8Array): void;
  /** @param records whole records, valid during the call only */
  records(records: Uint8Array): void;
  /** Nothing more comes for a while: writes out what is kept back. */
  flush?(): void;
  end(reason: EndReason): void;
  readonly totals: TraceTotals;
}

/** Counts instructions, and that is all. */
export function createCountingSink(): TraceSink {
  const walker = new RecordWalker();
  return { define: (definitions) => walker.table.define(definitions), records: (records) => walker.walk(records), end: () => undefined, totals: walker };
}

/** Takes the values out of the ring and drops them, uncounted: format `none`. */
export function createNullSink(): TraceSink {
  let taken = new Uint8Array(0);
  return {
    define: () => undefined,
    records: (records) => {
      if (records.length > taken.length) taken = new Uint8Array(records.length);
      taken.set(records);
    },
    end: () => undefined,
    totals: { step: 0, insns: 0, wanted: 0 },
  };
}

/** Writes a chunk file. @param write see ChunkFileWriter */
export function createChunkFileSink(write: (parts: readonly Uint8Array[]) => void, header: TraceHeader): TraceSink {
  const writer = new ChunkFileWriter(write, header);
  return {
    define: (definitions) => writer.define(definitions),
    records: (records) => writer.records(records),
    end: (reason) => writer.end(reason),
    totals: writer.walker,
  };
}

/** Writes text. */
export function createTextSink(format: TextFormat, context: FormatContext, write: (bytes: Uint8Array) => void): TraceSink {
  const reader = new TraceReader(context.state);
  const walker = new RecordWalker();
  const out = new TextOutput(write);
  const formatter = createFormatter(format, reader, context, out);
  return {
    define: (definitions) => {
      walker.table.define(definitions);
      reader.define(definitions);
    },
    records: (records) => {
      reader.read(records, formatter);
      walker.walk(records);
    },
    flush: () => out.flush(),
    end: () => formatter.end(),
    totals: walker,
  };
}

/**
 * Puts a filter before a sink: see RecordFilter.
 * @param onLimit called once when the sink has got `limit` wanted instructions
 */
export function filtered(sink: TraceSink, limit: number, onLimit: () => void): TraceSink {
  const filter = new RecordFilter(limit);
  return {
    define: (definitions) => {
      filter.define(definitions);
      sink.define(definitions);
    },
    records: (records) => {
      if (filter.left === 0) return;
      sink.records(filter.filter(records));
      if (filter.left === 0) onLimit();
    },
    flush: () => sink.flush?.(),
    end: (reason) => sink.end(reason),
    totals: sink.totals,
  };
}
