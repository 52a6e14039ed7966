import { StateLayout } from '../../ir/index.ts';

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
