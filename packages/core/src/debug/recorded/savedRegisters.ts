import type { CpuState } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import { gdbRegisterValue } from '../registers.ts';
import type { RegisterFile } from '../target.ts';

/** Registers of a recording's thread by gdb's numbers, which cannot be changed. */
export class SavedRegisters implements RegisterFile {
  constructor(
    private readonly guest: Guest,
    private readonly cpu: CpuState,
    private readonly pc: number,
  ) {}

  get(number: number): bigint {
    return gdbRegisterValue(this.guest, number, this.cpu, this.pc);
  }

  set(): boolean {
    return false;
  }
}
