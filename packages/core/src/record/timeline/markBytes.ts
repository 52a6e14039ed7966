import { ByteWriter } from '../../base/index.ts';
import type { LinearMemory } from '../../engine/index.ts';
import { MARK_GROUP, WHOLE_WORD } from '../../ir/index.ts';
import { CODE, FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';
import { ByteMarks } from './byteMarks.ts';
import type { MarkRange } from './markGroups.ts';
import { MarkSet, MOST_RUNS } from './marks.ts';

/** Bytes of a vector, and those that are looked at together while no mark is found. */
const LANES = 16;
const BLOCK = 64;

/** So many marks are looked at at once: what tells them has room, whatever they are. */
const PIECE = 1 << 19;
const MOST_MARKS = 1 << 24;

/**
 * Of the room:
 *
 *     0x00_0000  u32 each: State
 *     0x00_1000  by group of marks: 1 where one is set
 *     0x01_0000  distances of where runs of set marks begin and end, in turn, LEB128 each
 *     0x18_0000  of those that do not have all bits, in ascending order: LEB128 distance from the one before, and a byte: its bits
 */
const GROUPS = 0x1000;
const OUT = 0x1_0000;
const PARTS = 0x18_0000;
/**
 * In which order they stand: the last bound, where the last run ends, which may go on, and how many runs and marks; the last part, and
 * where parts end; marks that are not set between two runs that are taken for one.
 */
const State = { last: 0, open: 4, runs: 8, marks: 12, lastPart: 16, partsEnd: 20, gap: 24 } as const;
const NONE = 0xffff_ffff;

interface Code {
  /** (from: i32, end: i32, first: i32, out: i32) -> i32: tells runs of set marks; `first` is where the first mark is of all. @returns its end */
  find(from: number, end: number, first: number, out: number): number;
  /** The same, and unsets them. */
  take(from: number, end: number, first: number, out: number): number;
  /** The same, of marks that tell bytes, with those that do not have all bits. */
  takeBytes(from: number, end: number, first: number, out: number): number;
  /** (out: i32) -> i32: ends the last run. @returns its end */
  finish(out: number): number;
}

/** Marks that are set, and stay so. */
export interface LookedMarks {
  readonly set: MarkSet;
  /** How many. */
  readonly count: number;
  /** By group of marks: 1 where one is set. */
  readonly groups: Uint8Array;
}

/** Marks in linear memory, each a byte that is not 0 if it is set. JavaScript takes ten times as long for going through millions of them. */
export class MarkBytes {
  private readonly code: Code;
  private readonly out = new ByteWriter(1 << 16);
  private readonly parts = new ByteWriter(1 << 16);
  /** See State.gap: it follows from how many runs there were before. */
  private readonly gaps = { find: 0, take: 0, takeBytes: 0 };

  /**
   * @param room linear offset of 4 MB
   * @throws RangeError where the host has no room for it
   */
  constructor(
    private readonly memory: LinearMemory,
    private readonly room: number,
  ) {
    const builder = new ModuleBuilder(memory.bytes.length / 65536, memory.memory.buffer instanceof SharedArrayBuffer);
    const type = builder.type(['i32', 'i32', 'i32', 'i32'], ['i32']);
    builder.add(type, findFunction(room, 'stay').body, 'find');
    builder.add(type, findFunction(room, 'unset').body, 'take');
    builder.add(type, findFunction(room, 'unset by byte').body, 'takeBytes');
    builder.add(builder.type(['i32'], ['i32']), finishFunction(room).body, 'finish');
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish('marks')), { env: { memory: memory.memory } });
    this.code = exports as unknown as Code;
  }

  /** Takes marks from a linear offset on: none of these is set any more. @param ranges which, by number, in ascending order */
  take(from: number, ranges: readonly MarkRange[]): MarkSet {
    return this.find('take', from, ranges);
  }

  /** The same, of marks that tell bytes. */
  takeBytes(from: number, ranges: readonly MarkRange[]): ByteMarks {
    const set = this.find('takeBytes', from, ranges);
    return ByteMarks.of(set, this.parts.copy());
  }

  /** The same, of marks that stay as they are. */
  look(from: number, ranges: readonly MarkRange[]): LookedMarks {
    const set = this.find('find', from, ranges);
    return { set, count: this.state('marks'), groups: this.memory.bytes.slice(this.room + GROUPS, this.room + GROUPS + MOST_MARKS / MARK_GROUP) };
  }

  /** Unsets what `look` has found. */
  unset(from: number, { groups }: LookedMarks): void {
    const { i64 } = this.memory;
    for (let start = groups.indexOf(1); start >= 0; ) {
      const end = groups.indexOf(0, start) < 0 ? groups.length : groups.indexOf(0, start);
      i64.fill(0n, (from + start * MARK_GROUP) / 8, (from + end * MARK_GROUP) / 8);
      start = groups.indexOf(1, end);
    }
  }

  private find(how: 'find' | 'take' | 'takeBytes', from: number, ranges: readonly MarkRange[]): MarkSet {
    const { code, room, memory, out, parts } = this;
    const { bytes, u32 } = memory;
    out.reset();
    parts.reset();
    for (const at of Object.values(State)) u32[(room + at) / 4] = 0;
    u32[(room + State.open) / 4] = NONE;
    u32[(room + State.gap) / 4] = this.gaps[how];
    memory.i64.fill(0n, (room + GROUPS) / 8, (room + GROUPS + MOST_MARKS / MARK_GROUP) / 8);
    for (const [start, behind] of ranges) {
      for (let at = start; at < behind; at += PIECE) {
        u32[(room + State.partsEnd) / 4] = room + PARTS;
        const end = code[how](from + at, from + Math.min(behind, at + PIECE), from, room + OUT);
        out.bytes(bytes.subarray(room + OUT, end));
        if (how === 'takeBytes') parts.bytes(bytes.subarray(room + PARTS, this.state('partsEnd')));
      }
    }
    out.bytes(bytes.subarray(room + OUT, code.finish(room + OUT)));
    const packed = out.copy();
    const runs = this.state('runs');
    if (runs > MOST_RUNS + MOST_RUNS / 4) {
      const { set, gap } = MarkSet.coarser(packed);
      this.gaps[how] = gap;
      return set;
    }
    if (runs > MOST_RUNS) this.gaps[how]++;
    else if (runs < MOST_RUNS - MOST_RUNS / 4) this.gaps[how] = Math.max(0, this.gaps[how] - 1);
    return new MarkSet(packed);
  }

  private state(name: keyof typeof State): number {
    return this.memory.u32[(this.room + State[name]) / 4];
  }
}

