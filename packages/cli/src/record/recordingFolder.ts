import { closeSync, constants, existsSync, fstatSync, ftruncateSync, openSync, readSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { deflateRawSync, inflateRawSync, constants as zlibConstants } from 'node:zlib';
import { type Compression, crc32, JournalReader, type JournalSink, RECORDING_SIGNATURE, readRecordingHeader, UserError } from '@everystep/core';
import { milliseconds } from '../host/clock.ts';
import { makeFolder, writeAll } from '../host/writing.ts';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';
import { strongBrotli } from '../trace/compression.ts';

/** Where `record` writes, and others read, without a name. */
export const DEFAULT_RECORDING = 'recording';
/** The journal's file in a recording's folder. */
const JOURNAL = 'journal';

/**
 * Deflate, which the core undoes itself in browsers.
 * @param level 1, fast, to 9; in blocks as large as they can be, which is fastest, too
 * @param room how far back is looked, 2^n bytes, and how much memory is made ready for each call, 1 to 9
 */
const deflateOf = (level: number, room: { windowBits: number; memLevel: number; strategy?: number } = { windowBits: 15, memLevel: 9 }): Compression => ({
  compress: (bytes) => deflateRawSync(bytes, { level, ...room, chunkSize: 0x1_0000 }),
  decompress(bytes, length) {
    // All at once, as the pieces would be put together by copying.
    const plain = inflateRawSync(bytes, { maxOutputLength: Math.max(length, 1), chunkSize: Math.max(length, 64) });
    if (plain.length !== length) throw new Error(`${plain.length} bytes were compressed, where ${length} should be`);
    return plain;
  },
});

/** For what is compressed while a program runs. */
export const deflate = deflateOf(1);

/** Bytes at a piece's start by which it is seen whether deflate makes it shorter, and what must be left of them then. */
const TRIED = 2048;
const WORTH = 0.75;
/** The same, for many pieces of some 32 KB, in three quarters of the time. */
const fastDeflate = deflateOf(1, { windowBits: 14, memLevel: 7 });
const storing = deflateOf(0, { windowBits: 14, memLevel: 7 });

/** For numbers of which none follows from those before, in half of the time. */
const countingDeflate = deflateOf(1, { windowBits: 15, memLevel: 9, strategy: zlibConstants.Z_HUFFMAN_ONLY });
/** Bytes of a long piece, and of what is tried of it. */
const LONG = 1 << 20;
const TRIED_OF_LONG = 1 << 17;

/** Deflate for pieces of which many hardly become shorter: they are left as they are, as that takes a tenth of the time. */
export const deflatePieces: Compression = {
  compress(bytes) {
    if (bytes.length >= LONG) {
      const some = bytes.subarray(bytes.length / 2, bytes.length / 2 + TRIED_OF_LONG);
      const [long, short] = [fastDeflate, countingDeflate].map((each) => each.compress(some).length);
      return (short <= long ? countingDeflate : fastDeflate).compress(bytes);
    }
    const isWorthIt = bytes.length < 2 * TRIED || fastDeflate.compress(bytes.subarray(0, TRIED)).length < WORTH * TRIED;
    return (isWorthIt ? fastDeflate : storing).compress(bytes);
  },
  decompress: fastDeflate.decompress,
};

/** How recordings can be packed. */
export const PACKING = { brotli: strongBrotli, deflate: deflateOf(9) } as const;

/** A recording that is being made. */
export interface NewRecording {
  readonly sink: JournalSink;
  /** The program has been loaded: what has been written so far goes to the file, and what follows. */
  begin(): void;
  close(): void;
  /** Instead of `begin`: there will be none, and what has been made for it is removed. */
  abandon(): void;
}

/** Node has it from versions 20.15 and 22.2 on. */
const nativeCrc32: ((data: Uint8Array, before?: number) => number) | undefined = zlib.crc32;
/** The host's, or ours. */
export const fastCrc32 = nativeCrc32 ?? crc32;

function readAgain(fd: number, offset: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  try {
    return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined;
  } catch {
    // Then the contents are written again.
    return undefined;
  }
}

/** Makes the folder. A journal that is there is lost when the new one begins, and no sooner. @throws UserError if that fails */
export function createRecording(folder: string): NewRecording {
  try {
    const made = makeFolder(folder);
    const journal = join(folder, JOURNAL);
    const isNew = !existsSync(journal);
    const fd = openSync(journal, constants.O_RDWR | constants.O_CREAT, 0o666);
    /** What has been written before it begins. */
    let held: Uint8Array[] | undefined = [];
    const sink: JournalSink = {
      write(bytes) {
        if (held === undefined) writeAll(fd, bytes);
        else held.push(bytes.slice());
      },
      read: (offset, length) => (held === undefined ? readAgain(fd, offset, length) : undefined),
      compression: deflate,
      equal: (a, b) => Buffer.compare(a, b) === 0,
      ...(nativeCrc32 === undefined ? {} : { crc32: nativeCrc32 }),
      now: milliseconds,
    };
    const begin = (): void => {
      ftruncateSync(fd);
      for (const bytes of held ?? []) writeAll(fd, bytes);
      held = undefined;
    };
    const abandon = (): void => {
      closeSync(fd);
      if (!isNew) return;
      try {
        rmSync(journal);
        for (const each of [...made].reverse()) rmdirSync(each);
      } catch (error) {
        // Somebody else has put something there.
        if (hostErrorCode(error) === undefined) throw error;
      }
    };
    return { sink, begin, close: () => closeSync(fd), abandon };
  } catch (error) {
    const isFile = hostErrorCode(error) === 'EEXIST';
    throw new UserError(`cannot make the recording '${folder}': ${isFile ? 'it is a file: name a folder' : hostErrorText(error)}`);
  }
}

/** The file with a recording's journal. Throws the host's error if there is no recording. */
export const journalPath = (path: string): string => (statSync(path).isDirectory() ? join(path, JOURNAL) : path);

/** Opens a recording: its folder, or what `everystep pack` has made of it. @throws UserError if it is none */
export function openRecording(path: string): JournalReader {
  let fd: number;
  try {
    fd = openSync(journalPath(path), 'r');
  } catch (error) {
    throw new UserError(`cannot read the recording '${path}': ${hostErrorText(error)}; everystep record -o ${path} PROGRAM makes it`);
  }
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  };
  const compression = readRecordingHeader({ read }).header.compression === 'brotli' ? strongBrotli : deflate;
  return new JournalReader({ size: fstatSync(fd).size, read, compression });
}

/** Whether something is a recording, and not a trace: a folder, or a file that begins as recordings do. False where it cannot be read. */
export function isRecording(path: string): boolean {
  try {
    const stat = statSync(path);
    // Pipes can be read once.
    return stat.isDirectory() || (stat.isFile() && beginsAsRecording(path));
  } catch (error) {
    if (hostErrorCode(error) === undefined) throw error;
    return false;
  }
}

function beginsAsRecording(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(RECORDING_SIGNATURE.length);
    readSync(fd, bytes);
    return RECORDING_SIGNATURE.every((byte, i) => bytes[i] === byte);
  } finally {
    closeSync(fd);
  }
}
