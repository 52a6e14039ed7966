import { expect, it } from 'vitest';
import { ByteWriter } from '../base/index.ts';
import { writeDefinition } from './definition.ts';
import { writeEvent } from './events.ts';
import { keepLast } from './flightRecorder.ts';

/** A sink that writes down what it gets. */
const listing = (told: string[]) => ({
  define: () => undefined,
  records: (records: Uint8Array) => void told.push(`records ${records.length}`),
  mappings: (events: Uint8Array) => void told.push(`mappings ${events[0]}`),
  end: () => undefined,
  totals: { step: 0, insns: 0, wanted: 0 },
});

const INSN = { word: 1, bytes: 4, wanted: true, inputs: [], readsFlags: false, refresh: [], items: [] };

/** Records of a block of one instruction; with a snapshot before them, if there is a step. */
function chunk(insns: number, step?: number): Uint8Array {
  const out = new ByteWriter();
  if (step !== undefined) writeEvent(out, { kind: 'snapshot', step, pc: 0, state: new Uint8Array(8) });
  for (let i = 0; i < insns; i++) out.fixed32(1);
  return out.copy();
}

it.each([
  [
    5,
    [
      [6, 0],
      [3, undefined],
      [7, 9],
      [2, 16],
    ],
    [7, 2],
    4,
  ],
  [
    2,
    [
      [6, 0],
      [7, 6],
      [2, 13],
    ],
    [2],
    0,
  ],
  [
    100,
    [
      [6, 0],
      [3, undefined],
    ],
    [6, 3],
    0,
  ],
  [
    4,
    [
      [6, 0],
      [3, undefined],
    ],
    [6, 3],
    5,
  ],
] as const)('the last %i of %j', (last, chunks, kept, skipped) => {
  const counts: number[] = [];
  let skip = -1;
  const sink = keepLast(
    {
      define: () => undefined,
      records: (records) => void counts.push(records.length),
      skip: (insns) => {
        skip = insns;
      },
      end: () => undefined,
      totals: { step: 0, insns: 0, wanted: 0 },
    },
    last,
  );
  const definitions = new ByteWriter();
  const end = { kind: 'jump', target: 0, next: 0 } as const;
  writeDefinition(definitions, { layout: { id: 1, pc: 0, insns: [INSN], wanted: 1, hasStep: false, recordBytes: 4, end }, symbols: [] });
  sink.define(definitions.copy());
  for (const [insns, step] of chunks) sink.records(chunk(insns, step));
  expect(counts).toEqual([]);
  sink.end('exit');
  const snapshot = chunk(0, 0).length;
  const sizes = kept.map((insns) => insns * 4 + (chunks.some(([n, step]) => n === insns && step !== undefined) ? snapshot : 0));
  expect(counts).toEqual(sizes);
  expect(skip).toBe(skipped);
});

it('tells what chunks that are left out have told of mapped files', () => {
  const told: string[] = [];
  const sink = keepLast(listing(told), 3);
  const definitions = new ByteWriter();
  const end = { kind: 'jump', target: 0, next: 0 } as const;
  writeDefinition(definitions, { layout: { id: 1, pc: 0, insns: [INSN], wanted: 1, hasStep: false, recordBytes: 4, end }, symbols: [] });
  sink.define(definitions.copy());
  sink.records(chunk(6, 0));
  sink.mappings?.(Uint8Array.of(1));
  sink.records(chunk(2));
  sink.mappings?.(Uint8Array.of(2));
  sink.records(chunk(4, 8));
  sink.mappings?.(Uint8Array.of(3));
  sink.end('exit');
  expect(told).toEqual(['mappings 1', 'mappings 2', `records ${chunk(4, 8).length}`, 'mappings 3']);
});
