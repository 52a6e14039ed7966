import { lazy } from '../../base/index.ts';
import { FlagKind } from '../../ir/index.ts';
import { CODE } from '../opcodes.ts';
import type { Context } from './context.ts';
import { callRuntime } from './runtime.ts';

const C = CODE;

/** Compare that a condition becomes after a subtraction a - b, by condition number; MI, PL, VS, VC need the difference. */
const AFTER_SUB: readonly (string | undefined)[] = [
  'eq',
  'ne',
  'ge_u',
  'lt_u',
  undefined,
  undefined,
  undefined,
  undefined,
  'gt_u',
  'le_u',
  'ge_s',
  'lt_s',
  'gt_s',
  'le_s',
];
/** Compare of the result with 0 after a logical instruction, where C = V = 0; a constant where the answer is known. */
const AFTER_LOGIC: readonly (string | 0 | 1)[] = ['eq', 'ne', 0, 1, 'lt_s', 'ge_s', 0, 1, 0, 1, 'ge_s', 'lt_s', 'gt_s', 'le_s'];
/** [compare, negated] after a floating-point compare: less, equal, greater, unordered are N; ZC; C; CV. */
const AFTER_FCMP: readonly (readonly [string, boolean] | undefined)[] = [
  ['eq', false],
  ['ne', false],
  ['lt', true],
  ['lt', false],
  ['lt', false],
  ['lt', true],
  undefined,
  undefined,
  ['le', true],
  ['le', false],
  ['ge', false],
  ['ge', true],
  ['gt', false],
  ['gt', true],
];
/** For each condition, the 16 values of N Z C V (N = bit 3) for which it holds, as a bit mask. */
const holds = lazy(() =>
  Array.from({ length: 14 }, (_, condition) => {
    let mask = 0;
    for (let nzcv = 0; nzcv < 16; nzcv++) if (conditionHolds(condition, nzcv)) mask |= 1 << nzcv;
    return mask;
  }),
);

/** ConditionHolds of the Arm ARM for N Z C V in bits 3..0. */
export function conditionHolds(condition: number, nzcv: number): boolean {
  const n = (nzcv & 8) !== 0;
  const z = (nzcv & 4) !== 0;
  const c = (nzcv & 2) !== 0;
  const v = (nzcv & 1) !== 0;
  const base = [z, c, n, v, c && !z, n === v, n === v && !z, true][condition >> 1] as boolean;
  return (condition & 1) === 1 && condition !== 15 ? !base : base;
}

/** Pushes 1 if the condition holds, else 0. */
export function emitFlagTest(x: Context, condition: number): void {
  const packed = x.flagKind;
  if (packed < 0) {
    emitUnknownNzcv(x);
    return emitTestNzcv(x, condition, 0);
  }
  emitKnownTest(x, condition, packed & 15);
  if ((packed & 0x100) === 0) return;
  x.body.i32((holds()[condition] >> ((packed >> 4) & 15)) & 1);
  x.body.get(x.local(x.layout.flags.c.index));
  x.body.op(C.select);
}

/** N Z C V as bits `shift`+3 .. `shift` of the i32 on the stack: pushes 1 if the condition holds. */
function emitTestNzcv(x: Context, condition: number, shift: number): void {
  const { body } = x;
  if (shift !== 0) {
    body.i32(shift);
    body.op(C['i32.shr_u']);
  }
  // (mask >> nzcv) & 1, with the mask as the shifted operand
  const nzcv = x.temp('i32');
  body.set(nzcv);
  body.i32(holds()[condition]);
  body.get(nzcv);
  body.op(C['i32.shr_u']);
  body.i32(1);
  body.op(C['i32.and']);
}

function emitKnownTest(x: Context, condition: number, kind: number): void {
  const { body } = x;
  switch (kind) {
    case FlagKind.NZCV:
      pushOperand(x, 'a', true);
      return emitTestNzcv(x, condition, 28);
    case FlagKind.SUB32:
    case FlagKind.SUB64:
      return emitAfterSub(x, condition, kind === FlagKind.SUB32);
    case FlagKind.ADD32:
    case FlagKind.ADD64:
      return emitAfterAdd(x, condition, kind === FlagKind.ADD32);
    case FlagKind.LOGIC32:
    case FlagKind.LOGIC64: {
      const compare = AFTER_LOGIC[condition];
      if (typeof compare === 'number') return body.i32(compare);
      const narrow = kind === FlagKind.LOGIC32;
      pushOperand(x, 'a', narrow);
      pushZero(x, narrow);
      return body.op(C[`${narrow ? 'i32' : 'i64'}.${compare}`]);
    }
    default:
      return emitAfterFcmp(x, condition, kind === FlagKind.FCMP32);
  }
}

