import type { LinearMemory } from '../../engine/index.ts';
import { CODE, FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';
import { type ByteMarks, PartialMarks } from './byteMarks.ts';
import type { MarkRange } from './markGroups.ts';
import { MarkSet } from './marks.ts';

/** Bytes of a vector, and those that are looked at together while no mark is found. */
const LANES = 16;
const BLOCK = 64;

/** So many marks are looked at at once: at worst each second one is set. */
const PIECE = 1 << 20;

interface Code {
  /** (from: i32, end: i32, out: i32) -> i32: puts where runs of set marks begin and end from `out` on, u32 each, from `from` on. @returns its end */
  find(from: number, end: number, out: number): number;
  /** (bounds: i32, end: i32, from: i32): unsets the marks of runs that `find` has found. */
  clear(bounds: number, end: number, from: number): void;
}

/** Marks in linear memory, each a byte that is not 0 if it is set. JavaScript takes ten times as long for going through millions of them. */
export class MarkBytes {
  private readonly code: Code;

  /**
   * @param room linear offset of 4 MB: eight bytes for each run
   * @throws RangeError where the host has no room for it
   */
  constructor(
    private readonly memory: LinearMemory,
    private readonly room: number,
  ) {
    const builder = new ModuleBuilder(memory.bytes.length / 65536, memory.memory.buffer instanceof SharedArrayBuffer);
    builder.add(builder.type(['i32', 'i32', 'i32'], ['i32']), findFunction().body, 'find');
    builder.add(builder.type(['i32', 'i32', 'i32'], []), clearFunction().body, 'clear');
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), { env: { memory: memory.memory } });
    this.code = exports as unknown as Code;
  }

  /** Takes marks from a linear offset on: none of these is set any more. @param ranges which, by number, in ascending order */
  take(from: number, ranges: readonly MarkRange[]): MarkSet {
    return new MarkSet(this.find(from, ranges, () => true));
  }

  /** Where runs of marks that are set begin, and end, in turn, in ascending order. They stay as they are. */
  look(from: number, ranges: readonly MarkRange[]): Uint32Array {
    return this.find(from, ranges, () => false);
  }

  /** Unsets what `look` has found. */
  unset(from: number, bounds: Uint32Array): void {
    const { code, room, memory } = this;
    for (let at = 0; at < bounds.length; at += PIECE) {
      const some = bounds.subarray(at, at + PIECE);
      memory.u32.set(some, room >>> 2);
      code.clear(room, room + 4 * some.length, from);
    }
  }

  /** The same, of marks that tell bytes. */
  takeBytes(from: number, ranges: readonly MarkRange[]): ByteMarks {
    const parts = new PartialMarks();
    const bounds = this.find(from, ranges, (some) => {
      parts.add(some, this.memory.bytes, from);
      return true;
    });
    return parts.with(bounds);
  }

  /** Where runs of marks that are set begin, and end, in turn. @param found is told of some of them; whether they are unset then */
  private find(from: number, ranges: readonly MarkRange[], found: (bounds: Uint32Array) => boolean): Uint32Array {
    const { code, room, memory } = this;
    const pieces: Uint32Array[] = [];
    for (const [start, behind] of ranges) {
      for (let at = start; at < behind; at += PIECE) {
        const end = code.find(from + at, from + Math.min(behind, at + PIECE), room);
        if (end === room) continue;
        const bounds = memory.u32.slice(room >>> 2, end >>> 2);
        if (at > 0) for (let i = 0; i < bounds.length; i++) bounds[i] += at;
        if (found(bounds)) code.clear(room, end, from + at);
        pieces.push(bounds);
      }
    }
    return joinBounds(pieces);
  }
}

/** Bounds of runs, in ascending order, as one list: a run that goes on in the next piece is one. */
function joinBounds(pieces: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bounds of pieces) {
    const goesOn = at > 0 && joined[at - 1] === bounds[0];
    joined.set(goesOn ? bounds.subarray(1) : bounds, goesOn ? at - 1 : at);
    at += goesOn ? bounds.length - 2 : bounds.length;
  }
  return joined.subarray(0, at);
}

function clearFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32']);
  const [bounds, end, from] = [0, 1, 2];
  const { at, behind } = w.locals('i32', 'at', 'behind');
  w.while(w.op('i32.lt_u', w.get(bounds), w.get(end)), () => {
    w.set(at, w.op('i32.add', w.get(from), w.load(w.get(bounds))));
    w.set(behind, w.op('i32.add', w.get(from), w.load(w.get(bounds), 4)));
    w.while(w.op('i32.lt_u', w.get(at), w.get(behind)), () => {
      w.store8(w.get(at), w.i32(0));
      w.add(at, w.i32(1));
    });
    w.add(bounds, w.i32(8));
  });
  return w;
}

function findFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32']);
  const [from, end, out] = [0, 1, 2];
  const { at } = w.locals('i32', 'at');
  const vector = (offset: number): Value => {
    return () => {
      w.body.get(at);
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
  const isIn = (bytes: number): Value => w.op('i32.ge_u', w.op('i32.sub', w.get(end), w.get(at)), w.i32(bytes));
  const skip = (bytes: number, isMet: Value): void => w.while(w.op('i32.and', isIn(bytes), isMet), () => w.add(at, w.i32(bytes)));
  const put = (): void => {
    w.store(w.get(out), w.op('i32.sub', w.get(at), w.get(from)));
    w.add(out, w.i32(4));
  };
  const isUnset = w.op('i32.eqz', w.load8(w.get(at)));

  w.set(at, w.get(from));
  w.while(w.op('i32.lt_u', w.get(at), w.get(end)), () => {
    skip(BLOCK, w.op('i32.eqz', anyOf(BLOCK)));
    skip(LANES, w.op('i32.eqz', anyOf(LANES)));
    skip(1, isUnset);
    w.if(isIn(1), () => {
      put();
      skip(LANES, w.op('i8x16.all_true', vector(0)));
      skip(1, w.op('i32.eqz', isUnset));
      put();
    });
  });
  w.return(w.get(out));
  return w;
}
