import type { IrBuilder, Value } from '../../../ir/index.ts';
import type { Arithmetic } from './fpArithmetic.ts';
import { sumError } from './fpFused.ts';
import { any, below } from './fpInexact.ts';
import { type FpOperation, fpOperation } from './fpOperation.ts';
import { Fpsr, HALF, type SoftFloat } from './fpSoftFloat.ts';

/**
 * Half precision (bit patterns in an i32) by way of double precision: sums, products and fused products of halves that
 * a double cannot hold exactly differ from a midpoint of halves by more than the double's rounding; quotients and
 * square roots may be rounded twice since 53 >= 2 * 11 + 2.
 */

/** Bits of a half's infinity; NaNs are above. */
const INFINITY_BITS = 0x7c00;
const MAGNITUDE = 0x7fff;
/** 2^112 aligns the exponents of half and single, as f32 bits; its inverse the other way. */
const TWO_TO_112 = (127 + 112) << 23;
const TWO_TO_MINUS_112 = (127 - 112) << 23;

/** The single of the same value; a NaN's payload and quiet bit stay. */
export function halfToF32(ir: IrBuilder, half: Value<'i32'>): Value<'f32'> {
  const magnitude = ir.i32_and(half, ir.i32_const(MAGNITUDE));
  const shifted = ir.i32_shl(magnitude, ir.i32_const(13));
  // the multiplication is exact, and makes denormals normal
  const finite = ir.i32_reinterpret_f32(ir.f32_mul(ir.f32_reinterpret_i32(shifted), ir.f32_const(TWO_TO_112)));
  const bits = ir.i32_select(ir.i32_ge_u(magnitude, ir.i32_const(INFINITY_BITS)), ir.i32_or(shifted, ir.i32_const(0x7f80_0000)), finite);
  return ir.f32_reinterpret_i32(ir.i32_or(bits, ir.i32_shl(ir.i32_and(half, ir.i32_const(0x8000)), ir.i32_const(16))));
}

/** The double of the same value; NaNs become some NaN. */
export const halfToF64 = (ir: IrBuilder, half: Value<'i32'>): Value<'f64'> => ir.f64_promote_f32(halfToF32(ir, half));

/** Rounded to half precision, ties to even, overflowing to infinity. Not for NaNs. */
export function f64ToHalf(ir: IrBuilder, x: Value<'f64'>): Value<'i32'> {
  // 65536 has the bits of infinity
  const magnitude = ir.f64_min(ir.f64_abs(x), ir.f64_const(0, (1023 + 16) << 20));
  const power = ir.i64_and(ir.i64_reinterpret_f64(magnitude), ir.i64_halves(0, 0x7ff0_0000));
  // 2^42 times the magnitude's power of two has its last place where the half's is, 2^28 where the denormals' is
  const aligner = ir.f64_max(ir.f64_reinterpret_i64(ir.i64_add(power, ir.i64_halves(0, 42 << 20))), ir.f64_const(0, (1023 + 28) << 20));
  const rounded = ir.f64_sub(ir.f64_add(magnitude, aligner), aligner);
  const scaled = ir.f32_mul(ir.f32_demote_f64(rounded), ir.f32_const(TWO_TO_MINUS_112));
  const bits = ir.i32_shr_u(ir.i32_reinterpret_f32(scaled), ir.i32_const(13));
  const sign = ir.i32_and(ir.i32_wrap_i64(ir.i64_shr_u(ir.i64_reinterpret_f64(x), ir.i64_const(48))), ir.i32_const(0x8000));
  return ir.i32_or(bits, sign);
}

type Halves<N extends number> = N extends 1 ? readonly ['i32'] : N extends 2 ? readonly ['i32', 'i32'] : readonly ['i32', 'i32', 'i32'];
type HalfOperation<N extends number> = FpOperation<Halves<N>, 'i32'>;
type Doubles = Value<'f64'>[];

/** Results that are neither subnormal, nor near overflow, nor a NaN; zeros are ordinary. */
function isUnusual(ir: IrBuilder, x: Value<'f64'>): Value<'i32'> {
  const tiny = ir.i32_and(below(ir, x, -13), ir.f64_ne(x, ir.f64_const(0, 0)));
  return any(ir, tiny, ir.i32_eqz(ir.f64_lt(ir.f64_abs(x), ir.f64_const(0, 0x40ef_f000))));
}

/** Not 0 if the half `rounded` is not the operation's exact result. `value` is the result as a double. */
type Inexact = (ir: IrBuilder, rounded: Value<'f64'>, value: Value<'f64'>, operands: Doubles) => Value<'i32'>;
/** Where doubles are exact. */
const differs: Inexact = (ir, rounded, value) => ir.f64_ne(rounded, value);