/** Writes a LEB128 number. @param out where to @param number a local that is free */
function putNumber(w: FunctionWriter, out: number, number: number, value: Value): void {
  const byte = (bits: Value): void => {
    w.store8(w.get(out), bits);
    w.add(out, w.i32(1));
  };
  w.set(number, value);
  w.while(w.op('i32.gt_u', w.get(number), w.i32(0x7f)), () => {
    byte(w.op('i32.or', w.get(number), w.i32(0x80)));
    w.set(number, w.op('i32.shr_u', w.get(number), w.i32(7)));
  });
  byte(w.get(number));
}

/** (out: i32) -> i32 */
function finishFunction(room: number): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const { number } = w.locals('i32', 'number');
  const open = w.load(w.i32(room + State.open));
  w.if(w.op('i32.ne', open, w.i32(-1)), () => putNumber(w, 0, number, w.op('i32.sub', open, w.load(w.i32(room + State.last)))));
  w.return(w.get(0));
  return w;
}

/** (from: i32, end: i32, first: i32, out: i32) -> i32 */
function findFunction(room: number, how: 'stay' | 'unset' | 'unset by byte'): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32', 'i32']);
  const [atLocal, , , outLocal] = [0, 1, 2, 3];
  const [at, end, first] = [0, 1, 2].map((local) => w.get(local));
  const local = w.locals('i32', 'start', 'last', 'open', 'number', 'mark', 'parts', 'bits', 'runs');
  const [start, last, open, mark, parts, bits] = [local.start, local.last, local.open, local.mark, local.parts, local.bits].map((index) => w.get(index));
  const cell = (name: keyof typeof State): Value => w.i32(room + State[name]);
  const sub = (a: Value, b: Value): Value => w.op('i32.sub', a, b);
  const vector = (offset: number): Value => {
    return () => {
      w.body.get(atLocal);
      w.body.memory(CODE['v128.load'], offset);
    };
  };
  const anyOf = (bytes: number): Value => {
    const vectors = Array.from({ length: bytes / LANES }, (_, i) => vector(i * LANES));
    return w.op(
      'v128.any_true',
      vectors.reduce((a, b) => w.op('v128.or', a, b)),
    );
  };
  const isIn = (bytes: number): Value => w.op('i32.ge_u', sub(end, at), w.i32(bytes));
  const skip = (bytes: number, isMet: Value): void => w.while(w.op('i32.and', isIn(bytes), isMet), () => w.add(atLocal, w.i32(bytes)));
  const isUnset = w.op('i32.eqz', w.load8(at));
  const putBound = (bound: Value): void => {
    putNumber(w, outLocal, local.number, sub(bound, last));
    w.set(local.last, bound);
  };
  const putPart = (): void => {
    w.set(local.bits, w.load8(mark));
    w.if(w.op('i32.ne', bits, w.i32(WHOLE_WORD)), () => {
      putNumber(w, local.parts, local.number, sub(sub(mark, first), w.load(cell('lastPart'))));
      w.store8(parts, bits);
      w.add(local.parts, w.i32(1));
      w.store(cell('lastPart'), sub(mark, first));
    });
  };
  /** Of the run from `start` to before `at`. */
  const each = (body: () => void): void => {
    w.set(local.mark, start);
    w.while(w.op('i32.lt_u', mark, at), () => {
      body();
      w.add(local.mark, w.i32(1));
    });
  };
  const group = (offset: Value): Value => w.op('i32.shr_u', offset, w.i32(Math.log2(MARK_GROUP)));

  w.set(local.last, w.load(cell('last')));
  w.set(local.open, w.load(cell('open')));
  w.set(local.parts, w.load(cell('partsEnd')));
  w.while(w.op('i32.lt_u', at, end), () => {
    skip(BLOCK, w.op('i32.eqz', anyOf(BLOCK)));
    skip(LANES, w.op('i32.eqz', anyOf(LANES)));
    skip(1, isUnset);
    w.if(isIn(1), () => {
      w.set(local.start, at);
      skip(LANES, w.op('i8x16.all_true', vector(0)));
      skip(1, w.op('i32.eqz', isUnset));
      // One that has ended where this one begins goes on, and so does one before a short gap.
      const hasOpen = w.op('i32.ne', open, w.i32(-1));
      w.if(w.op('i32.or', w.op('i32.eqz', hasOpen), w.op('i32.gt_u', sub(sub(start, first), open), w.load(cell('gap')))), () => {
        w.if(hasOpen, () => putBound(open));
        putBound(sub(start, first));
        w.add(local.runs, w.i32(1));
      });
      w.set(local.open, sub(at, first));
      w.store(cell('marks'), w.op('i32.add', w.load(cell('marks')), sub(at, start)));
      if (how === 'stay') {
        w.set(local.mark, group(sub(start, first)));
        w.while(w.op('i32.le_u', mark, group(sub(open, w.i32(1)))), () => {
          w.store8(w.op('i32.add', mark, w.i32(room + GROUPS)), w.i32(1));
          w.add(local.mark, w.i32(1));
        });
      } else {
        each(() => {
          if (how === 'unset by byte') putPart();
          w.store8(mark, w.i32(0));
        });
      }
    });
  });
  w.store(cell('last'), last);
  w.store(cell('open'), open);
  w.store(cell('partsEnd'), parts);
  w.store(cell('runs'), w.op('i32.add', w.load(cell('runs')), w.get(local.runs)));
  w.return(w.get(outLocal));
  return w;
}
