import { expect, it } from 'vitest';
import { ByteWriter, wordsOf } from './index.ts';

const written = (bytes: Uint8Array, capacity: number): ByteWriter => {
  const out = new ByteWriter(capacity);
  out.bytes(bytes);
  return out;
};

it('finds the first byte that differs, wherever it is and wherever the comparison begins', () => {
  for (let length = 0; length < 27; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => 5 * i);
    const writer = written(bytes, 1);
    for (let place = 0; place <= length; place++) {
      // The highest bit, too, is a difference, and so are several bytes of a word.
      for (const change of [1, 0x80, 0xff]) {
        const other = new Uint8Array(28);
        other.set(bytes);
        for (let i = place; i < other.length; i += 2) other[i] ^= change;
        for (let from = 0; from <= place; from++) expect(writer.firstDifference(other, wordsOf(other), from)).toBe(place);
      }
    }
  }
});

it('does not see differences before the place where the comparison begins, or behind the end', () => {
  for (let length = 0; length < 27; length++) {
    const writer = written(new Uint8Array(length), 64);
    for (let from = 0; from <= length; from++) {
      const other = new Uint8Array(28).fill(1, 0, from).fill(1, length);
      expect(writer.firstDifference(other, wordsOf(other), from)).toBe(length);
    }
  }
});

it('has what was put into its room once it is told how many bytes that is', () => {
  const writer = written(Uint8Array.of(1, 2), 2);
  writer.room(100).set([3, 4, 5], 2);
  writer.truncate(4);
  writer.byte(6);
  expect([...writer.copy()]).toEqual([1, 2, 3, 4, 6]);
});
