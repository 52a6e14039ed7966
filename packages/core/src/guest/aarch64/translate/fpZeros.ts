import { type Helper, type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';
import { F32, F64, type Floats, type FloatType } from './fpFloats.ts';

/** (result, a, b): 1 but where the result is zero because a is (`quotient`), or because a or b is (`product`). */
export type ZeroTests<T extends FloatType> = Readonly<Record<'product' | 'quotient', Helper<readonly [T, T, T], 'i32'>>>;

/** Zeros are too common in products to be settled, and too rare to be told from the results that are in doubt before those are. */
function zeroTests<T extends FloatType>(floats: Floats<T>): ZeroTests<T> {
  const { type, format } = floats;
  const zero = (ir: IrBuilder, x: Value<T>): Value<'i32'> => floats.eq(ir, x, floats.zero(ir));
  const make = (name: string, zeroOperand: (ir: IrBuilder, a: Value<T>, b: Value<T>) => Value<'i32'>): Helper<readonly [T, T, T], 'i32'> =>
    irHelper<readonly [T, T, T], 'i32'>(`fp${format.width}${name}InDoubt`, [type, type, type], 'i32', (ir, result, a, b) =>
      ir.i32_eqz(ir.i32_and(zero(ir, result), zeroOperand(ir, a, b))),
    );
  return { product: make('Product', (ir, a, b) => ir.i32_or(zero(ir, a), zero(ir, b))), quotient: make('Quotient', (ir, a) => zero(ir, a)) };
}

export const SINGLE_IN_DOUBT = zeroTests(F32);
export const DOUBLE_IN_DOUBT = zeroTests(F64);
