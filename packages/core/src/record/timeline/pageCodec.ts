import { makeEngineModule, PAGE } from '../../engine/index.ts';
import { CODE, FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';

/**
 * Memory of its own:
 *
 *     0x0_0000  page that is to be told
 *     0x0_1000  page of zeros
 *     0x0_2000  page that has been read
 *     0x0_3000  what tells a page
 *     0x0_8000  what is to be read: up to 64 KB
 *     0x2_0000  pages that are kept, PAGE bytes each
 */
const GIVEN = 0;
const ZEROS = 0x1000;
const READ = 0x2000;
const TOLD = 0x3000;
const IN = 0x8000;
const IN_BYTES = 0x1_0000;
const KEPT = 0x2_0000;
const WASM_PAGE = 0x1_0000;
/** Memory grows by so much, and to so much. */
const GROWTH = 64;
const MOST_PAGES = 0x1_0000;

const WORDS = PAGE / 4;
/** Words of a vector, and how many vectors are compared at once. */
const VECTOR = 4;
const VECTORS = 8;
const LONG_GAP = 31;
/** In place of a word's bytes: words follow that stand side by side. */
const RUN = 5;
const LEAST_RUN = 4;

/** Bytes of what comes before the tokens. */
const HEAD = 2;
const WHOLE = 0x8000;

interface Code {
  /** (before, head) -> end of what tells the page behind `before`, which is as the page then, or TOLD if it is already. @param head WHOLE or 0 */
  tell(before: number, head: number): number;
  /** Whether the page that is to be told holds zeros. */
  isZero(): number;
  /** Changes the page that has been read by each of `count` of what tells one, from IN on. */
  read(count: number): void;
}

/**
 * Tells what pages hold, and reads it. Words of 32 bits are told by what differs from another version, or, of a whole page, by what
 * is not zero:
 *
 *     u16 bytes that follow, and bit 15 set if it is a whole page
 *     tokens: bits 7 to 3 words that stay as they are (31: and a LEB128 number more), bits 2 to 0 what comes behind them:
 *       0 to 4  a word of so many bytes
 *       5       LEB128 number n of words, for each 4 of them a byte with 2 bits each: their bytes less 1, and their bytes
 *
 * Of a word there is told how it differs from the one told before, the sign in bit 0, least significant byte first, up to the last that
 * is not zero: what changes together mostly is alike. That takes a third of what the words are, and a tenth of the time of deflate.
 */
export class PageCodec {
  private readonly memory = new WebAssembly.Memory({ initial: KEPT / WASM_PAGE, maximum: MOST_PAGES });
  private readonly code: Code;
  private bytes = new Uint8Array(this.memory.buffer);
  /** What a page holds that has been read, until the next one is. */
  private page = this.bytes.subarray(READ, READ + PAGE);
  private kept = 0;

  /** @param engineModule gives the module's bytes, where the host keeps them */
  constructor(engineModule = makeEngineModule) {
    const wasm = engineModule('pageCodec', () => {
      const module = new ModuleBuilder(KEPT / WASM_PAGE, false, MOST_PAGES);
      module.add(module.type(['i32', 'i32'], ['i32']), tellFunction().body, 'tell');
      module.add(module.type([], ['i32']), zeroFunction().body, 'isZero');
      module.add(module.type(['i32'], []), readFunction().body, 'read');
      return module.finish('pageCodec');
    });
    this.code = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory: this.memory } }).exports as unknown as Code;
  }

  /** Room for a page that is kept, which holds zeros. @returns its number @throws RangeError where the host has no more memory */
  keep(): number {
    // The word behind a page is read, too.
    const end = KEPT + (this.kept + 1) * PAGE;
    if (end >= this.bytes.length) {
      this.memory.grow(GROWTH);
      this.bytes = new Uint8Array(this.memory.buffer);
      this.page = this.bytes.subarray(READ, READ + PAGE);
    }
    return this.kept++;
  }

  /** Bytes of pages that are kept. */
  get keptBytes(): number {
    return this.kept * PAGE;
  }

  /** The page of which the next ones tell, PAGE bytes. */
  give(page: Uint8Array): void {
    this.bytes.set(page, GIVEN);
  }

  /** What tells the page behind one that is kept, and holds the same from now on; valid until the next is told; undefined: it does already. */
  changes(kept: number): Uint8Array | undefined {
    const end = this.code.tell(KEPT + kept * PAGE, 0);
    return end === TOLD ? undefined : this.bytes.subarray(TOLD, end);
  }

  /** What tells all of the page, which does not hold zeros; valid until the next is told. */
  whole(): Uint8Array {
    const end = this.code.tell(ZEROS, WHOLE);
    this.bytes.fill(0, ZEROS, ZEROS + PAGE);
    return this.bytes.subarray(TOLD, end);
  }

  get isZero(): boolean {
    return this.code.isZero() !== 0;
  }

  /** Begins to read a page: it holds zeros. */
  begin(): void {
    this.page.fill(0);
  }

  /** Reads `count` versions, which stand behind each other, on top of what has been read. @returns what the page holds, valid until others are read */
  read(told: Uint8Array, count: number): Uint8Array {
    this.bytes.set(told.length > IN_BYTES ? told.subarray(0, IN_BYTES) : told, IN);
    this.code.read(count);
    return this.page;
  }
}

