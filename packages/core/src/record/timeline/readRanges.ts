import { MARK_BYTES, markOf } from '../../ir/index.ts';
import type { MarkBytes } from './markBytes.ts';
import type { MarkSet } from './marks.ts';
import { READ_MARK_MASK, READ_MARKS } from './probes.ts';

/** Bytes that marks of reads may take. */
const MOST_BYTES = 256 << 20;

/** Steps `from` to `to` - 1, and the words that were read there. */
interface ReadRange {
  readonly from: number;
  readonly to: number;
  readonly marks: MarkSet;
}

/**
 * What has been read in those parts of a run that have been searched for reads: who searches them again knows which to skip. A mark
 * that is not set proves that nothing of the word was read. (The index has no such marks: programs read far more than they write.)
 */
export class ReadRanges {
  /** In ascending order; they do not overlap. */
  private readonly ranges: ReadRange[] = [];
  private bytes = 0;

  constructor(private readonly marked: MarkBytes) {}

  /** A range is going to be searched: nothing is marked. */
  begin(): void {
    this.marked.take(READ_MARKS, READ_MARK_MASK + 1);
  }

  /** All of a range has been searched. */
  end(from: number, to: number): void {
    const at = this.firstBehind(from);
    const isKnown = (this.ranges[at - 1]?.to ?? 0) > from || (this.ranges[at]?.from ?? to) < to;
    if (isKnown || from >= to || this.bytes > MOST_BYTES) return;
    const marks = this.marked.take(READ_MARKS, READ_MARK_MASK + 1);
    this.bytes += marks.size;
    this.ranges.splice(at, 0, { from, to, marks });
  }

  /** Whether an instruction of a range may have read one of these bytes. */
  mayRead(from: number, to: number, address: number, bytes: number): boolean {
    for (let step = from, i = this.firstBehind(from) - 1; step < to; i++) {
      const range = this.ranges[i];
      if (range === undefined || range.from > step || range.to <= step) return true;
      if (hasAny(range.marks, address, bytes)) return true;
      step = range.to;
    }
    return false;
  }

  /** Index of the first range that begins behind a step. */
  private firstBehind(step: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ranges[middle].from <= step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function hasAny(marks: MarkSet, address: number, bytes: number): boolean {
  for (let at = address; at < address + bytes; at = (Math.floor(at / MARK_BYTES) + 1) * MARK_BYTES) if (marks.has(markOf(at, READ_MARK_MASK))) return true;
  return false;
}
