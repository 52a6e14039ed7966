import type { ByteReader, ByteWriter } from '../../base/index.ts';
import { type LinearMemory, PAGE } from '../../engine/index.ts';
import { MARK_BYTES, MARK_GROUP, markOf, markOfWord } from '../../ir/index.ts';
import { FirstRuns } from './firstRuns.ts';
import type { LookedMarks, MarkBytes } from './markBytes.ts';
import type { MarkGroups } from './markGroups.ts';
import { MarkSet } from './marks.ts';
import { CODE_MARK_MASK, CODE_MARKS, codeMark, WRITE_MARK_MASK, WRITE_MARKS } from './probes.ts';
import type { ReadRanges } from './readRanges.ts';

const GROUP_SHIFT = Math.log2(MARK_GROUP);

/** What is told of a stretch besides its marks: numbers, each once, in ascending order. */
interface Told {
  /** Threads that ran, and the processes that they were of, or to whose memory the kernel wrote. */
  readonly tids: readonly number[];
  readonly pids: readonly number[];
  /** System calls that were made. */
  readonly calls: readonly number[];
  /** Signals that reached a process. */
  readonly signals: readonly number[];
  /** Bytes that were written to the run's standard output, and to its standard error. */
  readonly output: readonly [number, number];
}

interface Segment extends Told {
  readonly code: MarkSet;
  readonly writes: MarkSet;
}

/** What is told of the stretch that is being gone through. */
interface Open {
  readonly tids: Set<number>;
  readonly pids: Set<number>;
  readonly calls: Set<number>;
  readonly signals: Set<number>;
  readonly output: [number, number];
}

const nothingTold = (): Open => ({ tids: new Set(), pids: new Set(), calls: new Set(), signals: new Set(), output: [0, 0] });

/** What a stretch may have written: so many words; the first page of a range, by first addresses, or its end. */
export interface MarkedPages {
  readonly words: number;
  next(start: number, end: number): number;
}

/** Something that is known of a whole run once it has been gone through. */
interface KeptHistory {
  write(out: ByteWriter): void;
  read(reader: ByteReader): void;
}

/**
 * What the stretches between snapshots have executed and written, as marks: a mark that is not set proves that nothing of what has it
 * was; one that is set proves nothing. Of threads, system calls, signals and output it has all.
 */
export class SegmentIndex {
  private segments: Segment[] = [];
  private readonly firstRuns = new FirstRuns();
  private open = nothingTold();
  /** Marks of writes that have been looked at, and are still set. */
  private looked: LookedMarks | undefined;

  /**
   * @param groups which marks of writes there can be
   * @param reads kept in the same file
   * @param histories what else is known of the whole run, once it has been gone through
   */
  constructor(
    private readonly memory: LinearMemory,
    private readonly marked: MarkBytes,
    private readonly groups: MarkGroups,
    private readonly reads: ReadRanges,
    private readonly histories: readonly KeptHistory[],
  ) {}

  get count(): number {
    return this.segments.length;
  }

  /** Bytes of all sets of marks. */
  get bytes(): number {
    return this.segments.reduce((sum, { code, writes }) => sum + code.size + writes.size, 0);
  }

  /** For a file. @param isLast whether the run ends with these stretches: then what is known of all of it is kept with them */
  write(out: ByteWriter, isLast: boolean): void {
    out.u32(this.segments.length);
    for (const { code, writes, tids, pids, calls, signals, output } of this.segments) {
      for (const set of [code, writes]) set.write(out);
      for (const list of [tids, pids, calls, signals]) {
        out.u32(list.length);
        for (const number of list) out.u32(number);
      }
      for (const bytes of output) out.u53(bytes);
    }
    this.reads.write(out);
    this.firstRuns.write(out);
    out.byte(Number(isLast));
    if (isLast) for (const each of this.histories) each.write(out);
  }

  /** Nothing has been gone through. */
  clear(): void {
    this.segments = [];
    this.reads.clear();
    this.firstRuns.clear();
  }

  /** What `write` wrote, behind what there is. */
  read(reader: ByteReader): void {
    const first = this.segments.length;
    const list = (): number[] => Array.from({ length: reader.u32() }, () => reader.u32());
    for (let count = reader.u32(); count > 0; count--)
      this.segments.push({
        ...{ code: MarkSet.read(reader), writes: MarkSet.read(reader) },
        ...{ tids: list(), pids: list(), calls: list(), signals: list(), output: [reader.u53(), reader.u53()] as const },
      });
    this.reads.read(reader);
    this.firstRuns.read(reader, first);
    if (reader.byte() === 1) for (const each of this.histories) each.read(reader);
  }

  /** Marks may have been set since the last stretch ended. */
  restart(): void {
    this.takeMarks();
  }

  /** A stretch begins, where the one before has ended. */
  begin(pid: number, tid: number): void {
    this.open = nothingTold();
    this.thread(pid, tid);
  }

  /** The kernel has written to memory. */
  wrote(address: number, bytes: number): void {
    for (let at = address; at < address + bytes; at = (Math.floor(at / MARK_BYTES) + 1) * MARK_BYTES)
      this.memory.bytes[WRITE_MARKS + markOf(at, WRITE_MARK_MASK)] = 1;
  }

