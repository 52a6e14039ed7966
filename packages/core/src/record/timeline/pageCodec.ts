import { makeEngineModule, PAGE } from '../../engine/index.ts';
import { CODE, FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';
import { HEAD, MOST_TOLD, WHOLE } from './pageFormat.ts';
import { readFunction } from './readPage.ts';
import { compareFunction, compareListedFunction, LISTED_BYTES, tellFunction, zeroFunction } from './tellPage.ts';

/**
 * Memory of its own:
 *
 *     0x0_0000  page that is to be kept
 *     0x0_1000  page of zeros
 *     0x0_2000  page that has been read
 *     0x0_3000  cells, u32 each: where the next version is told, up to where there is room for that, the next page whose words are
 *               listed, where its result goes
 *     0x0_4000  words that differ
 *     0x2_0000  pages of which words are listed: u32 number, u32 count, words (see compareListedFunction)
 *    0x12_0000  of each of them: u32 where it is told, or Kept
 *    0x13_0000  chunks, of CHUNK bytes each: of pages that are kept, and of what tells their versions
 *
 * Before a page that is kept, two u32: bytes that tell it since it was told whole, and whether it holds zeros.
 */
const GIVEN = 0;
const ZEROS = 0x1000;
const READ = 0x2000;
const TOLD_END = 0x3000;
const TOLD_LIMIT = 0x3004;
const LISTED_AT = 0x3008;
const RESULTS_AT = 0x300c;
const CHANGED = 0x4000;
const LISTED = 0x2_0000;
/** Bytes of pages whose words are listed. */
export const LISTED_ROOM = 0x10_0000;
const RESULTS = 0x12_0000;
const CHUNKS = 0x13_0000;
const CHUNK = 0x10_0000;
const WASM_PAGE = 0x1_0000;
/** To so much memory grows. */
const MOST_PAGES = 0x1_0000;

const SLOT = 16 + PAGE;
/** From a page that is kept, where what is known of it stands. */
const CHAIN = -16;
const IS_ZERO = -12;
/** Of what differs from one version to the next there are so many bytes behind a whole page, and no more: they are read with it. */
const CHAIN_BYTES = PAGE;

/** In place of where a version is told: it is the last one; it holds zeros. */
export const Kept = { same: 0, zeros: 1 } as const;

interface Code {
  /** Keeps the page that is given. @returns where its version is told, or Kept */
  keep(kept: number): number;
  /** Keeps pages whose words are listed, while there is room. @returns how many */
  keepListed(count: number): number;
  /** Copies what tells a version. @returns its end */
  copy(told: number, to: number): number;
  /** Changes a page by each of `count` of what tells one. */
  read(told: number, count: number, page: number): void;
}

/** Keeps pages, and what tells each of their versions. */
export class PageCodec {
  private readonly memory = new WebAssembly.Memory({ initial: Math.ceil(CHUNKS / WASM_PAGE), maximum: MOST_PAGES });
  private readonly code: Code;
  private bytes = new Uint8Array(this.memory.buffer);
  private words = new Uint32Array(this.memory.buffer);
  /** What a page holds that has been read, until the next one is. */
  private page = this.bytes.subarray(READ, READ + PAGE);
  /** Of chunks. */
  private end = CHUNKS;
  /** Where the next page is kept, and up to where there is room for others. */
  private keptEnd = 0;
  private keptLimit = 0;
  private kept = 0;
  private toldBefore = 0;
  private toldStart = 0;

  /** @param engineModule gives the module's bytes, where the host keeps them */
  constructor(engineModule = makeEngineModule) {
    const wasm = engineModule('pageCodec', () => {
      const module = new ModuleBuilder(CHUNKS / WASM_PAGE, false, MOST_PAGES);
      const compare = module.add(module.type(['i32', 'i32'], ['i32']), compareFunction(CHANGED).body);
      const compareListed = module.add(module.type(['i32', 'i32', 'i32'], ['i32']), compareListedFunction(CHANGED).body);
      const tell = module.add(module.type(['i32', 'i32', 'i32', 'i32'], ['i32']), tellFunction(CHANGED).body);
      const isZero = module.add(module.type(['i32'], ['i32']), zeroFunction().body);
      const keepChanged = module.add(module.type(['i32', 'i32'], ['i32']), keepChangedFunction(tell, compare, isZero).body);
      module.add(module.type(['i32'], ['i32']), keepFunction(compare, keepChanged).body, 'keep');
      module.add(module.type(['i32'], ['i32']), keepListedFunction(compareListed, keepChanged).body, 'keepListed');
      module.add(module.type(['i32', 'i32'], ['i32']), copyFunction().body, 'copy');
      module.add(module.type(['i32', 'i32', 'i32'], []), readFunction().body, 'read');
      return module.finish('pageCodec');
    });
    this.code = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory: this.memory } }).exports as unknown as Code;
  }

  /** Room for a page that is kept, which holds zeros. @returns where it is @throws RangeError where the host has no more memory */
  begin(): number {
    if (this.keptEnd + SLOT > this.keptLimit) {
      this.keptEnd = this.chunk();
      this.keptLimit = this.keptEnd + CHUNK;
    }
    const kept = this.keptEnd - CHAIN;
    this.keptEnd += SLOT;
    this.kept++;
    this.words[(kept + CHAIN) / 4] = CHAIN_BYTES;
    this.words[(kept + IS_ZERO) / 4] = 1;
    return kept;
  }

  /** Bytes of pages that are kept, and of what tells their versions. */
  get usedBytes(): number {
    return this.kept * PAGE + this.toldBefore + this.words[TOLD_END / 4] - this.toldStart;
  }

  /** A page that is kept holds these PAGE bytes now. @returns where that is told, or Kept @throws RangeError where the host has no more memory */
  keep(kept: number, page: Uint8Array): number {
    this.bytes.set(page, GIVEN);
    this.makeRoom();
    return this.code.keep(kept) >>> 0;
  }

  /**
   * The same, of pages of which words are listed that alone may have another value: u32 where the page is kept, u32 count, and
   * for each of them: u32 number of the word of 64 bits, u64 value.
   * @returns of each where it is told, or Kept; valid until others are kept
   */
  keepListed(pages: Uint8Array, count: number): Uint32Array {
    this.bytes.set(pages, LISTED);
    this.words[LISTED_AT / 4] = LISTED;
    this.words[RESULTS_AT / 4] = RESULTS;
    for (let done = 0; done < count; done += this.code.keepListed(count - done)) this.makeRoom();
    return this.words.subarray(RESULTS / 4, RESULTS / 4 + count);
  }

  /** What tells versions, no more than belong to one that is told whole, one behind the other; valid until pages are listed. */
  join(places: readonly number[]): Uint8Array {
    let end = LISTED;
    for (const place of places) end = this.code.copy(place, end);
    return this.bytes.subarray(LISTED, end);
  }

  /** Whether the version at a place is told whole. */
  isWhole(place: number): boolean {
    return (this.bytes[place + 1] & (WHOLE >> 8)) !== 0;
  }

  /** Reads versions, each told on top of the one before, the first of them whole. @returns what the page holds then, valid until others are read */
  readTold(places: readonly number[], first: number, last: number): Uint8Array {
    this.page.fill(0);
    for (let i = first; i <= last; i++) this.code.read(places[i], 1, READ);
    return this.page;
  }

  private makeRoom(): void {
    const { words } = this;
    if (words[TOLD_END / 4] + 2 * MOST_TOLD <= words[TOLD_LIMIT / 4]) return;
    this.toldBefore += words[TOLD_END / 4] - this.toldStart;
    this.toldStart = this.chunk();
    this.words[TOLD_END / 4] = this.toldStart;
    this.words[TOLD_LIMIT / 4] = this.toldStart + CHUNK;
  }

  private chunk(): number {
    const start = this.end;
    this.end += CHUNK;
    if (this.end > this.bytes.length) this.grow();
    return start;
  }

  private grow(): void {
    const { memory } = this;
    const pages = this.bytes.length / WASM_PAGE;
    // Each time, V8 has as much more to look after, and collects garbage.
    memory.grow(Math.max(CHUNK / WASM_PAGE, Math.min(Math.ceil(pages / 2), MOST_PAGES - pages)));
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
    this.page = this.bytes.subarray(READ, READ + PAGE);
  }
}

