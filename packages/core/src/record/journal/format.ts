import { ByteReader, ByteWriter, crc32, fromHalves, high32, UserError, utf8Bytes, utf8Text } from '../../base/index.ts';
import type { TraceHeader } from '../../trace/index.ts';

/**
 * The journal of a run: all that came to the guest from outside. docs/recording-files.md tells what must hold in
 * one. Numbers are little-endian; everything is aligned to 4 bytes.
 *
 *     file    "\x89ERC\r\n\x1a\n"  u32 version  u32 bytes of the header  u32 CRC-32 of it  header: JSON, filled up with blanks to 4 n bytes
 *             then frames
 *     frame   u32 kind  u32 bytes of the data as stored  u32 bytes of it before compression  u32 CRC-32 of what follows
 *             u64 step  u64 last step  the data as stored, filled up with zeros to 4 n bytes
 *
 *     kind    step, last step                         data
 *     "ENTS"  of the entry before, of the last entry  entries (entries.ts), told by each other (entryCode.ts)
 *     "ENTR"  the same                                entries as they are, in journals of version 2 and before
 *     "CONT"  0, 0                                    bytes that entries write to memory; numbered from 0 in the file's order
 *     "FILE"  0, 0                                    a file of the recorded system, as it was when the recording was packed: programs
 *                                                     and libraries, for their symbols; the n-th is the n-th of the header's `files`
 *     "DONE"  of the end, twice                       JSON: how the run ended (RunEnd)
 *
 * Data is compressed, as the header's `compression` says, where that makes it shorter: then it is stored in fewer bytes than it
 * has. A journal is incomplete until "DONE" is written: whoever wrote it was interrupted, and part of the last frame may be missing;
 * the rest can be replayed.
 */
export const SIGNATURE = Uint8Array.of(0x89, 0x45, 0x52, 0x43, 0x0d, 0x0a, 0x1a, 0x0a);
export const JOURNAL_VERSION = 4;
/**
 * Journals of version 1 have no ops from `threadStart` on, those of versions 1 and 2 no frames "ENTS", and those before version 4 no
 * sums of single registers.
 */
const OLDEST_VERSION = 1;
/** Bytes of a file before its header. */
export const FILE_START = 20;
/** Bytes of a frame before its data. */
export const FRAME_START = 32;
/** No frame of ours is longer. */
export const MAX_FRAME = 0x1000_0000;
const MAX_HEADER = 0x100_0000;

/** Frames' kinds, four letters each. */
export const FrameKind = { entries: 0x5354_4e45, plainEntries: 0x5254_4e45, contents: 0x544e_4f43, file: 0x454c_4946, end: 0x454e_4f44 } as const;

/** What a recording says of itself. */
export interface RecordingHeader {
  /** Guest.name. */
  readonly guest: string;
  readonly cpu: string;
  /** Of the everystep that made it. */
  readonly version: string;
  /** What that ran on, with versions; undefined in recordings of before this was kept. */
  readonly runtime?: string;
  /** The program's file. */
  readonly program: string;
  readonly argv: readonly string[];
  /** The program's environment, NAME=value each. */
  readonly environment: readonly string[];
  readonly workingDirectory: string;
  /** When it began: milliseconds since 1970. */
  readonly began: number;
  /** Most bytes of memory that all processes had at a time; undefined: what the machine could hold. */
  readonly memoryLimit?: number;
  /** The state layout, in order. */
  readonly registers: TraceHeader['registers'];
  /** How frames' data is compressed: 'deflate' (RFC 1951), which is meant where nothing is said, or 'brotli' (RFC 7932). */
  readonly compression?: 'deflate' | 'brotli';
  /** Paths of the files that are in the recording. */
  readonly files?: readonly string[];
}

/** How a recorded run ended. */
export type RunEnd =
  | { readonly kind: 'exit'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: number; readonly fault?: RecordedFault }
  /** A limit, or the user, ended it. */
  | { readonly kind: 'stopped'; readonly why: string };

/** The instruction that ended a run. */
export interface RecordedFault {
  /** si_code */
  readonly code: number;
  /** si_addr, in hexadecimal. */
  readonly address: string;
  readonly pc: number;
  /** What Linux calls it. */
  readonly text: string;
}

/** A file that is no recording, or is damaged. The message says where and what can be done. */
export class RecordingDamage extends UserError {}

export interface FrameHead {
  readonly kind: number;
  readonly stored: number;
  readonly plain: number;
  readonly sum: number;
  readonly step: number;
  readonly lastStep: number;
  /** Of the frame. */
  readonly bytes: number;
}

