import { type LinearMemory, makeEngineModule, PAGE } from '../../engine/index.ts';
import { CODE, FunctionWriter, ModuleBuilder } from '../../wasm/index.ts';
import { PAGE_ROOM, PAGE_ROOM_END } from './probes.ts';
import { readFunction } from './readPage.ts';

interface Code {
  /** Fills a page with zeros: in shared memory, V8 does so one element after the other. */
  clear(page: number): void;
  /** Changes a page by each of `count` of what tells one. */
  read(told: number, count: number, page: number): void;
}

/** Of PAGE_ROOM: a page, and what is read. */
const READ = PAGE_ROOM;
const IN = PAGE_ROOM + PAGE;
const IN_BYTES = PAGE_ROOM_END - IN;

/** Reads pages where they are wanted, in the machine's memory. */
export class PageReader {
  private readonly code: Code;

  /** @param engineModule gives the module's bytes, where the host keeps them @throws RangeError where the host has no room for it */
  constructor(
    readonly memory: LinearMemory,
    engineModule = makeEngineModule,
  ) {
    const pages = memory.bytes.length / 65536;
    const wasm = engineModule(`pageReader-${pages}`, () => {
      const builder = new ModuleBuilder(pages, memory.memory.buffer instanceof SharedArrayBuffer);
      builder.add(builder.type(['i32'], []), clearFunction().body, 'clear');
      builder.add(builder.type(['i32', 'i32', 'i32'], []), readFunction().body, 'read');
      return builder.finish('pageReader');
    });
    this.code = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory: memory.memory } }).exports as unknown as Code;
  }

  /** The page at a linear offset holds zeros, on top of which others are read. */
  begin(at: number): void {
    this.code.clear(at);
  }

  /** Reads `count` versions, which stand behind each other, on top of what is there. */
  read(told: Uint8Array, count: number, at: number): void {
    this.memory.bytes.set(told.length > IN_BYTES ? told.subarray(0, IN_BYTES) : told, IN);
    this.code.read(IN, count, at);
  }

  /** What a page holds that is read by `put`, until the next one is. */
  page(put: (at: number) => void): Uint8Array {
    put(READ);
    return this.memory.bytes.subarray(READ, READ + PAGE);
  }
}

/** (page: i32) -> () */
function clearFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const page = 0;
  const { end } = w.locals('i32', 'end');
  const line = 64;
  w.set(end, w.op('i32.add', w.get(page), w.i32(PAGE)));
  w.while(w.op('i32.lt_u', w.get(page), w.get(end)), () => {
    for (let at = 0; at < line; at += 8) {
      w.body.get(page);
      w.body.i64(0, 0);
      w.body.memory(CODE['i64.store'], at);
    }
    w.add(page, w.i32(line));
  });
  return w;
}
