import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflate } from './inflate.ts';

const numbers = (count: number, next: (i: number) => number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => next(i));
/** Of a linear congruence: no two neighbours are alike. */
const noise = numbers(70_000, (i) => (Math.imul(i + 1, 0x9e37_79b1) >>> 13) & 0xff);
const CONTENTS: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(0),
  'one byte': Uint8Array.of(7),
  'one byte, often': new Uint8Array(100_000).fill(9),
  'a long pattern': numbers(200_000, (i) => noise[i % 32_768]),
  noise,
  'few values': numbers(50_000, (i) => noise[i] & 3),
  text: new TextEncoder().encode(Array.from({ length: 3000 }, (_, i) => `line ${i * i} of a text\n`).join('')),
};

describe('inflate', () => {
  it.each(Object.keys(CONTENTS))('gives back what zlib compressed: %s', (name) => {
    const bytes = CONTENTS[name];
    for (const level of [0, 1, 9])
      for (const strategy of [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY])
        expect(Buffer.compare(inflate(deflateRawSync(bytes, { level, strategy }), bytes.length), bytes)).toBe(0);
  });

  it('finds what is damaged, and ends', () => {
    const packed = deflateRawSync(CONTENTS.text);
    const { length } = CONTENTS.text;
    expect(() => inflate(packed, length - 1)).toThrow('damaged');
    expect(() => inflate(packed, length + 1)).toThrow('damaged');
    for (let cut = 0; cut < packed.length - 8; cut += 97) expect(() => inflate(packed.subarray(0, cut), length)).toThrow('damaged');
    for (let at = 0; at < packed.length; at += 31) {
      const copy = Buffer.from(packed);
      copy[at] ^= 0x10;
      // A byte may be another one; sums find that.
      try {
        expect(inflate(copy, length).length).toBe(length);
      } catch (error) {
        expect(String(error)).toContain('damaged');
      }
    }
  });
});
