import { expect, it } from 'vitest';
import { ByteWriter } from '../../base/index.ts';
import { type CallSums, EntryCursor, EntryKind, type EntryKindNumber, Op, Outcome, readCallSums, writeCallSums } from './entries.ts';
import { unpackEntries } from './entryDecoder.ts';
import { EntryEncoder } from './entryEncoder.ts';

interface Call {
  readonly number: number;
  readonly steps: number;
  readonly sums: CallSums | undefined;
  readonly content: readonly number[];
}

const written = (bytes: readonly number[]): ByteWriter => {
  const out = new ByteWriter(1);
  out.bytes(bytes);
  return out;
};

/** Calls and other entries as a reader has them. */
function plainOf(entries: readonly (Call | { readonly kind: EntryKindNumber; readonly steps: number; readonly content: readonly number[] })[]): Uint8Array {
  const out = new ByteWriter();
  for (const entry of entries) {
    const rest = new ByteWriter();
    if ('kind' in entry) rest.bytes(entry.content);
    else {
      rest.u32(entry.number);
      const head = entry.content[0] === Outcome.exit ? 2 : 1;
      rest.bytes(entry.content.slice(0, head));
      writeCallSums(rest, entry.sums);
      rest.bytes(entry.content.slice(head));
    }
    out.byte('kind' in entry ? entry.kind : EntryKind.call);
    out.u53(entry.steps);
    out.u53(rest.length);
    out.append(rest);
  }
  return out.copy();
}

/** Vitest takes long for large arrays. */
const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

const pack = (entries: Parameters<typeof plainOf>[0]): Uint8Array => {
  const encoder = new EntryEncoder(64);
  for (const entry of entries) {
    if ('kind' in entry) encoder.entry(entry.kind, entry.steps, written(entry.content));
    else encoder.call(entry.number, entry.steps, entry.sums, written(entry.content));
  }
  return encoder.take().slice();
};

const call = (number: number, content: readonly number[], steps = 10): Call => ({
  number,
  steps,
  sums: undefined,
  content: [Outcome.done, ...content],
});

it('takes a few bytes for a loop of calls that give the same each time', () => {
  const round = [call(1, [15, 1, 5]), call(2, [7, 9, 9, 9]), call(3, [15, 0])];
  const entries = Array.from({ length: 1000 }, () => round).flat();
  const packed = pack(entries);
  expect(same(unpackEntries(packed), plainOf(entries))).toBe(true);
  expect(packed.length).toBeLessThan(60);
});

it('tells of the bytes that differ, wherever they are', () => {
  const first = Array.from({ length: 101 }, (_, i) => i);
  for (let at = 0; at < first.length; at++) {
    for (const width of [1, 2, 3, 40]) {
      const entries = [first, first.map((byte, i) => (i >= at && i < at + width ? byte ^ 0x80 : byte)), first].map((content) => call(63, content));
      const packed = pack(entries);
      expect(same(unpackEntries(packed), plainOf(entries))).toBe(true);
      if (width === 1) expect(packed.length).toBeLessThan(230);
    }
  }
});

it('unpacks whatever was packed, calls of any number and long contents among it', () => {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 60; round++) {
    const contents = Array.from({ length: 4 }, () => Array.from({ length: random(20) === 0 ? 1500 : random(120) }, () => random(256)));
    const entries = Array.from({ length: 60 }, () => {
      const content = [...contents[random(contents.length)]];
      for (let changes = random(4); changes > 0 && content.length > 0; changes--) content[random(content.length)] = random(256);
      const steps = random(3) === 0 ? random(2 ** 18) * 2 ** 20 : 7;
      if (random(5) === 0) return { kind: [EntryKind.stop, EntryKind.input, EntryKind.check][random(3)], steps, content };
      const number = [0, 63, 64, 1023, 0xffff_ffff][random(5)];
      const outcome = random(30) === 0 ? [Outcome.exit, random(128)] : [random(2)];
      const single = Uint8Array.from({ length: [0, 3, 8, 86][random(4)] }, () => random(3));
      return { number, steps, sums: random(4) === 0 ? { all: random(2 ** 24) * 255, single } : undefined, content: [...outcome, ...content] };
    });
    const packed = pack(entries);
    const plain = plainOf(entries);
    expect(same(unpackEntries(packed), plain)).toBe(true);
    // And once more from what a reader has.
    const encoder = new EntryEncoder(64);
    encoder.all(plain, 0);
    expect(same(unpackEntries(encoder.take()), plain)).toBe(true);
  }
});

it('packs calls that leave a result only as it packs all others, whatever their results', () => {
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const short = new EntryEncoder(64);
  const long = new EntryEncoder(64);
  let expected = 0;
  for (let i = 0; i < 5000; i++) {
    const number = [63, 64, 174][random(20) === 0 ? random(3) : i % 3];
    const steps = random(30) === 0 ? 2 ** 40 : 12;
    const [low, high] = [
      [64, 0],
      [-11, -1],
      [0x1234_5678, 0x7f],
      [-2, 0x5566_7788],
    ][random(20) === 0 ? random(4) : i % 3];
    const content = new ByteWriter();
    content.bytes([Outcome.done, Op.returned, 1]);
    content.fixed32(low);
    content.fixed32(high);
    // Something else, of the same length and not, so that what is known of a call changes.
    const other = random(25);
    if (other === 0) content.put(random(3), random(4));
    else if (other === 1) content.byte(1);
    else if (short.expectedCall(number, steps, low, high)) {
      expected++;
      long.call(number, steps, undefined, content);
      continue;
    }
    for (const encoder of [short, long]) encoder.call(number, steps, undefined, content);
  }
  expect(expected).toBeGreaterThan(1000);
  expect(short.plain).toBe(long.plain);
  expect(same(short.take(), long.take())).toBe(true);
});

it('takes few bytes for sums of registers of which few have changed', () => {
  const sums = Array.from({ length: 10 }, (_, i) => ({
    all: i,
    single: Uint8Array.from({ length: 86 }, (__, register) => register + Number(register === 3 && i % 2)),
  }));
  const packed = pack(sums.map((each) => ({ ...call(1, []), sums: each })));
  expect(packed.length).toBeLessThan(86 + 10 * 20);
  const cursor = new EntryCursor(unpackEntries(packed), { step: 0, position: 0 });
  for (const each of sums) {
    const { rest } = cursor.next();
    rest.bytes(2);
    expect(readCallSums(rest)).toEqual(each);
  }
});

it('begins anew with each frame', () => {
  const encoder = new EntryEncoder(64);
  const content = written([Outcome.done, 1, 2, 3]);
  for (let i = 0; i < 5; i++) encoder.call(1, 1, undefined, content);
  encoder.reset();
  for (let i = 0; i < 5; i++) encoder.call(1, 1, undefined, content);
  const cursor = new EntryCursor(unpackEntries(encoder.take()), { step: 0, position: 0 });
  let entries = 0;
  for (; !cursor.atEnd; entries++) cursor.next();
  expect([entries, cursor.step]).toEqual([5, 5]);
});

it('says what is damaged', () => {
  expect(() => unpackEntries(Uint8Array.of(0, 1))).toThrow('as expected');
  expect(() => unpackEntries(Uint8Array.of(1, 1))).toThrow('as one before');
  expect(() => unpackEntries(Uint8Array.of(15, 9, 1, 200, 1))).toThrow('beyond the end');
});
