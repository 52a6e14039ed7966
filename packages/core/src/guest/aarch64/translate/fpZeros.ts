import { type Helper, type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { F32, F64, type Floats, type FloatType } from './fpFloats.ts';
import type { FloatFormat } from './fpSoftFloat.ts';

export interface ZeroTests<T extends FloatType> {
  /** (result, a, b): 1 but where the result is zero because a or b is. */
  readonly product: Helper<readonly [T, T, T], 'i32'>;
  /** (result, a, b): 1 but where the result is zero because a is. */
  readonly quotient: Helper<readonly [T, T, T], 'i32'>;
  /** (result, addend, a, b), of addend + a * b: 1 but where the result is zero and exact. */
  readonly fused: Helper<readonly [T, T, T, T], 'i32'>;
}

/**
 * Two to this power: with an addend as large, a fused sum that is zero is exact. The product is as large then, and its lowest
 * bit, twice the precision below its highest, no smaller than the smallest denormal number.
 */
export const exactZeroExponent = ({ bias, fraction }: FloatFormat): number => 3 * (fraction + 1) - bias;

/** Zeros are too common in products to be settled, and too rare to be told from the results that are in doubt before those are. */
function zeroTests<T extends FloatType>(floats: Floats<T>): ZeroTests<T> {
  const { type, format } = floats;
  const zero = (ir: IrBuilder, x: Value<T>): Value<'i32'> => floats.eq(ir, x, floats.zero(ir));
  const make = (name: string, zeroOperand: (ir: IrBuilder, a: Value<T>, b: Value<T>) => Value<'i32'>): Helper<readonly [T, T, T], 'i32'> =>
    irHelper<readonly [T, T, T], 'i32'>(`fp${format.width}${name}InDoubt`, [type, type, type], 'i32', (ir, result, a, b) =>
      ir.i32_eqz(ir.i32_and(zero(ir, result), zeroOperand(ir, a, b))),
    );
  const zeroFactor = (ir: IrBuilder, a: Value<T>, b: Value<T>): Value<'i32'> => ir.i32_or(zero(ir, a), zero(ir, b));
  const fused = irHelper<readonly [T, T, T, T], 'i32'>(`fp${format.width}FusedInDoubt`, [type, type, type, type], 'i32', (ir, result, addend, a, b) => {
    const large = floats.ge(ir, floats.abs(ir, addend), floats.power(ir, exactZeroExponent(format)));
    return ir.i32_eqz(ir.i32_and(zero(ir, result), ir.i32_or(zeroFactor(ir, a, b), large)));
  });
  return { product: make('Product', zeroFactor), quotient: make('Quotient', (ir, a) => zero(ir, a)), fused };
}

export const SINGLE_IN_DOUBT = zeroTests(F32);
export const DOUBLE_IN_DOUBT = zeroTests(F64);
