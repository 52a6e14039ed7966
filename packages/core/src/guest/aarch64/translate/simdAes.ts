import type { IrBuilder } from '../../../ir/index.ts';
import type { Translate } from './simdForms.ts';
import { shl, shuffleElements, signMask, splat, type V } from './simdLanes.ts';
import { AES_INVERSE_SBOX, AES_SBOX, type SboxTables, substitute } from './simdSbox.ts';

/** AESE, AESD, AESMC, AESIMC (FIPS 197). The state's columns are the words of the vector. */
interface Two {
  readonly rn: number;
  readonly rd: number;
}

/** Row r moves by `direction` * r columns. */
const shiftRows = (ir: IrBuilder, state: V, direction: 1 | -1): V =>
  shuffleElements(ir, 0, state, state, (at) => (at & 3) | ((at + 4 * direction * (at & 3)) & 12));

const round = (direction: 1 | -1, tables: SboxTables): Translate<Two> => {
  return (t, { rn, rd }) => t.setV(rd, substitute(t.ir, tables, shiftRows(t.ir, t.ir.v128_xor(t.v(rd), t.v(rn)), direction)));
};
export const aesEncrypt = round(1, AES_SBOX);
export const aesDecrypt = round(-1, AES_INVERSE_SBOX);

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