/** Whether a whole page is told. */
export const isWhole = (told: Uint8Array, at: number): boolean => (told[at + 1] & (WHOLE >> 8)) !== 0;

/** Bytes of what tells a page, its head among them. */
export const toldBytes = (told: Uint8Array, at: number): number => HEAD + (told[at] | ((told[at + 1] & ~(WHOLE >> 8)) << 8));

/** (before, head: i32) -> i32 */
function tellFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32']);
  const [before, head] = [0, 1].map((local) => w.get(local));
  const local = w.locals('i32', 'at', 'told', 'out', 'end', 'last', 'next', 'number', 'codes', 'i');
  const [at, told, out, end, last, next, number, codes, i] = [
    ...[local.at, local.told, local.out, local.end, local.last],
    ...[local.next, local.number, local.codes, local.i],
  ].map((index) => w.get(index));
  const op = (name: string) => {
    return (...operands: readonly Value[]): Value => w.op(`i32.${name}`, ...operands);
  };
  const [add, sub, or, and, xor, shl, shr, ne, lt] = ['add', 'sub', 'or', 'and', 'xor', 'shl', 'shr_u', 'ne', 'lt_u'].map(op);
  const n = w.i32;
  const put = (value: Value): void => {
    w.store8(out, value);
    w.add(local.out, n(1));
  };
  const putNumber = (value: Value): void => {
    w.set(local.number, value);
    w.while(w.op('i32.gt_u', number, n(0x7f)), () => {
      put(or(number, n(0x80)));
      w.set(local.number, shr(number, n(7)));
    });
    put(number);
  };
  const given = (index: Value): Value => w.word(n(GIVEN), index);
  const differs = (index: Value): Value => ne(given(index), w.word(before, index));
  /** Sets `number` to how a word differs from the one told before. */
  const difference = (index: Value): void => {
    w.set(local.next, given(index));
    w.set(local.number, sub(next, last));
    w.set(local.number, xor(shl(number, n(1)), w.op('i32.shr_s', number, n(31))));
    w.set(local.last, next);
    w.store(w.wordAt(before, index), next);
  };
  /** Bytes of `number`. */
  const length = shr(sub(n(39), w.op('i32.clz', number)), n(3));
  const token = (kind: Value): void => {
    const gap = sub(at, told);
    w.if(
      lt(gap, n(LONG_GAP)),
      () => put(or(kind, shl(gap, n(3)))),
      () => {
        put(or(kind, n(LONG_GAP << 3)));
        w.set(local.i, number);
        putNumber(sub(gap, n(LONG_GAP)));
        w.set(local.number, i);
      },
    );
  };
  const putRun = (): void => {
    token(n(RUN));
    putNumber(sub(end, at));
    w.set(local.codes, out);
    w.add(local.out, shr(add(sub(end, at), n(3)), n(2)));
    w.set(local.i, n(0));
    w.while(lt(at, end), () => {
      difference(at);
      w.store(out, number);
      // A word that is as the one before takes a byte, too.
      w.set(local.number, sub(length, ne(number, n(0))));
      w.if(w.op('i32.eqz', and(i, n(3))), () => w.store8(add(codes, shr(i, n(2))), n(0)));
      w.store8(add(codes, shr(i, n(2))), or(w.load8(add(codes, shr(i, n(2)))), shl(number, shl(and(i, n(3)), n(1)))));
      w.add(local.out, add(number, n(1)));
      w.add(local.i, n(1));
      w.add(local.at, n(1));
    });
  };
  const putWord = (): void => {
    difference(at);
    token(length);
    w.store(out, number);
    w.add(local.out, length);
    w.add(local.at, n(1));
  };
  const areSame = (vectors: number): Value => {
    const vector = (from: Value, i: number): Value => {
      return () => {
        w.wordAt(from, at)();
        w.body.memory(CODE['v128.load'], i * VECTOR * 4);
      };
    };
    const differing = Array.from({ length: vectors }, (_, i) => w.op('v128.xor', vector(n(GIVEN), i), vector(before, i)));
    return w.op(
      'i32.eqz',
      w.op(
        'v128.any_true',
        differing.reduce((x, y) => w.op('v128.or', x, y)),
      ),
    );
  };
  /** Goes on while so many vectors are the same. */
  const skip = (vectors: number): void => {
    w.while(w.op('i32.le_u', at, n(WORDS - vectors * VECTOR)), () => {
      w.if(
        areSame(vectors),
        () => w.add(local.at, n(vectors * VECTOR)),
        () => w.body.br(2),
      );
    });
  };

  w.set(local.out, n(TOLD + HEAD));
  w.while(lt(at, n(WORDS)), () => {
    skip(VECTORS);
    skip(1);
    w.while(and(lt(at, n(WORDS)), w.op('i32.eqz', differs(at))), () => w.add(local.at, n(1)));
    w.if(lt(at, n(WORDS)), () => {
      w.set(local.end, add(at, n(1)));
      w.while(and(lt(end, n(WORDS)), differs(end)), () => w.add(local.end, n(1)));
      w.if(w.op('i32.ge_u', sub(end, at), n(LEAST_RUN)), putRun, () => {
        w.while(lt(at, end), () => {
          putWord();
          w.set(local.told, at);
        });
      });
      w.set(local.told, at);
    });
  });
  w.if(w.op('i32.eq', out, n(TOLD + HEAD)), () => w.return(n(TOLD)));
  w.set(local.number, or(sub(out, n(TOLD + HEAD)), head));
  w.store8(n(TOLD), number);
  w.store8(n(TOLD + 1), shr(number, n(8)));
  w.return(out);
  return w;
}