  /** A thread runs from now on. */
  thread(pid: number, tid: number): void {
    this.open.pids.add(pid);
    this.open.tids.add(tid);
  }

  /** The kernel has written to a process's memory while another one ran. */
  touched(pid: number): void {
    this.open.pids.add(pid);
  }

  called(number: number): void {
    this.open.calls.add(number);
  }

  signal(number: number): void {
    this.open.signals.add(number);
  }

  /** Bytes go to the run's standard output (1) or error (2). */
  output(stream: number, bytes: number): void {
    this.open.output[stream - 1] += bytes;
  }

  /** What the stretch has written that is being gone through, of which nothing more will be. */
  written(): MarkedPages {
    const { marked, groups } = this;
    this.looked ??= marked.look(WRITE_MARKS, groups.ranges);
    return { words: this.looked.count, next: nextOf(this.looked.groups) };
  }

  /** A stretch ends: what has been marked and told is kept. */
  end(): void {
    const sorted = (numbers: ReadonlySet<number>): number[] => [...numbers].sort((a, b) => a - b);
    const { tids, pids, calls, signals, output } = this.open;
    this.segments.push({
      ...this.takeMarks(),
      ...{ tids: sorted(tids), pids: sorted(pids), calls: sorted(calls), signals: sorted(signals), output },
    });
  }

  private takeMarks(): Pick<Segment, 'code' | 'writes'> {
    const { marked, groups, looked } = this;
    this.looked = undefined;
    if (looked !== undefined) marked.unset(WRITE_MARKS, looked);
    const marks = { code: marked.take(CODE_MARKS, [[0, CODE_MARK_MASK + 1]]), writes: looked?.set ?? marked.take(WRITE_MARKS, groups.ranges) };
    groups.taken();
    return marks;
  }

  /** What a stretch may have written. */
  pagesOf(segment: number): MarkedPages {
    const { writes } = this.segments[segment];
    return { words: writes.count, next: nextOf(writes.groups(MARK_GROUP, WRITE_MARK_MASK + 1)) };
  }

  /** A block of code is translated in a stretch, to be executed. */
  translated(pc: number, bytes: number, segment: number): void {
    this.firstRuns.translated(pc, bytes, segment);
  }

  /** Whether a stretch may have executed the instruction at `pc`. */
  mayExecute(segment: number, pc: number): boolean {
    return segment >= this.firstRuns.of(pc) && this.segments[segment].code.has(codeMark(pc));
  }

  /** Whether a stretch may have written one of these bytes. */
  mayWrite(segment: number, address: number, bytes: number): boolean {
    const { writes } = this.segments[segment];
    for (let at = address; at < address + bytes; at = (Math.floor(at / MARK_BYTES) + 1) * MARK_BYTES) if (writes.has(markOf(at, WRITE_MARK_MASK))) return true;
    return false;
  }

  /** What a stretch did besides. */
  told(segment: number): Told {
    return this.segments[segment];
  }

  /** Bytes of output before a stretch. */
  outputBefore(segment: number, stream: 1 | 2): number {
    return this.segments.slice(0, segment).reduce((sum, { output }) => sum + output[stream - 1], 0);
  }

  /** The stretch with a byte of the output, counted from 0; there must be one. */
  segmentOfOutput(stream: 1 | 2, byte: number): number {
    let behind = 0;
    return this.segments.findIndex(({ output }) => {
      behind += output[stream - 1];
      return byte < behind;
    });
  }

  /** Each two stretches are one, from the first on. */
  thin(): void {
    this.firstRuns.thin();
    const joined: Segment[] = [];
    this.segments.forEach((segment, i) => {
      const last = joined.at(-1);
      if (i % 2 === 0 || last === undefined) joined.push(segment);
      else joined[joined.length - 1] = joinSegments(last, segment);
    });
    this.segments = joined;
  }
}

/** @param groups of marks: 1 where one is set */
function nextOf(groups: Uint8Array): MarkedPages['next'] {
  return (start, end) => {
    // There are millions of pages in all, most of which were not: numbers of 32 bits alone.
    let word = Math.floor(start / MARK_BYTES) | 0;
    for (let left = Math.ceil((end - start) / PAGE) | 0; left > 0; left--) {
      if (groups[markOfWord(word, WRITE_MARK_MASK) >>> GROUP_SHIFT] === 1) return end - left * PAGE;
      word = (word + MARK_GROUP) | 0;
    }
    return end;
  };
}

function joinSegments(a: Segment, b: Segment): Segment {
  const both = (x: readonly number[], y: readonly number[]): number[] => [...new Set([...x, ...y])].sort((p, q) => p - q);
  return {
    ...{ code: a.code.with(b.code), writes: a.writes.with(b.writes) },
    ...{ tids: both(a.tids, b.tids), pids: both(a.pids, b.pids), calls: both(a.calls, b.calls), signals: both(a.signals, b.signals) },
    output: [a.output[0] + b.output[0], a.output[1] + b.output[1]],
  };
}
