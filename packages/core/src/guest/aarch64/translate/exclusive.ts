import type { Value } from '../../../ir/index.ts';
import { EXCLUSIVE_ADDRESS, EXCLUSIVE_HIGH, EXCLUSIVE_VALUE } from '../state.ts';
import { clearExclusive } from './branch.ts';
import type { A64Translator } from './translator.ts';

/**
 * The exclusive monitor, as in QEMU's user mode: a load-exclusive marks the address and keeps what it read; a
 * store-exclusive succeeds where the address is still the one marked and memory still holds that value. What the
 * architecture promises follows, as threads are switched between instructions only.
 */

/** The base register as the address of an access of `bytes`, which must be aligned. */
export function alignedAddress(t: A64Translator, rn: number, bytes: number): Value<'i64'> {
  const address = t.xOrSp(rn);
  if (bytes > 1) t.ir.checkAligned(address, bytes);
  return address;
}

/** Zero-extending load of `1 << size` bytes; 0 unless `condition`. */
export function loadZeroExtended(t: A64Translator, size: number, address: Value<'i64'>, condition?: Value<'i32'>): Value<'i64'> {
  switch (size) {
    case 0:
      return t.ir.i64_load8_u(address, condition);
    case 1:
      return t.ir.i64_load16_u(address, condition);
    case 2:
      return t.ir.i64_load32_u(address, condition);
    default:
      return t.ir.i64_load(address, condition);
  }
}

/** Store of the low `1 << size` bytes, if `condition`. */
export function storeLow(t: A64Translator, size: number, address: Value<'i64'>, value: Value<'i64'>, condition?: Value<'i32'>): void {
  switch (size) {
    case 0:
      return t.ir.i64_store8(address, value, condition);
    case 1:
      return t.ir.i64_store16(address, value, condition);
    case 2:
      return t.ir.i64_store32(address, value, condition);
    default:
      return t.ir.i64_store(address, value, condition);
  }
}

/** LDXR, LDAXR and their B and H forms. */
export function loadExclusive(t: A64Translator, { size, rn, rt }: { size: number; rn: number; rt: number }): void {
  const address = alignedAddress(t, rn, 1 << size);
  const value = loadZeroExtended(t, size, address);
  mark(t, address, value);
  t.setX(rt, value);
}

function mark(t: A64Translator, address: Value<'i64'>, value: Value<'i64'>, high?: Value<'i64'>): void {
  t.ir.setReg(EXCLUSIVE_ADDRESS, address);
  t.ir.setReg(EXCLUSIVE_VALUE, value);
  if (high !== undefined) t.ir.setReg(EXCLUSIVE_HIGH, high);
}

interface ExclusivePair {
  /** 0: words, 1: doublewords */
  readonly sz: number;
  readonly rt2: number;
  readonly rn: number;
  readonly rt: number;
}

/** LDXP, LDAXP; a pair of words is one access. */
export function loadExclusivePair(t: A64Translator, { sz, rt2, rn, rt }: ExclusivePair): void {
  const { ir } = t;
  const address = alignedAddress(t, rn, 8 << sz);
  const value = ir.i64_load(address);
  if (sz === 0) {
    mark(t, address, value);
    t.setX(rt, t.low32(value));
    t.setX(rt2, ir.i64_shr_u(value, ir.i64_const(32)));
  } else {
    const high = ir.i64_load(ir.i64_add(address, ir.i64_const(8)));
    mark(t, address, value, high);
    t.setX(rt, value);
    t.setX(rt2, high);
  }
}

/** True if `address` is marked; only then must it be aligned and is memory looked at. */
function isMarkedAligned(t: A64Translator, address: Value<'i64'>, bytes: number): Value<'i32'> {
  const { ir } = t;
  const isMarked = ir.i64_eq(address, ir.getReg(EXCLUSIVE_ADDRESS));
  if (bytes > 1) ir.checkAligned(ir.i64_select(isMarked, address, ir.i64_const(0)), bytes);
  return isMarked;
}

/** STXR, STLXR and their B and H forms; Ws gets 0 where the store happened, else 1. */
export function storeExclusive(t: A64Translator, { size, rs, rn, rt }: { size: number; rs: number; rn: number; rt: number }): void {
  const { ir } = t;
  const address = t.xOrSp(rn);
  const isMarked = isMarkedAligned(t, address, 1 << size);
  const isUnchanged = ir.i64_eq(loadZeroExtended(t, size, address, isMarked), ir.getReg(EXCLUSIVE_VALUE));
  const succeeds = ir.i32_and(isMarked, isUnchanged);
  storeLow(t, size, address, t.x(rt), succeeds);
  clearExclusive(t);
  t.setW(rs, ir.i32_eqz(succeeds));
}

/** STXP, STLXP. */
export function storeExclusivePair(t: A64Translator, { sz, rs, rt2, rn, rt }: ExclusivePair & { readonly rs: number }): void {
  const { ir } = t;
  const address = t.xOrSp(rn);
  const isMarked = isMarkedAligned(t, address, 8 << sz);
  let succeeds = ir.i32_and(isMarked, ir.i64_eq(ir.i64_load(address, isMarked), ir.getReg(EXCLUSIVE_VALUE)));
  if (sz === 0) {
    ir.i64_store(address, joinWords(t, t.x(rt), t.x(rt2)), succeeds);
  } else {
    const second = ir.i64_add(address, ir.i64_const(8));
    succeeds = ir.i32_and(succeeds, ir.i64_eq(ir.i64_load(second, isMarked), ir.getReg(EXCLUSIVE_HIGH)));
    ir.i64_store(address, t.x(rt), succeeds);
    ir.i64_store(second, t.x(rt2), succeeds);
  }
  clearExclusive(t);
  t.setW(rs, ir.i32_eqz(succeeds));
}

/** Two words as one doubleword, the first one low. */
export function joinWords(t: A64Translator, low: Value<'i64'>, high: Value<'i64'>): Value<'i64'> {
  return t.ir.i64_or(t.low32(low), t.ir.i64_shl(high, t.ir.i64_const(32)));
}

/** LDAR, LDLAR: aligned loads, no more, as memory accesses happen in program order. */
export function loadOrdered(t: A64Translator, { size, rn, rt }: { size: number; rn: number; rt: number }): void {
  t.setX(rt, loadZeroExtended(t, size, alignedAddress(t, rn, 1 << size)));
}

/** LDAPR: QEMU 7.2 does not ask for alignment here. */
export function loadAcquirePc(t: A64Translator, { size, rn, rt }: { size: number; rn: number; rt: number }): void {
  t.setX(rt, loadZeroExtended(t, size, t.xOrSp(rn)));
}

/** STLR, STLLR: aligned stores. */
export function storeOrdered(t: A64Translator, { size, rn, rt }: { size: number; rn: number; rt: number }): void {
  storeLow(t, size, alignedAddress(t, rn, 1 << size), t.x(rt));
}
