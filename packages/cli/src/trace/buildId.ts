import { closeSync, openSync, readSync } from 'node:fs';
import { buildIdOf, ElfFile, UserError } from '@everystep/core';
import { hostErrorCode } from '../log/hostError.ts';

/** Linkers put the headers and the note at the file's beginning. */
const BEGINNING = 0x1_0000;

/** Gives the build-id of a file in hexadecimal, or '' where it has none or cannot be read. What has been asked once is remembered. @param readFile default: of the host's, as little as that takes */
export function buildIdReader(readFile: (path: string) => Uint8Array | undefined = readBeginning): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    let id = known.get(path);
    if (id === undefined) {
      id = idOf(readFile(path), path);
      known.set(path, id);
    }
    return id;
  };
}

/** The beginning of a file of the host's; undefined where it cannot be read. */
function readBeginning(path: string): Uint8Array | undefined {
  try {
    const bytes = new Uint8Array(BEGINNING);
    const fd = openSync(path, 'r');
    try {
      return bytes.subarray(0, readSync(fd, bytes));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (hostErrorCode(error) !== undefined) return undefined;
    throw error;
  }
}

function idOf(bytes: Uint8Array | undefined, path: string): string {
  try {
    return bytes === undefined ? '' : buildIdOf(new ElfFile(bytes.subarray(0, BEGINNING), path));
  } catch (error) {
    if (error instanceof UserError) return '';
    throw error;
  }
}
