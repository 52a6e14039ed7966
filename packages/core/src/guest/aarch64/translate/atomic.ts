import type { Value } from '../../../ir/index.ts';
import { alignedAddress, joinWords, loadZeroExtended, storeLow } from './exclusive.ts';
import { extend64 } from './extend.ts';
import type { A64Translator } from './translator.ts';

/**
 * Atomic memory operations (FEAT_LSE) are a load and a store: threads are switched between instructions only. A
 * compare-and-swap that fails writes back what it read, as it may, so that it faults on read-only memory as QEMU's does.
 */
export type AtomicOp = 'add' | 'clear' | 'xor' | 'set' | 'signedMax' | 'signedMin' | 'unsignedMax' | 'unsignedMin' | 'swap';

interface Atomic {
  /** log2 of the bytes. */
  readonly size: number;
  readonly rs: number;
  readonly rn: number;
  readonly rt: number;
}

/** LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN, SWP: Rt gets what memory held. */
export function atomicMemoryOperation(t: A64Translator, { size, rs, rn, rt }: Atomic, op: AtomicOp): void {
  const address = alignedAddress(t, rn, 1 << size);
  const old = loadZeroExtended(t, size, address);
  storeLow(t, size, address, combine(t, op, size, old, t.x(rs)));
  t.setX(rt, old);
}

/** What memory gets; the bits above `size` do not matter. `old` is zero-extended. */
function combine(t: A64Translator, op: AtomicOp, size: number, old: Value<'i64'>, operand: Value<'i64'>): Value<'i64'> {
  const { ir } = t;
  // As ExtendReg's options: 0 to 3 zero-extend, 4 to 7 sign-extend
  const signed = (value: Value<'i64'>): Value<'i64'> => extend64(t, value, 4 + size);
  const unsigned = (value: Value<'i64'>): Value<'i64'> => extend64(t, value, size);
  switch (op) {
    case 'add':
      return ir.i64_add(old, operand);
    case 'clear':
      return ir.i64_and(old, ir.i64_xor(operand, ir.i64_const(-1)));
    case 'xor':
      return ir.i64_xor(old, operand);
    case 'set':
      return ir.i64_or(old, operand);
    case 'signedMax':
      return ir.i64_select(ir.i64_gt_s(signed(old), signed(operand)), old, operand);
    case 'signedMin':
      return ir.i64_select(ir.i64_lt_s(signed(old), signed(operand)), old, operand);
    case 'unsignedMax':
      return ir.i64_select(ir.i64_gt_u(old, unsigned(operand)), old, operand);
    case 'unsignedMin':
      return ir.i64_select(ir.i64_lt_u(old, unsigned(operand)), old, operand);
    case 'swap':
      return operand;
  }
}

/** CAS and its B and H forms: Rs holds what is expected and gets what was found, Rt is stored where they are equal. */
export function compareAndSwap(t: A64Translator, { size, rs, rn, rt }: Atomic): void {
  const { ir } = t;
  const address = alignedAddress(t, rn, 1 << size);
  const old = loadZeroExtended(t, size, address);
  const isEqual = ir.i64_eq(old, extend64(t, t.x(rs), size));
  storeLow(t, size, address, ir.i64_select(isEqual, t.x(rt), old));
  t.setX(rs, old);
}

/** CASP: as CAS on two registers each, both even-numbered; two words (`sz` 0) are one access. */
export function compareAndSwapPair(t: A64Translator, { sz, rs, rn, rt }: { sz: number; rs: number; rn: number; rt: number }): void {
  if (((rs | rt) & 1) !== 0) return t.undefined();
  const { ir } = t;
  const address = alignedAddress(t, rn, 8 << sz);
  const low = ir.i64_load(address);
  if (sz === 0) {
    const isEqual = ir.i64_eq(low, joinWords(t, t.x(rs), t.x(rs + 1)));
    ir.i64_store(address, ir.i64_select(isEqual, joinWords(t, t.x(rt), t.x(rt + 1)), low));
    t.setX(rs, t.low32(low));
    t.setX(rs + 1, ir.i64_shr_u(low, ir.i64_const(32)));
  } else {
    const second = ir.i64_add(address, ir.i64_const(8));
    const high = ir.i64_load(second);
    const isEqual = ir.i32_and(ir.i64_eq(low, t.x(rs)), ir.i64_eq(high, t.x(rs + 1)));
    ir.i64_store(address, ir.i64_select(isEqual, t.x(rt), low));
    ir.i64_store(second, ir.i64_select(isEqual, t.x(rt + 1), high));
    t.setX(rs, low);
    t.setX(rs + 1, high);
  }
}
