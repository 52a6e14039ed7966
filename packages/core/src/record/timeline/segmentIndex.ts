import type { ByteReader, ByteWriter } from '../../base/index.ts';
import type { LinearMemory } from '../../engine/index.ts';
import { MARK_BYTES, markOf } from '../../ir/index.ts';
import { bytesOfMarks, hasMark, joinMarks, type MarkSet, markSet, readMarks, writeMarks } from './marks.ts';
import { CODE_MARK_MASK, CODE_MARKS, codeMark, WRITE_MARK_MASK, WRITE_MARKS } from './probes.ts';

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
    return this.segments.reduce((sum, { code, writes }) => sum + bytesOfMarks(code) + bytesOfMarks(writes), 0);
  }

  /** For a file. */
  write(out: ByteWriter): void {
    out.u32(this.segments.length);
    for (const { code, writes } of this.segments) for (const set of [code, writes]) writeMarks(out, set);
  }

  /** What `write` wrote, instead of what there is. */
  read(reader: ByteReader): void {
    this.segments = Array.from({ length: reader.u32() }, () => ({ code: readMarks(reader), writes: readMarks(reader) }));
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
    return markSet(numbers, count);
  }

  /** Whether a stretch may have executed the instruction at `pc`. */
  mayExecute(segment: number, pc: number): boolean {
    return hasMark(this.segments[segment].code, codeMark(pc));
  }

  /** Whether a stretch may have written one of these bytes. */
  mayWrite(segment: number, address: number, bytes: number): boolean {
    const { writes } = this.segments[segment];
    for (let at = address; at < address + bytes; at = (Math.floor(at / MARK_BYTES) + 1) * MARK_BYTES)
      if (hasMark(writes, markOf(at, WRITE_MARK_MASK))) return true;
    return false;
  }

  /** Each two stretches are one, from the first on. */
  thin(): void {
    const joined: Segment[] = [];
    this.segments.forEach((segment, i) => {
      const last = joined.at(-1);
      if (i % 2 === 0 || last === undefined) joined.push(segment);
      else
        joined[joined.length - 1] = {
          code: joinMarks(last.code, segment.code, CODE_MARK_MASK + 1),
          writes: joinMarks(last.writes, segment.writes, WRITE_MARK_MASK + 1),
        };
    });
    this.segments = joined;
  }
}
