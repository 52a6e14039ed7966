import type { Compression, MappedImage, TraceKey } from './chunks/chunkFile.ts';
import { ChunkFileWriter } from './chunks/chunkFileWriter.ts';
import type { EndReason, TraceHeader, TraceTotals } from './chunks/header.ts';
import { RecordFilter } from './filter.ts';
import { createFormatter, type FormatContext, type TextFormat, TextOutput, type TraceFormatter } from './formats/index.ts';
import { TraceReader } from './reader.ts';
import { RecordWalker } from './walker.ts';
import { WHOLE_TRACE, WindowVisitor } from './window.ts';

/** Where a trace goes: takes definitions and records in order. */
export interface TraceSink {
  define(definitions: Uint8Array): void;
  /** @param records whole records, valid during the call only */
  records(records: Uint8Array): void;
  /** The state before the records that come next. */
  key?(key: TraceKey): void;
  /** From here on these files are in the guest's memory. */
  images?(images: readonly MappedImage[]): void;
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

/** Writes a chunk file. @param write and @param compression see ChunkFileWriter */
export function createChunkFileSink(write: (parts: readonly Uint8Array[]) => void, header: TraceHeader, compression?: Compression): TraceSink {
  const writer = new ChunkFileWriter(write, header, compression);
  return {
    define: (definitions) => writer.define(definitions),
    records: (records) => writer.records(records),
    key: (key) => writer.key(key),
    images: (images) => writer.images(images),
    end: (reason) => writer.end(reason),
    totals: writer.walker,
  };
}

/** Writes a format other than chunks. @param window the part of the trace to write */
export function createTextSink(format: TextFormat, context: FormatContext, write: (bytes: Uint8Array) => void, window = WHOLE_TRACE): FormatSink {
  const out = new TextOutput(write);
  const sink = createFormatSink((reader) => createFormatter(format, reader, context, out), context, window);
  return Object.assign(sink, { flush: () => out.flush() });
}

/** Hands a trace to a formatter. @param window the part of the trace to show it */
export function createFormatSink(make: (reader: TraceReader) => TraceFormatter, context: FormatContext, window = WHOLE_TRACE): FormatSink {
  const reader = new TraceReader(context.state);
  const walker = new RecordWalker();
  const formatter = make(reader);
  const windowed = window === WHOLE_TRACE ? undefined : new WindowVisitor(reader, formatter, window);
  return {
    define: (definitions) => {
      walker.table.define(definitions);
      reader.define(definitions);
      formatter.define?.(definitions);
    },
    records: (records) => {
      reader.read(records, windowed ?? formatter);
      walker.walk(records);
    },
    images: (images) => formatter.images?.(images),
    resume: (step, state) => {
      reader.resume(step, state);
      walker.step = step;
    },
    end: () => formatter.end(),
    totals: walker,
    get isOver() {
      return windowed?.isOver === true;
    },
  };
}

/** A sink that may begin within a trace. */
export interface FormatSink extends TraceSink {
  /** The records that come next do not follow from those before: see TraceReader.resume. */
  resume(step: number, state: Uint8Array | undefined): void;
  /** True once all of the window has been written. */
  readonly isOver: boolean;
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
    images: (images) => sink.images?.(images),
    flush: () => sink.flush?.(),
    end: (reason) => sink.end(reason),
    totals: sink.totals,
  };
}
