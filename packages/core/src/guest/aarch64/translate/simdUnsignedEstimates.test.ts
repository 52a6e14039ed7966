import { expect, test } from 'vitest';
import { elementsOf, TestCpu, vectorOf } from '../testing/testCpu.ts';
import { recipEstimate, rsqrtEstimate } from './simdFpEstimates.ts';

const instructions: readonly (readonly [string, number, number, (a: number) => number])[] = [
  ['URECPE', 0x4ea1c820, 256, recipEstimate],
  ['URSQRTE', 0x6ea1c820, 128, rsqrtEstimate],
];

test.each(instructions)('%s of every 9 highest bits is the manual estimate', (_, word, smallest, estimate) => {
  const cpu = new TestCpu();
  for (let top = 0; top < 512; top++) {
    const first = top * 2 ** 23;
    const operands = [first, first + 1, first + 0x40_0000, first + 0x7f_ffff];
    cpu.setV(1, vectorOf(32, operands));
    cpu.run(word);
    const expected = top < smallest ? 0xffff_ffffn : BigInt(estimate(top)) << 23n;
    expect(elementsOf(32, cpu.v(0))).toEqual(operands.map(() => expected));
  }
});
