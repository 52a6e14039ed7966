import { describe, expect, it } from 'vitest';
import { ChunkFileParser, type ChunkFileVisitor, describeState, type EndReason, stateOf, type TraceHeader, type TraceTotals } from './chunkFile.ts';
import { TraceHash } from './hash.ts';
import { TraceReader } from './reader.ts';
import { createChunkFileSink } from './sink.ts';
import { sampleGuest, traceSample } from './testing/sampleTrace.ts';

const header: TraceHeader = {
  guest: 'aarch64',
  cpu: 'max',
  program: 'sample',
  argv: ['sample', 'ü'],
  level: 'values',
  filtered: false,
  registers: describeState(sampleGuest().state),
};

function sampleFile(): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  traceSample(createChunkFileSink((written) => void parts.push(...written.map((part) => part.slice())), header));
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

class Reading implements ChunkFileVisitor {
  readonly headers: TraceHeader[] = [];
  ends: { totals: TraceTotals; reason: EndReason }[] = [];
  readonly reader = new TraceReader(stateOf(header));
  readonly hash = new TraceHash(this.reader);

  header(read: TraceHeader): void {
    this.headers.push(read);
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
  const parser = new ChunkFileParser(reading);
  for (let at = 0; at < file.length; at += pieces) parser.push(file.subarray(at, at + pieces));
  return { reading, note: parser.finish() };
}

/** Offset of the end frame, which is the last one and has 36 bytes. */
const endOf = (file: Uint8Array): number => file.length - 36;

describe('a chunk file', () => {
  const file = sampleFile();

  it.each([1, 7, 1000, 1 << 20])('is read back in pieces of %i bytes', (pieces) => {
    const { reading, note } = read(file, pieces);
    expect(note).toBeUndefined();
    expect(reading.headers).toEqual([header]);
    expect(reading.ends).toEqual([{ totals: { step: 18, insns: 18, wanted: 18 }, reason: 'fault' }]);
    expect(reading.hash.insns).toBe(18);
    expect(reading.hash.digest).toBe(read(file).reading.hash.digest);
  });

  it('is read as far as it goes, wherever it is cut', () => {
    const headerBytes = 16 + new DataView(file.buffer).getUint32(12, true);
    const boundaries = [0, 16, headerBytes, headerBytes + 32, endOf(file), file.length];
    for (let length = 0; length < file.length; length++) {
      if (length % 101 !== 0 && !boundaries.some((at) => Math.abs(at - length) < 5)) continue;
      const part = file.subarray(0, length);
      if (length < headerBytes) {
        expect(() => read(part), `${length} bytes`).toThrow('too short');
        continue;
      }
      const { reading, note } = read(part);
      const whole = length >= endOf(file);
      expect(reading.hash.insns, `${length} bytes`).toBe(whole ? 18 : 0);
      expect(note).toMatch(length === headerBytes || length === endOf(file) ? 'no end mark' : 'cut off');
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
    expect(() => read(changed(endOf(file), 0))).toThrow('no frame where one should be');
  });

  it('with registers laid out in another way is refused', () => {
    const registers = header.registers.map((register) => (register.name === 'sp' ? { ...register, offset: register.offset + 8 } : register));
    expect(() => stateOf({ ...header, registers })).toThrow('register sp');
  });
});
