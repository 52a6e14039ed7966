import { MARK_BYTES, MARK_FOLD, MARK_GROUP, MARK_MASK, NONE } from '../../ir/index.ts';
import type { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import type { Context } from './context.ts';
import { emitValue } from './values.ts';

const C = CODE;
const MARK_SHIFT = Math.log2(MARK_BYTES);

/** The op `mark`. */
export function emitMark(x: Context, i: number): void {
  const { body, buffer } = x;
  const address = buffer.a[i];
  if (address === NONE) body.i32(buffer.imm[i]);
  else {
    x.markLine ??= body.local('i32');
    emitValue(x, address);
    pushMark(body, x.markLine, () => body.i32(buffer.imm2[i] & MARK_MASK));
  }
  body.i32(1);
  body.memory(C['i32.store8'], address === NONE ? 0 : buffer.imm[i]);
}

/** The mark of the address on the stack, see markOf of ir/marks.ts. @param line a local that is free */
export function pushMark(body: FunctionBody, line: number, pushMask: () => void): void {
  body.i64(MARK_SHIFT, 0);
  body.op(C['i64.shr_u']);
  body.op(C['i32.wrap_i64']);
  body.tee(line);
  body.get(line);
  body.i32(MARK_FOLD);
  body.op(C['i32.shr_u']);
  body.i32(-MARK_GROUP);
  body.op(C['i32.and']);
  body.op(C['i32.xor']);
  pushMask();
  body.op(C['i32.and']);
}
