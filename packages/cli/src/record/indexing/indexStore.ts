import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ByteReader, ByteWriter, INDEX_VERSION, type KeptIndex, UserError } from '@everystep/core';
import { writeAll } from '../../host/writing.ts';
import { hostErrorCode, hostErrorText } from '../../log/hostError.ts';
import { Interrupts } from '../../trace/interrupts.ts';
import { fastCrc32, journalPath } from '../recordingFolder.ts';
import { type PackedPiece, unpackPiece } from './packedPieces.ts';

/** Bytes at the journal's start, where the sum of its header is, and at its end, that tell it from another. */
const ENDS = 64;
/** u32 version, u53 bytes of the journal in 8 bytes, u32 sum of its start and end. */
const HEAD = 16;

/** The file that keeps a recording's index: in its folder, or beside a packed one. */
export const indexPath = (recording: string): string => (statSync(recording).isDirectory() ? join(recording, 'index') : `${recording}.index`);

/** What tells for which journal an index was made. */
function headOf(recording: string): Uint8Array {
  const fd = openSync(journalPath(recording), 'r');
  try {
    const { size } = fstatSync(fd);
    const ends = new Uint8Array(2 * Math.min(ENDS, size));
    readSync(fd, ends, 0, ends.length / 2, 0);
    readSync(fd, ends, ends.length / 2, ends.length / 2, size - ends.length / 2);
    const out = new ByteWriter(HEAD);
    out.fixed32(INDEX_VERSION);
    out.fixed32(size % 0x1_0000_0000);
    out.fixed32(Math.floor(size / 0x1_0000_0000));
    out.fixed32(fastCrc32(ends));
    return out.copy();
  } finally {
    closeSync(fd);
  }
}

/** Of each piece in the directory: where it is (8 bytes), bytes in the file and unpacked, sum of the former (u32 each). */
const ENTRY_BYTES = 20;
/** u32 number of parts, u32 sum of the directory, which is before this. */
const FOOT = 8;
/** So many pieces are written between two looks at whether somebody has ended the process. */
const PIECES_AT_ONCE = 64;

/** The pieces of the index of each part of the run. */
export type IndexPieces = readonly Iterable<PackedPiece>[];

/**
 * Writes an index, and stops now and then while it does.
 *
 *     head  pieces of the first part, its table last, of the others  directory: entries of all pieces  u32 number of each part's  foot
 */
function* writing(fd: number, recording: string, parts: IndexPieces): Generator<undefined> {
  writeAll(fd, headOf(recording));
  const directory = new ByteWriter(4096);
  let at = HEAD;
  const counts: number[] = [];
  for (const pieces of parts) {
    let count = 0;
    for (const { bytes, plainBytes, sum } of pieces) {
      writeAll(fd, bytes);
      directory.fixed64(BigInt(at));
      for (const word of [bytes.length, plainBytes, sum]) directory.fixed32(word);
      at += bytes.length;
      if (++count % PIECES_AT_ONCE === 0) yield;
    }
    counts.push(count);
  }
  for (const count of counts) directory.fixed32(count);
  const sum = fastCrc32(directory.view());
  directory.fixed32(counts.length);
  directory.fixed32(sum);
  writeAll(fd, directory.view());
}

/** An index that is being written: nobody sees it before it is whole. */
class NewIndex {
  private readonly path: string;
  private readonly temporary: string;

  constructor(private readonly recording: string) {
    this.path = indexPath(recording);
    this.temporary = `${this.path}.${process.pid}`;
  }

  /** @yields now and then; who goes on no more has nothing left of it. @returns what went wrong */
  *write(parts: IndexPieces): Generator<undefined, string | undefined> {
    const { path, temporary, recording } = this;
    let isWhole = false;
    try {
      const fd = openSync(temporary, 'w');
      try {
        yield* writing(fd, recording, parts);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, path);
      isWhole = true;
      return undefined;
    } catch (error) {
      if (hostErrorCode(error) === undefined) throw error;
      return `cannot keep the index '${path}': ${hostErrorText(error)}`;
    } finally {
      if (!isWhole) rmSync(temporary, { force: true });
    }
  }
}

