import type { Ty } from '../../ir/index.ts';
import type { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';

const C = CODE;

/** The record that is run, and the distance from it to its value: locals of the interpreter, and parameters of the functions in its table. */
export const AT = 0;
export const TO_VALUE = 1;
export const FUNCTION_PARAMS = ['i32', 'i32'] as const;

/** Functions that the interpreter imports, by number. */
export interface ColdImports {
  readonly dispatch: number;
  readonly readMiss: number;
  readonly writeMiss: number;
  readonly nzcvOf: number;
  readonly storeSlow: number;
  readonly syscall: number;
  readonly input: number;
  readonly tick: number;
  readonly hot: number;
  readonly stop: number;
  readonly callback: number;
  readonly watched: number;
  readonly helper: number;
  readonly ringFull: number;
}

/** Pushes word `offset` of the record: a linear offset, or a number. */
export function word(f: FunctionBody, offset: number): void {
  f.get(AT);
  f.memory(C['i32.load'], offset);
}

/** Pushes operand number n. */
export function operand(f: FunctionBody, n: number, type: Ty): void {
  word(f, 4 + 4 * n);
  f.memory(C[`${type}.load`], 0);
}

/** Pushes the linear offset of the record's value. */
export function valueAt(f: FunctionBody): void {
  f.get(AT);
  f.get(TO_VALUE);
  f.op(C['i32.add']);
}

/** Makes what `push` pushes the value of a record that says where that goes, see HAS_DESTINATION. */
export function resultTo(f: FunctionBody, type: Ty, push: () => void): void {
  word(f, 12);
  push();
  storeValue(f, type);
}

/** Stores a value that has been pushed, an i32 with zeros above it. */
function storeValue(f: FunctionBody, type: Ty): void {
  if (type === 'i32') f.op(C['i64.extend_i32_u']);
  f.memory(C[`${type === 'i32' ? 'i64' : type}.store`], 0);
}

/** Makes what `push` pushes the record's value. */
export function result(f: FunctionBody, type: Ty, push: () => void): void {
  valueAt(f);
  push();
  storeValue(f, type);
}

/** Calls function number `push` of the interpreter's table with the record. */
export function callFunction(f: FunctionBody, type: number, push: () => void): void {
  f.get(AT);
  f.get(TO_VALUE);
  push();
  f.callIndirect(type);
}
