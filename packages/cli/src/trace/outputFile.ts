import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';

const STDOUT = 1;
const RETRY_MILLISECONDS = 1;

/** A file that a trace goes to. Its number may be handed to a worker, which shares the process's files. */
export interface OutputFile {
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

/** @throws the host's error, late: some disks tell of being full here only */
export function closeOutput({ fd }: OutputFile): void {
  if (fd !== STDOUT) closeSync(fd);
}

/** Writes all of `bytes`; waits where the file, being a non-blocking pipe, takes no more at the moment. @throws the host's error */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (hostErrorCode(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
    }
  }
}

/** Bytes in the file; undefined if it is none on a disk, or cannot be seen. */
export function outputSize({ fd, name }: OutputFile): number | undefined {
  const stat = fd === STDOUT ? fstatSync(fd) : statSync(name, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : undefined;
}
