import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { Compression } from '@everystep/core';

const LARGEST_WINDOW = 24;
/** Bytes that zlib gives at a time: each piece is a call, an allocation and a copy. */
const PIECE = 0x4_0000;
/** zlib takes no smaller pieces. */
const LEAST = 64;

/** @param quality 0 to 11 @param window bits of the bytes that it looks back */
function brotliOf(quality: number, window: number): Compression {
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: window };
  return {
    compress: (bytes) => brotliCompressSync(bytes, { params, chunkSize: PIECE }),
    decompress(bytes, length) {
      const plain = brotliDecompressSync(bytes, { maxOutputLength: Math.max(length, 1), chunkSize: Math.max(length, LEAST) });
      if (plain.length !== length) throw new Error(`${plain.length} bytes were compressed, where ${length} should be`);
      return plain;
    },
  };
}

/**
 * Compression of trace files: Brotli at its fastest. Node has zstd from version 22.15 on only; on columns Brotli's quality 1 gives the
 * same sizes as zstd's level 1, as fast, and files can be read by every Node.
 */
export const brotli = brotliOf(1, 22);

/** For what is compressed once and kept: some megabytes a second. */
export const strongBrotli = brotliOf(9, LARGEST_WINDOW);
