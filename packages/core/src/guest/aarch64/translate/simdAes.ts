import { type IrBuilder, irHelper } from '../../../ir/index.ts';
import { sboxTables } from './simdAesTables.ts';
import type { Translate } from './simdForms.ts';
import { shl, shuffleElements, signMask, splat, ushr, type V } from './simdLanes.ts';

/** AESE, AESD, AESMC, AESIMC (FIPS 197). The state's columns are the words of the vector. */
interface Two {
  readonly rn: number;
  readonly rd: number;
}

/** SubBytes or its inverse; see simdAesTables.ts. An operand of 0 makes 1/0 + Z/0, which cancel, and 1/0 of that: io and jo are infinite. */
const substitution = (name: string, inverted: boolean) =>
  irHelper(name, ['v128'], 'v128', (ir, state) => {
    const tables = sboxTables(inverted);
    const look = (table: Uint8Array, index: V): V => ir.i8x16_swizzle(ir.v128_const(table), index);
    const nibble = splat(ir, 0, 15);
    const pair = ir.v128_xor(look(tables.inputLow, ir.v128_and(state, nibble)), look(tables.inputHigh, ushr(ir, 0, state, 4)));
    const [i, k] = [ushr(ir, 0, pair, 4), ir.v128_and(pair, nibble)];
    const j = ir.v128_xor(i, k);
    const scaled = look(tables.scaledInverse, k);
    const invert = (x: V): V => look(tables.inverse, x);
    const io = ir.v128_xor(j, invert(ir.v128_xor(invert(i), scaled)));
    const jo = ir.v128_xor(i, invert(ir.v128_xor(invert(j), scaled)));
    const result = ir.v128_xor(look(tables.outputIo, io), look(tables.outputJo, jo));
    return tables.outputConstant === 0 ? result : ir.v128_xor(result, splat(ir, 0, tables.outputConstant));
  });
const subBytes = substitution('aesSubBytes', false);
const inverseSubBytes = substitution('aesInverseSubBytes', true);

/** Row r moves by `direction` * r columns. */
const shiftRows = (ir: IrBuilder, state: V, direction: 1 | -1): V =>
  shuffleElements(ir, 0, state, state, (at) => (at & 3) | ((at + 4 * direction * (at & 3)) & 12));

const round = (direction: 1 | -1, substitute: typeof subBytes): Translate<Two> => {
  return (t, { rn, rd }) => t.setV(rd, t.ir.helper(substitute, shiftRows(t.ir, t.ir.v128_xor(t.v(rd), t.v(rn)), direction)));
};
export const aesEncrypt = round(1, subBytes);
export const aesDecrypt = round(-1, inverseSubBytes);

/** Each byte times x, modulo x^8 + x^4 + x^3 + x + 1. */
const double = (ir: IrBuilder, state: V): V => ir.v128_xor(shl(ir, 0, state, 1), ir.v128_and(signMask(ir, 0, state), splat(ir, 0, 0x1b)));

/** Each column turned by `rows` rows. */
const turn = (ir: IrBuilder, state: V, rows: number): V => shuffleElements(ir, 0, state, state, (at) => (at & 12) | ((at + rows) & 3));

/** 2 a + 3 b + c + d of a column's neighbours = 2 (a + b) + b + (c + d). */
function mixColumns(ir: IrBuilder, state: V): V {
  const next = turn(ir, state, 1);
  const sum = ir.v128_xor(state, next);
  return ir.v128_xor(ir.v128_xor(double(ir, sum), next), turn(ir, sum, 2));
}
export const aesMixColumns: Translate<Two> = (t, { rn, rd }) => t.setV(rd, mixColumns(t.ir, t.v(rn)));

/** The inverse matrix is that of MixColumns times the one with rows 5 0 4 0. */
export const aesInverseMixColumns: Translate<Two> = (t, { rn, rd }) => {
  const { ir } = t;
  const state = t.v(rn);
  const fourfold = double(ir, double(ir, ir.v128_xor(state, turn(ir, state, 2))));
  t.setV(rd, mixColumns(ir, ir.v128_xor(state, fourfold)));
};
