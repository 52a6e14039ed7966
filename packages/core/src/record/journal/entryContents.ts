import { assert, ByteWriter, ENTRY_CONTENTS, RING_END } from '../../base/index.ts';
import { type LinearMemory, makeEngineModule } from '../../engine/index.ts';
import { CODE, FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';
import { Op, Outcome } from './entries.ts';
import { KNOWN_BYTES, type KnownEntry, RESULT_OP } from './entryModel.ts';

/**
 * From where they begin:
 *
 *     0x0_0000  contents of the entry that is being made
 *     0x1_0000  those of an entry that was made elsewhere
 *     0x1_4000  ranges that differ, as entryCode.ts has them
 *     0x2_0000  contents of known entries, KNOWN_ROOM bytes each
 */
const HOME = 0;
const COPY = 0x1_0000;
const PATCH = 0x1_4000;
const KNOWN = 0x2_0000;
const BYTES = KNOWN + KNOWN_BYTES;
const PAGE = 0x1_0000;
const VECTOR = 16;

/** Equal bytes between two that differ, so many or fewer, do not end what is told at once. */
const GAP = 2;
/** Contents are told as they are once ranges that differ take more than half of the bytes so far, and so many. */
const LEAST = 16;

/** Most bytes of contents differ: they are told as they are. */
export const MOST_DIFFER = -1;

interface Code {
  /** @param content linear offset, as that of known ones @returns bytes of the ranges, 0 for none, or MOST_DIFFER */
  patch(content: number, known: number, length: number): number;
  /** Puts behind the first `head` bytes of contents at HOME what is at a linear offset, and before all of them that the call is done. */
  gather(head: number, at: number, length: number): void;
  /** As `gather`, with a result behind; then as `patch`. */
  written(head: number, at: number, length: number, low: number, high: number, known: number): number;
}

/** What a call wrote to the guest's memory, where it still is. */
export interface WrittenBytes {
  /** Contents so far: the first of them are those of an entry that wrote as many bytes to the same place. */
  head: number;
  /** Linear offset, and how many bytes. */
  at: number;
  length: number;
}

/** Contents of entries, and of known ones, in linear memory: code in Wasm finds where they differ. */
export class EntryContents {
  /** Room for contents of known entries, KNOWN_BYTES of them. */
  readonly known: Uint8Array;
  private readonly bytes: Uint8Array;
  private readonly home: Uint8Array;
  private readonly copy: Uint8Array;
  private readonly code: Code;
  /** Linear offset of known entries' contents. */
  private readonly knownAt: number;

  /**
   * @param machine memory of the machine whose calls the entries are of; without it, contents have a memory of their own
   * @param engineModule gives the module's bytes, where the host keeps them
   * @throws RangeError where the host has no room for it
   */
  constructor(machine: LinearMemory | undefined, engineModule = makeEngineModule) {
    const start = machine === undefined ? 0 : ENTRY_CONTENTS;
    assert(start + BYTES <= RING_END, 'there is no room for what is known of entries');
    const pages = machine === undefined ? Math.ceil(BYTES / PAGE) : machine.bytes.length / PAGE;
    const memory = machine?.memory ?? new WebAssembly.Memory({ initial: pages, maximum: pages });
    const wasm = engineModule(`entryContents-${[start, pages].join('-')}`, () => entryContentsModule(start, pages, machine !== undefined));
    this.code = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } }).exports as unknown as Code;
    this.bytes = new Uint8Array(memory.buffer, start, BYTES);
    this.home = this.bytes.subarray(HOME, COPY);
    this.copy = this.bytes.subarray(COPY, PATCH);
    this.known = this.bytes.subarray(KNOWN, BYTES);
    this.knownAt = start + KNOWN;
  }

  /** A writer whose bytes need not be copied. */
  writer(): ByteWriter {
    return new ByteWriter(this.home);
  }

  /** Whether a writer's bytes are where `writer` put them. */
  has(writer: ByteWriter): boolean {
    return writer.isIn(this.home);
  }

  /**
   * Tells contents by those known, of the same length, which are these then, unless most of them differ.
   * @returns bytes of what tells them, 0 if they are the same, or MOST_DIFFER
   */
  patch(content: ByteWriter, { at }: KnownEntry): number {
    const { home, copy, bytes } = this;
    if (!content.isIn(home)) content.copyTo(copy);
    const from = content.isIn(home) ? HOME : COPY;
    return this.code.patch(bytes.byteOffset + from, this.knownAt + at, content.length);
  }

  /** As `patch`, of contents of which the first bytes are where `writer` put them, and the rest is what a call has written, and its result, in halves. */
  patchWritten({ head, at, length }: WrittenBytes, low: number, high: number, known: KnownEntry): number {
    return this.code.written(head, at, length, low, high, this.knownAt + known.at);
  }

  /** Appends to contents, which are where `writer` put them, what a call has written. */
  gather(content: ByteWriter, { head, at, length }: WrittenBytes): void {
    this.code.gather(head, at, length);
    content.truncate(head + length);
  }

  /** Appends what tells contents. @param length as `patch` returned it */
  tell(out: ByteWriter, length: number): void {
    const { bytes } = this;
    const into = out.room(length);
    const start = out.length;
    for (let i = 0; i < length; i++) into[start + i] = bytes[PATCH + i];
    out.truncate(start + length);
  }
}

