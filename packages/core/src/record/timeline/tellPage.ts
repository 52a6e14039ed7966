import { PAGE } from '../../engine/index.ts';
import { CODE, FunctionWriter, type Value } from '../../wasm/index.ts';
import { HEAD, LEAST_RUN, LONG_GAP, RUN, WORDS } from './pageFormat.ts';

/** Words of a vector, and how many vectors are compared at once. */
const VECTOR = 4;
const VECTORS = 8;

/** Words that differ: u32 number, u32 value of each, in ascending order. */
const ENTRY = 8;

const op = (w: FunctionWriter, name: string) => {
  return (...operands: readonly Value[]): Value => w.op(`i32.${name}`, ...operands);
};

/** (given: i32, before: i32) -> i32: puts words of a page that differ from those of another one behind each other, from `changed` on. @returns their end */
export function compareFunction(changed: number): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32']);
  const [given, before] = [0, 1].map((local) => w.get(local));
  const local = w.locals('i32', 'at', 'end');
  const [at, end] = [local.at, local.end].map((index) => w.get(index));
  const [and, ne, lt] = ['and', 'ne', 'lt_u'].map((name) => op(w, name));
  const areSame = (vectors: number): Value => {
    const vector = (from: Value, i: number): Value => {
      return () => {
        w.wordAt(from, at)();
        w.body.memory(CODE['v128.load'], i * VECTOR * 4);
      };
    };
    const differing = Array.from({ length: vectors }, (_, i) => w.op('v128.xor', vector(given, i), vector(before, i)));
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
    w.while(w.op('i32.le_u', at, w.i32(WORDS - vectors * VECTOR)), () => {
      w.if(
        areSame(vectors),
        () => w.add(local.at, w.i32(vectors * VECTOR)),
        () => w.body.br(2),
      );
    });
  };
  const differs = ne(w.word(given, at), w.word(before, at));
  const isIn = lt(at, w.i32(WORDS));

  w.set(local.end, w.i32(changed));
  w.while(isIn, () => {
    skip(VECTORS);
    skip(1);
    w.while(and(isIn, w.op('i32.eqz', differs)), () => w.add(local.at, w.i32(1)));
    w.while(and(isIn, differs), () => {
      w.store(end, at);
      w.store(end, w.word(given, at), 4);
      w.add(local.end, w.i32(ENTRY));
      w.add(local.at, w.i32(1));
    });
  });
  w.return(end);
  return w;
}

/**
 * (list: i32, count: i32, before: i32) -> i32: the same, of a page of which `count` words of 64 bits are listed, which alone may
 * differ: u32 number, u64 value of each.
 */
export function compareListedFunction(changed: number): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32']);
  const [listLocal, countLocal] = [0, 1];
  const [list, count, before] = [0, 1, 2].map((local) => w.get(local));
  const local = w.locals('i32', 'end', 'at', 'value');
  const [end, at, value] = [local.end, local.at, local.value].map((index) => w.get(index));
  w.set(local.end, w.i32(changed));
  w.while(count, () => {
    w.set(local.at, w.op('i32.shl', w.load(list), w.i32(1)));
    for (const half of [0, 1]) {
      if (half === 1) w.add(local.at, w.i32(1));
      w.set(local.value, w.load(list, 4 + 4 * half));
      // Whether it differs is anybody's guess: it is put there anyway, and the next one over it.
      w.store(end, at);
      w.store(end, value, 4);
      w.add(local.end, w.op('i32.shl', w.op('i32.ne', value, w.word(before, at)), w.i32(Math.log2(ENTRY))));
    }
    w.add(listLocal, w.i32(LISTED_BYTES));
    w.add(countLocal, w.i32(-1));
  });
  w.return(end);
  return w;
}

/** Bytes of a word that is listed. */
export const LISTED_BYTES = 12;

/**
 * (end: i32, kept: i32, head: i32, out: i32) -> i32: tells words that differ, from `changed` on, and puts them into a page.
 * @returns the end of what tells them
 */
