import { assert } from '../../base/index.ts';
import type { IntegerOp, PureFunctions } from './bits.ts';

const signed = (n: bigint): bigint => BigInt.asIntN(64, n);
const flag = (condition: boolean): number => (condition ? 1 : 0);
const count = (b: bigint): bigint => b & 63n;
const low = (n: bigint): number => Number(BigInt.asIntN(32, n));
const high = (n: bigint): number => Number(BigInt.asIntN(32, n >> 32n));

/** Trailing zeroes of a 32-bit number; 32 for 0. */
const ctz32 = (a: number): number => (a === 0 ? 32 : 31 - Math.clz32(a & -a));

export function popcount(n: bigint): number {
  let ones = 0;
  for (let rest = n; rest !== 0n; rest &= rest - 1n) ones++;
  return ones;
}

function checkDivision(divisorIsZero: boolean, overflow: boolean): void {
  assert(!divisorIsZero && !overflow, 'division by zero or overflow: the translator must exclude it');
}

/** The integer ops; semantics of the WebAssembly instructions of the same names. */
export const integerOps: PureFunctions<IntegerOp> = {
  i32_add: (a, b) => a + b,
  i32_sub: (a, b) => a - b,
  i32_mul: (a, b) => Math.imul(a, b),
  i32_and: (a, b) => a & b,
  i32_or: (a, b) => a | b,
  i32_xor: (a, b) => a ^ b,
  i32_shl: (a, b) => a << b,
  i32_shr_s: (a, b) => a >> b,
  i32_shr_u: (a, b) => a >>> b,
  i32_rotl: (a, b) => (a << b) | ((b & 31) === 0 ? 0 : a >>> -b),
  i32_rotr: (a, b) => (a >>> b) | ((b & 31) === 0 ? 0 : a << -b),
  i32_eq: (a, b) => flag(a === b),
  i32_ne: (a, b) => flag(a !== b),
  i32_lt_s: (a, b) => flag(a < b),
  i32_lt_u: (a, b) => flag(a >>> 0 < b >>> 0),
  i32_gt_s: (a, b) => flag(a > b),
  i32_gt_u: (a, b) => flag(a >>> 0 > b >>> 0),
  i32_le_s: (a, b) => flag(a <= b),
  i32_le_u: (a, b) => flag(a >>> 0 <= b >>> 0),
  i32_ge_s: (a, b) => flag(a >= b),
  i32_ge_u: (a, b) => flag(a >>> 0 >= b >>> 0),
  i32_div_s: (a, b) => {
    checkDivision(b === 0, a === -0x8000_0000 && b === -1);
    return Math.trunc(a / b);
  },
  i32_div_u: (a, b) => {
    checkDivision(b === 0, false);
    return Math.floor((a >>> 0) / (b >>> 0));
  },
  i32_eqz: (a) => flag(a === 0),
  i32_clz: (a) => Math.clz32(a),
  i32_ctz: (a) => ctz32(a),
  i32_popcnt: (a) => popcount(BigInt(a >>> 0)),
  i32_extend8_s: (a) => (a << 24) >> 24,
  i32_extend16_s: (a) => (a << 16) >> 16,
  i32_wrap_i64: (a) => low(a),
  i32_select: (condition, a, b) => (condition !== 0 ? a : b),

  i64_add: (a, b) => a + b,
  i64_sub: (a, b) => a - b,
  i64_mul: (a, b) => a * b,
  i64_and: (a, b) => a & b,
  i64_or: (a, b) => a | b,
  i64_xor: (a, b) => a ^ b,
  i64_shl: (a, b) => a << count(b),
  i64_shr_s: (a, b) => signed(a) >> count(b),
  i64_shr_u: (a, b) => a >> count(b),
  i64_rotl: (a, b) => (a << count(b)) | (a >> (64n - count(b))),
  i64_rotr: (a, b) => (a >> count(b)) | (a << (64n - count(b))),
  i64_eq: (a, b) => flag(a === b),
  i64_ne: (a, b) => flag(a !== b),
  i64_lt_s: (a, b) => flag(signed(a) < signed(b)),
  i64_lt_u: (a, b) => flag(a < b),
  i64_gt_s: (a, b) => flag(signed(a) > signed(b)),
  i64_gt_u: (a, b) => flag(a > b),
  i64_le_s: (a, b) => flag(signed(a) <= signed(b)),
  i64_le_u: (a, b) => flag(a <= b),
  i64_ge_s: (a, b) => flag(signed(a) >= signed(b)),
  i64_ge_u: (a, b) => flag(a >= b),
  i64_div_s: (a, b) => {
    checkDivision(b === 0n, a === 1n << 63n && signed(b) === -1n);
    return signed(a) / signed(b);
  },
  i64_div_u: (a, b) => {
    checkDivision(b === 0n, false);
    return a / b;
  },
  i64_eqz: (a) => flag(a === 0n),
  i64_clz: (a) => BigInt(high(a) !== 0 ? Math.clz32(high(a)) : 32 + Math.clz32(low(a))),
  i64_ctz: (a) => BigInt(low(a) !== 0 ? ctz32(low(a)) : 32 + ctz32(high(a))),
  i64_popcnt: (a) => BigInt(popcount(a)),
  i64_extend8_s: (a) => BigInt.asIntN(8, a),
  i64_extend16_s: (a) => BigInt.asIntN(16, a),
  i64_extend32_s: (a) => BigInt.asIntN(32, a),
  i64_extend_i32_s: (a) => BigInt(a),
  i64_extend_i32_u: (a) => BigInt(a >>> 0),
  i64_select: (condition, a, b) => (condition !== 0 ? a : b),
};
