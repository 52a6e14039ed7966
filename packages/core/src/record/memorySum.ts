import { type AddressSpace, fillPages, type LinearMemory, makeEngineModule, PAGE } from '../engine/index.ts';
import { createPageSums, type PageSums } from './pageSums.ts';

/** Sums up the memory of address spaces: equal for equal contents at equal addresses, wherever they are stored. */
export class MemorySum {
  private sums: PageSums | undefined;

  /** @param engineModule gives bytes of modules, where the host keeps them */
  constructor(
    private readonly memory: LinearMemory,
    private readonly engineModule = makeEngineModule,
  ) {}

  /** 32 bits, unsigned. @param spaces by number; undefined: there is none any more */
  of(spaces: readonly (AddressSpace | undefined)[]): number {
    this.sums ??= createPageSums(this.memory, this.engineModule);
    const { of, zero } = this.sums;
    let total = 0;
    spaces.forEach((space, number) => {
      if (space === undefined) return;
      fillPages(space);
      for (const { start, end, storage } of space.list.all) {
        if (storage < 0) continue;
        for (let at = 0; at < end - start; at += PAGE) {
          const sum = of(storage + at);
          if (sum === zero) continue;
          const place = Math.imul((start + at) / PAGE + number * 0x1f_1234_5678, 0x9e37_79b1);
          // Independent of the order.
          total = (total + Math.imul(Number(BigInt.asIntN(32, sum)) ^ place, Number(BigInt.asIntN(32, sum >> 32n)) | 1)) | 0;
        }
      }
    });
    return total >>> 0;
  }
}