/** () -> i32 */
function zeroFunction(): FunctionWriter {
  const w = new FunctionWriter([]);
  const { at } = w.locals('i32', 'at');
  w.while(w.op('i32.lt_u', w.get(at), w.i32(PAGE)), () => {
    w.if(w.load(w.get(at), GIVEN), () => w.return(w.i32(0)));
    w.add(at, w.i32(4));
  });
  w.return(w.i32(1));
  return w;
}

/** (count: i32) -> () */
function readFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const count = 0;
  const local = w.locals('i32', 'from', 'end', 'at', 'last', 'token', 'number', 'shift', 'codes', 'i', 'bytes');
  const [from, end, at, last, token, number, shift, codes, i, bytes] = [
    ...[local.from, local.end, local.at, local.last, local.token],
    ...[local.number, local.shift, local.codes, local.i, local.bytes],
  ].map((index) => w.get(index));
  const op = (name: string) => {
    return (...operands: readonly Value[]): Value => w.op(`i32.${name}`, ...operands);
  };
  const [add, sub, or, and, xor, shl, shr, lt] = ['add', 'sub', 'or', 'and', 'xor', 'shl', 'shr_u', 'lt_u'].map(op);
  const n = w.i32;
  /** Sets `number`. */
  const takeNumber = (): void => {
    w.set(local.number, n(0));
    w.set(local.shift, n(0));
    w.set(local.i, n(0x80));
    w.while(and(i, n(0x80)), () => {
      w.set(local.i, w.load8(from));
      w.set(local.number, or(number, shl(and(i, n(0x7f)), shift)));
      w.add(local.shift, n(7));
      w.add(local.from, n(1));
    });
  };
  /** A word of `bytes` bytes. What damage there is goes to no other page. */
  const takeWord = (): void => {
    const mask = w.op(
      'i32.wrap_i64',
      w.op(
        'i64.sub',
        w.op('i64.shl', () => w.body.i64(1, 0), w.op('i64.extend_i32_u', shl(bytes, n(3)))),
        () => w.body.i64(1, 0),
      ),
    );
    w.set(local.number, and(w.load(from), mask));
    w.add(local.from, bytes);
    w.set(local.last, add(last, xor(shr(number, n(1)), sub(n(0), and(number, n(1))))));
    w.store(w.wordAt(n(READ), and(at, n(WORDS - 1))), last);
    w.add(local.at, n(1));
  };
  const takeRun = (): void => {
    takeNumber();
    w.set(local.codes, from);
    w.set(local.token, number);
    w.add(local.from, shr(add(number, n(3)), n(2)));
    w.set(local.i, n(0));
    w.while(lt(i, token), () => {
      w.set(local.bytes, add(and(shr(w.load8(add(codes, shr(i, n(2)))), shl(and(i, n(3)), n(1))), n(3)), n(1)));
      takeWord();
      w.add(local.i, n(1));
    });
  };

  w.set(local.from, n(IN));
  w.while(w.get(count), () => {
    w.set(local.end, or(w.load8(from), shl(w.load8(from, 1), n(8))));
    w.add(local.from, n(HEAD));
    w.set(local.end, add(from, and(end, n(WHOLE - 1))));
    w.set(local.at, n(0));
    w.set(local.last, n(0));
    w.while(lt(from, end), () => {
      w.set(local.token, w.load8(from));
      w.add(local.from, n(1));
      w.set(local.number, n(0));
      w.if(w.op('i32.ge_u', token, n(LONG_GAP << 3)), takeNumber);
      w.add(local.at, add(number, shr(token, n(3))));
      w.set(local.bytes, and(token, n(7)));
      w.if(w.op('i32.eq', bytes, n(RUN)), takeRun, takeWord);
    });
    w.set(local.from, end);
    w.add(count, n(-1));
  });
  return w;
}
