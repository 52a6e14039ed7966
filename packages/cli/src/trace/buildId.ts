import { closeSync, openSync, readSync } from 'node:fs';
import { buildIdOf, ElfFile, UserError } from '@everystep/core';
import { hostErrorCode } from '../log/hostError.ts';

/** Linkers put the headers and the note at the file's beginning. */
const BEGINNING = 0x1_0000;

/** Gives the build-id of a file in hexadecimal, or '' where it has none or cannot be read. What has been asked once is remembered. */
export function buildIdReader(): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    let id = known.get(path);
    if (id === undefined) {
      id = read(path);
      known.set(path, id);
    }
    return id;
  };
}

function read(path: string): string {
  try {
    const bytes = new Uint8Array(BEGINNING);
    const fd = openSync(path, 'r');
    try {
      return buildIdOf(new ElfFile(bytes.subarray(0, readSync(fd, bytes)), path));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof UserError || hostErrorCode(error) !== undefined) return '';
    throw error;
  }
}
