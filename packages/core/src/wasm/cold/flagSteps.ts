import { STATE } from '../../base/layout.ts';
import type { StateLayout } from '../../ir/index.ts';
import type { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import { type ColdImports, operand, result, word } from './operands.ts';
import { RECORD, Step } from './records.ts';

const C = CODE;

/** What steps on condition flags need of the interpreter that is being written. */
export interface FlagSteps {
  readonly f: FunctionBody;
  readonly imports: ColdImports;
  readonly layout: StateLayout;
  /** Locals, i64: what the flags are of. */
  readonly address: number;
  readonly offset: number;
  /** Goes to the next record. */
  next(): void;
}

/** The code of the steps that set and read flags. @param steps by number, to be added to */
export function flagSteps(x: FlagSteps, steps: (() => void)[]): void {
  steps[Step.setFlags] = () => {
    putFlags(x);
    x.next();
  };
  steps[Step.flagTest] = () => {
    result(x.f, 'i32', () => testFlags(x, 12));
    x.next();
  };
  steps[Step.getNzcv] = () => {
    const { f } = x;
    result(f, 'i32', () => {
      pushNzcv(x);
      f.i32(28);
      f.op(C['i32.shl']);
    });
    x.next();
  };
}

/** Sets the flags of the record: operand a is in `address` then, b in `offset`. */
export function putFlags({ f, layout: { flags }, address, offset }: FlagSteps): void {
  f.i32(0);
  operand(f, 0, 'i64');
  f.tee(address);
  f.memory(C['i64.store'], STATE + flags.a.offset);
  f.i32(0);
  operand(f, 1, 'i64');
  f.tee(offset);
  f.memory(C['i64.store'], STATE + flags.b.offset);
  f.i32(0);
  word(f, 12);
  f.memory(C['i32.store'], STATE + flags.kind.offset);
}

/** N Z C V in bits 3..0. */
function pushNzcv({ f, imports, layout: { flags } }: FlagSteps): void {
  f.loadCell('i32', STATE + flags.kind.offset);
  f.loadCell('i64', STATE + flags.a.offset);
  f.loadCell('i64', STATE + flags.b.offset);
  f.loadCell('i32', STATE + flags.c.offset);
  f.call(imports.nzcvOf);
}

/** Pushes the bit for the present flags of the word at `offset` of the record. */
export function testFlags(x: FlagSteps, offset: number): void {
  word(x.f, offset);
  pushNzcv(x);
  pickBit(x.f);
}

/** Pushes which bit of the second record's word is for how the operands that `putFlags` has put into the locals compare. */
export function testComparison({ f, address, offset }: FlagSteps, type: 'i32' | 'i64'): void {
  const compare = (how: string, bit: number): void => {
    for (const each of [address, offset]) {
      f.get(each);
      if (type === 'i32') f.op(C['i32.wrap_i64']);
    }
    f.op(C[`${type}.${how}`] as number);
    if (bit === 0) return;
    f.i32(bit);
    f.op(C['i32.shl']);
    f.op(C['i32.or']);
  };
  word(f, RECORD + 4);
  compare('lt_s', 0);
  compare('lt_u', 1);
  compare('eq', 2);
  f.i32(16);
  f.op(C['i32.or']);
  pickBit(f);
}

/** Of a word and a number that have been pushed: that bit of the word. */
function pickBit(f: FunctionBody): void {
  f.op(C['i32.shr_u']);
  f.i32(1);
  f.op(C['i32.and']);
}
