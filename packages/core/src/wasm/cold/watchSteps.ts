import { MARK_MASK, WATCHED } from '../../ir/index.ts';
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
  steps[Step.callback] = () => callback(x);
}

function mark(x: WatchSteps): void {
  const { f } = x;
  word(f, 8);
  word(f, 4);
  f.if('i32');
  operand(f, 0, 'i64');
  pushMark(f, x.index, () => {
    word(f, 12);
    f.i32(MARK_MASK);
    f.op(C['i32.and']);
  });
  f.else();
  f.i32(0);
  f.end();
  f.op(C['i32.add']);
  f.tee(x.index);
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
  f.get(x.index);
  f.get(x.index);
  f.memory(C['i32.load8_u'], 0);
  f.i32(1);
  f.op(C['i32.or']);
  f.memory(C['i32.store8'], 0);
  x.next();
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
