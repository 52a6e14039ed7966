import { readFileSync, writeSync } from 'node:fs';
import * as zlib from 'node:zlib';
import type { SymbolHost } from '@everystep/core';
import { hostErrorCode } from '../log/hostError.ts';
import { demangle } from './demangle.ts';

/** Node has it since 22.15. */
const zstd = (zlib as { readonly zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdDecompressSync;

/** Reads programs' files for their symbols. */
export function symbolHost(): SymbolHost {
  return {
    readFile(path) {
      try {
        return readFileSync(path);
      } catch (error) {
        if (hostErrorCode(error) === undefined) throw error;
        return undefined;
      }
    },
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
