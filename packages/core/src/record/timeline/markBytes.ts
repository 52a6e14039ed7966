import type { LinearMemory } from '../../engine/index.ts';
import { CODE, FunctionBody, ModuleBuilder } from '../../wasm/index.ts';
import { MarkSet } from './marks.ts';

const C = CODE;
/** Bytes that are looked at together. */
const GROUP = 8;
/** So many marks, all set. */
const ALL = 0x0101_0101_0101_0101n;

/** (at: i32, end: i32, word: i64) -> i32: the first place from `at` on, a multiple of GROUP, where something else than `word` is. */
type FindOther = (at: number, end: number, word: bigint) => number;

/** Marks in linear memory, each a byte that is 1 or 0. JavaScript takes ten times as long for going through millions of them. */
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
    const { bytes } = this.memory;
    const bounds: number[] = [];
    const end = from + count;
    for (let at = from; at < end; at += GROUP) {
      at = this.findOther(at, end, bounds.length % 2 === 0 ? 0n : ALL);
      for (let mark = at; mark < Math.min(at + GROUP, end); mark++) if (bytes[mark] !== bounds.length % 2) bounds.push(mark - from);
    }
    if (bounds.length % 2 === 1) bounds.push(count);
    for (let i = 0; i < bounds.length; i += 2) bytes.fill(0, from + bounds[i], from + bounds[i + 1]);
    return new MarkSet(Uint32Array.from(bounds));
  }
}

function findFunction(): FunctionBody {
  const f = new FunctionBody();
  f.reset(['i32', 'i32', 'i64']);
  const [at, end, word] = [0, 1, 2];
  f.block();
  f.loop();
  f.get(at);
  f.get(end);
  f.op(C['i32.eq']);
  f.brIf(1);
  f.get(at);
  f.memory(C['i64.load'], 0);
  f.get(word);
  f.op(C['i64.ne']);
  f.brIf(1);
  f.get(at);
  f.i32(GROUP);
  f.op(C['i32.add']);
  f.set(at);
  f.br(0);
  f.end();
  f.end();
  f.get(at);
  return f;
}
