import { assert } from '../../base/index.ts';
import type { CpuState } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import type { RegisterFile } from '../target.ts';

/** N Z C V stand in bits 31..28. */
const FLAGS_SHIFT = 28n;

/** Registers of a recording's thread by gdb's numbers, which cannot be changed. */
export class SavedRegisters implements RegisterFile {
  constructor(
    private readonly guest: Guest,
    private readonly cpu: CpuState,
    private readonly pc: number,
  ) {}

  get(number: number): bigint {
    const register = this.guest.gdbRegisters?.[number];
    assert(register !== undefined, `there is no register ${number}`);
    const { name, kind } = register;
    if (kind === 'pc') return BigInt(this.pc);
    return kind === 'flags' ? BigInt(this.cpu.nzcv) << FLAGS_SHIFT : this.cpu.getByName(name);
  }

  set(): boolean {
    return false;
  }
}
