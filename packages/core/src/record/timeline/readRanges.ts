import { type ByteReader, type ByteWriter, upperBound } from '../../base/index.ts';
import { ByteMarks } from './byteMarks.ts';
import type { MarkBytes } from './markBytes.ts';
import type { MarkGroups } from './markGroups.ts';
import { READ_MARK_MASK, READ_MARKS } from './probes.ts';

/** Bytes that marks of reads may take. */
const MOST_BYTES = 256 << 20;

/** Steps `from` to `to` - 1, and the bytes that were read there. */
interface ReadRange {
  readonly from: number;
  readonly to: number;
  readonly marks: ByteMarks;
}

/** What has been read in parts of a run, as marks: one that does not tell a byte proves that nobody read it. */
export class ReadRanges {
  /** In ascending order; they do not overlap. */
  private ranges: ReadRange[] = [];
  private bytes = 0;

  /** @param groups which marks of reads there can be */
  constructor(
    private readonly marked: MarkBytes,
    private readonly groups: MarkGroups,
  ) {}

  /** A range is going to be gone through: nothing is marked. */
  begin(): void {
    this.marked.take(READ_MARKS, this.groups.ranges);
    this.groups.taken();
  }

  /** All of a range has been gone through. */
  end(from: number, to: number): void {
    const at = this.firstBehind(from);
    const isKnown = (this.ranges[at - 1]?.to ?? 0) > from || (this.ranges[at]?.from ?? to) < to;
    if (isKnown || from >= to || this.bytes > MOST_BYTES) return;
    const marks = this.marked.takeBytes(READ_MARKS, this.groups.ranges);
    this.groups.taken();
    this.bytes += marks.size;
    this.ranges.splice(at, 0, { from, to, marks });
  }

  /** Whether an instruction of a range may have read one of these bytes. */
  mayRead(from: number, to: number, address: number, bytes: number): boolean {
    for (let step = from, i = this.firstBehind(from) - 1; step < to; i++) {
      const range = this.ranges[i];
      if (range === undefined || range.from > step || range.to <= step) return true;
      if (range.marks.has(address, bytes, READ_MARK_MASK)) return true;
      step = range.to;
    }
    return false;
  }

  /** For a file. */
  write(out: ByteWriter): void {
    out.u32(this.ranges.length);
    for (const { from, to, marks } of this.ranges) {
      out.u53(from);
      out.u53(to);
      marks.write(out);
    }
  }

  /** There are none. */
  clear(): void {
    this.ranges = [];
    this.bytes = 0;
  }

  /** What `write` wrote, of what is behind all that there is. */
  read(reader: ByteReader): void {
    for (let count = reader.u32(); count > 0; count--) {
      const range = { from: reader.u53(), to: reader.u53(), marks: ByteMarks.read(reader) };
      this.bytes += range.marks.size;
      this.ranges.push(range);
    }
  }

  /** Index of the first range that begins behind a step. */
  private firstBehind(step: number): number {
    return upperBound(this.ranges, step, ({ from }) => from);
  }
}
