import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../base/index.ts';
import { writeDefinition } from '../definition.ts';
import { writeEvent } from '../events.ts';
import { RecordWalker } from '../walker.ts';
import { RecordColumns } from './columns.ts';

/** Blocks 1 to 5, with records of as many words. */
function walkerOfFive(): RecordWalker {
  const out = new ByteWriter();
  const insn = { word: 1, bytes: 4, wanted: true, inputs: [], readsFlags: false, refresh: [], items: [] };
  const end = { kind: 'jump', target: 0, next: 0 } as const;
  for (let id = 1; id <= 5; id++)
    writeDefinition(out, { layout: { id, pc: 0, insns: [insn], wanted: 1, hasStep: false, recordBytes: id * 4, end }, symbols: [] });
  const walker = new RecordWalker();
  walker.table.define(out.copy());
  return walker;
}

function randomRecords(seed: number, count: number): Uint8Array {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const out = new ByteWriter();
  for (let i = 0; i < count; i++) {
    if (random(20) === 0) writeEvent(out, { kind: 'kernelWrite', address: random(1 << 20), data: Uint8Array.from({ length: random(30) }, () => random(256)) });
    const id = random(4) === 0 ? 1 + random(5) : 1 + (i % 5);
    out.fixed32(id);
    for (let word = 1; word < id; word++) out.fixed32(random(3) === 0 ? random(1 << 22) * 1027 : i * word);
  }
  return out.copy();
}

describe('columns', () => {
  const walker = walkerOfFive();
  const columns = new RecordColumns(walker.table);

  it.each([0, 1, 2, 100, 5000])('give the same records back (%i)', (count) => {
    const records = randomRecords(count + 1, count);
    const before = walker.insns;
    expect(Buffer.from(columns.join(columns.split(records, walker).slice()))).toEqual(Buffer.from(records));
    expect(walker.insns - before).toBe(count);
    // Nothing stays from one chunk to the next.
    const other = new RecordColumns(walkerOfFive().table);
    expect(Buffer.from(other.join(columns.split(records, walker).slice()))).toEqual(Buffer.from(records));
  });

  it('are refused where they are damaged', () => {
    const whole = columns.split(randomRecords(7, 50), walker).slice();
    for (let at = 0; at < 16; at++) {
      const copy = whole.slice();
      copy[at] ^= 0x21;
      expect(() => columns.join(copy), `byte ${at}`).toThrow();
    }
    expect(() => columns.join(whole.subarray(0, whole.length - 1))).toThrow('beyond the end');
    expect(() => columns.join(Uint8Array.from([...whole, 0]))).toThrow('more in the columns');
  });
});
