import type { LinearMemory } from '../../engine/index.ts';
import { CODE, FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';
import { ByteMarks } from './byteMarks.ts';
import { MarkSet } from './marks.ts';

/** Bytes of a vector, and those that are looked at together while no mark is found. */
const LANES = 16;
const BLOCK = 64;

/** (from: i32, end: i32, out: i32) -> i32: puts where runs of set marks begin and end from `out` on, u32 each, from `from` on. @returns its end */
type FindRuns = (from: number, end: number, out: number) => number;

/** Marks in linear memory, each a byte that is not 0 if it is set. JavaScript takes ten times as long for going through millions of them. */
export class MarkBytes {
  private readonly findRuns: FindRuns;

  /**
   * @param room linear offset of four bytes for each mark
   * @throws RangeError where the host has no room for it
   */
  constructor(
    private readonly memory: LinearMemory,
    private readonly room: number,
  ) {
    const builder = new ModuleBuilder(memory.bytes.length / 65536, memory.memory.buffer instanceof SharedArrayBuffer);
    builder.add(builder.type(['i32', 'i32', 'i32'], ['i32']), findFunction().body, 'find');
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), { env: { memory: memory.memory } });
    this.findRuns = exports.find as FindRuns;
  }

  /** Takes `count` marks from a linear offset on: none is set any more. */
  take(from: number, count: number): MarkSet {
    const bounds = this.find(from, count);
    this.clear(from, bounds);
    return new MarkSet(bounds);
  }

  /** The same, of marks that tell bytes. */
  takeBytes(from: number, count: number): ByteMarks {
    const bounds = this.find(from, count);
    const marks = ByteMarks.of(bounds, this.memory.bytes.subarray(from, from + count));
    this.clear(from, bounds);
    return marks;
  }

  /** Where runs of marks that are set begin, and end, in turn. */
  private find(from: number, count: number): Uint32Array {
    const end = this.findRuns(from, from + count, this.room);
    return Uint32Array.from(this.memory.u32.subarray(this.room >>> 2, end >>> 2));
  }

  private clear(from: number, bounds: Uint32Array): void {
    for (let i = 0; i < bounds.length; i += 2) this.memory.bytes.fill(0, from + bounds[i], from + bounds[i + 1]);
  }
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
