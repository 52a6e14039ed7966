import { assert, ByteReader, ByteWriter, fromHalves, high32, UserError, utf8Bytes, utf8Text } from '../base/index.ts';
import { StateLayout, type Ty } from '../ir/index.ts';
import { RecordWalker } from './walker.ts';
import type { TraceLevel } from './wish.ts';

/**
 * Chunk files: a trace's records as they stood in the ring, with what it takes to read them. All numbers little-endian.
 *
 *     file    "\x89EST\r\n\x1a\n"  u32 version  u32 length of the header  header: JSON, filled up with blanks to 4 n bytes
 *             then frames
 *     frame   u32 kind  u32 bytes of the frame, these included  contents
 *     chunk   "CHNK"    u32 bytes of definitions  u32 bytes of records  u64 step before it  u32 instructions  u32 wanted
 *             block definitions, filled up to 4 n bytes, then records
 *     end     "DONE"    u64 step  u64 instructions  u64 wanted  u32 reason (see END_REASONS)
 *
 * A file whose writer was interrupted lacks the end frame, and possibly part of its last chunk; the rest can be read.
 */
const SIGNATURE = Uint8Array.of(0x89, 0x45, 0x53, 0x54, 0x0d, 0x0a, 0x1a, 0x0a);
export const TRACE_VERSION = 2;
const CHUNK = 0x4b4e_4843;
const END = 0x454e_4f44;
const CHUNK_HEAD = 32;
const END_BYTES = 36;
/** No frame of ours is longer; a longer one is damage. */
const MAX_FRAME = 0x1000_0000;
const MAX_HEADER = 0x100_0000;

/** Why a trace ended. */
export const END_REASONS = ['exit', 'limit', 'interrupted', 'fault'] as const;
export type EndReason = (typeof END_REASONS)[number];

/** What a chunk file's header says. */
export interface TraceHeader {
  /** Guest.name. */
  readonly guest: string;
  readonly cpu: string;
  /** The program's file. */
  readonly program: string;
  readonly argv: readonly string[];
  /** How much there is of each instruction. */
  readonly level: TraceLevel;
  /** True if only some instructions are in the trace. */
  readonly filtered: boolean;
  /** The state layout, in order. */
  readonly registers: readonly { readonly name: string; readonly type: Ty; readonly offset: number; readonly visible: boolean }[];
}

/** Totals of a trace. */
export interface TraceTotals {
  /** Instructions completed since the start of the machine. */
  readonly step: number;
  /** Instructions in records. */
  readonly insns: number;
  /** Traced instructions. */
  readonly wanted: number;
}

export const describeState = (state: StateLayout): TraceHeader['registers'] =>
  state.registers.map(({ name, type, offset, visible }) => ({ name, type, offset, visible }));

/** The state layout that a header describes. @throws UserError if this version would lay it out in another way */
export function stateOf(header: TraceHeader): StateLayout {
  const state = new StateLayout();
  for (const { name, type, offset, visible } of header.registers) {
    const register = state.registers.find((known) => known.name === name) ?? state.add(name, type, visible);
    if (register.offset !== offset)
      throw new UserError(`the trace has register ${name} at byte ${offset} of the CPU state, where this version has byte ${register.offset}`);
  }
  return state;
}

/** Writes a chunk file. */
export class ChunkFileWriter {
  readonly walker = new RecordWalker();
  private readonly definitions = new ByteWriter(0x1_0000);
  private readonly head = new ByteWriter(64);
  private written = 0;
  /** A chunk would have made the file too large: it and what follows are left out. */
  isFull = false;

  /**
   * @param output gets the file's parts in order, valid during the call only
   * @param maxBytes the file's greatest size
   */
  constructor(
    private readonly output: (parts: readonly Uint8Array[]) => void,
    header: TraceHeader,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {
    const json = utf8Bytes(JSON.stringify(header));
    while (json.length % 4 !== 0) json.push(0x20);
    const out = new ByteWriter();
    out.bytes(SIGNATURE);
    out.fixed32(TRACE_VERSION);
    out.fixed32(json.length);
    out.bytes(json);
    this.write([out.view()]);
  }

  private write(parts: readonly Uint8Array[]): void {
    for (const { length } of parts) this.written += length;
    this.output(parts);
  }

  /** Takes definitions of blocks; they go out with the next records. */
  define(definitions: Uint8Array): void {
    this.walker.table.define(definitions);
    this.definitions.bytes(definitions);
  }

  /** Writes a chunk of whole records. */
  records(records: Uint8Array): void {
    if (records.length === 0 || this.isFull) return;
    this.isFull = this.written + CHUNK_HEAD + ((this.definitions.length + 3) & -4) + records.length + END_BYTES > this.maxBytes;
    if (this.isFull) return;
    const { walker, head, definitions } = this;
    const { insns, wanted } = walker;
    // A snapshot sets the step, so the one before the chunk is known once its records have been walked over.
    walker.walk(records);
    const before = walker.step - (walker.insns - insns);
    const definitionBytes = definitions.length;
    while (definitions.length % 4 !== 0) definitions.byte(0);
    head.reset();
    head.fixed32(CHUNK);
    head.fixed32(CHUNK_HEAD + definitions.length + records.length);
    head.fixed32(definitionBytes);
    head.fixed32(records.length);
    writeNumber(head, Math.max(before, 0));
    head.fixed32(walker.insns - insns);
    head.fixed32(walker.wanted - wanted);
    this.write([head.view(), definitions.view(), records]);
    definitions.reset();
  }

  /** The trace is complete. */
  end(reason: EndReason): void {
    const { head, walker } = this;
    head.reset();
    head.fixed32(END);
    head.fixed32(END_BYTES);
    writeNumber(head, walker.step);
    writeNumber(head, walker.insns);
    writeNumber(head, walker.wanted);
    head.fixed32(END_REASONS.indexOf(reason));
    this.write([head.view()]);
  }
}

function writeNumber(out: ByteWriter, n: number): void {
  out.fixed32(n | 0);
  out.fixed32(high32(n));
}

/** Told what is in a chunk file, in order. Bytes are valid during the call only, but for definitions. */
export interface ChunkFileVisitor {
  header(header: TraceHeader): void;
  define(definitions: Uint8Array): void;
  records(records: Uint8Array): void;
  end?(totals: TraceTotals, reason: EndReason): void;
}

/** Reads a chunk file that comes in pieces of any size. */
export class ChunkFileParser {
  /** True once the end frame has been read. */
  isComplete = false;
  private buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0x10_0000);
  private start = 0;
  private length = 0;
  private hasHeader = false;

