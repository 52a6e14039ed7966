import type { IrBuilder, Value } from '../../../ir/index.ts';
import type { Translate } from './simdForms.ts';
import { add, shl, shuffleElements, ushr, type V } from './simdLanes.ts';

/** FEAT_SHA512: SHA-512 (FIPS 180-4). */
interface Two {
  readonly rn: number;
  readonly rd: number;
}
interface Three extends Two {
  readonly rm: number;
}
type I64 = Value<'i64'>;

const xor3 = (ir: IrBuilder, a: I64, b: I64, c: I64): I64 => ir.i64_xor(ir.i64_xor(a, b), c);
const rotations = (ir: IrBuilder, x: I64, a: number, b: number, c: number): I64 => {
  const turn = (count: number): I64 => ir.i64_rotr(x, ir.i64_const(count));
  return xor3(ir, turn(a), turn(b), turn(c));
};
const choose = (ir: IrBuilder, x: I64, y: I64, z: I64): I64 => ir.i64_xor(ir.i64_and(ir.i64_xor(y, z), x), z);
const majority = (ir: IrBuilder, x: I64, y: I64, z: I64): I64 => ir.i64_or(ir.i64_and(x, y), ir.i64_and(ir.i64_or(x, y), z));
const sum = (ir: IrBuilder, a: I64, b: I64, c: I64): I64 => ir.i64_add(ir.i64_add(a, b), c);

const halves = (ir: IrBuilder, v: V): [I64, I64] => [ir.i64x2_extract_lane(v, 0), ir.i64x2_extract_lane(v, 1)];
const vector = (ir: IrBuilder, low: I64, high: I64): V => ir.i64x2_replace_lane(ir.i64x2_splat(low), high, 1);

/** SHA512H: two rounds' first sum: d holds h and g with the schedule, n f and e before them, m d and c. */
export const sha512Hash: Translate<Three> = (t, { rm, rn, rd }) => {
  const { ir } = t;
  const [x0, x1] = halves(ir, t.v(rn));
  const [y0, y1] = halves(ir, t.v(rm));
  const [w0, w1] = halves(ir, t.v(rd));
  const high = sum(ir, choose(ir, y1, x0, x1), rotations(ir, y1, 14, 18, 41), w1);
  const next = ir.i64_add(high, y0);
  const low = sum(ir, choose(ir, next, y1, x0), rotations(ir, next, 14, 18, 41), w0);
  t.setV(rd, vector(ir, low, high));
};

/** SHA512H2: two rounds' second sum, onto the first one. */
export const sha512Hash2: Translate<Three> = (t, { rm, rn, rd }) => {
  const { ir } = t;
  const x0 = ir.i64x2_extract_lane(t.v(rn), 0);
  const [y0, y1] = halves(ir, t.v(rm));
  const [w0, w1] = halves(ir, t.v(rd));
  const high = sum(ir, majority(ir, x0, y1, y0), rotations(ir, y0, 28, 34, 39), w1);
  const low = sum(ir, majority(ir, high, y0, y1), rotations(ir, high, 28, 34, 39), w0);
  t.setV(rd, vector(ir, low, high));
};

/** Two rotations and a shift right of each doubleword, added without carries. */
function sigma(ir: IrBuilder, v: V, first: number, second: number, shift: number): V {
  const turn = (count: number): V => ir.v128_or(ushr(ir, 3, v, count), shl(ir, 3, v, 64 - count));
  return ir.v128_xor(ir.v128_xor(turn(first), turn(second)), ushr(ir, 3, v, shift));
}

export const sha512Schedule0: Translate<Two> = (t, { rn, rd }) => {
  const d = t.v(rd);
  const next = shuffleElements(t.ir, 3, d, t.v(rn), (i) => i + 1);
  t.setV(rd, add(t.ir, 3, d, sigma(t.ir, next, 1, 8, 7)));
};

export const sha512Schedule1: Translate<Three> = (t, { rm, rn, rd }) =>
  t.setV(rd, add(t.ir, 3, add(t.ir, 3, t.v(rd), sigma(t.ir, t.v(rn), 19, 61, 6)), t.v(rm)));
