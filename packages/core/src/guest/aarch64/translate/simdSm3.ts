import type { IrBuilder } from '../../../ir/index.ts';
import type { Translate } from './simdForms.ts';
import { shuffleElements, type V, zero } from './simdLanes.ts';
import { choose, type I32, type Logical, majority, parity, rotateLeft, rotateWords, sum, vectorOfWords, words, xor } from './simdWords.ts';

/** FEAT_SM3: the hash function SM3 (GB/T 32905-2016). Vectors hold a..d or e..h with the first in the top word. */
interface Three {
  readonly rm: number;
  readonly rn: number;
  readonly rd: number;
}
interface Four extends Three {
  readonly ra: number;
}
interface Round extends Three {
  readonly imm2: number;
}

const top = (ir: IrBuilder, v: V): I32 => ir.i32x4_extract_lane(v, 3);

/** SM3SS1: the top word of n turned, with those of m and a, to the top word. */
export const sm3Rotation: Translate<Four> = (t, { rm, ra, rn, rd }) => {
  const { ir } = t;
  const total = sum(ir, rotateLeft(ir, top(ir, t.v(rn)), 12), top(ir, t.v(rm)), top(ir, t.v(ra)));
  t.setV(rd, ir.i32x4_replace_lane(zero(ir), rotateLeft(ir, total, 7), 3));
};

/** SM3TT1A, SM3TT1B: a round on a..d; n's top word is SS1, m's word imm2 the schedule. */
const round1 =
  (logical: Logical): Translate<Round> =>
  (t, { rm, imm2, rn, rd }) => {
    const { ir } = t;
    const [d, c, b, a] = words(ir, t.v(rd));
    const ss2 = ir.i32_xor(top(ir, t.v(rn)), rotateLeft(ir, a, 12));
    const next = sum(ir, logical(ir, a, b, c), d, ss2, ir.i32x4_extract_lane(t.v(rm), imm2));
    t.setV(rd, vectorOfWords(ir, [c, rotateLeft(ir, b, 9), a, next]));
  };
export const sm3Round1Parity = round1(parity);
export const sm3Round1Majority = round1(majority);

/** SM3TT2A, SM3TT2B: a round on e..h; n's top word is SS1, m's word imm2 the schedule. */
const round2 =
  (logical: Logical): Translate<Round> =>
  (t, { rm, imm2, rn, rd }) => {
    const { ir } = t;
    const [h, g, f, e] = words(ir, t.v(rd));
    const next = sum(ir, logical(ir, e, f, g), h, top(ir, t.v(rn)), ir.i32x4_extract_lane(t.v(rm), imm2));
    t.setV(rd, vectorOfWords(ir, [g, rotateLeft(ir, f, 19), e, xor(ir, next, rotateLeft(ir, next, 9), rotateLeft(ir, next, 17))]));
  };
export const sm3Round2Parity = round2(parity);
export const sm3Round2Choose = round2(choose);

/** x + x turned by 15 + x turned by 23, without carries: the schedule's permutation. */
const permute = (ir: IrBuilder, x: I32): I32 => xor(ir, x, rotateLeft(ir, x, 15), rotateLeft(ir, x, 23));

/** v with what depends on the word `first` added to its top word. */
const changeTop = (ir: IrBuilder, v: V, first: I32): V => ir.i32x4_replace_lane(v, ir.i32_xor(top(ir, v), permute(ir, rotateLeft(ir, first, 15))), 3);

/** SM3PARTW1: the top word depends on the first one of the result. */
export const sm3Schedule1: Translate<Three> = (t, { rm, rn, rd }) => {
  const { ir } = t;
  const next = shuffleElements(ir, 2, t.v(rm), zero(ir), (i) => i + 1);
  const sums = ir.v128_xor(ir.v128_xor(t.v(rd), t.v(rn)), rotateWords(ir, next, 15));
  const permuted = ir.v128_xor(sums, ir.v128_xor(rotateWords(ir, sums, 15), rotateWords(ir, sums, 23)));
  t.setV(rd, changeTop(ir, permuted, ir.i32x4_extract_lane(permuted, 0)));
};

/** SM3PARTW2: completes what SM3PARTW1 has begun. */
export const sm3Schedule2: Translate<Three> = (t, { rm, rn, rd }) => {
  const { ir } = t;
  const sums = ir.v128_xor(t.v(rn), rotateWords(ir, t.v(rm), 7));
  t.setV(rd, changeTop(ir, ir.v128_xor(t.v(rd), sums), ir.i32x4_extract_lane(sums, 0)));
};