function tellFailure(failure: string | undefined): void {
  if (failure !== undefined) writeSync(2, `everystep: ${failure}; the next question goes through the recording again\n`);
}

/** Keeps an index beside the journal, all at once; says so where it cannot. */
export function saveIndexNow(recording: string, parts: IndexPieces): void {
  const steps = new NewIndex(recording).write(parts);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  tellFailure(step.value);
}

/** The same; a signal that ends the process meanwhile leaves nothing of it. */
export async function saveIndex(recording: string, parts: IndexPieces): Promise<void> {
  const interrupts = new Interrupts(() => false);
  const steps = new NewIndex(recording).write(parts);
  try {
    for (;;) {
      const step = steps.next();
      await new Promise(setImmediate);
      if (interrupts.signal !== undefined) steps.return(undefined);
      else if (step.done !== true) continue;
      tellFailure(step.value);
      break;
    }
  } finally {
    interrupts.letThrough();
  }
  if (interrupts.signal !== undefined) process.kill(process.pid, interrupts.signal);
}

/** The index that was kept, of each part of the run; undefined if there is none of this journal, or it is cut short. */
export function loadIndex(recording: string): readonly KeptIndex[] | undefined {
  const path = indexPath(recording);
  try {
    const fd = openSync(path, 'r');
    const head = bytesAt(fd, 0, HEAD);
    const index = headOf(recording).every((byte, i) => byte === head[i]) ? openIndex(fd, path) : undefined;
    // Else it stays open for as long as pages may be asked for.
    if (index === undefined) closeSync(fd);
    return index;
  } catch (error) {
    if (hostErrorCode(error) === undefined) throw error;
  }
  return undefined;
}

function openIndex(fd: number, path: string): readonly KeptIndex[] | undefined {
  const { size } = fstatSync(fd);
  if (size < HEAD + FOOT) return undefined;
  const foot = new ByteReader(bytesAt(fd, size - FOOT, FOOT));
  const parts = foot.fixed32();
  const end = size - FOOT - 4 * parts;
  if (parts === 0 || end < HEAD) return undefined;
  const ofCounts = new ByteReader(bytesAt(fd, end, 4 * parts));
  const counts = Array.from({ length: parts }, () => ofCounts.fixed32());
  const start = end - ENTRY_BYTES * counts.reduce((sum, count) => sum + count, 0);
  if (start < HEAD || counts.includes(0)) return undefined;
  const directory = bytesAt(fd, start, size - FOOT - start);
  if (fastCrc32(directory) !== foot.fixed32()) return undefined;
  const read = (number: number): Uint8Array | undefined => {
    const entry = new ByteReader(directory, number * ENTRY_BYTES);
    const at = Number(entry.fixed64());
    const [packed, plainBytes, sum] = [entry.fixed32(), entry.fixed32(), entry.fixed32()];
    const bytes = bytesAt(fd, at, packed);
    return bytes.length === packed ? unpackPiece({ bytes, plainBytes, sum }) : undefined;
  };
  const kept: KeptIndex[] = [];
  let first = 0;
  for (const count of counts) {
    const from = first;
    first += count;
    const table = read(first - 1);
    if (table === undefined) return undefined;
    const part = (number: number): Uint8Array => {
      const bytes = read(from + number);
      if (bytes === undefined) throw new UserError(`${path}: the index is damaged; remove it, and the next question makes it anew`);
      return bytes;
    };
    kept.push({ table, part });
  }
  return kept;
}

/** @returns fewer bytes at the file's end */
function bytesAt(fd: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, length === 0 ? 0 : readSync(fd, bytes, 0, length, at));
}