function entryContentsModule(start: number, pages: number, isShared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(pages, isShared);
  const patch = module.add(module.type(['i32', 'i32', 'i32'], ['i32']), patchFunction(start).body, 'patch');
  const gather = module.add(module.type(['i32', 'i32', 'i32'], []), gatherFunction(start).body, 'gather');
  module.add(module.type(['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], ['i32']), writtenFunction(start, gather, patch).body, 'written');
  return module.finish('entryContents');
}

/** Copies so many bytes, and up to 15 more. */
function copyVectors(w: FunctionWriter, from: Value, to: Value, length: Value, at: number): void {
  w.set(at, w.i32(0));
  w.while(w.op('i32.lt_u', w.get(at), length), () => {
    w.op('i32.add', to, w.get(at))();
    w.op('i32.add', from, w.get(at))();
    w.body.memory(CODE['v128.load'], 0);
    w.body.memory(CODE['v128.store'], 0);
    w.add(at, w.i32(VECTOR));
  });
}

/** (head, at, length: i32) -> () */
function gatherFunction(start: number): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32']);
  const [head, at, length] = [0, 1, 2].map((local) => w.get(local));
  const { done } = w.locals('i32', 'done');
  w.store8(w.i32(start + HOME), w.i32(Outcome.done));
  copyVectors(w, at, w.op('i32.add', w.i32(start + HOME), head), length, done);
  return w;
}

/** (head, at, length, low, high, known: i32) -> i32 */
function writtenFunction(start: number, gather: number, patch: number): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32', 'i32', 'i32', 'i32']);
  const [head, at, length, low, high, known] = [0, 1, 2, 3, 4, 5].map((local) => w.get(local));
  const { end } = w.locals('i32', 'end');
  for (const push of [head, at, length]) push();
  w.body.call(gather);
  w.set(end, w.op('i32.add', w.op('i32.add', head, length), w.i32(start + HOME)));
  w.store(w.get(end), w.i32(Op.returned | (1 << 8)));
  w.store(w.get(end), low, 2);
  w.store(w.get(end), high, 6);
  w.i32(start + HOME)();
  known();
  w.op('i32.sub', w.op('i32.add', w.get(end), w.i32(RESULT_OP)), w.i32(start + HOME))();
  w.body.call(patch);
  return w;
}

/** (content, known, length: i32) -> i32: for each range that differs, equal bytes before it, its bytes less 1, and these; then equal bytes up to the end. */
function patchFunction(start: number): FunctionWriter {
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
      w.add(local.at, one);
    });
    const most = sum(w.i32(start + PATCH + LEAST), w.op('i32.shr_u', end, one));
    w.if(w.op('i32.gt_u', out, most), () => w.return(w.i32(MOST_DIFFER)));
  };

  w.set(local.out, w.i32(start + PATCH));
  w.while(w.op('i32.lt_u', at, length), () => {
    w.set(differing, w.op('i64.xor', eightBytes(content), eightBytes(known)));
    w.if(
      w.op('i64.eqz', w.get(differing)),
      () => w.add(local.at, w.i32(8)),
      () => {
        w.add(
          local.at,
          w.op(
            'i32.wrap_i64',
            w.op('i64.shr_u', w.op('i64.ctz', w.get(differing)), () => w.body.i64(3, 0)),
          ),
        );
        w.if(w.op('i32.lt_u', at, length), tellRange);
      },
    );
  });
  w.if(w.op('i32.eq', out, w.i32(start + PATCH)), () => w.return(w.i32(0)));
  putNumber(difference(length, told));
  copyVectors(w, content, known, length, local.at);
  w.return(difference(out, w.i32(start + PATCH)));
  return w;
}
