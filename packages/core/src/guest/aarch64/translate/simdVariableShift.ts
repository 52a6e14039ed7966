import { type Helper, type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { type Binary, bitsOf, elementAsI64, type Sign, withElement, zero } from './simdLanes.ts';
import type { Saturated, SaturatingBinary } from './simdSaturating.ts';

/**
 * Shifts of each element by the signed low byte of the other operand's element: left where it is positive, right where
 * it is negative (SSHL, USHL and their rounding and saturating kinds). Wasm shifts all elements alike, so a helper
 * goes through the elements, in 64-bit arithmetic.
 */
type I64 = Value<'i64'>;
type I32 = Value<'i32'>;

/** The element shifted, not yet cut to its size, and whether it had to be saturated (for saturating shifts). */
interface ShiftedElement {
  readonly value: I64;
  readonly saturated: I32;
}

function shiftRight(ir: IrBuilder, sign: Sign, rounding: boolean, a: I64, count: I64): I64 {
  const op = sign === 's' ? ('i64_shr_s' as const) : ('i64_shr_u' as const);
  const one = ir.i64_const(1);
  // All but the last place, so that the last bit shifted out is at hand; further than all 64 places gives sign bits.
  const places = ir.i64_sub(count, one);
  const most = ir.i64_const(63);
  const doubled = ir[op](a, ir.i64_select(ir.i64_gt_s(places, most), most, places));
  const plain = ir[op](doubled, one);
  const value = rounding ? ir.i64_add(plain, ir.i64_and(doubled, one)) : plain;
  return sign === 's' ? value : ir.i64_select(ir.i64_gt_s(places, most), ir.i64_const(0), value);
}

function shiftLeft(ir: IrBuilder, a: I64, count: I64): I64 {
  return ir.i64_select(ir.i64_gt_s(count, ir.i64_const(63)), ir.i64_const(0), ir.i64_shl(a, count));
}

/** The limit that a's sign asks for. */
function limit(ir: IrBuilder, size: number, sign: Sign, a: I64): I64 {
  const bits = BigInt(bitsOf(size));
  if (sign === 'u') return ir.i64_const((1n << bits) - 1n);
  return ir.i64_xor(ir.i64_shr_s(a, ir.i64_const(63)), ir.i64_const((1n << (bits - 1n)) - 1n));
}

/** Whether `left`, cut to the element's size and shifted back, is not `a`; places beyond the element lose everything but 0. */
function overflows(ir: IrBuilder, size: number, sign: Sign, a: I64, left: I64, count: I64): I32 {
  const unused = ir.i64_const(64 - bitsOf(size));
  const op = sign === 's' ? ('i64_shr_s' as const) : ('i64_shr_u' as const);
  const cut = ir[op](ir.i64_shl(left, unused), unused);
  const lost = ir.i64_ne(ir[op](cut, count), a);
  const tooFar = ir.i32_and(ir.i64_gt_s(count, ir.i64_const(bitsOf(size) - 1)), ir.i64_ne(a, ir.i64_const(0)));
  return ir.i32_or(lost, tooFar);
}

function shiftElement(ir: IrBuilder, size: number, sign: Sign, rounding: boolean, saturating: boolean, a: I64, count: I64): ShiftedElement {
  const none = ir.i64_const(0);
  const isLeft = ir.i64_ge_s(count, none);
  const left = shiftLeft(ir, a, count);
  const right = shiftRight(ir, sign, rounding, a, ir.i64_sub(none, count));
  const saturated = saturating ? ir.i32_and(isLeft, overflows(ir, size, sign, a, left, count)) : ir.i32_const(0);
  const value = ir.i64_select(isLeft, left, right);
  return { value: saturating ? ir.i64_select(saturated, limit(ir, size, sign, a), value) : value, saturated };
}

type VectorHelper = Helper<readonly ['v128', 'v128'], 'v128'>;

/** A helper for each element size. */
function shiftHelpers(name: string, sign: Sign, rounding: boolean, saturating: boolean, part: 'value' | 'saturated'): VectorHelper[] {
  return [0, 1, 2, 3].map((size) =>
    irHelper(`${name}${bitsOf(size)}`, ['v128', 'v128'], 'v128', (ir, a, counts) => {
      let result = zero(ir);
      for (let lane = 0; lane < 16 >> size; lane++) {
        const count = elementAsI64(ir, 0, 's', counts, lane << size);
        const shifted = shiftElement(ir, size, sign, rounding, saturating, elementAsI64(ir, size, sign, a, lane), count);
        result = withElement(ir, size, result, lane, part === 'value' ? shifted.value : ir.i64_extend_i32_u(shifted.saturated));
      }
      return result;
    }),
  );
}

function shiftBy(name: string, sign: Sign, rounding: boolean): Binary {
  const helpers = shiftHelpers(name, sign, rounding, false, 'value');
  return (ir, size, a, counts) => ir.helper(helpers[size] as VectorHelper, a, counts);
}

function saturatingShiftBy(name: string, sign: Sign, rounding: boolean): SaturatingBinary {
  const values = shiftHelpers(name, sign, rounding, true, 'value');
  const saturations = shiftHelpers(`${name}Saturated`, sign, rounding, true, 'saturated');
  return (ir, size, a, counts): Saturated => ({
    value: ir.helper(values[size] as VectorHelper, a, counts),
    saturated: ir.helper(saturations[size] as VectorHelper, a, counts),
  });
}

export const sshl = shiftBy('sshl', 's', false);
export const ushl = shiftBy('ushl', 'u', false);
export const srshl = shiftBy('srshl', 's', true);
export const urshl = shiftBy('urshl', 'u', true);
export const sqshl = saturatingShiftBy('sqshl', 's', false);
export const uqshl = saturatingShiftBy('uqshl', 'u', false);
export const sqrshl = saturatingShiftBy('sqrshl', 's', true);
export const uqrshl = saturatingShiftBy('uqrshl', 'u', true);
