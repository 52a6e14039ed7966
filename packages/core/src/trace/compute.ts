import { assert } from '../base/index.ts';
import { COMPUTE_OPS, type ComputeOp } from './computeOps.ts';

const NUMBER = Object.fromEntries(COMPUTE_OPS.map((op, number) => [op, number])) as Readonly<Record<ComputeOp, number>>;

/** A 32-bit operation of the IR on signed words. @param op index in COMPUTE_OPS */
export function compute32(op: number, a: number, b: number): number {
  switch (op) {
    case NUMBER.add:
      return (a + b) | 0;
    case NUMBER.sub:
      return (a - b) | 0;
    case NUMBER.mul:
      return Math.imul(a, b);
    case NUMBER.and:
      return a & b;
    case NUMBER.or:
      return a | b;
    case NUMBER.xor:
      return a ^ b;
    case NUMBER.shl:
      return a << b;
    case NUMBER.shr_s:
      return a >> b;
    case NUMBER.shr_u:
      return (a >>> b) | 0;
    case NUMBER.rotl:
      return (b & 31) === 0 ? a : (a << b) | (a >>> (32 - (b & 31)));
    case NUMBER.rotr:
      return (b & 31) === 0 ? a : (a >>> b) | (a << (32 - (b & 31)));
    case NUMBER.eq:
      return Number(a === b);
    case NUMBER.ne:
      return Number(a !== b);
    case NUMBER.lt_s:
      return Number(a < b);
    case NUMBER.lt_u:
      return Number(a >>> 0 < b >>> 0);
    case NUMBER.gt_s:
      return Number(a > b);
    case NUMBER.gt_u:
      return Number(a >>> 0 > b >>> 0);
    case NUMBER.le_s:
      return Number(a <= b);
    case NUMBER.le_u:
      return Number(a >>> 0 <= b >>> 0);
    case NUMBER.ge_s:
      return Number(a >= b);
    case NUMBER.ge_u:
      return Number(a >>> 0 >= b >>> 0);
    case NUMBER.eqz:
      return Number(a === 0);
    case NUMBER.clz:
      return Math.clz32(a);
    default:
      return unknown(op);
  }
}

/**
 * A 64-bit operation of the IR on words of `values`, the low one at `a` and at `b`, to `at`; comparisons and eqz give
 * one word. The result's place is apart from the operands'.
 * @param op index in COMPUTE_OPS
 */
export function compute64(op: number, values: Int32Array, at: number, a: number, b: number): void {
  const aLo = values[a];
  const aHi = values[a + 1];
  const bLo = values[b];
  const bHi = values[b + 1];
  switch (op) {
    case NUMBER.add: {
      const low = (aLo + bLo) | 0;
      values[at] = low;
      values[at + 1] = aHi + bHi + (low >>> 0 < aLo >>> 0 ? 1 : 0);
      return;
    }
    case NUMBER.sub:
      values[at] = aLo - bLo;
      values[at + 1] = aHi - bHi - (aLo >>> 0 < bLo >>> 0 ? 1 : 0);
      return;
    case NUMBER.mul:
      values[at] = Math.imul(aLo, bLo);
      values[at + 1] = (highProduct(aLo, bLo) + Math.imul(aLo, bHi) + Math.imul(aHi, bLo)) | 0;
      return;
    case NUMBER.and:
      values[at] = aLo & bLo;
      values[at + 1] = aHi & bHi;
      return;
    case NUMBER.or:
      values[at] = aLo | bLo;
      values[at + 1] = aHi | bHi;
      return;
    case NUMBER.xor:
      values[at] = aLo ^ bLo;
      values[at + 1] = aHi ^ bHi;
      return;
    case NUMBER.shl:
      return shiftLeft(values, at, aLo, aHi, bLo & 63, 0, 0);
    case NUMBER.shr_u:
      return shiftRight(values, at, aLo, aHi, bLo & 63, 0);
    case NUMBER.shr_s:
      return shiftRight(values, at, aLo, aHi, bLo & 63, aHi >> 31);
    case NUMBER.rotl:
      return shiftLeft(values, at, aLo, aHi, bLo & 63, aHi, aLo);
    case NUMBER.rotr:
      return shiftLeft(values, at, aLo, aHi, -bLo & 63, aHi, aLo);
    case NUMBER.clz:
      values[at] = aHi === 0 ? 32 + Math.clz32(aLo) : Math.clz32(aHi);
      values[at + 1] = 0;
      return;
    default:
      values[at] = Number(compare64(op, aLo, aHi, bLo, bHi));
  }
}

function compare64(op: number, aLo: number, aHi: number, bLo: number, bHi: number): boolean {
  const below = aLo >>> 0 < bLo >>> 0;
  const above = aLo >>> 0 > bLo >>> 0;
  switch (op) {
    case NUMBER.eqz:
      return (aLo | aHi) === 0;
    case NUMBER.eq:
      return aLo === bLo && aHi === bHi;
    case NUMBER.ne:
      return aLo !== bLo || aHi !== bHi;
    case NUMBER.lt_s:
      return aHi === bHi ? below : aHi < bHi;
    case NUMBER.gt_s:
      return aHi === bHi ? above : aHi > bHi;
    case NUMBER.le_s:
      return aHi === bHi ? !above : aHi < bHi;
    case NUMBER.ge_s:
      return aHi === bHi ? !below : aHi > bHi;
    case NUMBER.lt_u:
      return aHi === bHi ? below : aHi >>> 0 < bHi >>> 0;
    case NUMBER.gt_u:
      return aHi === bHi ? above : aHi >>> 0 > bHi >>> 0;
    case NUMBER.le_u:
      return aHi === bHi ? !above : aHi >>> 0 < bHi >>> 0;
    case NUMBER.ge_u:
      return aHi === bHi ? !below : aHi >>> 0 > bHi >>> 0;
    default:
      return unknown(op);
  }
}

/** Bits 63..32 of the product of two unsigned words. */
function highProduct(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  return (a1 * b1 + Math.floor(middle / 0x1_0000) + Math.floor((a0 * b1 + (middle % 0x1_0000)) / 0x1_0000)) | 0;
}

/** Left by 0..63; bits of in1:in0 come in from the right. */
function shiftLeft(values: Int32Array, at: number, lo: number, hi: number, count: number, in1: number, in0: number): void {
  const n = count & 31;
  values[at + 1] = count < 32 ? upper(hi, lo, n) : upper(lo, in1, n);
  values[at] = count < 32 ? upper(lo, in1, n) : upper(in1, in0, n);
}

/** Right by 0..63. @param fill the word that comes in from the left */
function shiftRight(values: Int32Array, at: number, lo: number, hi: number, count: number, fill: number): void {
  const n = count & 31;
  values[at] = count < 32 ? lower(hi, lo, n) : lower(fill, hi, n);
  values[at + 1] = count < 32 ? lower(fill, hi, n) : fill;
}

/** The upper word of high:low shifted left by n, 0 to 31. */
const upper = (high: number, low: number, n: number): number => (n === 0 ? high : (high << n) | (low >>> (32 - n)));
/** The lower word of high:low shifted right by n, 0 to 31. */
const lower = (high: number, low: number, n: number): number => (n === 0 ? low : (low >>> n) | (high << (32 - n)));

function unknown(op: number): never {
  return assert(false, `unknown operation ${op}`) as never;
}
