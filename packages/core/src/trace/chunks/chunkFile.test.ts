import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ByteWriter, crc32 } from '../../base/index.ts';
import { writeEvent } from '../events.ts';
import { TraceHash } from '../hash.ts';
import { TraceReader } from '../reader.ts';
import { createChunkFileSink } from '../sink.ts';
import { mappingEvents } from '../testing/mappings.ts';
import { sampleGuest, traceSample } from '../testing/sampleTrace.ts';
import { type Compression, TraceDamage, type TraceKey } from './chunkFile.ts';
import { ChunkFileParser, type ChunkFileVisitor } from './chunkFileParser.ts';
import { ChunkFileChecker } from './fileChecker.ts';
import { describeState, type EndReason, stateOf, type TraceHeader, type TraceTotals } from './header.ts';
import type { Rewrite } from './newestFile.ts';

const header: TraceHeader = {
  guest: 'aarch64',
  cpu: 'max',
  program: 'sample',
  argv: ['sample', 'ü'],
  level: 'values',
  filtered: false,
  registers: describeState(sampleGuest().state),
};

const compression: Compression = {
  compress: (bytes) => brotliCompressSync(bytes),
  decompress: (bytes) => brotliDecompressSync(bytes),
};
const MAPPINGS = mappingEvents(['/bin/ü', 0x40_0000, 0x40_1000, 0]);

/** @param keyed a byte of the key's state that is not 0 */
function sampleFile(keyed = -1): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const sink = createChunkFileSink((written) => void parts.push(...written.map((part) => part.slice())), header, { compression });
  sink.mappings?.(MAPPINGS);
  const state = new Uint8Array(sampleGuest().state.size);
  if (keyed >= 0) state[keyed] = 1;
  sink.key?.({ step: 0, pc: 0x40_0000, pid: 1, tid: 2, state });
  traceSample(sink);
  return joined(parts);
}

class Reading implements ChunkFileVisitor {
  readonly headers: TraceHeader[] = [];
  readonly seen: unknown[] = [];
  ends: { totals: TraceTotals; reason: EndReason }[] = [];
  readonly reader = new TraceReader(stateOf(header));
  readonly hash = new TraceHash(this.reader);

  header(read: TraceHeader): void {
    this.headers.push(read);
  }

  mappings(events: Uint8Array): void {
    this.seen.push(events);
  }

  key({ step, pc, pid, tid, state }: TraceKey): void {
    this.seen.push({ step, pc, pid, tid, bytes: state.length });
  }

  define(definitions: Uint8Array): void {
    this.reader.define(definitions);
  }

  records(records: Uint8Array): void {
    this.reader.read(records, this.hash);
  }

  end(totals: TraceTotals, reason: EndReason): void {
    this.ends.push({ totals, reason });
  }
}

function read(file: Uint8Array, pieces = 1 << 20): { reading: Reading; note: string | undefined } {
  const reading = new Reading();
  const parser = new ChunkFileParser(reading, compression);
  for (let at = 0; at < file.length; at += pieces) parser.push(file.subarray(at, at + pieces));
  return { reading, note: parser.finish() };
}

/** Offset of the end frame, which is the last one and has 56 bytes. */
const endOf = (file: Uint8Array): number => file.length - 56;

/** The frames of a file: their letters, place, and end. */
function framesOf(file: Uint8Array): { kind: string; at: number; end: number }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const frames = [];
  for (let at = 16 + view.getUint32(12, true); at < file.length; at += view.getUint32(at + 4, true)) {
    frames.push({ kind: String.fromCharCode(...file.subarray(at, at + 4)), at, end: at + view.getUint32(at + 4, true) });
  }
  return frames;
}

/** What check-trace says of a file. */
function check(file: Uint8Array): readonly string[] {
  const checker = new ChunkFileChecker(() => sampleGuest());
  const parser = new ChunkFileParser(checker, compression);
  try {
    parser.push(file);
    const note = parser.finish();
    return note === undefined ? checker.problems : [...checker.problems, note];
  } catch (error) {
    if (!(error instanceof TraceDamage)) throw error;
    return [...checker.problems, error.message];
  }
}

