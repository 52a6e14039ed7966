import { CpuState } from '../../engine/index.ts';
import type { Kernel, Thread } from '../../linux/index.ts';
import { FLAGS_SHIFT, gdbRegister, gdbRegisterValue } from '../registers.ts';
import type { RegisterFile } from '../target.ts';

/** Bits of an address that a pc has. */
const PC_BITS = 52;

/** Bytes of the instruction that makes a system call. */
const SYSCALL_BYTES = 4;

/** A thread's registers by gdb's numbers, whether or not it is the one whose registers the machine has. */
export class ThreadRegisters implements RegisterFile {
  private readonly isLoaded: boolean;
  private readonly cpu: CpuState;

  /** @param interrupted where threads were in system calls that a debugger had them leave */
  constructor(
    private readonly kernel: Kernel,
    private readonly thread: Thread,
    private readonly interrupted: Map<Thread, number>,
  ) {
    const { machine } = kernel;
    this.isLoaded = kernel.current === thread;
    this.cpu = this.isLoaded ? machine.cpu : CpuState.ofSaved(machine.guest.state, thread.saved);
  }

  get pc(): number {
    return this.isLoaded ? this.kernel.machine.pc : this.thread.pc;
  }

  get(number: number): bigint {
    return gdbRegisterValue(this.kernel.machine.guest, number, this.cpu, this.pc);
  }

  set(number: number, value: bigint): boolean {
    const { name, kind } = gdbRegister(this.kernel.machine.guest, number);
    if (kind === 'pc') this.setPc(Number(BigInt.asUintN(PC_BITS, value)));
    else if (kind === 'flags') this.cpu.nzcv = Number(BigInt.asUintN(32, value) >> FLAGS_SHIFT);
    else this.cpu.setByName(name, value);
    return true;
  }

  /**
   * A thread that waits in a system call is to run elsewhere: gdb calls a function of the program's. When its pc is set back,
   * it makes the call again, as on Linux.
   */
  private setPc(pc: number): void {
    const { kernel, thread, interrupted } = this;
    let next = pc;
    if (pc === interrupted.get(thread)) {
      interrupted.delete(thread);
      next -= SYSCALL_BYTES;
    } else if (thread.pending !== undefined && pc !== this.pc) {
      interrupted.set(thread, this.pc);
      kernel.giveUpCall(thread);
    }
    if (this.isLoaded) kernel.machine.pc = next;
    else thread.pc = next;
  }
}
