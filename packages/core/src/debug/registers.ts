import { assert } from '../base/index.ts';
import type { CpuState } from '../engine/index.ts';
import type { Guest } from '../guest/index.ts';

/** N Z C V stand in bits 31..28. */
export const FLAGS_SHIFT = 28n;

/** What gdb calls register `number`. @throws AssertionError if there is none */
export function gdbRegister({ gdbRegisters }: Guest, number: number): NonNullable<Guest['gdbRegisters']>[number] {
  const register = gdbRegisters?.[number];
  assert(register !== undefined, `there is no register ${number}`);
  return register;
}

/** The value of register `number` of gdb's, unsigned. */
export function gdbRegisterValue(guest: Guest, number: number, cpu: CpuState, pc: number): bigint {
  const { name, kind } = gdbRegister(guest, number);
  if (kind === 'pc') return BigInt(pc);
  return kind === 'flags' ? BigInt(cpu.nzcv) << FLAGS_SHIFT : cpu.getByName(name);
}