describe('a chunk file', () => {
  const file = sampleFile();

  it.each([1, 7, 1000, 1 << 20])('is read back in pieces of %i bytes', (pieces) => {
    const { reading, note } = read(file, pieces);
    expect(note).toBeUndefined();
    expect(reading.headers).toEqual([header]);
    expect(reading.seen).toEqual([MAPPINGS, { step: 0, pc: 0x40_0000, pid: 1, tid: 2, bytes: sampleGuest().state.size }]);
    expect(reading.ends).toEqual([{ totals: { step: 18, insns: 18, wanted: 18 }, reason: 'fault' }]);
    expect(reading.hash.insns).toBe(18);
    expect(reading.hash.digest).toBe(read(file).reading.hash.digest);
  });

  it('is read as far as it goes, wherever it is cut', () => {
    const headerBytes = 16 + new DataView(file.buffer).getUint32(12, true);
    const frames = framesOf(file);
    const chunkEnd = frames.find(({ kind }) => kind === 'CHNK')?.end ?? 0;
    const boundaries = [0, 16, headerBytes, ...frames.map(({ end }) => end)];
    for (let length = 0; length < file.length; length++) {
      if (length % 101 !== 0 && !boundaries.some((at) => Math.abs(at - length) < 5)) continue;
      const part = file.subarray(0, length);
      if (length < headerBytes) {
        expect(() => read(part), `${length} bytes`).toThrow('too short');
        continue;
      }
      const { reading, note } = read(part);
      expect(reading.hash.insns, `${length} bytes`).toBe(length >= chunkEnd ? 18 : 0);
      expect(note).toMatch(boundaries.includes(length) ? 'incomplete: it has no end mark' : 'incomplete: its last');
    }
  });

  it('that is no such file, of another version, or damaged, is refused in one line', () => {
    const changed = (at: number, byte: number): Uint8Array => {
      const copy = file.slice();
      copy[at] = byte;
      return copy;
    };
    expect(() => read(Uint8Array.from('#!/bin/sh\nexit\n', (c) => c.charCodeAt(0)))).toThrow('not an everystep trace file');
    expect(() => read(changed(8, 9))).toThrow('format version 9');
    expect(() => read(changed(15, 0x7f))).toThrow('impossible length');
    expect(() => read(changed(16, 0x5b))).toThrow('header cannot be read');
    expect(() => read(changed(endOf(file), 0))).toThrow(`no frame at byte ${endOf(file)}, where one should be`);
  });

  it('with registers laid out in another way is refused', () => {
    const registers = header.registers.map((register) => (register.name === 'sp' ? { ...register, offset: register.offset + 8 } : register));
    expect(() => stateOf({ ...header, registers })).toThrow('register sp');
  });
});

describe('the checker', () => {
  const file = sampleFile();
  const frame = (kind: string): { at: number; end: number } => framesOf(file).find((each) => each.kind === kind) as { at: number; end: number };
  /** The file with one byte changed, and the sum of the frame made right again if `sum`. */
  const changed = (at: number, byte: number, sum = false): Uint8Array => {
    const copy = file.slice();
    copy[at] = byte;
    const { at: start, end } = framesOf(file).find((each) => at >= each.at && at < each.end) as { at: number; end: number };
    if (sum) new DataView(copy.buffer).setUint32(start + 8, crc32(copy.subarray(start + 12, end)), true);
    return copy;
  };

  it('finds nothing wrong with a whole file', () => {
    expect(framesOf(file).map(({ kind }) => kind)).toEqual(['BLKS', 'MAPS', 'KEYF', 'CHNK', 'DONE']);
    expect(check(file)).toEqual([]);
  });

  it('finds every byte that is changed', () => {
    for (let at = framesOf(file)[0].at; at < file.length; at += 7) {
      const [problem] = check(changed(at, file[at] ^ 0x10));
      expect(problem, `byte ${at}`).toMatch(/damaged|incomplete/);
    }
  });

  it.each([
    ['a chunk at another step', () => changed(frame('CHNK').at + 24, 9, true), 'begins at step 9, where 0 should'],
    ['a chunk with another number of instructions', () => changed(frame('CHNK').at + 32, 17, true), 'says that it has 17 instructions, and has 18'],
    [
      'a chunk with another number of traced instructions',
      () => changed(frame('CHNK').at + 36, 17, true),
      'says that it has 17 traced instructions, and has 18',
    ],
    ['a key at another step', () => changed(frame('KEYF').at + 24, 3, true), 'the key at step 3 stands where step 0 is'],
    ['a key with another register', () => sampleFile(sampleGuest().state.get('x8').offset), 'the key at step 0 has another x8 than the records before it'],
    ['an end at another step', () => changed(frame('DONE').at + 24, 17, true), 'the end mark says step 17, the chunks end at 18'],
    [
      'an end with other totals',
      () => changed(frame('DONE').at + 32, 17, true),
      'the end mark says 17 instructions, 18 of them traced; the chunks have 18, and 18',
    ],
    ['data that cannot be unpacked', () => changed(frame('CHNK').at + 40, 0xff, true), 'cannot be unpacked'],
    ['an end for no known reason', () => changed(frame('DONE').at + 48, 9, true), 'is an end mark with an unknown reason'],
    ['blocks left out', () => without('BLKS'), 'has a record of block'],
    ['a frame behind the end', () => Uint8Array.from([...file, ...file.subarray(frame('DONE').at)]), 'stands behind the end mark'],
    ['no end', () => without('DONE'), 'it has no end mark'],
  ])('tells of %s', (_, damaged, message) => {
    expect(check(damaged()).at(-1)).toContain(message);
  });

  const without = (kind: string): Uint8Array => Uint8Array.from([...file.subarray(0, frame(kind).at), ...file.subarray(frame(kind).end)]);
});

