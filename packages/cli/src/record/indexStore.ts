import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ByteReader, ByteWriter, INDEX_VERSION, type KeptIndex, type Timeline, UserError } from '@everystep/core';
import { writeAll } from '../host/writing.ts';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';
import { deflatePieces, fastCrc32, journalPath } from './recordingFolder.ts';

/** Bytes at the journal's start, where the sum of its header is, and at its end, that tell it from another. */
const ENDS = 64;
/** u32 version, u53 bytes of the journal in 8 bytes, u32 sum of its start and end. */
const HEAD = 16;

/** The file that keeps a recording's index: in its folder, or beside a packed one. */
const indexPath = (recording: string): string => (statSync(recording).isDirectory() ? join(recording, 'index') : `${recording}.index`);

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

/** Of each part in the directory: where it is (8 bytes), bytes in the file and unpacked, sum of the former (u32 each). */
const ENTRY_BYTES = 20;
/** u32 number of parts, u32 sum of the directory, which is before this. */
const FOOT = 8;

/**
 * Keeps a timeline's index beside the journal; says so where it cannot.
 *
 *     head  parts, deflated, the table last  directory  foot
 */
export function saveIndex(recording: string, timeline: Timeline): void {
  const path = indexPath(recording);
  const temporary = `${path}.${process.pid}`;
  try {
    const fd = openSync(temporary, 'w');
    try {
      writeAll(fd, headOf(recording));
      const directory = new ByteWriter(4096);
      let at = HEAD;
      let parts = 0;
      for (const part of timeline.save()) {
        const packed = deflatePieces.compress(part);
        writeAll(fd, packed);
        directory.fixed64(BigInt(at));
        for (const word of [packed.length, part.length, fastCrc32(packed)]) directory.fixed32(word);
        at += packed.length;
        parts++;
      }
      const sum = fastCrc32(directory.view());
      directory.fixed32(parts);
      directory.fixed32(sum);
      writeAll(fd, directory.view());
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    if (hostErrorCode(error) === undefined) throw error;
    writeSync(2, `everystep: cannot keep the index '${path}': ${hostErrorText(error)}; the next question goes through the recording again\n`);
    rmSync(temporary, { force: true });
  }
}

/** The index that was kept; undefined if there is none of this journal, or it is cut short. */
export function loadIndex(recording: string): KeptIndex | undefined {
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

function openIndex(fd: number, path: string): KeptIndex | undefined {
  const { size } = fstatSync(fd);
  if (size < HEAD + FOOT) return undefined;
  const foot = new ByteReader(bytesAt(fd, size - FOOT, FOOT));
  const parts = foot.fixed32();
  const start = size - FOOT - parts * ENTRY_BYTES;
  if (parts === 0 || start < HEAD) return undefined;
  const directory = bytesAt(fd, start, parts * ENTRY_BYTES);
  if (fastCrc32(directory) !== foot.fixed32()) return undefined;
  const part = (number: number): Uint8Array | undefined => {
    const entry = new ByteReader(directory, number * ENTRY_BYTES);
    const at = Number(entry.fixed64());
    const [packed, plain, sum] = [entry.fixed32(), entry.fixed32(), entry.fixed32()];
    const bytes = bytesAt(fd, at, packed);
    return bytes.length === packed && fastCrc32(bytes) === sum ? deflatePieces.decompress(bytes, plain) : undefined;
  };
  const table = part(parts - 1);
  if (table === undefined) return undefined;
  return {
    table,
    part: (number) => {
      const bytes = part(number);
      if (bytes === undefined) throw new UserError(`${path}: the index is damaged; remove it, and the next question makes it anew`);
      return bytes;
    },
  };
}

/** @returns fewer bytes at the file's end */
function bytesAt(fd: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, length === 0 ? 0 : readSync(fd, bytes, 0, length, at));
}
