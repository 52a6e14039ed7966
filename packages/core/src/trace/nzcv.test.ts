import { expect, it } from 'vitest';
import { flagCases } from '../ir/testing/flagCases.ts';
import { nzcvOfWords } from './nzcv.ts';

it('agrees with nzcvOf for every kind at the edges', () => {
  const half = (n: bigint, shift: bigint): number => Number(BigInt.asIntN(32, n >> shift));
  for (const { packed, a, b, c, nzcv } of flagCases()) {
    expect(nzcvOfWords(packed, half(a, 0n), half(a, 32n), half(b, 0n), half(b, 32n), c), `kind ${packed} of ${a}, ${b}, ${c}`).toBe(nzcv);
  }
});
