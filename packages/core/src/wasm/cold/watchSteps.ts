import { MARK_ACCESS_MASK, MARK_BYTES, MARK_MASK, MARK_MASK_BITS, SHORT, WATCHED, WHOLE_WORD } from '../../ir/index.ts';
import type { FunctionBody } from '../functionBody.ts';
import { pushMark } from '../lower/mark.ts';
import { CODE } from '../opcodes.ts';
import { AT, type ColdImports, operand, word } from './operands.ts';
import { Step } from './records.ts';

const C = CODE;

/** What the steps need that tell instruments and marks, of the interpreter that is being written. */
export interface WatchSteps {
  readonly f: FunctionBody;
  readonly imports: ColdImports;
  /** Locals, i32: the entry of the block that runs; anything. */
  readonly block: number;
  readonly index: number;
  /** Puts the instructions that may still run into their cell. */
  storeLeft(): void;
  /** Goes to the next record. */
  next(): void;
}

/** The code of those steps. @param steps by number, to be added to */
export function watchSteps(x: WatchSteps, steps: (() => void)[]): void {
  steps[Step.mark] = () => mark(x);
  steps[Step.markAccess] = () => markAccess(x, false);
  steps[Step.markBytes] = () => markAccess(x, true);
  steps[Step.callback] = () => callback(x);
}

function mark(x: WatchSteps): void {
  const { f } = x;
  word(f, 8);
  f.set(x.index);
  tellIfWatched(x);
  addBits(x, () => f.i32(1));
  x.next();
}

/** Pushes the place of an access in its word. */
function inWord({ f }: WatchSteps): void {
  operand(f, 0, 'i32');
  f.i32(MARK_BYTES - 1);
  f.op(C['i32.and']);
}

function pushAccessBytes({ f }: WatchSteps): void {
  word(f, 12);
  f.i32(MARK_MASK_BITS);
  f.op(C['i32.shr_u']);
  f.i32(MARK_ACCESS_MASK);
  f.op(C['i32.and']);
}

/** Pushes what an access adds to its first mark that tells bytes, see bitsOf. */
function pushBits(x: WatchSteps): void {
  const { f } = x;
  f.i32(WHOLE_WORD);
  f.i32(1);
  pushAccessBytes(x);
  f.op(C['i32.shl']);
  f.i32(1);
  f.op(C['i32.sub']);
  inWord(x);
  f.op(C['i32.shl']);
  pushAccessBytes(x);
  f.i32(SHORT);
  f.op(C['i32.gt_u']);
  f.op(C.select);
}

/** The marks of all words that the access reaches: most reach one. */
function markAccess(x: WatchSteps, isByByte: boolean): void {
  const { f } = x;
  const markAt = (offset: number): void => {
    word(f, 8);
    operand(f, 0, 'i64');
    if (offset > 0) {
      f.i64(offset, 0);
      f.op(C['i64.add']);
    }
    pushMark(f, x.index, () => {
      word(f, 12);
      f.i32(MARK_MASK);
      f.op(C['i32.and']);
    });
    f.op(C['i32.add']);
    f.set(x.index);
    if (!isByByte) tellIfWatched(x);
    addBits(x, () => {
      if (isByByte && offset === 0) pushBits(x);
      else f.i32(isByByte ? WHOLE_WORD : 1);
    });
  };
  const ifReaches = (offset: number): void => {
    inWord(x);
    pushAccessBytes(x);
    f.op(C['i32.add']);
    f.i32(offset);
    f.op(C['i32.gt_u']);
    f.unlikelyIf();
    markAt(offset);
  };
  markAt(0);
  ifReaches(MARK_BYTES);
  ifReaches(2 * MARK_BYTES);
  f.end();
  f.end();
  x.next();
}

/** Tells that the mark at `x.index` is going to be set, if it is watched. */
function tellIfWatched(x: WatchSteps): void {
  const { f } = x;
  f.get(x.index);
  f.memory(C['i32.load8_u'], 0);
  f.i32(WATCHED);
  f.op(C['i32.and']);
  f.unlikelyIf();
  x.storeLeft();
  f.get(x.block);
  f.get(AT);
  f.memory(C['i32.load16_u'], 2);
  f.get(AT);
  f.call(x.imports.watched);
  f.end();
}

/** Adds bits to the byte at `x.index`. */
function addBits({ f, index }: WatchSteps, push: () => void): void {
  f.get(index);
  f.get(index);
  f.memory(C['i32.load8_u'], 0);
  push();
  f.op(C['i32.or']);
  f.memory(C['i32.store8'], 0);
}

/** Registers are in the CPU state always; count and pc become exact meanwhile. */
function callback(x: WatchSteps): void {
  const { f } = x;
  word(f, 4);
  f.if('i32');
  operand(f, 0, 'i32');
  f.else();
  f.i32(1);
  f.end();
  f.if();
  x.storeLeft();
  f.get(x.block);
  f.get(AT);
  f.memory(C['i32.load16_u'], 2);
  word(f, 12);
  f.call(x.imports.callback);
  f.end();
  x.next();
}
