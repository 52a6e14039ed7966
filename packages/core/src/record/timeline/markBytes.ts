import type { LinearMemory } from '../../engine/index.ts';
import { CODE, FunctionBody, ModuleBuilder } from '../../wasm/index.ts';
import { ByteMarks } from './byteMarks.ts';
import { MarkSet } from './marks.ts';

const C = CODE;
/** Bytes of a vector. */
const LANES = 16;
/** Bytes that are looked at together while nothing is found. */
const BLOCK = 64;
/** Bytes of which it is told that one differs. */
const GROUP = 8;
/** So many marks, all set. */
const ALL = 0x0101_0101_0101_0101n;

/** (at: i32, end: i32, word: i64) -> i32: the first place from `at` on, a multiple of GROUP, where something else than `word` is. */
type FindOther = (at: number, end: number, word: bigint) => number;

/** Marks in linear memory, each a byte that is not 0 if it is set. JavaScript takes ten times as long for going through millions of them. */
export class MarkBytes {
  private readonly findOther: FindOther;

  /** @throws RangeError where the host has no room for it */
  constructor(private readonly memory: LinearMemory) {
    const builder = new ModuleBuilder(memory.bytes.length / 65536, memory.memory.buffer instanceof SharedArrayBuffer);
    builder.add(builder.type(['i32', 'i32', 'i64'], ['i32']), findFunction(), 'find');
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), { env: { memory: memory.memory } });
    this.findOther = exports.find as FindOther;
  }

  /** Takes `count` marks, a multiple of 8, from a linear offset on: none is set any more. */
  take(from: number, count: number): MarkSet {
    const bounds = this.find(from, count);
    this.clear(from, bounds);
    return new MarkSet(Uint32Array.from(bounds));
  }

  /** The same, of marks that tell bytes. */
  takeBytes(from: number, count: number): ByteMarks {
    const bounds = this.find(from, count);
    const marks = ByteMarks.of(bounds, this.memory.bytes.subarray(from, from + count));
    this.clear(from, bounds);
    return marks;
  }

  /** Where runs of marks that are set begin, and end, in turn. */
  private find(from: number, count: number): number[] {
    const { bytes } = this.memory;
    const bounds: number[] = [];
    const end = from + count;
    for (let at = from; at < end; at += GROUP) {
      at = this.findOther(at, end, bounds.length % 2 === 0 ? 0n : ALL);
      for (let mark = at; mark < Math.min(at + GROUP, end); mark++) if ((bytes[mark] === 0) !== (bounds.length % 2 === 0)) bounds.push(mark - from);
    }
    if (bounds.length % 2 === 1) bounds.push(count);
    return bounds;
  }

  private clear(from: number, bounds: readonly number[]): void {
    for (let i = 0; i < bounds.length; i += 2) this.memory.bytes.fill(0, from + bounds[i], from + bounds[i + 1]);
  }
}

/** In steps of BLOCK bytes up to the one that has something else, and from there on in steps of GROUP. */
function findFunction(): FunctionBody {
  const f = new FunctionBody();
  f.reset(['i32', 'i32', 'i64']);
  const [at, end, word] = [0, 1, 2];
  const words = f.local('v128');
  f.get(word);
  f.op(C['i64x2.splat']);
  f.set(words);
  /** Goes on by so many bytes as long as there are so many that do not differ. */
  const skip = (bytes: number, differs: () => void): void => {
    f.block();
    f.loop();
    f.get(end);
    f.get(at);
    f.op(C['i32.sub']);
    f.i32(bytes);
    f.op(C['i32.lt_u']);
    f.brIf(1);
    differs();
    f.brIf(1);
    f.get(at);
    f.i32(bytes);
    f.op(C['i32.add']);
    f.set(at);
    f.br(0);
    f.end();
    f.end();
  };
  skip(BLOCK, () => {
    for (let offset = 0; offset < BLOCK; offset += LANES) {
      f.get(at);
      f.memory(C['v128.load'], offset);
      f.get(words);
      f.op(C['v128.xor']);
      if (offset > 0) f.op(C['v128.or']);
    }
    f.op(C['v128.any_true']);
  });
  skip(GROUP, () => {
    f.get(at);
    f.memory(C['i64.load'], 0);
    f.get(word);
    f.op(C['i64.ne']);
  });
  f.get(at);
  return f;
}
