import type { ByteReader, ByteWriter } from '../../base/index.ts';
import type { LinearMemory } from '../../engine/index.ts';
import { MARK_BYTES, markOf } from '../../ir/index.ts';
import { CODE_MARK_MASK, CODE_MARKS, codeMark, WRITE_MARK_MASK, WRITE_MARKS } from './probes.ts';

/** Marks that are set: their numbers in ascending order, or, where that is shorter, a bit each. */
type MarkSet = { readonly kind: 'numbers'; readonly numbers: Uint32Array } | { readonly kind: 'bits'; readonly bits: Uint32Array };

interface Segment {
  code: MarkSet;
  writes: MarkSet;
}

/**
 * What the stretches between snapshots have executed and written, as marks: a mark that is not set proves that nothing of what has it
 * was; one that is set proves nothing.
 */
export class SegmentIndex {
  private segments: Segment[] = [];

  constructor(private readonly memory: LinearMemory) {}

  get count(): number {
    return this.segments.length;
  }

  /** Bytes of all sets. */
  get bytes(): number {
    return this.segments.reduce((sum, { code, writes }) => sum + sizeOf(code) + sizeOf(writes), 0);
  }

  /** For a file. */
  write(out: ByteWriter): void {
    out.u32(this.segments.length);
    for (const { code, writes } of this.segments) for (const set of [code, writes]) writeSet(out, set);
  }

  /** What `write` wrote, instead of what there is. */
  read(reader: ByteReader): void {
    this.segments = Array.from({ length: reader.u32() }, () => ({ code: readSet(reader), writes: readSet(reader) }));
  }

  /** A stretch begins: nothing is marked. */
  begin(): void {
    const { i64 } = this.memory;
    for (const [at, mask] of [
      [CODE_MARKS, CODE_MARK_MASK],
      [WRITE_MARKS, WRITE_MARK_MASK],
    ] as const)
      i64.fill(0n, at / 8, (at + mask + 1) / 8);
  }

  /** The kernel has written to memory. */
  wrote(address: number, bytes: number): void {
    for (let at = address; at < address + bytes; at = (Math.floor(at / MARK_BYTES) + 1) * MARK_BYTES)
      this.memory.bytes[WRITE_MARKS + markOf(at, WRITE_MARK_MASK)] = 1;
  }

  /** A stretch ends: what has been marked is kept. */
  end(): void {
    this.segments.push({ code: this.collect(CODE_MARKS, CODE_MARK_MASK + 1), writes: this.collect(WRITE_MARKS, WRITE_MARK_MASK + 1) });
  }

  private collect(from: number, count: number): MarkSet {
    const { u32, bytes } = this.memory;
    const numbers: number[] = [];
    for (let word = from >>> 2; word < (from + count) >>> 2; word++) {
      if (u32[word] === 0) continue;
      for (let at = word * 4; at < word * 4 + 4; at++) if (bytes[at] !== 0) numbers.push(at - from);
    }
    return setOf(numbers, count);
  }

  /** Whether a stretch may have executed the instruction at `pc`. */
  mayExecute(segment: number, pc: number): boolean {
    return has(this.segments[segment].code, codeMark(pc));
  }

  /** Whether a stretch may have written one of these bytes. */
  mayWrite(segment: number, address: number, bytes: number): boolean {
    const { writes } = this.segments[segment];
    for (let at = address; at < address + bytes; at = (Math.floor(at / MARK_BYTES) + 1) * MARK_BYTES) if (has(writes, markOf(at, WRITE_MARK_MASK))) return true;
    return false;
  }

  /** Each two stretches are one, from the first on. */
  thin(): void {
    const joined: Segment[] = [];
    this.segments.forEach((segment, i) => {
      const last = joined.at(-1);
      if (i % 2 === 0 || last === undefined) joined.push(segment);
      else
        joined[joined.length - 1] = { code: join(last.code, segment.code, CODE_MARK_MASK + 1), writes: join(last.writes, segment.writes, WRITE_MARK_MASK + 1) };
    });
    this.segments = joined;
  }
}

function writeSet(out: ByteWriter, set: MarkSet): void {
  out.byte(Number(set.kind === 'bits'));
  if (set.kind === 'bits') {
    out.u32(set.bits.length);
    for (const word of set.bits) out.fixed32(word);
    return;
  }
  out.u32(set.numbers.length);
  let last = 0;
  for (const number of set.numbers) {
    out.u32(number - last);
    last = number;
  }
}

function readSet(reader: ByteReader): MarkSet {
  const isBits = reader.byte() === 1;
  const length = reader.u32();
  if (isBits) return { kind: 'bits', bits: Uint32Array.from({ length }, () => reader.fixed32()) };
  let last = 0;
  return { kind: 'numbers', numbers: Uint32Array.from({ length }, () => (last += reader.u32())) };
}

function setOf(numbers: readonly number[], count: number): MarkSet {
  if (numbers.length * 32 < count) return { kind: 'numbers', numbers: Uint32Array.from(numbers) };
  const bits = new Uint32Array(count / 32);
  for (const number of numbers) bits[number >>> 5] |= 1 << (number & 31);
  return { kind: 'bits', bits };
}

function has(set: MarkSet, number: number): boolean {
  if (set.kind === 'bits') return ((set.bits[number >>> 5] >>> (number & 31)) & 1) === 1;
  const { numbers } = set;
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] < number) low = middle + 1;
    else high = middle;
  }
  return numbers[low] === number;
}

const numbersOf = (set: MarkSet, count: number): number[] =>
  set.kind === 'numbers' ? [...set.numbers] : Array.from({ length: count }, (_, i) => i).filter((i) => has(set, i));

const join = (a: MarkSet, b: MarkSet, count: number): MarkSet =>
  setOf(
    [...new Set([...numbersOf(a, count), ...numbersOf(b, count)])].sort((x, y) => x - y),
    count,
  );

const sizeOf = (set: MarkSet): number => (set.kind === 'bits' ? set.bits : set.numbers).byteLength;
