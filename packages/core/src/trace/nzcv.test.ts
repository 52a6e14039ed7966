import { expect, it } from 'vitest';
import { FlagKind, nzcvOf, packFlagKind } from '../ir/index.ts';
import { nzcvOfWords } from './nzcv.ts';

it('agrees with nzcvOf for every kind at the edges', () => {
  const edges = [
    0n,
    1n,
    2n,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
    0x1_0000_0000n,
    0x7fff_ffff_ffff_ffffn,
    0x8000_0000_0000_0000n,
    0xffff_ffff_ffff_ffffn,
    0x3ff0_0000_0000_0000n,
    0x7ff8_0000_0000_0000n,
  ];
  const half = (n: bigint, shift: bigint): number => Number(BigInt.asIntN(32, n >> shift));
  for (const kind of Object.values(FlagKind)) {
    for (const a of edges) {
      for (const b of edges) {
        for (const [conditional, c] of [
          [false, 0],
          [true, 0],
          [true, 1],
        ] as const) {
          const packed = packFlagKind(kind, conditional, 9);
          expect(nzcvOfWords(packed, half(a, 0n), half(a, 32n), half(b, 0n), half(b, 32n), c), `kind ${kind} of ${a}, ${b}`).toBe(nzcvOf(packed, a, b, c));
        }
      }
    }
  }
});
