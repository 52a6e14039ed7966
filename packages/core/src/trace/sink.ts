import type { Compression, TraceKey } from './chunks/chunkFile.ts';
import { ChunkFileWriter, type FileBound } from './chunks/chunkFileWriter.ts';
import type { EndReason, TraceHeader, TraceTotals } from './chunks/header.ts';
import type { WantedData } from './dataFilter.ts';
import { RecordFilter } from './filter.ts';
import { createFormatter, type FormatContext, type TextFormat, TextOutput, type TraceFormatter } from './formats/index.ts';
import { TraceReader, type TraceVisitor } from './reader.ts';
import { RecordWalker } from './walker.ts';
import { type StepWindow, WHOLE_TRACE, WindowVisitor } from './window.ts';

/** Where a trace goes: takes definitions and records in order. */
export interface TraceSink {
  define(definitions: Uint8Array): void;
  /** @param records whole records, valid during the call only */
  records(records: Uint8Array): void;
  /** The state before the records that come next. */
  key?(key: TraceKey): void;
  /** What records before told of mapped files (events `program` and `mapping`), for those who have not read them. Stays as it is. */
  mappings?(events: Uint8Array): void;
  /** Nothing more comes for a while: writes out what is kept back. */
  flush?(): void;
  end(reason: EndReason): void;
  /** So many wanted instructions that come next need not be told of. */
  skip?(insns: number): void;
  readonly totals: TraceTotals;
}

/** Counts instructions, and that is all. */
export function createCountingSink(): TraceSink {
  const walker = new RecordWalker();
  return { define: (definitions) => walker.table.define(definitions), records: (records) => walker.walk(records), end: () => undefined, totals: walker };
}

/** Drops everything, uncounted. */
export function createNullSink(): TraceSink {
  return { define: () => undefined, records: () => undefined, end: () => undefined, totals: { step: 0, insns: 0, wanted: 0 } };
}

/** A greatest size of what a sink writes. */
export interface SizeLimit {
  readonly maxBytes: number;
  /** Called once, when there is no more room: what follows is left out. */
  readonly onFull: () => void;
  /** Of chunk files: see FileBound. */
  readonly rewrite?: FileBound['rewrite'];
}

const NO_LIMIT: SizeLimit = { maxBytes: Number.POSITIVE_INFINITY, onFull: () => undefined };

export interface ChunkFileOptions {
  readonly compression?: Compression | undefined;
  readonly limit?: SizeLimit;
}

/** Writes a chunk file. @param write see ChunkFileWriter */
export function createChunkFileSink(write: (parts: readonly Uint8Array[]) => void, header: TraceHeader, options: ChunkFileOptions = {}): TraceSink {
  const { compression, limit = NO_LIMIT } = options;
  const writer = new ChunkFileWriter(write, header, compression, limit.maxBytes === Number.POSITIVE_INFINITY ? undefined : limit);
  return {
    define: (definitions) => writer.define(definitions),
    records: (records) => {
      if (writer.isFull) return;
      writer.records(records);
      if (writer.isFull) limit.onFull();
    },
    key: (key) => writer.key(key),
    mappings: (events) => writer.mappings(events),
    end: (reason) => writer.end(reason),
    totals: {
      get step() {
        return writer.walker.step;
      },
      get insns() {
        return writer.walker.insns;
      },
      get wanted() {
        return writer.totals.wanted;
      },
    },
  };
}

/** Lets whole lines through until there is no more room. */
function limitLines(write: (bytes: Uint8Array) => void, { maxBytes, onFull }: SizeLimit): (bytes: Uint8Array) => void {
  if (maxBytes === Number.POSITIVE_INFINITY) return write;
  let room = maxBytes;
  let isFull = false;
  return (bytes) => {
    if (isFull) return;
    isFull = bytes.length > room;
    const lines = isFull ? bytes.subarray(0, room === 0 ? 0 : bytes.lastIndexOf(NEWLINE, room - 1) + 1) : bytes;
    room -= lines.length;
    if (lines.length > 0) write(lines);
    if (isFull) onFull();
  };
}

const NEWLINE = 0x0a;

export interface FormatSinkOptions {
  /** The part of the trace to write; default all. */
  readonly window?: StepWindow;
  /** Of text that is made of lines. */
  readonly limit?: SizeLimit;
}

/** Writes a format other than chunks. */
export function createTextSink(format: TextFormat, context: FormatContext, output: (bytes: Uint8Array) => void, options: FormatSinkOptions = {}): FormatSink {
  const out = new TextOutput(limitLines(output, options.limit ?? NO_LIMIT));
  const sink = createFormatSink((reader) => createFormatter(format, reader, context, out), context, options);
  return Object.assign(sink, { flush: () => out.flush() });
}

/** Hands a trace to a formatter. */
export function createFormatSink(make: (reader: TraceReader) => TraceFormatter, context: FormatContext, options: FormatSinkOptions = {}): FormatSink {
  const { window = WHOLE_TRACE } = options;
  const reader = new TraceReader(context.state);
  const walker = new RecordWalker();
  const formatter = make(reader);
  let windowed = window === WHOLE_TRACE ? undefined : new WindowVisitor(reader, formatter, window);
  let visitor: TraceVisitor = windowed ?? formatter;
  let skipped = 0;
  /** Of mapped files, from before the records that come first; undefined: these have come. */
  let mappings: Uint8Array[] | undefined = [];
  return {
    define: (definitions) => {
      walker.table.define(definitions);
      reader.define(definitions);
      formatter.define?.(definitions);
    },
    records: (records) => {
      for (const events of mappings ?? []) reader.read(events, visitor);
      mappings = undefined;
      reader.read(records, visitor);
      walker.walk(records);
    },
    mappings: (events) => void mappings?.push(events),
    resume: (step, state, thread) => {
      reader.resume(step, state);
      walker.step = step;
      if (thread !== undefined && thread.pid > 0) visitor.event({ kind: 'thread', pid: thread.pid, tid: thread.tid });
    },
    end: () => formatter.end(),
    skip: (insns) => {
      skipped = insns;
      windowed ??= new WindowVisitor(reader, formatter, WHOLE_TRACE);
      windowed.leaveOut(insns);
      visitor = windowed;
    },
    totals: {
      get step() {
        return walker.step;
      },
      get insns() {
        return walker.insns - skipped;
      },
      get wanted() {
        return walker.wanted - skipped;
      },
    },
    get isOver() {
      return windowed?.isOver === true;
    },
  };
}

/** A sink that may begin within a trace. */
export interface FormatSink extends TraceSink {
  /** The records that come next do not follow from those before: see TraceReader.resume. @param thread the one that runs; its pid is 0 where that is not known */
  resume(step: number, state: Uint8Array | undefined, thread?: Pick<TraceKey, 'pid' | 'tid'>): void;
  /** True once all of the window has been written. */
  readonly isOver: boolean;
}

/**
 * Puts a filter before a sink: see RecordFilter.
 * @param onLimit called once when the sink has got `limit` wanted instructions
 */
export function filtered(sink: TraceSink, limit: number, onLimit: () => void, data?: WantedData): TraceSink {
  const filter = new RecordFilter(limit, data);
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
    mappings: (events) => sink.mappings?.(events),
    flush: () => sink.flush?.(),
    end: (reason) => sink.end(reason),
    skip: (insns) => sink.skip?.(insns),
    totals: sink.totals,
  };
}
