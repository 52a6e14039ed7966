import { type Register, StateLayout } from '../../ir/index.ts';

/** AArch64 CPU state as user mode sees it. SP is not X31: it has its own register. */
export const layout = new StateLayout();

/** X0..X30. */
export const X = layout.addMany('x', 31, 'i64');
export const SP = layout.add('sp', 'i64');
/** V0..V31: 128-bit vectors; B, H, S, D, Q are their low bits. */
export const V = layout.addMany('v', 32, 'v128');
export const FPCR = layout.add('fpcr', 'i32');
export const FPSR = layout.add('fpsr', 'i32');
export const TPIDR_EL0 = layout.add('tpidr_el0', 'i64');
/** TPIDRRO_EL0: read-only to EL0. */
export const TPIDRRO_EL0 = layout.add('tpidrro_el0', 'i64', false);
/** Exclusive monitor: the address marked by the last load-exclusive (all ones: none) and the data read there. */
export const EXCLUSIVE_ADDRESS = layout.add('exclusiveAddress', 'i64', false);
export const EXCLUSIVE_VALUE = layout.add('exclusiveValue', 'i64', false);
export const EXCLUSIVE_HIGH = layout.add('exclusiveHigh', 'i64', false);
/** PSTATE.DIT (bit 24) and PSTATE.SSBS (bit 12), in place, as MRS reads them. */
export const DIT = layout.add('dit', 'i32');
export const SSBS = layout.add('ssbs', 'i32');
/** PSTATE.BTYPE: how the last instruction branched, where landing pads are looked at (see translate/branchTarget.ts). */
export const BTYPE = layout.add('btype', 'i32', false);

/** A key of pointer authentication: the registers of its halves. */
export interface PointerKey {
  readonly low: Register<'i64'>;
  readonly high: Register<'i64'>;
}

const pointerKey = (name: string): PointerKey => ({
  low: layout.add(`ap${name}keylo_el1`, 'i64', false),
  high: layout.add(`ap${name}keyhi_el1`, 'i64', false),
});

/** APIAKey, APIBKey, APDAKey, APDBKey and APGAKey: for instruction addresses, data addresses, and generic data. */
export const KEY_IA = pointerKey('ia');
export const KEY_IB = pointerKey('ib');
export const KEY_DA = pointerKey('da');
export const KEY_DB = pointerKey('db');
export const KEY_GA = pointerKey('ga');
/** In the order of prctl's PR_PAC_* bits. */
export const POINTER_KEYS: readonly PointerKey[] = [KEY_IA, KEY_IB, KEY_DA, KEY_DB, KEY_GA];
