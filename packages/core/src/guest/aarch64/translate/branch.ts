import { signExtend } from '../../../base/index.ts';
import type { Value } from '../../../ir/index.ts';
import { EXCLUSIVE_ADDRESS } from '../state.ts';
import { Trap } from '../traps.ts';
import { markCall, markJump } from './branchTarget.ts';
import { authenticated, INSTRUCTION_KEYS, type KeyUse } from './pointerAuthentication.ts';
import type { A64Translator } from './translator.ts';

const LINK_REGISTER = 30;

/** True if the engine can name the address: beyond, there is nothing, and the fault is an indirect jump's. */
const isNameable = (target: number): boolean => target >= 0 && Number.isSafeInteger(target);

/** Address of a branch by a signed count of instructions. */
const relative = (t: A64Translator, offset: number, width: number): number => t.pc + signExtend(offset, width) * 4;

/** Ends the block by a jump to `target`. */
export function jumpTo(t: A64Translator, target: number): void {
  if (isNameable(target)) t.ir.end({ kind: 'jump', target });
  else t.ir.end({ kind: 'jumpIndirect', target: t.ir.i64_const(target) });
}

function branchIf(t: A64Translator, condition: Value<'i32'>, taken: number): void {
  if (isNameable(taken)) t.ir.end({ kind: 'branch', condition, taken, fallThrough: t.next });
  else t.ir.end({ kind: 'jumpIndirect', target: t.ir.i64_select(condition, t.ir.i64_const(taken), t.ir.i64_const(t.next)) });
}

/** B */
export function branch(t: A64Translator, { imm26 }: { imm26: number }): void {
  jumpTo(t, relative(t, imm26, 26));
}

/** BL */
export function branchWithLink(t: A64Translator, { imm26 }: { imm26: number }): void {
  const target = relative(t, imm26, 26);
  const { ir } = t;
  t.setX(LINK_REGISTER, ir.i64_const(t.next));
  if (isNameable(target)) ir.end({ kind: 'call', target, returnAddress: t.next });
  else ir.end({ kind: 'callIndirect', target: ir.i64_const(target), returnAddress: t.next });
}

/** B.cond; AL and NV both mean always. */
export function branchConditional(t: A64Translator, { imm19, cond }: { imm19: number; cond: number }): void {
  const target = relative(t, imm19, 19);
  if (cond >= 14) return jumpTo(t, target);
  branchIf(t, t.ir.flagTest(cond), target);
}

/** CBZ and CBNZ */
export function compareAndBranch(t: A64Translator, { sf, imm19, rt }: { sf: number; imm19: number; rt: number }, ifZero: boolean): void {
  const { ir } = t;
  let condition: Value<'i32'>;
  if (sf === 0) condition = ifZero ? ir.i32_eqz(t.w(rt)) : t.w(rt);
  else condition = ifZero ? ir.i64_eqz(t.x(rt)) : ir.i64_ne(t.x(rt), ir.i64_const(0));
  branchIf(t, condition, relative(t, imm19, 19));
}

/** TBZ and TBNZ; the bit's number is b5:b40. */
export function testAndBranch(t: A64Translator, { b5, b40, imm14, rt }: { b5: number; b40: number; imm14: number; rt: number }, ifZero: boolean): void {
  const { ir } = t;
  const mask = 1 << b40;
  let condition: Value<'i32'>;
  if (b5 === 0) {
    const bit = ir.i32_and(t.w(rt), ir.i32_const(mask));
    condition = ifZero ? ir.i32_eqz(bit) : bit;
  } else {
    const bit = ir.i64_and(t.x(rt), ir.i64_halves(0, mask));
    condition = ifZero ? ir.i64_eqz(bit) : ir.i64_ne(bit, ir.i64_const(0));
  }
  branchIf(t, condition, relative(t, imm14, 14));
}

/** BR */
export function branchRegister(t: A64Translator, { rn }: { rn: number }): void {
  jumpToRegister(t, t.x(rn), rn);
}

/** BLR */
export function branchWithLinkRegister(t: A64Translator, { rn }: { rn: number }): void {
  callRegister(t, t.x(rn));
}

/** RET */
export function returnFromSubroutine(t: A64Translator, { rn }: { rn: number }): void {
  t.ir.end({ kind: 'return', target: t.x(rn) });
}

function jumpToRegister(t: A64Translator, target: Value<'i64'>, rn: number): void {
  markJump(t, rn);
  t.ir.end({ kind: 'jumpIndirect', target });
}

/** The target is read before X30 is written. */
function callRegister(t: A64Translator, target: Value<'i64'>): void {
  t.setX(LINK_REGISTER, t.ir.i64_const(t.next));
  markCall(t);
  t.ir.end({ kind: 'callIndirect', target, returnAddress: t.next });
}

interface AuthenticatedBranch {
  /** 0: key A, 1: key B. */
  readonly m: number;
  readonly rn: number;
  /** The modifier, Xm or SP; absent: 0. */
  readonly rm?: number;
}

const authenticatedTarget = (t: A64Translator, { m, rn, rm }: AuthenticatedBranch): Value<'i64'> =>
  authenticated(t, t.x(rn), rm === undefined ? t.ir.i64_const(0) : t.xOrSp(rm), INSTRUCTION_KEYS[m] as KeyUse);

/** BRAA, BRAB, BRAAZ, BRABZ */
export function branchAuthenticated(t: A64Translator, f: AuthenticatedBranch): void {
  jumpToRegister(t, authenticatedTarget(t, f), f.rn);
}

/** BLRAA, BLRAB, BLRAAZ, BLRABZ */
export function branchWithLinkAuthenticated(t: A64Translator, f: AuthenticatedBranch): void {
  callRegister(t, authenticatedTarget(t, f));
}

/** RETAA, RETAB: the modifier is SP. */
export function returnAuthenticated(t: A64Translator, { m }: { m: number }): void {
  t.ir.end({ kind: 'return', target: authenticatedTarget(t, { m, rn: LINK_REGISTER, rm: 31 }) });
}

/** SVC; Linux ignores the immediate. The way back from the kernel clears the exclusive monitor. */
export function supervisorCall(t: A64Translator): void {
  clearExclusive(t);
  t.ir.end({ kind: 'syscall', next: t.next });
}

/** BRK */
export function breakpoint(t: A64Translator, { imm16 }: { imm16: number }): void {
  t.trap(Trap.breakpoint, imm16);
}

/** HLT: undefined without a debugger attached. */
export function halt(t: A64Translator, { imm16 }: { imm16: number }): void {
  t.trap(Trap.halt, imm16);
}

/** CLREX, and what every return from an exception does. */
export function clearExclusive(t: A64Translator): void {
  t.ir.setReg(EXCLUSIVE_ADDRESS, t.ir.i64_const(-1));
}
