import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ByteReader, ByteWriter, crc32, INDEX_VERSION, type Timeline } from '@everystep/core';
import { hostErrorCode } from '../log/hostError.ts';
import { writeAll } from '../trace/outputFile.ts';
import { deflate, journalPath } from './recordingFolder.ts';

/** Bytes at the journal's end that tell it from another. */
const TAIL = 64;
/** u32 version, u53 bytes of the journal in 8 bytes, u32 sum of its end. */
const HEAD = 16;

const indexPath = (recording: string): string | undefined => (statSync(recording).isDirectory() ? join(recording, 'index') : undefined);

/** What tells for which journal an index was made. */
function headOf(recording: string): Uint8Array {
  const fd = openSync(journalPath(recording), 'r');
  try {
    const { size } = fstatSync(fd);
    const tail = new Uint8Array(Math.min(TAIL, size));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    const out = new ByteWriter(HEAD);
    out.fixed32(INDEX_VERSION);
    out.fixed32(size % 0x1_0000_0000);
    out.fixed32(Math.floor(size / 0x1_0000_0000));
    out.fixed32(crc32(tail));
    return out.copy();
  } finally {
    closeSync(fd);
  }
}

/** Keeps a timeline's index beside the journal, where it can. A packed recording has no place for one. */
export function saveIndex(recording: string, timeline: Timeline): void {
  const path = indexPath(recording);
  if (path === undefined) return;
  const temporary = `${path}.${process.pid}`;
  try {
    const fd = openSync(temporary, 'w');
    try {
      writeAll(fd, headOf(recording));
      for (const part of timeline.save()) {
        const packed = deflate.compress(part);
        const head = new ByteWriter(8);
        head.fixed32(part.length);
        head.fixed32(packed.length);
        writeAll(fd, head.view());
        writeAll(fd, packed);
      }
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    // A folder that cannot be written: the next question goes through the run again.
    if (hostErrorCode(error) === undefined) throw error;
    rmSync(temporary, { force: true });
  }
}

/** The parts of the index that was kept; undefined if there is none of this journal. */
export function loadIndex(recording: string): Iterable<Uint8Array> | undefined {
  const path = indexPath(recording);
  if (path === undefined) return undefined;
  try {
    const fd = openSync(path, 'r');
    const head = new Uint8Array(HEAD);
    readSync(fd, head, 0, HEAD, 0);
    if (headOf(recording).every((byte, i) => byte === head[i])) return partsOf(fd);
    closeSync(fd);
  } catch (error) {
    if (hostErrorCode(error) === undefined) throw error;
  }
  return undefined;
}

function* partsOf(fd: number): Generator<Uint8Array> {
  try {
    const { size } = fstatSync(fd);
    for (let at = HEAD; at < size; ) {
      const head = new Uint8Array(8);
      readSync(fd, head, 0, 8, at);
      const reader = new ByteReader(head);
      const [plain, packed] = [reader.fixed32(), reader.fixed32()];
      const bytes = new Uint8Array(packed);
      if (readSync(fd, bytes, 0, packed, at + 8) < packed) throw new Error('the index ends within a part');
      yield deflate.decompress(bytes, plain);
      at += 8 + packed;
    }
  } finally {
    closeSync(fd);
  }
}