describe('a file that is bounded, and drops what is old', () => {
  const ROOM = 60_000;

  interface Bounded {
    readonly file: Uint8Array;
    /** Sizes before and after old chunks were dropped. */
    readonly drops: readonly (readonly [number, number])[];
    readonly most: number;
    readonly isFull: boolean;
  }

  /**
   * Writes the sample's records over and over, with keys, as if it ran on.
   * @param large numbers of the rounds in which the kernel writes more than there is ever room for
   * @param disk most bytes that a copy may have
   */
  function boundedFile(times: number, large: readonly number[] = [], disk = Number.POSITIVE_INFINITY): Bounded {
    const chunks: Uint8Array[] = [];
    const definitions: Uint8Array[] = [];
    const totals = { step: 0, insns: 0, wanted: 0 };
    traceSample({ define: (each) => definitions.push(each.slice()), records: (each) => chunks.push(each.slice()), end: () => undefined, totals });
    let file: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    let most = 0;
    let isFull = false;
    const drops: [number, number][] = [];
    const write = (parts: readonly Uint8Array[]): void => {
      file = joined([file, ...parts]);
      most = Math.max(most, file.length);
    };
    const rewrite: Rewrite = (parts) => {
      const kept = joined(parts.map((part) => (part instanceof Uint8Array ? part : file.slice(part.start, part.end))));
      if (kept.length > disk) throw new Error('no space left');
      drops.push([file.length, kept.length]);
      file = kept;
    };
    const onFull = (): void => {
      isFull = true;
    };
    const sink = createChunkFileSink(write, header, { compression, limit: { maxBytes: ROOM, onFull, rewrite } });
    for (const each of definitions) sink.define(each);
    sink.mappings?.(MAPPINGS);
    for (let n = 0; n < times; n++) {
      // Each begins with a snapshot at step 0, which is what the key says.
      sink.key?.({ step: 0, pc: 0x40_0000, pid: 1, tid: 2, state: new Uint8Array(sampleGuest().state.size) });
      for (const each of chunks) sink.records(each);
      if (!large.includes(n)) continue;
      sink.records(noise(ROOM));
      for (const each of chunks) sink.records(each);
    }
    sink.end('exit');
    return { file, drops, most, isFull };
  }

  const kindsOf = (file: Uint8Array): string[] => framesOf(file).map(({ kind }) => kind);

  it('keeps the end, and what it takes to read it', () => {
    const { file, drops, most, isFull } = boundedFile(300);
    expect([drops.length > 1, most <= ROOM, isFull]).toEqual([true, true, false]);
    for (const [before, after] of drops) {
      expect(before).toBeGreaterThan(ROOM * 0.95);
      expect(after).toBeGreaterThan(ROOM * 0.7);
    }
    const kinds = kindsOf(file);
    expect(kinds.slice(0, 3)).toEqual(['BLKS', 'MAPS', 'KEYF']);
    const chunks = kinds.filter((kind) => kind === 'CHNK').length;
    expect(chunks).toBeLessThan(290);
    const { reading } = read(file);
    expect(reading.ends[0]?.totals.insns).toBe(18 * chunks);
    expect(reading.hash.insns).toBe(18 * chunks);
    // Who tells of mapped files has been dropped long ago.
    expect(reading.seen[0]).toEqual(MAPPINGS);
  });

  it('goes on with the next key where there is no room for what is between two', () => {
    const lost = boundedFile(20, [19]);
    expect([lost.drops, lost.isFull]).toEqual([[], false]);
    const kept = read(lost.file);
    // The chunk before the large one is there, the one behind it is not.
    expect([kept.note, kept.reading.ends[0]?.totals.insns]).toEqual([undefined, 18 * 20]);
    const { file, drops, isFull } = boundedFile(20, [9]);
    expect([drops.length, isFull]).toEqual([1, false]);
    expect(kindsOf(file).slice(0, 4)).toEqual(['MAPS', 'BLKS', 'KEYF', 'CHNK']);
    expect(read(file).reading.ends[0]?.totals.insns).toBe(18 * 10);
  });

  it('keeps less where there is no room for a copy', () => {
    const { drops, most } = boundedFile(300, [], ROOM / 4);
    expect(most).toBeLessThanOrEqual(ROOM);
    expect(drops.length).toBeGreaterThan(0);
    for (const [, after] of drops) expect(after).toBeLessThanOrEqual(ROOM / 4);
    expect(() => boundedFile(300, [], 0)).toThrow('no space left');
  });
});

/** An event of the kernel's with bytes that cannot be compressed. */
function noise(bytes: number): Uint8Array {
  const out = new ByteWriter();
  let seed = 1;
  const random = (): number => {
    seed = Math.imul(seed, 1664525) + 1013904223;
    return seed >>> 24;
  };
  for (let left = bytes; left > 0; left -= 0x8000) {
    const data = Uint8Array.from({ length: 0x8000 }, random);
    writeEvent(out, { kind: 'kernelWrite', address: 0x50_0000, data });
  }
  return out.copy();
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
