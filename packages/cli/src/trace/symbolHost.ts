import { readFileSync, writeSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { encodeText, type Host, LinuxError, type SymbolHost } from '@everystep/core';
import { hostErrorCode } from '../log/hostError.ts';
import { demangle } from './demangle.ts';

/** Node has it since 22.15. */
const zstd = (zlib as { readonly zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdDecompressSync;

/** Reads a file of this system; undefined where that cannot be. */
export function readHostFile(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (hostErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** Reads a file as a guest sees it: of a sandbox if it is in one. @returns undefined where it cannot be read */
export function readAsGuest(host: Host, path: string): Uint8Array | undefined {
  try {
    return host.readFile(encodeText(path));
  } catch (error) {
    if (error instanceof LinuxError) return undefined;
    throw error;
  }
}

/** Reads programs' files for their symbols. @param readFile of the system that they ran on */
export function symbolHost(readFile: SymbolHost['readFile'] = readHostFile): SymbolHost {
  return {
    readFile,
    decompress: (kind, bytes) => {
      try {
        return kind === 'zlib' ? zlib.inflateSync(bytes) : zstd?.(bytes);
      } catch {
        // Damaged: as if it were not there.
        return undefined;
      }
    },
    demangle,
    warn: (text) => {
      try {
        writeSync(2, `everystep: ${text}\n`);
      } catch {
        // Nobody reads it.
      }
    },
  };
}
