import { FunctionWriter, type Value } from '../../wasm/index.ts';
import { HEAD, LONG_GAP, RUN, WHOLE, WORDS } from './pageFormat.ts';

/** (told: i32, count: i32, page: i32) -> (): changes the page at a linear offset by each of `count` of what tells one, which stand behind each other. */
export function readFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32']);
  const [fromLocal, count, pageLocal] = [0, 1, 2];
  const local = { from: fromLocal, ...w.locals('i32', 'end', 'at', 'last', 'token', 'number', 'shift', 'codes', 'i', 'bytes') };
  const page = w.get(pageLocal);
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
    w.store(w.wordAt(page, and(at, n(WORDS - 1))), last);
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
