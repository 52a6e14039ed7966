import { assert, STATE_COPIES, STATE_COPY_BYTES } from '../base/index.ts';
import type { StateLayout } from '../ir/index.ts';
import { CODE, FunctionWriter, ModuleBuilder } from '../wasm/index.ts';
import { type LinearMemory, STATE } from './linearMemory.ts';
import { makeEngineModule } from './seams.ts';

const VECTOR = 16;

interface Code {
  /** Copies the state. */
  take(): void;
  /** @returns bytes from the state's start, at most `end`, of the first vector from `from` on that differs */
  differs(from: number, end: number): number;
}

/**
 * A copy of the CPU state in linear memory, and where the state differs from it. Each user has one in a machine.
 * In Wasm, sixteen bytes at a time: this is asked at each system call of a recording or a trace.
 */
export class StateCopy {
  /** The state, and the copy. */
  readonly words: Int32Array;
  readonly copy: Int32Array;
  private readonly code: Code;
  private readonly end: number;

  /** @param engineModule gives the module's bytes, where the host keeps them */
  constructor({ memory, i32, bytes }: LinearMemory, { size }: StateLayout, user: keyof typeof STATE_COPIES, engineModule = makeEngineModule) {
    const start = STATE_COPIES[user];
    this.end = (size + VECTOR - 1) & -VECTOR;
    assert(this.end <= STATE_COPY_BYTES, 'the CPU state is larger than the room for its copy');
    this.words = i32.subarray(STATE >> 2, (STATE + size) >> 2);
    this.copy = i32.subarray(start >> 2, (start + size) >> 2);
    const pages = bytes.length / 0x1_0000;
    const wasm = engineModule(`state-${[user, size, pages].join('-')}`, () => {
      const module = new ModuleBuilder(pages, memory.buffer instanceof SharedArrayBuffer);
      module.add(module.type([], []), takeFunction(start, this.end).body, 'take');
      module.add(module.type(['i32', 'i32'], ['i32']), differsFunction(start).body, 'differs');
      return module.finish('state');
    });
    this.code = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } }).exports as unknown as Code;
    this.take();
  }

  /** The copy is what the state is now. */
  take(): void {
    this.code.take();
  }

  /** The first word from number `from` on that differs; the number of words, if none does. */
  next(from: number): number {
    const { words, copy } = this;
    let at = from;
    // To the next vector.
    for (; (at & 3) !== 0; at++) if (words[at] !== copy[at]) return Math.min(at, words.length);
    at = this.code.differs(at * 4, this.end) >> 2;
    while (at < words.length && words[at] === copy[at]) at++;
    return Math.min(at, words.length);
  }
}

/** () -> (): `end` bytes to `copy`, in a row of loads and stores. */
function takeFunction(copy: number, end: number): FunctionWriter {
  const w = new FunctionWriter([]);
  for (let at = 0; at < end; at += VECTOR) {
    w.body.i32(copy + at);
    w.body.i32(STATE + at);
    w.body.memory(CODE['v128.load'], 0);
    w.body.memory(CODE['v128.store'], 0);
  }
  return w;
}

function differsFunction(copy: number): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32']);
  const [at, end] = [0, 1];
  const vector = (from: number) => (): void => {
    w.body.get(at);
    w.body.memory(CODE['v128.load'], from);
  };
  w.while(w.op('i32.lt_u', w.get(at), w.get(end)), () => {
    w.if(w.op('v128.any_true', w.op('v128.xor', vector(STATE), vector(copy))), () => w.return(w.get(at)));
    w.add(at, w.i32(VECTOR));
  });
  w.body.get(at);
  return w;
}
