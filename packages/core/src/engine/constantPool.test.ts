import { expect, test } from 'vitest';
import { ConstantPool } from './constantPool.ts';
import { CONSTANTS, CONSTANTS_END, createLinearMemory } from './linearMemory.ts';

const bytesOf = (n: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => (i < 4 ? n >> (8 * i) : 0x55));

test('equal constants share a place, and zero and all ones have none', () => {
  const memory = createLinearMemory(4);
  const pool = new ConstantPool(memory);
  const first = pool.offsetOf(bytesOf(1)) as number;
  const second = pool.offsetOf(bytesOf(2)) as number;
  expect(second).not.toBe(first);
  for (const offset of [first, second]) expect([offset >= CONSTANTS, offset < CONSTANTS_END, offset % 16]).toEqual([true, true, 0]);
  expect(pool.offsetOf(bytesOf(1))).toBe(first);
  expect(memory.bytes.slice(second, second + 16)).toEqual(bytesOf(2));
  expect([0, 0xff].map((byte) => pool.offsetOf(new Uint8Array(16).fill(byte)))).toEqual([undefined, undefined]);
});

test('constants beyond the room for them are made in code', () => {
  const pool = new ConstantPool(createLinearMemory(4));
  const room = (CONSTANTS_END - CONSTANTS) / 16;
  const offsets = Array.from({ length: room }, (_, n) => pool.offsetOf(bytesOf(n)));
  expect(new Set(offsets).size).toBe(room);
  expect(offsets).not.toContain(undefined);
  expect(pool.offsetOf(bytesOf(room))).toBeUndefined();
  expect(pool.offsetOf(bytesOf(room - 1))).toBe(offsets[room - 1]);
});

test('a constant has the same place whatever was there before', () => {
  const offsets = [[1], [7, 1], [9, 8, 7, 1]].map((order) => {
    const pool = new ConstantPool(createLinearMemory(4));
    return order.map((n) => pool.offsetOf(bytesOf(n))).at(-1);
  });
  expect(new Set(offsets).size).toBe(1);
});
