import type { GdbRegister } from '../guest.ts';
import { SP, V, X } from './state.ts';

const named = (name: string): GdbRegister => ({ name, kind: 'state' });

/** In the order of QEMU's gdb-xml: core, then floating point, then system registers. */
export const gdbRegisters: readonly GdbRegister[] = [
  ...[...X, SP].map(({ name }) => named(name)),
  { name: 'pc', kind: 'pc' },
  { name: 'cpsr', kind: 'flags' },
  ...V.map(({ name }) => named(name)),
  named('fpsr'),
  named('fpcr'),
  named('tpidr_el0'),
];

/** DC ZVA, Xt: QEMU clears the block in a helper function. */
export const hidesAccesses = (word: number): boolean => (word & ~31) === (0xd50b_7420 | 0);
