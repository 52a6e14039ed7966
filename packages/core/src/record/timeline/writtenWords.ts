import type { LinearMemory } from '../../engine/index.ts';
import { MARK_GROUP } from '../../ir/index.ts';
import { CODE, FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';
import { LISTED_BYTES } from './tellPage.ts';

const LANES = 16;
const BLOCK = 64;
/** Of a page that is looked at: u32 linear offset, u32 where its marks begin, u32 what is put before its words. */
const ENTRY = 12;
/** Bytes of what comes before a page's words, and of the most that a page takes. */
const HEAD = 8;
const MOST_BYTES = HEAD + MARK_GROUP * LISTED_BYTES;

interface Code {
  /** (pages: i32, end: i32, out: i32) -> i32: lists the words of pages from `out` on. @returns their end */
  list(pages: number, end: number, out: number): number;
}

/** Lists the words of pages that have been written, by their marks: nobody need look at the others to see what has changed. */
export class WrittenWords {
  private readonly code: Code;
  private readonly out: number;
  private readonly mostPages: number;
  private count = 0;

  /**
   * @param room linear offset of as many bytes as `bytes` says, and what pages take that are looked at together
   * @param bytes of what is listed at once
   * @throws RangeError where the host has no room for it
   */
  constructor(
    private readonly memory: LinearMemory,
    private readonly room: number,
    bytes: number,
  ) {
    this.mostPages = Math.floor(bytes / MOST_BYTES);
    this.out = room + this.mostPages * ENTRY;
    const builder = new ModuleBuilder(memory.bytes.length / 65536, memory.memory.buffer instanceof SharedArrayBuffer);
    builder.add(builder.type(['i32', 'i32', 'i32'], ['i32']), listFunction().body, 'list');
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), { env: { memory: memory.memory } });
    this.code = exports as unknown as Code;
  }

  /** How many pages are to be looked at. */
  get pages(): number {
    return this.count;
  }

  get isFull(): boolean {
    return this.count === this.mostPages;
  }

  /** Another page, at a linear offset, whose marks are from `marks` on. @param number what is put before its words */
  add(storage: number, marks: number, number: number): void {
    const at = (this.room + this.count++ * ENTRY) / 4;
    const { u32 } = this.memory;
    u32[at] = storage;
    u32[at + 1] = marks;
    u32[at + 2] = number;
  }

  /** Their words, as PageCodec.keepListed wants them, valid until the next are added; there is none to be looked at any more. */
  list(): Uint8Array {
    const end = this.code.list(this.room, this.room + this.count * ENTRY, this.out);
    this.count = 0;
    return this.memory.bytes.subarray(this.out, end);
  }
}

function listFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32']);
  const [pagesLocal, , outLocal] = [0, 1, 2];
  const [pages, pagesEnd, out] = [0, 1, 2].map((local) => w.get(local));
  const local = w.locals('i32', 'at', 'end', 'bits', 'index', 'head', 'marks', 'storage');
  const [at, end, bits, index, head, marks, storage] = [...[local.at, local.end, local.bits, local.index], ...[local.head, local.marks, local.storage]].map(
    (each) => w.get(each),
  );
  const n = w.i32;
  const add = (a: Value, b: Value): Value => w.op('i32.add', a, b);
  const vector = (offset: number): Value => {
    return () => {
      at();
      w.body.memory(CODE['v128.load'], offset);
    };
  };
  const vectors = Array.from({ length: BLOCK / LANES }, (_, i) => vector(i * LANES));
  const isBlockUnset = w.op(
    'i32.eqz',
    w.op(
      'v128.any_true',
      vectors.reduce((a, b) => w.op('v128.or', a, b)),
    ),
  );
  const listLanes = (offset: number): void => {
    // Bit 7 of each that is set, whatever it holds below 128.
    w.set(local.bits, w.op('i8x16.bitmask', w.op('i8x16.neg', vector(offset))));
    w.while(bits, () => {
      w.set(local.index, add(w.op('i32.sub', add(at, n(offset)), marks), w.op('i32.ctz', bits)));
      w.store(out, index);
      out();
      add(storage, w.op('i32.shl', index, n(3)))();
      w.body.memory(CODE['i64.load'], 0);
      w.body.memory(CODE['i64.store'], 4);
      w.add(outLocal, n(LISTED_BYTES));
      w.set(local.bits, w.op('i32.and', bits, w.op('i32.sub', bits, n(1))));
    });
  };

  w.while(w.op('i32.lt_u', pages, pagesEnd), () => {
    w.set(local.storage, w.load(pages));
    w.set(local.marks, w.load(pages, 4));
    w.store(out, w.load(pages, 8));
    w.set(local.head, out);
    w.add(outLocal, n(HEAD));
    w.set(local.at, marks);
    w.set(local.end, add(marks, n(MARK_GROUP)));
    w.while(w.op('i32.lt_u', at, end), () => {
      w.if(
        isBlockUnset,
        () => w.add(local.at, n(BLOCK)),
        () => {
          for (let i = 0; i < BLOCK; i += LANES) listLanes(i);
          w.add(local.at, n(BLOCK));
        },
      );
    });
    w.store(head, w.op('i32.div_u', w.op('i32.sub', w.op('i32.sub', out, head), n(HEAD)), n(LISTED_BYTES)), 4);
    w.add(pagesLocal, n(ENTRY));
  });
  w.return(out);
  return w;
}
