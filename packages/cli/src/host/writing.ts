import { mkdirSync, statSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hostErrorCode } from '../log/hostError.ts';

const RETRY_MILLISECONDS = 1;

/**
 * Makes a folder, and those above it that there are not. Node's own tries for ever where there can be none, as in /proc.
 * @returns those that it has made, the outermost first @throws the host's error
 */
export function makeFolder(path: string): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return [];
  const above = dirname(resolve(path));
  const made = statSync(above, { throwIfNoEntry: false }) === undefined ? makeFolder(above) : [];
  mkdirSync(path);
  return [...made, path];
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