const padded = (bytes: number): number => (bytes + 3) & -4;

function wide(out: ByteWriter, n: number): void {
  out.fixed32(n | 0);
  out.fixed32(high32(n));
}

/** The bytes before a file's first frame. */
export function fileStart(header: RecordingHeader): Uint8Array {
  const json = utf8Bytes(JSON.stringify(header));
  while (json.length % 4 !== 0) json.push(0x20);
  const out = new ByteWriter();
  out.bytes(SIGNATURE);
  out.fixed32(JOURNAL_VERSION);
  out.fixed32(json.length);
  out.fixed32(crc32(Uint8Array.from(json)));
  out.bytes(json);
  return out.copy();
}

/** A frame in three parts, one behind the other: so its data need not be copied. The last may be empty. */
export type FrameParts = readonly [head: Uint8Array, stored: Uint8Array, zeros: Uint8Array];

/**
 * @param stored the data, compressed or, with as many bytes as `plain` says, as it is
 * @param sum CRC-32, where the host has a faster one
 */
export function frameParts(
  kind: number,
  { step, lastStep }: { readonly step: number; readonly lastStep: number },
  plain: number,
  stored: Uint8Array,
  sum = crc32,
): FrameParts {
  const zeros = new Uint8Array(padded(stored.length) - stored.length);
  const steps = new ByteWriter(16);
  wide(steps, step);
  wide(steps, lastStep);
  const head = new ByteWriter(FRAME_START);
  head.fixed32(kind);
  head.fixed32(stored.length);
  head.fixed32(plain);
  head.fixed32(sum(zeros, sum(stored, sum(steps.view(), 0))));
  head.append(steps);
  return [head.view(), stored, zeros];
}

/**
 * Reads what `fileStart` wrote.
 * @param data begins with the file; FILE_START bytes suffice to learn how many more it takes
 * @throws UserError if this is no recording that this version reads
 */
export function readFileStart(data: Uint8Array): { readonly bytes: number; readonly header: RecordingHeader | undefined } {
  if (data.length < FILE_START || SIGNATURE.some((byte, i) => data[i] !== byte)) throw new UserError('this is no recording (everystep record makes them)');
  const reader = new ByteReader(data, SIGNATURE.length);
  const version = reader.fixed32();
  if (version < OLDEST_VERSION || version > JOURNAL_VERSION)
    throw new UserError(`the recording has format version ${version}; this everystep reads versions ${OLDEST_VERSION} to ${JOURNAL_VERSION}`);
  const length = reader.fixed32();
  if (length % 4 !== 0 || length > MAX_HEADER) throw new RecordingDamage('the recording is damaged: its header has an impossible length');
  const sum = reader.fixed32();
  if (data.length < FILE_START + length) return { bytes: FILE_START + length, header: undefined };
  const header = reader.bytes(length);
  if (crc32(header) !== sum) throw new RecordingDamage('the recording is damaged: its header does not have the sum that it should have');
  return { bytes: FILE_START + length, header: parseHeader(utf8Text(header)) };
}

function parseHeader(text: string): RecordingHeader {
  try {
    const header = JSON.parse(text) as RecordingHeader;
    if (typeof header.guest === 'string' && Array.isArray(header.registers)) return header;
  } catch {
    // Not JSON: as damaged as JSON without the fields.
  }
  throw new RecordingDamage('the recording is damaged: its header cannot be read');
}

/**
 * Reads a frame's head.
 * @param data begins with the frame
 * @returns undefined if there are too few bytes: the writer was interrupted
 * @throws RecordingDamage if it is none
 */
export function readFrameHead(data: Uint8Array, offset: number): FrameHead | undefined {
  if (data.length < FRAME_START) return undefined;
  const reader = new ByteReader(data);
  const kind = reader.fixed32();
  const stored = reader.fixed32();
  const plain = reader.fixed32();
  const sum = reader.fixed32();
  const number = (): number => {
    const lo = reader.fixed32();
    return fromHalves(lo, reader.fixed32());
  };
  if (!(Object.values(FrameKind) as number[]).includes(kind))
    throw new RecordingDamage(`the recording is damaged: there is no frame at byte ${offset}, where one should be`);
  if (stored > plain || plain > MAX_FRAME) throw new RecordingDamage(`the recording is damaged: the frame at byte ${offset} has impossible lengths`);
  return { kind, stored, plain, sum, step: number(), lastStep: number(), bytes: FRAME_START + padded(stored) };
}