const calling = (w: FunctionWriter) => {
  return (index: number, ...operands: readonly Value[]): Value => {
    return () => {
      for (const push of operands) push();
      w.body.call(index);
    };
  };
};

/** (end: i32, kept: i32) -> i32: words of a page that is kept have changed, from CHANGED up to `end`. @returns where that is told, or Kept */
function keepChangedFunction(tell: number, compare: number, isZero: number): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32']);
  const call = calling(w);
  const [end, kept] = [0, 1].map((local) => w.get(local));
  const local = w.locals('i32', 'out', 'told', 'chain');
  const [out, told, chain] = [local.out, local.told, local.chain].map((index) => w.get(index));
  const n = w.i32;
  const before = (offset: number): Value => w.op('i32.add', kept, n(offset));
  w.if(w.op('i32.eq', end, n(CHANGED)), () => w.return(n(Kept.same)));
  w.set(local.out, w.load(n(TOLD_END)));
  w.set(local.told, call(tell, end, kept, n(0), out));
  // The last word's value.
  w.if(w.op('i32.eqz', w.load(w.op('i32.sub', end, n(4)))), () => {
    w.if(call(isZero, kept), () => {
      w.store(before(IS_ZERO), n(1));
      w.return(n(Kept.zeros));
    });
  });
  w.set(local.chain, w.op('i32.add', w.load(before(CHAIN)), w.op('i32.sub', told, out)));
  // What is read begins with a whole page.
  w.if(w.op('i32.or', w.load(before(IS_ZERO)), w.op('i32.gt_u', chain, n(CHAIN_BYTES))), () => {
    w.set(local.told, call(tell, call(compare, kept, n(ZEROS)), kept, n(WHOLE), out));
    w.set(local.chain, n(0));
  });
  w.store(before(CHAIN), chain);
  w.store(before(IS_ZERO), n(0));
  w.store(n(TOLD_END), told);
  w.return(out);
  return w;
}

