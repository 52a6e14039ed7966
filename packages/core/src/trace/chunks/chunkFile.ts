import { ByteReader, ByteWriter, fromHalves, high32, UserError, utf8Bytes, utf8Text } from '../../base/index.ts';
import type { TraceHeader } from './header.ts';

/**
 * Chunk files: a trace's records with what it takes to read them, compressed, to be read from any step on. All numbers are
 * little-endian, and everything is aligned to 4 bytes. docs/trace-files.md tells what must hold in one.
 *
 *     file    "\x89EST\r\n\x1a\n"  u32 version  u32 bytes of the header  header: JSON, filled up with blanks to 4 n bytes
 *             then frames
 *     frame   u32 kind  u32 bytes of the frame, these included  u32 CRC-32 of what follows
 *             u32 encoding  u32 bytes of the data before compression  u32 bytes of the data as stored
 *             fields of the kind, then the data as stored, filled up with zeros to 4 n bytes
 *
 *     kind    fields                                    data
 *     "MAPS"  none                                      events `program` and `mapping` of the chunk before, as records:
 *                                                       for those who read on from here
 *     "BLKS"  none                                      definitions of blocks (definition.ts)
 *     "KEYF"  u64 step  u64 pc  u32 pid  u32 tid        the CPU state before the next chunk; 0, 0: no thread event yet
 *     "CHNK"  u64 step  u32 instructions  u32 wanted    records (events.ts, layout.ts), those before it up to `step`
 *     "DONE"  u64 step  u64 instructions  u64 wanted    none
 *             u32 reason (see END_REASONS)  u32 0
 *
 *     encoding  0 as it is, 1 compressed, 2 apart in columns (columns.ts) and compressed
 *
 * A file is incomplete until "DONE" is written: whoever wrote it was interrupted, and part of the last frame may be missing; the
 * rest can be read.
 */
export const SIGNATURE = Uint8Array.of(0x89, 0x45, 0x53, 0x54, 0x0d, 0x0a, 0x1a, 0x0a);
export const TRACE_VERSION = 3;
/** Bytes of a file before its header. */
export const FILE_START = 16;

/** Frames' kinds, four letters each. */
export const FrameKind = { mappings: 0x5350_414d, blocks: 0x534b_4c42, key: 0x4659_454b, chunk: 0x4b4e_4843, end: 0x454e_4f44 } as const;
/** Bytes of a frame before its fields. */
export const FRAME_START = 24;
/** Bytes of fields. */
const FIELDS: ReadonlyMap<number, number> = new Map([
  [FrameKind.mappings, 0],
  [FrameKind.blocks, 0],
  [FrameKind.key, 24],
  [FrameKind.chunk, 16],
  [FrameKind.end, 32],
]);
/** Enough bytes of a frame to read its head. */
export const MAX_FRAME_HEAD = FRAME_START + 32;
/** No frame of ours is longer, nor what is in it; a longer one is damage. */
const MAX_FRAME = 0x1000_0000;
const MAX_HEADER = 0x100_0000;

/** How a frame's data is stored. */
export const Encoding = { plain: 0, compressed: 1, columns: 2 } as const;

/** Makes bytes shorter, and as they were again. The core has none: its host gives one. */
export interface Compression {
  /** @returns valid until the next call */
  compress(bytes: Uint8Array): Uint8Array;
  /** @param length bytes of what comes out @returns valid until the next call @throws Error of any kind if `bytes` are damaged */
  decompress(bytes: Uint8Array, length: number): Uint8Array;
}

/** The whole CPU state between two instructions: from here on a trace can be read alone. */
export interface TraceKey {
  /** Instructions completed before. */
  readonly step: number;
  readonly pc: number;
  /** As the last thread event before said; 0 if there was none. */
  readonly pid: number;
  readonly tid: number;
  /** Bytes as in the state layout. */
  readonly state: Uint8Array;
}

/** What a trace file must not be. The message names the place. */
export class TraceDamage extends UserError {}

/** What stands before a frame's data. */
export interface FrameHead {
  readonly kind: number;
  /** Bytes of the frame. */
  readonly bytes: number;
  readonly sum: number;
  readonly encoding: number;
  /** Bytes of the data before compression, and as stored. */
  readonly plain: number;
  readonly stored: number;
  /** Bytes before the data. */
  readonly dataAt: number;
  /** A key's, chunk's or end's; else 0. */
  readonly step: number;
  /** A chunk's or an end's. */
  readonly insns: number;
  readonly wanted: number;
  /** A key's. */
  readonly pc: number;
  readonly pid: number;
  readonly tid: number;
  /** An end's. */
  readonly reason: number;
}