  constructor(private readonly visitor: ChunkFileVisitor) {}

  /** Bytes that belong to no whole frame yet. */
  get pending(): number {
    return this.length - this.start;
  }

  /** Takes the next bytes of the file. @throws UserError if they are none of a chunk file that this version reads */
  push(bytes: Uint8Array): void {
    this.append(bytes);
    if (!this.hasHeader && !this.readHeader()) return;
    while (this.readFrame()) {}
  }

  /**
   * The file has no more bytes.
   * @returns undefined, or what is wrong with its end
   * @throws UserError if it ends before its header does
   */
  finish(): string | undefined {
    if (!this.hasHeader) throw new UserError('this is not an everystep trace file (it is too short)');
    if (this.pending > 0) return `the trace file is cut off: its last ${this.pending} bytes are part of a chunk and were left out`;
    return this.isComplete ? undefined : 'the trace file has no end mark: its writer was interrupted';
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

  private readHeader(): boolean {
    const known = Math.min(this.pending, SIGNATURE.length);
    if (this.buffer.subarray(this.start, this.start + known).some((byte, i) => byte !== SIGNATURE[i])) {
      throw new UserError('this is not an everystep trace file (everystep trace writes them)');
    }
    if (this.pending < 16) return false;
    const reader = new ByteReader(this.buffer, this.start + 8, this.length);
    const version = reader.fixed32();
    if (version !== TRACE_VERSION) throw new UserError(`the trace file has format version ${version}; this everystep reads version ${TRACE_VERSION}`);
    const length = reader.fixed32();
    if (length % 4 !== 0 || length > MAX_HEADER) throw new UserError('the trace file is damaged: its header has an impossible length');
    if (this.pending < 16 + length) return false;
    this.visitor.header(parseHeader(utf8Text(reader.bytes(length))));
    this.start += 16 + length;
    this.hasHeader = true;
    return true;
  }

  private readFrame(): boolean {
    if (this.pending < 8) return false;
    const reader = new ByteReader(this.buffer, this.start, this.length);
    const kind = reader.fixed32();
    const bytes = reader.fixed32();
    if ((kind !== CHUNK && kind !== END) || bytes < 8 || bytes > MAX_FRAME || bytes % 4 !== 0)
      throw new UserError('the trace file is damaged: there is no frame where one should be');
    if (this.pending < bytes) return false;
    if (kind === CHUNK) this.chunk(reader, bytes);
    else this.end(reader);
    this.start += bytes;
    return true;
  }

  private chunk(reader: ByteReader, bytes: number): void {
    const definitionBytes = reader.fixed32();
    const recordBytes = reader.fixed32();
    const padded = (definitionBytes + 3) & -4;
    if (CHUNK_HEAD + padded + recordBytes !== bytes) throw new UserError('the trace file is damaged: the parts of a chunk do not add up');
    const at = this.start + CHUNK_HEAD;
    if (definitionBytes > 0) this.visitor.define(this.buffer.slice(at, at + definitionBytes));
    this.visitor.records(this.buffer.subarray(at + padded, at + padded + recordBytes));
  }

  private end(reader: ByteReader): void {
    const number = (): number => {
      const lo = reader.fixed32();
      return fromHalves(lo, reader.fixed32());
    };
    const totals = { step: number(), insns: number(), wanted: number() };
    const reason = END_REASONS[reader.fixed32()];
    assert(reason !== undefined, 'the end mark of the trace file has an unknown reason');
    this.isComplete = true;
    this.visitor.end?.(totals, reason);
  }
}

function parseHeader(text: string): TraceHeader {
  try {
    const header = JSON.parse(text) as TraceHeader;
    if (typeof header.guest === 'string' && Array.isArray(header.registers)) return header;
  } catch {
    // Not JSON: as damaged as JSON without the fields.
  }
  throw new UserError('the trace file is damaged: its header cannot be read');
}
