import { expect, it } from 'vitest';
import { ByteWriter } from './index.ts';

const written = (bytes: Uint8Array, capacity: number): ByteWriter => {
  const out = new ByteWriter(capacity);
  out.bytes(bytes);
  return out;
};

it('has what was put into its room once it is told how many bytes that is', () => {
  const writer = written(Uint8Array.of(1, 2), 2);
  writer.room(100).set([3, 4, 5], 2);
  writer.truncate(4);
  writer.byte(6);
  expect([...writer.copy()]).toEqual([1, 2, 3, 4, 6]);
});

it('has its bytes in the room that it was given until there is none left', () => {
  const room = new Uint8Array(4);
  const writer = new ByteWriter(room);
  writer.bytes([1, 2, 3, 4]);
  expect(writer.isIn(room)).toBe(true);
  expect([...room]).toEqual([1, 2, 3, 4]);
  writer.byte(5);
  expect(writer.isIn(room)).toBe(false);
  expect([...writer.copy()]).toEqual([1, 2, 3, 4, 5]);
});