/**
 * Reads a frame's head.
 * @param data begins with the frame
 * @returns undefined if there are too few bytes
 * @throws TraceDamage if it is none
 */
export function readFrameHead(data: Uint8Array, offset: number): FrameHead | undefined {
  if (data.length < FRAME_START) return undefined;
  const reader = new ByteReader(data);
  const kind = reader.fixed32();
  const bytes = reader.fixed32();
  const fields = FIELDS.get(kind);
  if (fields === undefined) throw new TraceDamage(`the trace file is damaged: there is no frame at byte ${offset}, where one should be`);
  const dataAt = FRAME_START + fields;
  if (data.length < dataAt) return undefined;
  const sum = reader.fixed32();
  const encoding = reader.fixed32();
  const plain = reader.fixed32();
  const stored = reader.fixed32();
  if (
    bytes !== dataAt + ((stored + 3) & -4) ||
    bytes > MAX_FRAME ||
    plain > MAX_FRAME ||
    encoding > Encoding.columns ||
    (encoding === Encoding.plain && plain !== stored)
  )
    throw new TraceDamage(`the trace file is damaged: the frame at byte ${offset} has impossible lengths`);
  const wide = (): number => {
    const lo = reader.fixed32();
    return fromHalves(lo, reader.fixed32());
  };
  const isChunk = kind === FrameKind.chunk;
  const isEnd = kind === FrameKind.end;
  const isKey = kind === FrameKind.key;
  return {
    kind,
    bytes,
    sum,
    encoding,
    plain,
    stored,
    dataAt,
    step: fields > 0 ? wide() : 0,
    insns: isChunk ? reader.fixed32() : isEnd ? wide() : 0,
    wanted: isChunk ? reader.fixed32() : isEnd ? wide() : 0,
    pc: isKey ? wide() : 0,
    pid: isKey ? reader.fixed32() : 0,
    tid: isKey ? reader.fixed32() : 0,
    reason: isEnd ? reader.fixed32() : 0,
  };
}

/** Appends a 64-bit number. */
export function writeNumber(out: ByteWriter, n: number): void {
  out.fixed32(n | 0);
  out.fixed32(high32(n));
}

/** The bytes before a file's first frame. */
export function fileStart(header: TraceHeader): Uint8Array {
  const json = utf8Bytes(JSON.stringify(header));
  while (json.length % 4 !== 0) json.push(0x20);
  const out = new ByteWriter();
  out.bytes(SIGNATURE);
  out.fixed32(TRACE_VERSION);
  out.fixed32(json.length);
  out.bytes(json);
  return out.copy();
}

/**
 * Reads what `fileStart` wrote.
 * @param data begins with the file
 * @returns undefined if there are too few bytes
 * @throws UserError if this is no trace file that this version reads
 */
export function readFileStart(data: Uint8Array): { readonly header: TraceHeader; readonly bytes: number } | undefined {
  if (SIGNATURE.some((byte, i) => i < data.length && data[i] !== byte)) {
    throw new UserError('this is not an everystep trace file (everystep trace writes them)');
  }
  if (data.length < FILE_START) return undefined;
  const reader = new ByteReader(data, SIGNATURE.length);
  const version = reader.fixed32();
  if (version !== TRACE_VERSION) throw new UserError(`the trace file has format version ${version}; this everystep reads version ${TRACE_VERSION}`);
  const length = reader.fixed32();
  if (length % 4 !== 0 || length > MAX_HEADER) throw new TraceDamage('the trace file is damaged: its header has an impossible length');
  if (data.length < FILE_START + length) return undefined;
  return { header: parseHeader(utf8Text(reader.bytes(length))), bytes: FILE_START + length };
}

function parseHeader(text: string): TraceHeader {
  try {
    const header = JSON.parse(text) as TraceHeader;
    if (typeof header.guest === 'string' && Array.isArray(header.registers)) return header;
  } catch {
    // Not JSON: as damaged as JSON without the fields.
  }
  throw new TraceDamage('the trace file is damaged: its header cannot be read');
}
