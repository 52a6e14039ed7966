import { expect, it } from 'vitest';
import { type ColdBlock, ColdCode } from './coldCode.ts';

const block = (pc: number, at: number): ColdBlock => ({ pc, insns: 1, bytes: 4, first: at, at, end: at + 64 });

it('puts the entry of a block into all words that have waited for it', () => {
  const code = new ColdCode(0x1000, 0x10_0000);
  const memory = new Uint32Array(2000);
  // More than there is room for at first, and again where those are in use no more.
  for (let round = 0; round < 2; round++) {
    for (let word = 0; word < 2000; word++) expect(code.entryFor(0x1000 + 4 * (word % 3), word)).toBe(0);
    for (let i = 0; i < 3; i++) code.add(block(0x1000 + 4 * i, 64 * (i + 1)), memory);
    expect([...memory]).toEqual(Array.from(memory, (_, word) => 64 * ((word % 3) + 1)));
    expect(code.entryFor(0x1004, 5)).toBe(128);
    memory.fill(0);
    for (let i = 0; i < 3; i++) code.remove(0x1000 + 4 * i);
  }
});

it('has no block where one is waited for', () => {
  const code = new ColdCode(0x1000, 0x10_0000);
  code.entryFor(0x1000, 5);
  expect(code.entryAt(0x1000)).toBe(0);
  expect(code.entriesNear(0x1000, 0x1004)).toEqual([]);
});
