import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../base/index.ts';
import { createLinearMemory } from '../../engine/index.ts';
import { bitsOf, MARK_BYTES, markOf } from '../../ir/index.ts';
import { ByteMarks } from './byteMarks.ts';
import { MarkBytes } from './markBytes.ts';

const MASK = 0xffff;
const AT = 0x100_0000;
const BASE = 0x55_1234_0000;

it('marks that tell bytes tell each byte that was accessed, and no other of its word, before and behind a file', () => {
  const memory = createLinearMemory(0x200);
  const marked = new MarkBytes(memory, AT + MASK + 1);
  const told = new Set<number>();
  for (let address = BASE, i = 0; address < BASE + 20_000; address += (i++ * 7) % 90) {
    const bytes = [1, 2, 4][i % 3];
    if ((address % MARK_BYTES) + bytes > MARK_BYTES) continue;
    memory.bytes[AT + markOf(address, MASK)] |= bitsOf(address, bytes);
    // Of four, all of their word.
    const [from, count] = bytes === 4 ? [address - (address % MARK_BYTES), MARK_BYTES] : [address, bytes];
    for (let byte = 0; byte < count; byte++) told.add(from + byte);
  }
  const marks = marked.takeBytes(AT, [[0, MASK + 1]]);
  const out = new ByteWriter();
  marks.write(out);
  for (const each of [marks, ByteMarks.read(new ByteReader(out.copy()))]) {
    for (let address = BASE - 16; address < BASE + 20_016; address++) expect(each.has(address, 1, MASK)).toBe(told.has(address));
    for (let address = BASE; address < BASE + 20_000; address += 13)
      expect(each.has(address, 12, MASK)).toBe(Array.from({ length: 12 }, (_, i) => address + i).some((byte) => told.has(byte)));
  }
  expect(marked.takeBytes(AT, [[0, MASK + 1]]).has(BASE, 20_000, MASK)).toBe(false);
});
