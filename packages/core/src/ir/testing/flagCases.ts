import { FlagKind, nzcvOf, packFlagKind } from '../flags.ts';

const EDGES = [
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
  0x7fc0_0000n,
];

/** Lazily held flags, and the N Z C V that nzcvOf gives for them. */
export interface FlagCase {
  readonly packed: number;
  readonly a: bigint;
  readonly b: bigint;
  readonly c: number;
  readonly nzcv: number;
}

/** Every kind of flags at the edges of its operands, without condition, and with one that fails or holds. */
export function flagCases(): FlagCase[] {
  const conditions = [
    [false, 0],
    [true, 0],
    [true, 1],
  ] as const;
  return Object.values(FlagKind).flatMap((kind) =>
    EDGES.flatMap((a) =>
      EDGES.flatMap((b) =>
        conditions.map(([conditional, c]) => {
          const packed = packFlagKind(kind, conditional, 9);
          return { packed, a, b, c, nzcv: nzcvOf(packed, a, b, c) };
        }),
      ),
    ),
  );
}
