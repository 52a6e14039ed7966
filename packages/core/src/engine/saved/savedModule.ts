import { fingerprint } from '../../base/index.ts';
import { asciiOf, putAscii, roundUp } from './savedCode.ts';
import type { RegionHead } from './savedRegion.ts';

/** A region of a module that has been kept as a whole, by its offset from the code's start. */
export type RegionInModule = Pick<RegionHead, 'entries' | 'blocks' | 'links'> & {
  readonly offset: number;
  /** Names of the helpers that it calls. */
  readonly helpers: readonly string[];
};

/**
 * A module of regions with what V8 has made of it. Its code has linear offsets of memory check slots and pooled constants in it: it
 * is of use only where these are what they were. Its slots are in the `ModuleEntry`. In words:
 *
 *     0 .. 3   fingerprint of those that follow
 *     4 .. 6   bytes of a `ModuleHead` as JSON, in ASCII; of the module; of V8's code
 *     8        these, each filled up to whole words, and all of it to whole pages of the fingerprint (4 words)
 */
export interface ModuleHead {
  /** By their place in the module. */
  readonly regions: readonly RegionInModule[];
  /** Pooled constants: linear offset, and 32 hexadecimal digits. */
  readonly constants: readonly (readonly [offset: number, bytes: string])[];
}

export interface SavedModule extends ModuleHead {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly native: Uint8Array<ArrayBuffer>;
}

const FIRST = 8;

export function packModule({ wasm, native, ...head }: SavedModule): Uint32Array {
  const json = JSON.stringify(head);
  const parts = [json, wasm, native];
  const words = new Uint32Array(roundUp(FIRST + parts.reduce((sum, { length }) => sum + wordsFor(length), 0)));
  const bytes = new Uint8Array(words.buffer);
  let at = FIRST;
  parts.forEach((part, i) => {
    words[4 + i] = part.length;
    if (typeof part === 'string') putAscii(words.subarray(at, at + wordsFor(part.length)), part);
    else bytes.set(part, 4 * at);
    at += wordsFor(part.length);
  });
  fingerprint(words.subarray(4))
    .split('-')
    .forEach((sum, i) => {
      words[i] = Number.parseInt(sum, 16);
    });
  return words;
}

/** @returns undefined if it is damaged */
export function unpackModule(words: Uint32Array): SavedModule | undefined {
  if (words.length < FIRST || words.length % 4 !== 0) return undefined;
  const sums = Array.from(words.subarray(0, 4), (word) => word.toString(16)).join('-');
  if (fingerprint(words.subarray(4)) !== sums) return undefined;
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const wasmAt = FIRST + wordsFor(words[4]);
  const nativeAt = wasmAt + wordsFor(words[5]);
  const head = JSON.parse(asciiOf(words.subarray(FIRST, wasmAt))) as ModuleHead;
  return { ...head, wasm: bytes.slice(4 * wasmAt, 4 * wasmAt + words[5]), native: bytes.slice(4 * nativeAt, 4 * nativeAt + words[6]) };
}

const wordsFor = (bytes: number): number => (bytes + 3) >>> 2;
