import type { IrBuilder, Value } from '../../../ir/index.ts';
import { shl, ushr, type V } from './simdLanes.ts';

/** Words of a vector one by one, as hash functions and ciphers work on them. */
export type I32 = Value<'i32'>;
/** The elements of a vector, that of bits 31..0 first. */
export type Words = [I32, I32, I32, I32];

export const words = (ir: IrBuilder, v: V): Words => [0, 1, 2, 3].map((lane) => ir.i32x4_extract_lane(v, lane)) as Words;
export const vectorOfWords = (ir: IrBuilder, [first, ...rest]: Words): V =>
  rest.reduce((v, word, i) => ir.i32x4_replace_lane(v, word, i + 1), ir.i32x4_splat(first));
export const rotateLeft = (ir: IrBuilder, x: I32, count: number): I32 => ir.i32_rotl(x, ir.i32_const(count));
export const rotateRight = (ir: IrBuilder, x: I32, count: number): I32 => ir.i32_rotr(x, ir.i32_const(count));
export const sum = (ir: IrBuilder, first: I32, ...rest: I32[]): I32 => rest.reduce((total, x) => ir.i32_add(total, x), first);
export const xor = (ir: IrBuilder, first: I32, ...rest: I32[]): I32 => rest.reduce((total, x) => ir.i32_xor(total, x), first);

/** A function of three words, bit by bit. */
export type Logical = (ir: IrBuilder, x: I32, y: I32, z: I32) => I32;
/** y where x is set, else z. */
export const choose: Logical = (ir, x, y, z) => ir.i32_xor(ir.i32_and(ir.i32_xor(y, z), x), z);
export const parity: Logical = (ir, x, y, z) => xor(ir, x, y, z);
export const majority: Logical = (ir, x, y, z) => ir.i32_or(ir.i32_and(x, y), ir.i32_and(ir.i32_or(x, y), z));

/** Each word of v turned by `left` bits, 1 to 31. */
export const rotateWords = (ir: IrBuilder, v: V, left: number): V => ir.v128_or(shl(ir, 2, v, left), ushr(ir, 2, v, 32 - left));
