import type { KeptIndex } from '@everystep/core';
import { deflatePieces, fastCrc32 } from '../recordingFolder.ts';

/** A piece of an index (see KeptIndex), as it stands in a file. */
export interface PackedPiece {
  /** Deflated. */
  readonly bytes: Uint8Array;
  /** How many bytes it has unpacked. */
  readonly plainBytes: number;
  /** CRC-32 of `bytes`. */
  readonly sum: number;
}

/** Packs what Timeline.save or IndexPart.save gives, piece by piece. */
export function* packPieces(saved: Iterable<Uint8Array>): Generator<PackedPiece> {
  for (const piece of saved) {
    const bytes = deflatePieces.compress(piece);
    yield { bytes, plainBytes: piece.length, sum: fastCrc32(bytes) };
  }
}

/** @returns undefined if it is damaged */
export function unpackPiece({ bytes, plainBytes, sum }: PackedPiece): Uint8Array | undefined {
  return fastCrc32(bytes) === sum ? deflatePieces.decompress(bytes, plainBytes) : undefined;
}

/** All pieces of the index of one part of a run, to be sent from one thread to another. */
export interface PackedPart {
  /** Of all pieces, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of each piece: how many bytes it has there, and unpacked, and their sum. */
  readonly heads: Uint32Array<ArrayBuffer>;
}

const HEAD_WORDS = 3;

/** Puts pieces together. */
export function joinPieces(pieces: Iterable<PackedPiece>): PackedPart {
  const all: Uint8Array[] = [];
  const heads: number[] = [];
  for (const { bytes, plainBytes, sum } of pieces) {
    all.push(bytes);
    heads.push(bytes.length, plainBytes, sum);
  }
  const bytes = new Uint8Array(all.reduce((length, each) => length + each.length, 0));
  let at = 0;
  for (const each of all) {
    bytes.set(each, at);
    at += each.length;
  }
  return { bytes, heads: Uint32Array.from(heads) };
}

/** The pieces that have been put together. */
export function piecesOf({ bytes, heads }: PackedPart): readonly PackedPiece[] {
  let at = 0;
  return Array.from({ length: heads.length / HEAD_WORDS }, (_, i) => {
    const [length, plainBytes, sum] = heads.subarray(i * HEAD_WORDS, (i + 1) * HEAD_WORDS);
    at += length;
    return { bytes: bytes.subarray(at - length, at), plainBytes, sum };
  });
}

/** An index that is in memory, to be given to a timeline. */
export function keptInMemory(part: PackedPart): KeptIndex {
  const pieces = piecesOf(part);
  const piece = (number: number): Uint8Array => {
    const bytes = unpackPiece(pieces[number]);
    if (bytes === undefined) throw new Error(`piece ${number} of an index in memory is damaged`);
    return bytes;
  };
  return { table: piece(pieces.length - 1), part: piece };
}
