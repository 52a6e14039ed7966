import type { ByteWriter } from '../base/index.ts';
import type { AddressSpace, EngineModules, Machine } from '../engine/index.ts';
import type { CallSums } from './journal/entries.ts';
import { MemorySum } from './memorySum.ts';
import { RegisterSums } from './registerSums.ts';

/** Instructions between two. */
const CHECK_STEPS = 100_000_000;
/** Part of the time that sums of memory may take. */
const SUM_SHARE = 0.015;

/** Sums of a machine's registers and memory, by which a replay sees that it does what the recorded run did. */
export class Checks {
  private readonly memory: MemorySum;
  private readonly sums: RegisterSums;
  private readonly began: number;
  private summing = 0;
  /** The next one is due there. */
  nextStep = CHECK_STEPS;

  /** @param now milliseconds of some clock @param engineModule gives bytes of modules, where the host keeps them */
  constructor(
    private readonly machine: Machine,
    private readonly now: () => number,
    engineModule: EngineModules | undefined,
  ) {
    const { memory } = machine.space;
    this.memory = new MemorySum(memory, engineModule);
    this.sums = new RegisterSums(memory, machine.guest.state, engineModule);
    this.began = now();
  }

  /** Valid until the next ones are made. */
  registers(): CallSums {
    return this.sums.of(this.machine.cpu, this.machine.pc);
  }

  /** What is due has come: the next one is due later. @returns whether it can have a sum of memory, too */
  passed(): boolean {
    this.nextStep = this.machine.steps + CHECK_STEPS;
    return this.summing <= (this.now() - this.began) * SUM_SHARE;
  }

  /** Appends what an entry has of one. @param spaces by number, if memory is to be summed up, too */
  put(out: ByteWriter, spaces: readonly (AddressSpace | undefined)[] | undefined): void {
    const began = this.now();
    const { all, single } = this.registers();
    out.fixed32(all);
    out.byte(Number(spaces !== undefined));
    if (spaces !== undefined) out.fixed32(this.memory.of(spaces));
    out.bytes(single);
    this.summing += this.now() - began;
  }
}
