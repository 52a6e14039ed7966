import type { CpuState } from '../engine/index.ts';
import { SIZE_OF, type StateLayout } from '../ir/index.ts';
import { FLAG_WORDS } from './stateChanges.ts';

/** What has a sum of its own before the layout's registers. Words that hold flags have none: they say nothing each. */
const FIRST_NAMES = ['pc', 'nzcv'] as const;

/** A register that has a sum of its own, and its words in the CPU state. */
interface SummedRegister {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A sum of what registers and pc are, however the flags stand in memory. 32 bits, unsigned. */
export function sumOfRegisters(cpu: CpuState, words: Int32Array, pc: number): number {
  let sum = cpu.nzcv ^ (pc | 0);
  sum = Math.imul(sum ^ (pc / 0x1_0000_0000), 0x9e37_79b1);
  for (let i = FLAG_WORDS; i < words.length; i++) sum = Math.imul(sum ^ (sum >>> 15) ^ words[i], 0x85eb_ca6b);
  return (sum ^ (sum >>> 13)) >>> 0;
}

/** Sums of single registers: where the sum of all is another than recorded, they tell which ones differ. */
export class SingleSums {
  private readonly registers: readonly SummedRegister[];
  /** Of pc, of nzcv, of each register of the layout. 8 bits each. */
  private readonly sums: Uint8Array;

  constructor(layout: StateLayout) {
    this.registers = layout.registers
      .map(({ name, offset, type }) => ({ name, start: offset >> 2, end: (offset + SIZE_OF[type]) >> 2 }))
      .filter(({ start }) => start >= FLAG_WORDS);
    this.sums = new Uint8Array(FIRST_NAMES.length + this.registers.length);
  }

  /** @param words of the CPU state @returns them; valid until the next ones are made */
  make(cpu: CpuState, words: Int32Array, pc: number): Uint8Array {
    const { sums, registers } = this;
    let at = 0;
    sums[at++] = added(added(0, pc | 0), pc / 0x1_0000_0000) >>> 24;
    sums[at++] = added(0, cpu.nzcv) >>> 24;
    for (const { start, end } of registers) {
      let sum = 0;
      for (let i = start; i < end; i++) sum = added(sum, words[i]);
      sums[at++] = sum >>> 24;
    }
    return sums;
  }

  /** Names of what has other sums than `recorded`; one in 256 that differ has the same. */
  differing(recorded: Uint8Array): readonly string[] {
    const names = [...FIRST_NAMES, ...this.registers.map(({ name }) => name)];
    return names.filter((_, i) => i < recorded.length && recorded[i] !== this.sums[i]);
  }
}

/** A sum with one more word in it: each of the word's bits changes the eight highest. */
const added = (sum: number, word: number): number => Math.imul(sum ^ (sum >>> 15) ^ word, 0x85eb_ca6b);
