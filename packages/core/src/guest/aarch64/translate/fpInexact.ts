import type { IrBuilder, Value } from '../../../ir/index.ts';
import { F32, F64, type FloatType } from './fpFloats.ts';
import { productError, sumError } from './fpFused.ts';

/**
 * Tests of a rounded result against the exact one. `inexact` holds only where `certain` does: where no step of the test
 * overflows or gets too small.
 */
export interface InexactTests<T extends FloatType> {
  /** Not 0 only if the product is exact, for ordinary products; a test for numbers of few digits. */
  readonly exactProduct: (ir: IrBuilder, a: Value<T>, b: Value<T>, product: Value<T>) => Value<'i32'>;
  readonly add: (ir: IrBuilder, a: Value<T>, b: Value<T>, sum: Value<T>) => InexactTest;
  readonly mul: (ir: IrBuilder, a: Value<T>, b: Value<T>, product: Value<T>) => InexactTest;
  readonly div: (ir: IrBuilder, a: Value<T>, b: Value<T>, quotient: Value<T>) => InexactTest;
  readonly sqrt: (ir: IrBuilder, a: Value<T>, root: Value<T>) => InexactTest;
}

export interface InexactTest {
  readonly inexact: Value<'i32'>;
  readonly certain: Value<'i32'>;
}

/** 1 if all of the conditions (each 0 or 1) hold. */
export const all = (ir: IrBuilder, ...conditions: Value<'i32'>[]): Value<'i32'> => conditions.reduce((a, b) => ir.i32_and(a, b));
export const any = (ir: IrBuilder, ...conditions: Value<'i32'>[]): Value<'i32'> => conditions.reduce((a, b) => ir.i32_or(a, b));
/** |x| < 2^exponent, false for NaNs. */
export const below = (ir: IrBuilder, x: Value<'f64'>, exponent: number): Value<'i32'> => ir.f64_lt(ir.f64_abs(x), F64.power(ir, exponent));
export const atLeast = (ir: IrBuilder, x: Value<'f64'>, exponent: number): Value<'i32'> => ir.f64_ge(ir.f64_abs(x), F64.power(ir, exponent));
export const isZero = (ir: IrBuilder, x: Value<'f64'>): Value<'i32'> => ir.f64_eq(x, ir.f64_const(0, 0));

export const DOUBLE_TESTS: InexactTests<'f64'> = {
  // of 26 significant bits each
  exactProduct: (ir, a, b) => ir.i64_eqz(ir.i64_shl(ir.i64_or(ir.i64_reinterpret_f64(a), ir.i64_reinterpret_f64(b)), ir.i64_const(37))),
  add: (ir, a, b, sum) => ({
    inexact: ir.f64_ne(sumError(ir, a, b, sum), ir.f64_const(0, 0)),
    certain: ir.i32_and(below(ir, a, 990), below(ir, b, 990)),
  }),
  mul: (ir, a, b, product) => ({
    inexact: ir.f64_ne(productError(ir, a, b, product), ir.f64_const(0, 0)),
    certain: all(
      ir,
      ir.i32_and(below(ir, a, 990), below(ir, b, 990)),
      below(ir, product, 1000),
      any(ir, atLeast(ir, product, -960), isZero(ir, a), isZero(ir, b)),
    ),
  }),
  div: (ir, a, b, quotient) => {
    // a - quotient * b, where the product's leading part cancels exactly
    const product = ir.f64_mul(quotient, b);
    const error = productError(ir, quotient, b, product);
    const inRange = (x: Value<'f64'>): Value<'i32'> => ir.i32_and(below(ir, x, 400), atLeast(ir, x, -400));
    return { inexact: ir.f64_ne(ir.f64_sub(a, product), error), certain: ir.i32_and(inRange(a), inRange(b)) };
  },
  sqrt: (ir, a, root) => {
    const product = ir.f64_mul(root, root);
    return { inexact: ir.f64_ne(ir.f64_sub(a, product), productError(ir, root, root, product)), certain: ir.i32_and(below(ir, a, 990), atLeast(ir, a, -900)) };
  },
};

/** Products of singles are exact as doubles. */
export const SINGLE_TESTS: InexactTests<'f32'> = {
  exactProduct: (ir, a, b, product) => ir.f64_eq(ir.f64_mul(ir.f64_promote_f32(a), ir.f64_promote_f32(b)), ir.f64_promote_f32(product)),
  add: (ir, a, b, sum) => {
    const [x, y] = [ir.f64_promote_f32(a), ir.f64_promote_f32(b)];
    const doubleSum = ir.f64_add(x, y);
    const rounded = ir.f64_ne(sumError(ir, x, y, doubleSum), ir.f64_const(0, 0));
    return { inexact: ir.i32_or(rounded, ir.f64_ne(ir.f64_promote_f32(sum), doubleSum)), certain: below(ir, ir.f64_promote_f32(sum), 128) };
  },
  mul: (ir, a, b, product) => {
    const exact = ir.f64_mul(ir.f64_promote_f32(a), ir.f64_promote_f32(b));
    return {
      inexact: ir.f64_ne(ir.f64_promote_f32(product), exact),
      certain: ir.i32_and(below(ir, exact, 127), ir.i32_or(atLeast(ir, exact, -126), isZero(ir, exact))),
    };
  },
  div: (ir, a, b, quotient) => {
    const product = ir.f64_mul(ir.f64_promote_f32(quotient), ir.f64_promote_f32(b));
    return { inexact: ir.f64_ne(product, ir.f64_promote_f32(a)), certain: F32.isOrdinary(ir, quotient) };
  },
  sqrt: (ir, a, root) => {
    const square = ir.f64_mul(ir.f64_promote_f32(root), ir.f64_promote_f32(root));
    return { inexact: ir.f64_ne(square, ir.f64_promote_f32(a)), certain: ir.f32_eq(root, root) };
  },
};
