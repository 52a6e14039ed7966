import { COLD_VALUES } from '../../base/layout.ts';
import type { Ty } from '../../ir/index.ts';
import type { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';

const C = CODE;

/** Parameters of the interpreter: the record to begin with, in the place of a region's `slot`, and how many frames may be nested in it. */
export const AT = 0;
export const DEPTH = 1;
/** Parameter of the functions in its table. */
export const FUNCTION_PARAMS = ['i32'] as const;

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

/** Makes what `push` pushes the record's value. */
export function result(f: FunctionBody, type: Ty, push: () => void): void {
  f.get(AT);
  push();
  f.memory(C[`${type}.store`], COLD_VALUES);
}
