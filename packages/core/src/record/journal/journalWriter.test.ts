import { expect, it } from 'vitest';
import { ByteWriter } from '../../base/index.ts';
import { EntryCursor, EntryKind, Outcome } from './entries.ts';
import { FrameKind, fileStart, frameParts, JOURNAL_VERSION, type RecordingHeader } from './format.ts';
import { JournalReader } from './journalReader.ts';
import { JournalWriter } from './journalWriter.ts';

const HEADER = {
  guest: 'toy',
  cpu: '',
  version: '',
  program: '',
  argv: [],
  environment: [],
  workingDirectory: '/',
  began: 0,
  registers: [],
} satisfies RecordingHeader;

/** Has of pairs of equal bytes one each; other data as it is. */
const HALVES = {
  compress: (bytes: Uint8Array) => (bytes.every((byte, i) => byte === bytes[i & -2]) ? bytes.filter((_, i) => i % 2 === 0) : bytes),
  decompress: (bytes: Uint8Array, length: number) => Uint8Array.from({ length }, (_, i) => bytes[i >> 1]),
};

class Written {
  bytes = new Uint8Array(0);
  /** What the clock says. */
  time = 0;
  reads = 0;
  compressions = 0;
  readonly compression = {
    ...HALVES,
    compress: (bytes: Uint8Array) => {
      this.compressions++;
      this.time += 5;
      return HALVES.compress(bytes);
    },
  };

  write(bytes: Uint8Array): void {
    const all = new Uint8Array(this.bytes.length + bytes.length);
    all.set(this.bytes);
    all.set(bytes, this.bytes.length);
    this.bytes = all;
  }

  readonly read = (offset: number, length: number): Uint8Array => {
    this.reads++;
    return this.bytes.slice(offset, offset + length);
  };

  readonly equal = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);
  readonly now = (): number => this.time;
}

const open = ({ bytes }: Pick<Written, 'bytes'>): JournalReader =>
  new JournalReader({ size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length), compression: HALVES });

/** Of pairs of equal bytes. */
const contents = (seed: number): Uint8Array => Uint8Array.from({ length: 6000 }, (_, i) => ((i >> 1) * seed) & 255);

it('has equal contents once, also where few of their bytes tell them apart', () => {
  const file = new Written();
  const journal = new JournalWriter(file, HEADER);
  const other = contents(3);
  other.fill(77, 2, 4);
  const numbers = [contents(3), contents(5), other, contents(3), contents(5), other].map((bytes) => journal.contentsOf(bytes));
  expect(numbers).toEqual([0, 1, 2, 0, 1, 2]);
  // Those that came again are at hand.
  const before = file.reads;
  expect(journal.contentsOf(contents(3))).toBe(0);
  expect(file.reads).toBe(before);
  journal.end(0, { kind: 'exit', status: 0 });
  const reader = open(file);
  expect(reader.contentsCount).toBe(3);
  expect([0, 1, 2].map((number) => reader.contents(number))).toEqual([contents(3), contents(5), other]);
  expect(journal.inputBytes).toBe(18_000);
});

it('compresses for a part of the time', () => {
  const file = new Written();
  const journal = new JournalWriter(file, HEADER);
  for (let i = 0; i < 10; i++) journal.contentsOf(contents(2 * i + 1));
  // The first; it takes 5 of 5 milliseconds.
  expect(file.compressions).toBe(1);
  file.time += 1000;
  for (let i = 20; i < 40; i++) journal.contentsOf(contents(2 * i + 1));
  expect(file.compressions).toBeGreaterThan(8);
  expect(file.compressions).toBeLessThan(13);
});

it('leaves more and more of what does not become shorter as it is, and begins again with what does', () => {
  const file = new Written();
  const journal = new JournalWriter(file, HEADER);
  const noise = (seed: number): Uint8Array => Uint8Array.from({ length: 6000 }, (_, i) => Math.imul(i + seed, 0x9e37_79b1) >>> 24);
  file.time += 1_000_000;
  for (let i = 0; i < 200; i++) journal.contentsOf(noise(100 * i));
  expect(file.compressions).toBeGreaterThan(4);
  expect(file.compressions).toBeLessThan(15);
  const before = file.compressions;
  for (let i = 0; i < 100; i++) journal.contentsOf(contents(2 * i + 1));
  expect(file.compressions - before).toBeGreaterThan(60);
});

it('makes frames that can be read each without the others, however little of the file they take', () => {
  const file = new Written();
  const journal = new JournalWriter(file, HEADER);
  const content = new ByteWriter();
  content.bytes([Outcome.done, 15, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const CALLS = 200_000;
  for (let i = 1; i <= CALLS; i++) journal.call(172, 10 * i, undefined, content);
  journal.end(10 * CALLS, { kind: 'exit', status: 0 });
  const reader = open(file);
  expect(reader.frameCount).toBeGreaterThan(2);
  expect(file.bytes.length).toBeLessThan(1000);
  let calls = 0;
  for (let frame = reader.frameCount - 1; frame >= 0; frame--) {
    const cursor = new EntryCursor(reader.entries(frame), { step: reader.stepOf(frame), position: 0 });
    for (; !cursor.atEnd; calls++) cursor.next();
    expect(cursor.step).toBe(reader.lastStepOf(frame));
  }
  expect(calls).toBe(CALLS);
});

it('reads journals of version 2, which have entries as they are', () => {
  const entries = Uint8Array.of(EntryKind.call, 4, 4, 63, Outcome.done, 0, 12);
  const parts = [fileStart(HEADER), ...frameParts(FrameKind.plainEntries, { step: 0, lastStep: 4 }, entries.length, entries)];
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  expect(bytes[8]).toBe(JOURNAL_VERSION);
  bytes[8] = 2;
  expect(open({ bytes }).entries(0)).toEqual(entries);
});
