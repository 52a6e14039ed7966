import { signExtend } from '../../../base/index.ts';
import { type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { KEY_DA, KEY_DB, KEY_GA, KEY_IA, KEY_IB, type PointerKey } from '../state.ts';
import { computePac } from './qarma.ts';
import type { A64Translator } from './translator.ts';

/**
 * Pointer authentication (FEAT_PAuth) on addresses of 48 bits. The code takes bits 54..48 of an address whose bit 55 is
 * 0, above which the tag is, and bits 63..56 and 54..48 of the others, as Linux ignores the top byte of the former alone.
 */

type I64 = Value<'i64'>;

/** Bits that repeat bit 55 in an address without code, and those of them that hold the code: at the end of memory, and at its start. */
const EXTENSION_HIGH = 0xffff_0000_0000_0000n;
const EXTENSION_LOW = 0x00ff_0000_0000_0000n;
const CODE_HIGH = 0xff7f_0000_0000_0000n;
const CODE_LOW = 0x007f_0000_0000_0000n;

/** What depends on bit 55 of an address. */
class AddressForm {
  private readonly isHigh: Value<'i32'>;

  constructor(
    private readonly ir: IrBuilder,
    private readonly pointer: I64,
  ) {
    this.isHigh = ir.i32_wrap_i64(ir.i64_and(ir.i64_shr_u(pointer, ir.i64_const(55)), ir.i64_const(1)));
  }

  choose(high: bigint, low: bigint): I64 {
    return this.ir.i64_select(this.isHigh, this.ir.i64_const(high), this.ir.i64_const(low));
  }

  /** The address without code: the extension repeats bit 55. */
  original(): I64 {
    const { ir, pointer } = this;
    const extension = ir.i64_const(EXTENSION_HIGH);
    return ir.i64_select(this.isHigh, ir.i64_or(pointer, extension), ir.i64_and(pointer, ir.i64_const(~EXTENSION_LOW)));
  }

  /** Bits of `whole`, but those of the code of `code`. */
  withCode(whole: I64, code: I64): I64 {
    const { ir } = this;
    return ir.i64_xor(whole, ir.i64_and(ir.i64_xor(whole, code), this.choose(CODE_HIGH, CODE_LOW)));
  }
}

/** AddPAC: the pointer with its code. Where its extension was none, the code is made wrong in one bit. */
const addPac = irHelper('addPac', ['i64', 'i64', 'i64', 'i64'], 'i64', (ir, pointer, modifier, keyLow, keyHigh) => {
  const form = new AddressForm(ir, pointer);
  const extension = form.choose(EXTENSION_HIGH, EXTENSION_LOW);
  const present = ir.i64_and(pointer, extension);
  // At the end of memory bit 63 says what to extend, elsewhere bit 55, which is 0.
  const sign = ir.i64_and(ir.i64_shr_s(pointer, ir.i64_const(63)), form.choose(EXTENSION_HIGH, 0n));
  const extended = ir.i64_or(ir.i64_xor(pointer, present), sign);
  const isGood = ir.i32_or(ir.i64_eqz(present), ir.i64_eq(present, extension));
  const mistake = ir.i64_select(isGood, ir.i64_const(0), form.choose(1n << 62n, 1n << 54n));
  return form.withCode(extended, ir.i64_xor(ir.helper(computePac, extended, modifier, keyLow, keyHigh), mistake));
});

/** Auth: the pointer without its code, or, if that is wrong, with bits that make it fault and tell the key's letter. */
const authenticator = (letter: 'A' | 'B') =>
  irHelper(`authenticate${letter}`, ['i64', 'i64', 'i64', 'i64'], 'i64', (ir, pointer, modifier, keyLow, keyHigh) => {
    const form = new AddressForm(ir, pointer);
    const original = form.original();
    const code = ir.helper(computePac, original, modifier, keyLow, keyHigh);
    const isRight = ir.i64_eq(form.withCode(original, code), form.withCode(original, pointer));
    const error = letter === 'A' ? form.choose(1n << 62n, 1n << 53n) : form.choose(1n << 61n, 1n << 54n);
    return ir.i64_xor(original, ir.i64_select(isRight, ir.i64_const(0), error));
  });

const authenticateA = authenticator('A');
const authenticateB = authenticator('B');

/** A key, and what authenticates with it. */
export interface KeyUse {
  readonly key: PointerKey;
  readonly authenticate: typeof authenticateA;
}

/** By the M bit or the low bit of the opcode: keys A and B for instructions, and for data. */
export const INSTRUCTION_KEYS: readonly KeyUse[] = [
  { key: KEY_IA, authenticate: authenticateA },
  { key: KEY_IB, authenticate: authenticateB },
];
export const DATA_KEYS: readonly KeyUse[] = [
  { key: KEY_DA, authenticate: authenticateA },
  { key: KEY_DB, authenticate: authenticateB },
];

/** The pointer with the code that `use`'s key gives it. */
const signed = ({ ir }: A64Translator, pointer: I64, modifier: I64, { key }: KeyUse): I64 =>
  ir.helper(addPac, pointer, modifier, ir.getReg(key.low), ir.getReg(key.high));

/** The pointer without its code, if that is right. */
export const authenticated = ({ ir }: A64Translator, pointer: I64, modifier: I64, { key, authenticate }: KeyUse): I64 =>
  ir.helper(authenticate, pointer, modifier, ir.getReg(key.low), ir.getReg(key.high));

const OPERATIONS = { sign: signed, authenticate: authenticated } as const;
type Operation = keyof typeof OPERATIONS;

interface Registers {
  readonly rn: number;
  readonly rd: number;
}

/** PACIA, PACIB, PACDA, PACDB, AUTIA, AUTIB, AUTDA, AUTDB: the modifier is Xn or SP. */
export function modifyByRegister(t: A64Translator, { rn, rd }: Registers, operation: Operation, use: KeyUse): void {
  t.setX(rd, OPERATIONS[operation](t, t.x(rd), t.xOrSp(rn), use));
}

/** PACIZA and so on: the modifier is 0. */
export function modifyByZero(t: A64Translator, { rd }: { rd: number }, operation: Operation, use: KeyUse): void {
  t.setX(rd, OPERATIONS[operation](t, t.x(rd), t.ir.i64_const(0), use));
}

/** The forms among the hints, for which registers are fixed: PACIASP, PACIAZ, PACIA1716 and so on. */
export function modifyLinkBySp(t: A64Translator, operation: Operation, use: KeyUse): void {
  modifyByRegister(t, { rd: 30, rn: 31 }, operation, use);
}

export function modifyLinkByZero(t: A64Translator, operation: Operation, use: KeyUse): void {
  modifyByZero(t, { rd: 30 }, operation, use);
}

export function modify17By16(t: A64Translator, operation: Operation, use: KeyUse): void {
  modifyByRegister(t, { rd: 17, rn: 16 }, operation, use);
}

/** XPACI, XPACD, XPACLRI: the pointer without its code, whatever that is. */
export function strip(t: A64Translator, { rd }: { rd: number }): void {
  t.setX(rd, new AddressForm(t.ir, t.x(rd)).original());
}

/** PACGA: a code for any data, in the upper half. */
export function authenticateGeneric(t: A64Translator, { rm, rn, rd }: Registers & { readonly rm: number }): void {
  const { ir } = t;
  const code = ir.helper(computePac, t.x(rn), t.xOrSp(rm), ir.getReg(KEY_GA.low), ir.getReg(KEY_GA.high));
  t.setX(rd, ir.i64_and(code, ir.i64_halves(0, -1)));
}

/** LDRAA, LDRAB: the base is authenticated with modifier 0; the offset has ten bits and counts doublewords. */
export function loadAuthenticated(
  t: A64Translator,
  { m, s, imm9, w, rn, rt }: { m: number; s: number; imm9: number; w: number; rn: number; rt: number },
): void {
  const { ir } = t;
  const base = authenticated(t, t.xOrSp(rn), ir.i64_const(0), DATA_KEYS[m] as KeyUse);
  const address = ir.i64_add(base, ir.i64_const(signExtend((s << 9) | imm9, 10) * 8));
  t.setX(rt, ir.i64_load(address));
  if (w === 1) t.setXOrSp(rn, address);
}
