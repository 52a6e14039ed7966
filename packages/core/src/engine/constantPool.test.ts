import { expect, test } from 'vitest';
import { ConstantPool } from './constantPool.ts';
import { CONSTANTS, CONSTANTS_END, createLinearMemory } from './linearMemory.ts';

const bytesOf = (n: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => (i < 4 ? n >> (8 * i) : 0x55));

test('equal constants share a place, and zero and all ones have none', () => {
  const memory = createLinearMemory(4);
  const pool = new ConstantPool(memory);
  const first = pool.offsetOf(bytesOf(1)) as number;
  const second = pool.offsetOf(bytesOf(2)) as number;
  expect([first, second]).toEqual([CONSTANTS, CONSTANTS + 16]);
  expect(pool.offsetOf(bytesOf(1))).toBe(first);
  expect(memory.bytes.slice(second, second + 16)).toEqual(bytesOf(2));
  expect([0, 0xff].map((byte) => pool.offsetOf(new Uint8Array(16).fill(byte)))).toEqual([undefined, undefined]);
});

test('constants beyond the room for them are made in code', () => {
  const pool = new ConstantPool(createLinearMemory(4));
  const room = (CONSTANTS_END - CONSTANTS) / 16;
  for (let n = 0; n < room; n++) expect(pool.offsetOf(bytesOf(n))).toBe(CONSTANTS + 16 * n);
  expect(pool.offsetOf(bytesOf(room))).toBeUndefined();
  expect(pool.offsetOf(bytesOf(room - 1))).toBe(CONSTANTS_END - 16);
});
