import { type IrBuilder, irHelper } from '../../../ir/index.ts';
import type { Translate } from './simdForms.ts';
import { fromI32, lowHalves, shuffleElements, ushr, type V, zero } from './simdLanes.ts';
import { choose, type I32, type Logical, majority, parity, rotateLeft, rotateRight, rotateWords, sum, vectorOfWords, words, xor } from './simdWords.ts';

/** SHA-1 and SHA-256 (FIPS 180-4). */
interface Two {
  readonly rn: number;
  readonly rd: number;
}
interface Three extends Two {
  readonly rm: number;
}

/** Four rounds of SHA-1: a..d in a vector, e apart, w the schedule with the round constants added. */
const rounds1 = (name: string, f: Logical) =>
  irHelper(name, ['v128', 'i32', 'v128'], 'v128', (ir, abcd, first, schedule) => {
    let [a, b, c, d] = words(ir, abcd);
    let e: I32 = first;
    for (const w of words(ir, schedule)) {
      const next = sum(ir, e, rotateLeft(ir, a, 5), f(ir, b, c, d), w);
      [a, b, c, d, e] = [next, a, rotateLeft(ir, b, 30), c, d];
    }
    return vectorOfWords(ir, [a, b, c, d]);
  });

const hash1 = (name: string, f: Logical): Translate<Three> => {
  const helper = rounds1(name, f);
  return (t, { rm, rn, rd }) => t.setV(rd, t.ir.helper(helper, t.v(rd), t.ir.i32x4_extract_lane(t.v(rn), 0), t.v(rm)));
};
export const sha1Choose = hash1('sha1Choose', choose);
export const sha1Parity = hash1('sha1Parity', parity);
export const sha1Majority = hash1('sha1Majority', majority);

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

/** Four rounds of SHA-256. @returns a..d or e..h */
const rounds256 = (name: string, part: 'abcd' | 'efgh') =>
  irHelper(name, ['v128', 'v128', 'v128'], 'v128', (ir, abcd, efgh, schedule) => {
    let [a, b, c, d] = words(ir, abcd);
    let [e, f, g, h] = words(ir, efgh);
    for (const w of words(ir, schedule)) {
      const sigma1 = xor(ir, rotateRight(ir, e, 6), rotateRight(ir, e, 11), rotateRight(ir, e, 25));
      const sigma0 = xor(ir, rotateRight(ir, a, 2), rotateRight(ir, a, 13), rotateRight(ir, a, 22));
      const t1 = sum(ir, h, sigma1, choose(ir, e, f, g), w);
      const t2 = ir.i32_add(sigma0, majority(ir, a, b, c));
      [a, b, c, d, e, f, g, h] = [ir.i32_add(t1, t2), a, b, c, ir.i32_add(d, t1), e, f, g];
    }
    return vectorOfWords(ir, part === 'abcd' ? [a, b, c, d] : [e, f, g, h]);
  });
const rounds256Abcd = rounds256('sha256Abcd', 'abcd');
const rounds256Efgh = rounds256('sha256Efgh', 'efgh');

/** SHA256H: d holds a..d, n e..h. */
export const sha256Hash: Translate<Three> = (t, { rm, rn, rd }) => t.setV(rd, t.ir.helper(rounds256Abcd, t.v(rd), t.v(rn), t.v(rm)));
/** SHA256H2: d holds e..h, n a..d. */
export const sha256Hash2: Translate<Three> = (t, { rm, rn, rd }) => t.setV(rd, t.ir.helper(rounds256Efgh, t.v(rn), t.v(rd), t.v(rm)));

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
