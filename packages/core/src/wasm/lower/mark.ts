import { accessBytes, MARK_BY_BYTE, MARK_BYTES, MARK_FOLD, MARK_GROUP, MARK_MASK, NONE, SHORT, WHOLE_WORD } from '../../ir/index.ts';
import type { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import type { Context } from './context.ts';
import { emitValue } from './values.ts';

const C = CODE;
const MARK_SHIFT = Math.log2(MARK_BYTES);
/** Of addresses whose marks are side by side. */
const PAGE_MASK = MARK_GROUP * MARK_BYTES - 1;

/** Locals that the op `mark` needs. */
export interface MarkLocals {
  /** i64: the address. */
  readonly address: number;
  /** i32 */
  readonly line: number;
  readonly bits: number;
  readonly before: number;
}

/** The op `mark`: of an access, marks of all words that it may reach, those behind the first only where it does. */
export function emitMark(x: Context, i: number): void {
  const { body, buffer } = x;
  const address = buffer.a[i];
  if (address === NONE) {
    body.i32(buffer.imm[i]);
    body.i32(1);
    return body.memory(C['i32.store8'], 0);
  }
  const imm2 = buffer.imm2[i];
  x.markLocals ??= { address: body.local('i64'), line: body.local('i32'), bits: body.local('i32'), before: body.local('i32') };
  const locals = x.markLocals;
  const bytes = accessBytes(imm2);
  const isByByte = (imm2 & MARK_BY_BYTE) !== 0;
  emitValue(x, address);
  body.set(locals.address);
  const inWord = (): void => {
    body.get(locals.address);
    body.op(C['i32.wrap_i64']);
    body.i32(MARK_BYTES - 1);
    body.op(C['i32.and']);
  };
  const mark = (offset: number): void => {
    body.get(locals.address);
    if (offset > 0) {
      body.i64(offset, 0);
      body.op(C['i64.add']);
    }
    pushMark(body, locals.line, () => body.i32(imm2 & MARK_MASK));
    if (isByByte && offset === 0 && bytes <= SHORT) {
      // What is read is mostly read again: a store would wait for the one before.
      body.set(locals.line);
      body.i32((1 << bytes) - 1);
      inWord();
      body.op(C['i32.shl']);
      body.tee(locals.bits);
      body.get(locals.line);
      body.memory(C['i32.load8_u'], buffer.imm[i]);
      body.tee(locals.before);
      body.op(C['i32.and']);
      body.get(locals.bits);
      body.op(C['i32.ne']);
      body.unlikelyIf();
      body.get(locals.line);
      body.get(locals.before);
      body.get(locals.bits);
      body.op(C['i32.or']);
      body.memory(C['i32.store8'], buffer.imm[i]);
      body.end();
      return;
    }
    body.i32(isByByte ? WHOLE_WORD : 1);
    body.memory(C['i32.store8'], buffer.imm[i]);
  };
  if (bytes === 2 * MARK_BYTES) {
    // Two words side by side, mostly: so are their marks, unless they are on two pages.
    body.get(locals.address);
    body.op(C['i32.wrap_i64']);
    body.i32(PAGE_MASK);
    body.op(C['i32.and']);
    body.tee(locals.line);
    body.i32(MARK_BYTES - 1);
    body.op(C['i32.and']);
    body.get(locals.line);
    body.i32(PAGE_MASK + 1 - bytes);
    body.op(C['i32.gt_u']);
    body.op(C['i32.or']);
    body.op(C['i32.eqz']);
    body.if();
    body.get(locals.address);
    pushMark(body, locals.line, () => body.i32(imm2 & MARK_MASK));
    body.i32(isByByte ? WHOLE_WORD * 0x101 : 0x101);
    body.memory(C['i32.store16'], buffer.imm[i]);
    body.else();
  }
  for (let offset = 0; offset < bytes; offset += MARK_BYTES) mark(offset);
  if (bytes === 1) return;
  // The last word that it reaches if it is not aligned.
  const last = MARK_BYTES * Math.ceil(bytes / MARK_BYTES);
  inWord();
  body.i32(last - bytes);
  body.op(C['i32.gt_u']);
  body.unlikelyIf();
  mark(last);
  body.end();
  if (bytes === 2 * MARK_BYTES) body.end();
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