function emitAfterSub(x: Context, condition: number, narrow: boolean): void {
  const { body } = x;
  const t = narrow ? 'i32' : 'i64';
  const compare = AFTER_SUB[condition];
  if (compare !== undefined) {
    pushOperand(x, 'a', narrow);
    pushOperand(x, 'b', narrow);
    return body.op(C[`${t}.${compare}`]);
  }
  const difference = (): void => {
    pushOperand(x, 'a', narrow);
    pushOperand(x, 'b', narrow);
    body.op(C[`${t}.sub`]);
  };
  if (condition >= 6) {
    // V: the operands' signs differ, and the result's sign is not the first operand's
    pushOperand(x, 'a', narrow);
    pushOperand(x, 'b', narrow);
    body.op(C[`${t}.xor`]);
    pushOperand(x, 'a', narrow);
    difference();
    body.op(C[`${t}.xor`]);
    body.op(C[`${t}.and`]);
  } else difference();
  signTest(x, t, condition);
}

/** Sign of the value on the stack: MI and VS ask for it to be set, PL and VC for it to be clear. */
function signTest(x: Context, t: 'i32' | 'i64', condition: number): void {
  pushZero(x, t === 'i32');
  x.body.op(C[`${t}.${(condition & 1) === 0 ? 'lt_s' : 'ge_s'}`]);
}

function emitAfterAdd(x: Context, condition: number, narrow: boolean): void {
  const { body } = x;
  const t = narrow ? 'i32' : 'i64';
  const sum = (): void => {
    pushOperand(x, 'a', narrow);
    pushOperand(x, 'b', narrow);
    body.op(C[`${t}.add`]);
  };
  const overflow = (): void => {
    pushOperand(x, 'a', narrow);
    sum();
    body.op(C[`${t}.xor`]);
    pushOperand(x, 'b', narrow);
    sum();
    body.op(C[`${t}.xor`]);
    body.op(C[`${t}.and`]);
  };
  const negate = (): void => {
    if ((condition & 1) === 1) body.op(C['i32.eqz']);
  };
  switch (condition >> 1) {
    case 0:
      sum();
      body.op(C[`${t}.eqz`]);
      return negate();
    case 1:
      sum();
      pushOperand(x, 'a', narrow);
      body.op(C[`${t}.lt_u`]);
      return negate();
    case 2:
      sum();
      return signTest(x, t, condition);
    case 3:
      overflow();
      return signTest(x, t, condition);
    case 4:
      sum();
      pushOperand(x, 'a', narrow);
      body.op(C[`${t}.lt_u`]);
      sum();
      body.op(C[`${t}.eqz`]);
      body.op(C['i32.eqz']);
      body.op(C['i32.and']);
      return negate();
    default: {
      // N = V where the signs of sum and overflow agree
      overflow();
      sum();
      body.op(C[`${t}.xor`]);
      pushZero(x, narrow);
      body.op(C[`${t}.ge_s`]);
      if (condition >= 12) {
        sum();
        body.op(C[`${t}.eqz`]);
        body.op(C['i32.eqz']);
        body.op(C['i32.and']);
      }
      return negate();
    }
  }
}

function emitAfterFcmp(x: Context, condition: number, narrow: boolean): void {
  const { body } = x;
  const t = narrow ? 'f32' : 'f64';
  const push = (which: 'a' | 'b'): void => {
    pushOperand(x, which, narrow);
    body.op(C[narrow ? 'f32.reinterpret_i32' : 'f64.reinterpret_i64']);
  };
  const row = AFTER_FCMP[condition];
  if (row === undefined) {
    // VS, VC: unordered, ordered
    push('a');
    push('a');
    body.op(C[`${t}.eq`]);
    push('b');
    push('b');
    body.op(C[`${t}.eq`]);
    body.op(C['i32.and']);
    if (condition === 6) body.op(C['i32.eqz']);
    return;
  }
  push('a');
  push('b');
  body.op(C[`${t}.${row[0]}`]);
  if (row[1]) body.op(C['i32.eqz']);
}

/** Pushes N Z C V in bits 31..28. */
export function emitGetNzcv(x: Context): void {
  const { body } = x;
  if (x.flagKind < 0) {
    emitUnknownNzcv(x);
    body.i32(28);
    return body.op(C['i32.shl']);
  }
  if ((x.flagKind & 0x10f) === FlagKind.NZCV) return pushOperand(x, 'a', true);
  // N, Z, C, V are the conditions MI, EQ, CS, VS
  [4, 0, 2, 6].forEach((condition, i) => {
    emitFlagTest(x, condition);
    body.i32(31 - i);
    body.op(C['i32.shl']);
    if (i > 0) body.op(C['i32.or']);
  });
}

/** Pushes N Z C V in bits 3..0 of flags whose kind is known at run time only. */
function emitUnknownNzcv(x: Context): void {
  const { flags } = x.layout;
  for (const register of [flags.kind, flags.a, flags.b, flags.c]) x.body.get(x.local(register.index));
  callRuntime(x.body, 'nzcvOf');
}

function pushOperand(x: Context, which: 'a' | 'b', narrow: boolean): void {
  x.body.get(x.local(x.layout.flags[which].index));
  if (narrow) x.body.op(C['i32.wrap_i64']);
}

function pushZero(x: Context, narrow: boolean): void {
  if (narrow) x.body.i32(0);
  else x.body.i64(0, 0);
}
