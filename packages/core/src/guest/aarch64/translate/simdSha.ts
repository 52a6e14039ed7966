import type { IrBuilder } from '../../../ir/index.ts';
import type { Translate } from './simdForms.ts';
import { fromI32, lowHalves, shuffleElements, ushr, type V, zero } from './simdLanes.ts';
import { choose, type I32, type Logical, majority, parity, rotateLeft, rotateRight, rotateWords, sum, vectorOfWords, words } from './simdWords.ts';

/** SHA-1 and SHA-256 (FIPS 180-4). */
interface Two {
  readonly rn: number;
  readonly rd: number;
}
interface Three extends Two {
  readonly rm: number;
}

/** Four rounds of SHA-1: d holds a..d, n's first word e, m the schedule with the round constants added. */
const hash1 =
  (f: Logical): Translate<Three> =>
  (t, { rm, rn, rd }) => {
    const { ir } = t;
    let [a, b, c, d] = words(ir, t.v(rd));
    let e = ir.i32x4_extract_lane(t.v(rn), 0);
    for (const w of words(ir, t.v(rm))) {
      const next = sum(ir, e, rotateLeft(ir, a, 5), f(ir, b, c, d), w);
      [a, b, c, d, e] = [next, a, rotateLeft(ir, b, 30), c, d];
    }
    t.setV(rd, vectorOfWords(ir, [a, b, c, d]));
  };
export const sha1Choose = hash1(choose);
export const sha1Parity = hash1(parity);
export const sha1Majority = hash1(majority);

export const sha1Fixed: Translate<Two> = (t, { rn, rd }) => t.setV(rd, fromI32(t.ir, rotateLeft(t.ir, t.ir.i32x4_extract_lane(t.v(rn), 0), 30)));

export const sha1Schedule0: Translate<Three> = (t, { rm, rn, rd }) => {
  const [d, n, m] = [t.v(rd), t.v(rn), t.v(rm)];
  const middle = shuffleElements(t.ir, 3, d, n, (i) => i + 1);
  t.setV(rd, t.ir.v128_xor(t.ir.v128_xor(middle, d), m));
};

/** The last word depends on the first one of the result. */
export const sha1Schedule1: Translate<Two> = (t, { rn, rd }) => {
  const { ir } = t;
  const next = shuffleElements(ir, 2, t.v(rn), zero(ir), (i) => i + 1);
  const rotated = rotateWords(ir, ir.v128_xor(t.v(rd), next), 1);
  const last = rotateWords(
    ir,
    shuffleElements(ir, 2, rotated, zero(ir), (i) => (i === 3 ? 0 : 4)),
    1,
  );
  t.setV(rd, ir.v128_xor(rotated, last));
};

/** x turned right by three counts, ascending, added without carries: one inside the other, which needs fewer copies. */
const rotations = (ir: IrBuilder, x: I32, a: number, b: number, c: number): I32 =>
  rotateRight(ir, ir.i32_xor(rotateRight(ir, ir.i32_xor(rotateRight(ir, x, c - b), x), b - a), x), a);

/**
 * Four rounds of SHA-256. SHA256H wants a..d of the result, SHA256H2 e..h: what the two have in common stands in the
 * same order in both, so that engines compute it once where they follow each other.
 */
function rounds256(ir: IrBuilder, abcd: V, efgh: V, schedule: V): { readonly abcd: V; readonly efgh: V } {
  let [a, b, c, d] = words(ir, abcd);
  let [e, f, g, h] = words(ir, efgh);
  let bc = ir.i32_xor(b, c);
  for (const w of words(ir, schedule)) {
    const ab = ir.i32_xor(a, b);
    const t1 = sum(ir, h, w, choose(ir, e, f, g), rotations(ir, e, 6, 11, 25));
    // The majority, with a sum that is the next round's, too
    const t2 = ir.i32_add(rotations(ir, a, 2, 13, 22), ir.i32_xor(ir.i32_and(ab, bc), b));
    [a, b, c, d, e, f, g, h] = [ir.i32_add(t1, t2), a, b, c, ir.i32_add(d, t1), e, f, g];
    bc = ab;
  }
  return { abcd: vectorOfWords(ir, [a, b, c, d]), efgh: vectorOfWords(ir, [e, f, g, h]) };
}

/** SHA256H: d holds a..d, n e..h. */
export const sha256Hash: Translate<Three> = (t, { rm, rn, rd }) => t.setV(rd, rounds256(t.ir, t.v(rd), t.v(rn), t.v(rm)).abcd);
/** SHA256H2: d holds e..h, n a..d. */
export const sha256Hash2: Translate<Three> = (t, { rm, rn, rd }) => t.setV(rd, rounds256(t.ir, t.v(rn), t.v(rd), t.v(rm)).efgh);

/** Two rotations and a shift right of each word, added without carries. */
function sigma(ir: IrBuilder, v: V, first: number, second: number, shift: number): V {
  return ir.v128_xor(ir.v128_xor(rotateWords(ir, v, 32 - first), rotateWords(ir, v, 32 - second)), ushr(ir, 2, v, shift));
}

export const sha256Schedule0: Translate<Two> = (t, { rn, rd }) => {
  const d = t.v(rd);
  const next = shuffleElements(t.ir, 2, d, t.v(rn), (i) => i + 1);
  t.setV(rd, t.ir.i32x4_add(d, sigma(t.ir, next, 7, 18, 3)));
};

/** The upper words depend on the lower ones of the result. */
export const sha256Schedule1: Translate<Three> = (t, { rm, rn, rd }) => {
  const { ir } = t;
  const m = t.v(rm);
  const known = ir.i32x4_add(
    t.v(rd),
    shuffleElements(ir, 2, t.v(rn), m, (i) => i + 1),
  );
  const low = ir.i32x4_add(
    known,
    sigma(
      ir,
      shuffleElements(ir, 3, m, zero(ir), (i) => i + 1),
      17,
      19,
      10,
    ),
  );
  const high = sigma(ir, lowHalves(ir, zero(ir), low), 17, 19, 10);
  t.setV(rd, ir.i32x4_add(low, high));
};
