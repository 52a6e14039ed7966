import { ChunkFileWriter, type EndReason, type TraceHeader, type TraceTotals } from './chunkFile.ts';
import type { TraceEvent } from './events.ts';
import { RecordFilter } from './filter.ts';
import { createFormatter, type FormatContext, type TextFormat, TextOutput } from './formats/index.ts';
import type { InsnShape } from './program.ts';
import { TraceReader, type TraceVisitor } from './reader.ts';
import { RecordWalker } from './walker.ts';

/** Where a trace goes: takes definitions and records in order. */
export interface TraceSink {
  define(definitions: Uint8Array): void;
  /** @param records whole records, valid during the call only */
  records(records: Uint8Array): void;
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

/** A greatest size of what a sink writes. */
export interface SizeLimit {
  readonly maxBytes: number;
  /** Called once, when there is no more room: what follows is left out. */
  readonly onFull: () => void;
}

const NO_LIMIT: SizeLimit = { maxBytes: Number.POSITIVE_INFINITY, onFull: () => undefined };

/** Writes a chunk file. @param write see ChunkFileWriter */
export function createChunkFileSink(write: (parts: readonly Uint8Array[]) => void, header: TraceHeader, limit = NO_LIMIT): TraceSink {
  const writer = new ChunkFileWriter(write, header, limit.maxBytes);
  return {
    define: (definitions) => writer.define(definitions),
    records: (records) => {
      if (writer.isFull) return;
      writer.records(records);
      if (writer.isFull) limit.onFull();
    },
    end: (reason) => writer.end(reason),
    totals: writer.walker,
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

/** Leaves out so many instructions and what happens between them; a snapshot of the registers stands in their place. */
class SkippingVisitor implements TraceVisitor {
  left = 0;

  constructor(
    private readonly reader: TraceReader,
    private readonly formatter: TraceVisitor,
  ) {}

  insn(shape: InsnShape): void {
    if (this.left > 0) {
      if (--this.left === 0) this.isBehind = true;
      return;
    }
    if (this.isBehind) {
      this.isBehind = false;
      this.formatter.event({ kind: 'snapshot', step: this.reader.step, pc: shape.pc, state: new Uint8Array(this.reader.state.buffer) });
    }
    this.formatter.insn(shape);
  }

  event(event: TraceEvent): void {
    if (this.left === 0) this.formatter.event(event);
  }

  private isBehind = false;
}

/** Writes text. */
export function createTextSink(format: TextFormat, context: FormatContext, output: (bytes: Uint8Array) => void, limit = NO_LIMIT): TraceSink {
  const write = limitLines(output, limit);
  const reader = new TraceReader(context.state);
  const walker = new RecordWalker();
  const out = new TextOutput(write);
  const formatter = createFormatter(format, reader, context, out);
  const skipping = new SkippingVisitor(reader, formatter);
  let visitor: TraceVisitor = formatter;
  let skipped = 0;
  return {
    define: (definitions) => {
      walker.table.define(definitions);
      reader.define(definitions);
    },
    records: (records) => {
      reader.read(records, visitor);
      walker.walk(records);
    },
    flush: () => out.flush(),
    end: () => formatter.end(),
    skip: (insns) => {
      skipped = insns;
      skipping.left = insns;
      visitor = skipping;
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
    skip: (insns) => sink.skip?.(insns),
    totals: sink.totals,
  };
}