function rounding<N extends 1 | 2 | 3>(
  name: string,
  count: N,
  compute: (ir: IrBuilder, values: Doubles) => Value<'f64'>,
  inexact: Inexact,
  soft: (unit: SoftFloat, ...bits: bigint[]) => bigint,
): HalfOperation<N> {
  const args = new Array<'i32'>(count).fill('i32') as unknown as Halves<N>;
  return fpOperation<readonly 'i32'[], 'i32'>({
    name: `fp16${name}`,
    args,
    result: 'i32',
    rounds: true,
    attempt: (ir, ...halves) => {
      const value = compute(
        ir,
        halves.map((half) => halfToF64(ir, half)),
      );
      const unusual = isUnusual(ir, value);
      return { value: f64ToHalf(ir, value), doubtful: unusual, raises: unusual };
    },
    quickFlags: (ir, ...halves) => {
      const operands = halves.map((half) => halfToF64(ir, half));
      const value = compute(ir, operands);
      const rounded = halfToF64(ir, f64ToHalf(ir, value));
      const raised = ir.i32_select(inexact(ir, rounded, value, operands), ir.i32_const(Fpsr.IXC), ir.i32_const(0));
      return { raised, certain: ir.i32_eqz(isUnusual(ir, value)) };
    },
    soft,
  }) as unknown as HalfOperation<N>;
}

/** An operation that picks one of its operands. */
function picking(
  name: string,
  compute: (ir: IrBuilder, a: Value<'f32'>, b: Value<'f32'>) => Value<'f32'>,
  soft: (unit: SoftFloat, ...bits: bigint[]) => bigint,
): HalfOperation<2> {
  return fpOperation({
    name: `fp16${name}`,
    args: ['i32', 'i32'],
    result: 'i32',
    rounds: false,
    attempt: (ir, a, b) => {
      const value = compute(ir, halfToF32(ir, a), halfToF32(ir, b));
      const nan = ir.f32_ne(value, value);
      return { value: f64ToHalf(ir, ir.f64_promote_f32(value)), doubtful: nan, raises: nan };
    },
    soft,
  });
}

/** FEAT_FP16: the arithmetic of half precision. */
export const HALF_ARITHMETIC: Arithmetic<'i32'> = {
  add: rounding(
    'Add',
    2,
    (ir, [a, b]) => ir.f64_add(a, b),
    differs,
    (unit, a, b) => unit.add(HALF, a, b),
  ),
  sub: rounding(
    'Sub',
    2,
    (ir, [a, b]) => ir.f64_sub(a, b),
    differs,
    (unit, a, b) => unit.sub(HALF, a, b),
  ),
  mul: rounding(
    'Mul',
    2,
    (ir, [a, b]) => ir.f64_mul(a, b),
    differs,
    (unit, a, b) => unit.mul(HALF, a, b),
  ),
  nmul: rounding(
    'NegatedMul',
    2,
    (ir, [a, b]) => ir.f64_neg(ir.f64_mul(a, b)),
    differs,
    (unit, a, b) => unit.mul(HALF, a, b) ^ 0x8000n,
  ),
  div: rounding(
    'Div',
    2,
    (ir, [a, b]) => ir.f64_div(a, b),
    // a / infinity is exact though the product is a NaN
    (ir, rounded, value, [a, b]) => ir.i32_and(ir.f64_ne(ir.f64_mul(rounded, b), a), ir.f64_ne(value, ir.f64_const(0, 0))),
    (unit, a, b) => unit.div(HALF, a, b),
  ),
  sqrt: rounding(
    'Sqrt',
    1,
    (ir, [a]) => ir.f64_sqrt(a),
    (ir, rounded, _, [a]) => ir.f64_ne(ir.f64_mul(rounded, rounded), a),
    (unit, a) => unit.sqrt(HALF, a),
  ),
  fma: rounding(
    'Fma',
    3,
    (ir, [addend, a, b]) => ir.f64_add(ir.f64_mul(a, b), addend),
    (ir, rounded, value, [addend, a, b]) => ir.i32_or(ir.f64_ne(rounded, value), ir.f64_ne(sumError(ir, ir.f64_mul(a, b), addend, value), ir.f64_const(0, 0))),
    (unit, addend, a, b) => unit.fma(HALF, addend, a, b),
  ),
  min: picking(
    'Min',
    (ir, a, b) => ir.f32_min(a, b),
    (unit, a, b) => unit.minMax(HALF, a, b, false),
  ),
  max: picking(
    'Max',
    (ir, a, b) => ir.f32_max(a, b),
    (unit, a, b) => unit.minMax(HALF, a, b, true),
  ),
  minnm: picking(
    'MinNumber',
    (ir, a, b) => ir.f32_min(a, b),
    (unit, a, b) => unit.minMaxNumber(HALF, a, b, false),
  ),
  maxnm: picking(
    'MaxNumber',
    (ir, a, b) => ir.f32_max(a, b),
    (unit, a, b) => unit.minMaxNumber(HALF, a, b, true),
  ),
};