export function tellFunction(changed: number): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32', 'i32']);
  const outLocal = 3;
  const [end, kept, head, out] = [0, 1, 2, 3].map((local) => w.get(local));
  const local = w.locals('i32', 'start', 'entry', 'at', 'next', 'told', 'last', 'value', 'number', 'codes', 'i');
  const [start, entry, at, next, told, last, value, number, codes, i] = [
    ...[local.start, local.entry, local.at, local.next, local.told],
    ...[local.last, local.value, local.number, local.codes, local.i],
  ].map((index) => w.get(index));
  const [add, sub, or, and, xor, shl, shr, ne, lt] = ['add', 'sub', 'or', 'and', 'xor', 'shl', 'shr_u', 'ne', 'lt_u'].map((name) => op(w, name));
  const n = w.i32;
  const put = (byte: Value): void => {
    w.store8(out, byte);
    w.add(outLocal, n(1));
  };
  const putNumber = (pushed: Value): void => {
    w.set(local.number, pushed);
    w.while(w.op('i32.gt_u', number, n(0x7f)), () => {
      put(or(number, n(0x80)));
      w.set(local.number, shr(number, n(7)));
    });
    put(number);
  };
  /** Sets `number` to how a word differs from the one told before. */
  const difference = (): void => {
    w.set(local.value, w.load(entry, 4));
    w.set(local.number, sub(value, last));
    w.set(local.number, xor(shl(number, n(1)), w.op('i32.shr_s', number, n(31))));
    w.set(local.last, value);
    w.store(w.wordAt(kept, w.load(entry)), value);
    w.add(local.entry, n(ENTRY));
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
    putNumber(shr(sub(next, entry), n(Math.log2(ENTRY))));
    w.set(local.codes, out);
    w.add(outLocal, shr(add(sub(next, entry), n(4 * ENTRY - 1)), n(Math.log2(4 * ENTRY))));
    w.set(local.i, n(0));
    w.while(lt(entry, next), () => {
      difference();
      w.store(out, number);
      // A word that is as the one before takes a byte, too.
      w.set(local.number, sub(length, ne(number, n(0))));
      w.if(w.op('i32.eqz', and(i, n(3))), () => w.store8(add(codes, shr(i, n(2))), n(0)));
      w.store8(add(codes, shr(i, n(2))), or(w.load8(add(codes, shr(i, n(2)))), shl(number, shl(and(i, n(3)), n(1)))));
      w.add(outLocal, add(number, n(1)));
      w.add(local.i, n(1));
    });
    w.set(local.told, add(at, i));
  };
  const putWord = (): void => {
    difference();
    token(length);
    w.store(out, number);
    w.add(outLocal, length);
    w.add(local.at, n(1));
    w.set(local.told, at);
  };

  // No word is beside this one.
  w.store(end, n(-1));
  w.set(local.start, out);
  w.add(outLocal, n(HEAD));
  w.set(local.entry, n(changed));
  w.while(lt(entry, end), () => {
    w.set(local.at, w.load(entry));
    w.set(local.next, add(entry, n(ENTRY)));
    w.while(w.op('i32.eq', sub(w.load(next), at), shr(sub(next, entry), n(Math.log2(ENTRY)))), () => w.add(local.next, n(ENTRY)));
    w.if(w.op('i32.ge_u', sub(next, entry), n(LEAST_RUN * ENTRY)), putRun, () => w.while(lt(entry, next), putWord));
  });
  w.set(local.number, or(sub(sub(out, start), n(HEAD)), head));
  w.store8(start, number);
  w.store8(add(start, n(1)), shr(number, n(8)));
  w.return(out);
  return w;
}

/** (page: i32) -> i32: whether it holds zeros. */
export function zeroFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const page = 0;
  const { end } = w.locals('i32', 'end');
  w.set(end, w.op('i32.add', w.get(page), w.i32(PAGE)));
  w.while(w.op('i32.lt_u', w.get(page), w.get(end)), () => {
    w.if(w.load(w.get(page)), () => w.return(w.i32(0)));
    w.add(page, w.i32(4));
  });
  w.return(w.i32(1));
  return w;
}
