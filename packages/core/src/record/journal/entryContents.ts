import { ByteWriter } from '../../base/index.ts';
import { makeEngineModule } from '../../engine/index.ts';
import { CODE, FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';
import { KNOWN_BYTES, type KnownEntry } from './entryModel.ts';

/**
 * The memory, of pages of 64 KB:
 *
 *     0x0_0000  contents of the entry that is being made
 *     0x1_0000  those of an entry that was made elsewhere
 *     0x1_4000  ranges that differ, as entryCode.ts has them
 *     0x2_0000  contents of known entries, LONGEST bytes each; some bytes behind them are read, too
 */
const HOME = 0;
const COPY = 0x1_0000;
const PATCH = 0x1_4000;
const KNOWN = 0x2_0000;
const PAGE = 0x1_0000;
const PAGES = (KNOWN + KNOWN_BYTES) / PAGE + 1;

/** Equal bytes between two that differ, so many or fewer, do not end what is told at once. */
const GAP = 2;
/** Contents are told as they are once ranges that differ take more than half of the bytes so far, and so many. */
const LEAST = 16;

/** Most bytes of contents differ: they are told as they are. */
export const MOST_DIFFER = -1;

interface Code {
  /** @param content linear offset, as that of known ones @returns bytes of the ranges, 0 for none, or MOST_DIFFER */
  patch(content: number, known: number, length: number): number;
}

/** Contents of entries, and of known ones, in a memory of their own: code in Wasm finds where they differ. */
export class EntryContents {
  /** Room for contents of known entries, KNOWN_BYTES of them. */
  readonly known: Uint8Array;
  private readonly bytes: Uint8Array;
  private readonly home: Uint8Array;
  private readonly copy: Uint8Array;
  private readonly code: Code;

  /** @param engineModule gives the module's bytes, where the host keeps them @throws RangeError where the host has no room for it */
  constructor(engineModule = makeEngineModule) {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    const wasm = engineModule('entryContents', () => {
      const module = new ModuleBuilder(PAGES, false);
      module.add(module.type(['i32', 'i32', 'i32'], ['i32']), patchFunction().body, 'patch');
      return module.finish('entryContents');
    });
    this.code = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } }).exports as unknown as Code;
    this.bytes = new Uint8Array(memory.buffer);
    this.home = this.bytes.subarray(HOME, COPY);
    this.copy = this.bytes.subarray(COPY, PATCH);
    this.known = this.bytes.subarray(KNOWN, KNOWN + KNOWN_BYTES);
  }

  /** A writer whose bytes need not be copied. */
  writer(): ByteWriter {
    return new ByteWriter(this.home);
  }

  /**
   * Tells contents by those known, of the same length, which are these then, unless most of them differ.
   * @returns bytes of what tells them, 0 if they are the same, or MOST_DIFFER; some of what is known may be as it is now then
   */
  patch(content: ByteWriter, { at }: KnownEntry): number {
    if (content.isIn(this.home)) return this.code.patch(HOME, KNOWN + at, content.length);
    content.copyTo(this.copy);
    return this.code.patch(COPY, KNOWN + at, content.length);
  }

  /** Appends what tells them. @param length as `patch` returned it */
  tell(out: ByteWriter, length: number): void {
    const { bytes } = this;
    const into = out.room(length);
    const start = out.length;
    for (let i = 0; i < length; i++) into[start + i] = bytes[PATCH + i];
    out.truncate(start + length);
  }
}

/** (content, known, length: i32) -> i32: for each range that differs, equal bytes before it, its bytes less 1, and these; then equal bytes up to the end. */
function patchFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32']);
  const [content, known, length] = [0, 1, 2].map((local) => w.get(local));
  const local = w.locals('i32', 'at', 'end', 'next', 'told', 'out', 'rest');
  const { differing } = w.locals('i64', 'differing');
  const [at, end, next, told, out, rest] = [local.at, local.end, local.next, local.told, local.out, local.rest].map((number) => w.get(number));
  const one = w.i32(1);
  const sum = (a: Value, b: Value): Value => w.op('i32.add', a, b);
  const difference = (a: Value, b: Value): Value => w.op('i32.sub', a, b);
  const byte = (of: Value, number: Value): Value => w.load8(sum(of, number));
  const eightBytes = (of: Value): Value => {
    return () => {
      sum(of, at)();
      w.body.memory(CODE['i64.load'], 0);
    };
  };
  const put = (value: Value): void => {
    w.store8(out, value);
    w.add(local.out, one);
  };
  /** LEB128 of a number below 2^14. */
  const putNumber = (value: Value): void => {
    w.set(local.rest, value);
    w.if(w.op('i32.gt_u', rest, w.i32(0x7f)), () => {
      put(w.op('i32.or', rest, w.i32(0x80)));
      w.set(local.rest, w.op('i32.shr_u', rest, w.i32(7)));
    });
    put(rest);
  };
  /** Tells of the range that begins at `at`, and goes behind it. */
  const tellRange = (): void => {
    w.set(local.end, sum(at, one));
    w.set(local.next, end);
    w.while(w.op('i32.and', w.op('i32.lt_u', next, length), w.op('i32.le_u', difference(next, end), w.i32(GAP))), () => {
      w.if(w.op('i32.ne', byte(content, next), byte(known, next)), () => w.set(local.end, sum(next, one)));
      w.add(local.next, one);
    });
    putNumber(difference(at, told));
    putNumber(difference(difference(end, at), one));
    w.set(local.told, end);
    w.while(w.op('i32.lt_u', at, end), () => {
      put(byte(content, at));
      w.store8(sum(known, at), byte(content, at));
      w.add(local.at, one);
    });
    const most = sum(w.i32(PATCH + LEAST), w.op('i32.shr_u', end, one));
    w.if(w.op('i32.gt_u', out, most), () => w.return(w.i32(MOST_DIFFER)));
  };

  w.set(local.out, w.i32(PATCH));
  w.while(w.op('i32.lt_u', at, length), () => {
    w.set(differing, w.op('i64.xor', eightBytes(content), eightBytes(known)));
    w.if(
      w.op('i64.eqz', w.get(differing)),
      () => w.add(local.at, w.i32(8)),
      () => {
        w.add(local.at, w.op('i32.wrap_i64', w.op('i64.shr_u', w.op('i64.ctz', w.get(differing)), () => w.body.i64(3, 0))));
        w.if(w.op('i32.lt_u', at, length), tellRange);
      },
    );
  });
  w.if(w.op('i32.eq', out, w.i32(PATCH)), () => w.return(w.i32(0)));
  putNumber(difference(length, told));
  w.return(difference(out, w.i32(PATCH)));
  return w;
}
