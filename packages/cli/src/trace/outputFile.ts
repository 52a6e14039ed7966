import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PACKED_FORMATS, type Rewrite, UserError } from '@everystep/core';
import { makeFolder, writeAll } from '../host/writing.ts';
import { hostErrorText } from '../log/hostError.ts';

const STDOUT = 1;
const PIECE = 0x10_0000;

/** A file that a trace goes to. Its number may be handed to a worker, which shares the process's files. */
export interface OutputFile {
  /** -1 for a folder, nothing, or a file that only the worker has open. */
  readonly fd: number;
  /** What messages call it. */
  readonly name: string;
}

/** Creates or empties the file. @param path `-`: standard output @throws UserError if it cannot be opened */
export function openOutput(path: string): OutputFile {
  if (path === '-') return { fd: STDOUT, name: 'standard output' };
  try {
    return { fd: openSync(path, 'w'), name: path };
  } catch (error) {
    throw new UserError(`cannot write '${path}': ${hostErrorText(error)}`);
  }
}

/** A file that can be made of parts of what it is. Opens it anew; the one who has it open may go on to do so, and sees what was. */
export class RewritableFile {
  private fd: number;

  /** @throws the host's error */
  constructor(private readonly path: string) {
    this.fd = openSync(path, 'r+');
  }

  /** Appends. @throws the host's error */
  write(parts: readonly Uint8Array[]): void {
    for (const part of parts) writeAll(this.fd, part);
  }

  /** Becomes parts of what it was and new bytes, in order. Whoever reads it meanwhile, or after a crash, finds what was or what is then. @throws the host's error */
  rewrite(parts: Parameters<Rewrite>[0]): void {
    const path = `${this.path}.part`;
    const fd = openSync(path, 'w+');
    try {
      for (const part of parts) {
        if (part instanceof Uint8Array) writeAll(fd, part);
        else this.copy(part, fd);
      }
      renameSync(path, this.path);
    } catch (error) {
      closeSync(fd);
      rmSync(path, { force: true });
      throw error;
    }
    closeSync(this.fd);
    this.fd = fd;
  }

  /** Appends a part of it to another file. */
  private copy({ start, end }: { readonly start: number; readonly end: number }, to: number): void {
    const piece = new Uint8Array(Math.min(PIECE, end - start));
    for (let at = start; at < end; ) {
      const count = readSync(this.fd, piece, 0, Math.min(PIECE, end - at), at);
      if (count === 0) throw new Error(`${this.path} has been cut off by somebody else`);
      writeAll(to, piece.subarray(0, count));
      at += count;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Creates a folder for the files of a format, if it is not there. @throws UserError if it cannot be created */
export function openFolder(path: string): OutputFile {
  if (path === '-') throw new UserError('this format is a folder of files, which cannot go to standard output: name one with -o');
  try {
    makeFolder(path);
    return { fd: -1, name: path };
  } catch (error) {
    throw new UserError(`cannot make the folder '${path}': ${hostErrorText(error)}`);
  }
}

/** Begins a file in a folder. @returns appends to it; throws the host's error */
export function fileIn(folder: string, name: string): (bytes: Uint8Array) => void {
  const path = join(folder, name);
  writeFileSync(path, '');
  return (bytes) => appendFileSync(path, bytes);
}

/** What writes a format's bytes to a file. */
export function formatWriter({ fd }: Pick<OutputFile, 'fd'>, format: string): (bytes: Uint8Array) => void {
  return PACKED_FORMATS.has(format) ? (bytes) => writeAll(fd, gzipSync(bytes)) : (bytes) => writeAll(fd, bytes);
}

/** @throws the host's error, late: some disks tell of being full here only */
export function closeOutput({ fd }: OutputFile): void {
  if (fd > STDOUT) closeSync(fd);
}

/** Leaves the file to those who know its name. @throws the host's error */
export function closedOutput(output: OutputFile): OutputFile {
  closeOutput(output);
  return { ...output, fd: -1 };
}

/** False if somebody has removed the file, or folder. */
export const isThere = ({ fd, name }: OutputFile): boolean => fd === STDOUT || existsSync(name);

/** Bytes in the file; undefined if it is none on a disk, or cannot be seen. */
export function outputSize({ fd, name }: OutputFile): number | undefined {
  const stat = fd === STDOUT ? fstatSync(fd) : statSync(name, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : undefined;
}
