import type { Value } from '../../../ir/index.ts';
import type { Integers, IntegerValue } from './integers.ts';
import type { A64Translator } from './translator.ts';

interface OneSource {
  readonly sf: number;
  readonly rn: number;
  readonly rd: number;
}

/** CLZ: leading zeros. */
export function countLeadingZeros(t: A64Translator, { sf, rn, rd }: OneSource): void {
  const i = t.integers(sf);
  i.setReg(rd, i.clz(i.reg(rn)));
}

/** CLS: leading bits equal to the sign bit, not counting it: zeros of x ^ (x >> 1), whose top bit is always zero. */
export function countLeadingSigns(t: A64Translator, { sf, rn, rd }: OneSource): void {
  const i = t.integers(sf);
  const value = i.reg(rn);
  const changes = i.xor(value, i.shr_s(value, i.constant(1)));
  i.setReg(rd, i.sub(i.clz(changes), i.constant(1)));
}

/** Exchanges neighbouring groups of `count` bits; `mask` has ones in the lower group of each pair, in 32 bits. */
function swapNeighbours(i: Integers, value: IntegerValue, count: number, mask: number): IntegerValue {
  const low = i.halves(mask, mask);
  const by = i.constant(count);
  return i.or(i.shl(i.and(value, low), by), i.and(i.shr_u(value, by), low));
}

/** The bytes of all `size` bits in reverse order. */
function reverseBytes(t: A64Translator, i: Integers, value: IntegerValue): IntegerValue {
  const { ir } = t;
  if (i.size === 64) {
    const v = ir.i64x2_splat(value as Value<'i64'>);
    return ir.i64x2_extract_lane(ir.i8x16_shuffle(v, v, [7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0]), 0);
  }
  const x = value as Value<'i32'>;
  const odd = ir.i32_and(ir.i32_rotr(x, ir.i32_const(8)), ir.i32_const(0xff00ff00));
  const even = ir.i32_and(ir.i32_rotl(x, ir.i32_const(8)), ir.i32_const(0x00ff00ff));
  return ir.i32_or(odd, even);
}

/** RBIT: the bits in reverse order. */
export function reverseBits(t: A64Translator, { sf, rn, rd }: OneSource): void {
  const i = t.integers(sf);
  const pairs = swapNeighbours(i, i.reg(rn), 1, 0x55555555);
  const nibbles = swapNeighbours(i, pairs, 2, 0x33333333);
  i.setReg(rd, reverseBytes(t, i, swapNeighbours(i, nibbles, 4, 0x0f0f0f0f)));
}

/** REV: the bytes in reverse order. */
export function reverse(t: A64Translator, { sf, rn, rd }: OneSource): void {
  const i = t.integers(sf);
  i.setReg(rd, reverseBytes(t, i, i.reg(rn)));
}

/** REV16: the bytes of each halfword exchanged. */
export function reverse16(t: A64Translator, { sf, rn, rd }: OneSource): void {
  const i = t.integers(sf);
  i.setReg(rd, swapNeighbours(i, i.reg(rn), 8, 0x00ff00ff));
}

/** REV32: the bytes of each word of an X register in reverse order. */
export function reverse32(t: A64Translator, { rn, rd }: { rn: number; rd: number }): void {
  const v = t.ir.i64x2_splat(t.x(rn));
  t.setX(rd, t.ir.i64x2_extract_lane(t.ir.i8x16_shuffle(v, v, [3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4]), 0));
}