/** (kept: i32) -> i32 */
function keepFunction(compare: number, keepChanged: number): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const call = calling(w);
  const kept = w.get(0);
  w.return(call(keepChanged, call(compare, w.i32(GIVEN), kept), kept));
  return w;
}

/** (count: i32) -> i32 */
function keepListedFunction(compareListed: number, keepChanged: number): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const call = calling(w);
  const count = w.get(0);
  const local = w.locals('i32', 'done', 'list', 'words', 'kept', 'results');
  const [done, list, words, kept, results] = [local.done, local.list, local.words, local.kept, local.results].map((index) => w.get(index));
  const { i32: n } = w;
  const hasRoom = w.op('i32.le_u', w.op('i32.add', w.load(n(TOLD_END)), n(2 * MOST_TOLD)), w.load(n(TOLD_LIMIT)));
  w.set(local.list, w.load(n(LISTED_AT)));
  w.set(local.results, w.load(n(RESULTS_AT)));
  w.while(w.op('i32.and', w.op('i32.lt_u', done, count), hasRoom), () => {
    w.set(local.kept, w.load(list));
    w.set(local.words, w.load(list, 4));
    w.add(local.list, n(8));
    w.store(results, call(keepChanged, call(compareListed, list, words, kept), kept));
    w.add(local.list, w.op('i32.mul', words, n(LISTED_BYTES)));
    w.add(local.results, n(4));
    w.add(local.done, n(1));
  });
  w.store(n(LISTED_AT), list);
  w.store(n(RESULTS_AT), results);
  w.return(done);
  return w;
}

/** (told: i32, to: i32) -> i32. What is behind it may be copied, too. */
function copyFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32']);
  const [told, to] = [0, 1].map((local) => w.get(local));
  const local = w.locals('i32', 'end', 'at');
  const [end, at] = [local.end, local.at].map((index) => w.get(index));
  const bytes = w.op('i32.and', w.op('i32.or', w.load8(told), w.op('i32.shl', w.load8(told, 1), w.i32(8))), w.i32(WHOLE - 1));
  w.set(local.end, w.op('i32.add', bytes, w.i32(HEAD)));
  w.while(w.op('i32.lt_u', at, end), () => {
    w.op('i32.add', to, at)();
    w.op('i32.add', told, at)();
    w.body.memory(CODE['i64.load'], 0);
    w.body.memory(CODE['i64.store'], 0);
    w.add(local.at, w.i32(8));
  });
  w.return(w.op('i32.add', to, end));
  return w;
}
