import { FlagKind } from '../ir/index.ts';
import { FunctionBody } from './functionBody.ts';
import { CODE } from './opcodes.ts';

const C = CODE;

/** Parameters of the function: packFlagKind's result, the operands, and whether the condition held. */
const KIND = 0;
const A = 1;
const B = 2;
const CONDITION = 3;
export const NZCV_PARAMS = ['i32', 'i64', 'i64', 'i32'] as const;

/**
 * The Wasm function (kind: i32, a: i64, b: i64, c: i32) -> N Z C V in bits 3..0, as nzcvOf of ir/flags.ts, for flags
 * whose kind is known at run time only. Calling JavaScript for them would cost a hundred times as much.
 */
export function nzcvFunction(): FunctionBody {
  const f = new FunctionBody();
  f.reset(NZCV_PARAMS);
  emitFailedCondition(f);
  const kinds = Object.values(FlagKind);
  // A block for each kind, the last outermost; behind the end of each stands its code.
  for (const _ of kinds) f.block();
  f.get(KIND);
  f.i32(15);
  f.op(C['i32.and']);
  f.brTable(
    kinds.slice(0, -1).map((_, i) => i),
    kinds.length - 1,
  );
  const narrow = { a: f.local('i32'), b: f.local('i32'), result: f.local('i32') };
  const wide = { a: A, b: B, result: f.local('i64') };
  for (const kind of kinds) {
    f.end();
    emitKind(f, kind, narrow, wide);
    f.return();
  }
  f.op(C.unreachable);
  return f;
}

/** Where the kind is conditional and its condition failed, the flags are given. */
function emitFailedCondition(f: FunctionBody): void {
  f.get(CONDITION);
  f.op(C['i32.eqz']);
  f.get(KIND);
  f.i32(0x100);
  f.op(C['i32.and']);
  f.i32(0);
  f.op(C['i32.ne']);
  f.op(C['i32.and']);
  f.if();
  f.get(KIND);
  f.i32(4);
  f.op(C['i32.shr_u']);
  f.i32(15);
  f.op(C['i32.and']);
  f.return();
  f.end();
}

/** Locals that hold operands and result of one width. */
interface Operands {
  readonly a: number;
  readonly b: number;
  readonly result: number;
}

function emitKind(f: FunctionBody, kind: FlagKind, narrow: Operands, wide: Operands): void {
  switch (kind) {
    case FlagKind.NZCV:
      f.get(A);
      f.op(C['i32.wrap_i64']);
      f.i32(28);
      return f.op(C['i32.shr_u']);
    case FlagKind.ADD32:
    case FlagKind.SUB32:
    case FlagKind.LOGIC32:
      f.get(A);
      f.op(C['i32.wrap_i64']);
      f.set(narrow.a);
      f.get(B);
      f.op(C['i32.wrap_i64']);
      f.set(narrow.b);
      return emitInteger(f, kind === FlagKind.ADD32 ? 'add' : kind === FlagKind.SUB32 ? 'sub' : 'logic', 'i32', narrow);
    case FlagKind.ADD64:
      return emitInteger(f, 'add', 'i64', wide);
    case FlagKind.SUB64:
      return emitInteger(f, 'sub', 'i64', wide);
    case FlagKind.LOGIC64:
      return emitInteger(f, 'logic', 'i64', wide);
    case FlagKind.FCMP32:
      return emitFloat(f, 'f32');
    case FlagKind.FCMP64:
      return emitFloat(f, 'f64');
  }
}

/** Shifts the i32 flag on the stack to its place, and joins it to those below. */
function join(f: FunctionBody, bit: number): void {
  if (bit > 0) {
    f.i32(bit);
    f.op(C['i32.shl']);
  }
  if (bit < 3) f.op(C['i32.or']);
}

function emitInteger(f: FunctionBody, operation: 'add' | 'sub' | 'logic', t: 'i32' | 'i64', { a, b, result }: Operands): void {
  const pushZero = (): void => (t === 'i32' ? f.i32(0) : f.i64(0, 0));
  f.get(a);
  if (operation !== 'logic') {
    f.get(b);
    f.op(C[`${t}.${operation}`]);
  }
  f.tee(result);
  pushZero();
  f.op(C[`${t}.lt_s`]);
  join(f, 3);
  f.get(result);
  f.op(C[`${t}.eqz`]);
  join(f, 2);
  if (operation === 'logic') return;
  // C: the sum is below an operand, or no borrow
  f.get(operation === 'add' ? result : a);
  f.get(operation === 'add' ? a : b);
  f.op(C[`${t}.${operation === 'add' ? 'lt_u' : 'ge_u'}`]);
  join(f, 1);
  // V: the result's sign differs from the first operand's, and from the second's (add) or the operands' differ (sub)
  f.get(a);
  f.get(result);
  f.op(C[`${t}.xor`]);
  f.get(operation === 'add' ? result : a);
  f.get(b);
  f.op(C[`${t}.xor`]);
  f.op(C[`${t}.and`]);
  pushZero();
  f.op(C[`${t}.lt_s`]);
  join(f, 0);
}

/** Less is N; equal Z C; greater C; unordered C V. */
function emitFloat(f: FunctionBody, t: 'f32' | 'f64'): void {
  const compare = (how: string): void => {
    for (const operand of [A, B]) {
      f.get(operand);
      if (t === 'f32') f.op(C['i32.wrap_i64']);
      f.op(C[`${t}.reinterpret_${t === 'f32' ? 'i32' : 'i64'}`]);
    }
    f.op(C[`${t}.${how}`]);
  };
  // 8 if less, else 6 if equal, else 2 if greater, else 3
  f.i32(8);
  f.i32(6);
  f.i32(2);
  f.i32(3);
  compare('gt');
  f.op(C.select);
  compare('eq');
  f.op(C.select);
  compare('lt');
  f.op(C.select);
}
