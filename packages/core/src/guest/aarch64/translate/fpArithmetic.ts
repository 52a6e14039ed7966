import type { Helper, IrBuilder, Value } from '../../../ir/index.ts';
import { F32, F64, type Floats, type FloatType } from './fpFloats.ts';
import { attemptFmaF32, attemptFmaF64, isOrdinaryFmaF64, productError, settleFmaF32, settleFmaF64, sumError } from './fpFused.ts';
import { all, any, atLeast, below, DOUBLE_TESTS, type InexactTest, type InexactTests, isZero, SINGLE_TESTS } from './fpInexact.ts';
import { invalidF32, invalidF64, nan1F32, nan1F64, nan2F32, nan2F32Negated, nan2F64, nan2F64Negated, numberOrNanF32, numberOrNanF64 } from './fpNan.ts';
import { type FpOperation, fpOperation, type QuickFlags } from './fpOperation.ts';
import { DOUBLE, Fpsr, SINGLE, type SoftFloat } from './fpSoftFloat.ts';
import { DOUBLE_IN_DOUBT, SINGLE_IN_DOUBT, type ZeroTests } from './fpZeros.ts';

/** What single and double precision do not share. */
interface Precision<T extends FloatType> {
  readonly floats: Floats<T>;
  readonly nan1: Helper<readonly [T], T>;
  readonly nan2: Helper<readonly [T, T], T>;
  readonly nan2Negated: Helper<readonly [T, T], T>;
  readonly numberOrNan: Helper<readonly [T, T], T>;
  readonly inDoubt: ZeroTests<T>;
  /** Bit IOC for a NaN result. */
  readonly invalid: (ir: IrBuilder, ...operands: Value<T>[]) => Value<'i32'>;
  readonly inexact: InexactTests<T>;
}

const DOUBLE_PRECISION: Precision<'f64'> = {
  floats: F64,
  nan1: nan1F64,
  nan2: nan2F64,
  nan2Negated: nan2F64Negated,
  numberOrNan: numberOrNanF64,
  inDoubt: DOUBLE_IN_DOUBT,
  invalid: invalidF64,
  inexact: DOUBLE_TESTS,
};
const SINGLE_PRECISION: Precision<'f32'> = {
  floats: F32,
  nan1: nan1F32,
  nan2: nan2F32,
  nan2Negated: nan2F32Negated,
  numberOrNan: numberOrNanF32,
  inDoubt: SINGLE_IN_DOUBT,
  invalid: invalidF32,
  inexact: SINGLE_TESTS,
};

/** How a register's number is held in IR values: a half as its bits. */
export type Precise = FloatType | 'i32';
export type Unary<T extends Precise> = FpOperation<readonly [T], T>;
export type Binary<T extends Precise> = FpOperation<readonly [T, T], T>;
export type Ternary<T extends Precise> = FpOperation<readonly [T, T, T], T>;

/** The arithmetic of one precision. */
export interface Arithmetic<T extends Precise> {
  readonly add: Binary<T>;
  readonly sub: Binary<T>;
  readonly mul: Binary<T>;
  /** -(a * b), a NaN's sign flipped too. */
  readonly nmul: Binary<T>;
  readonly div: Binary<T>;
  readonly min: Binary<T>;
  readonly max: Binary<T>;
  readonly minnm: Binary<T>;
  readonly maxnm: Binary<T>;
  readonly sqrt: Unary<T>;
  /** (addend, a, b): addend + a * b, rounded once. */
  readonly fma: Ternary<T>;
}

/** 1 only if the sum is exact: taking either number away leaves the other. */
const exactSum = <T extends FloatType>(ir: IrBuilder, floats: Floats<T>, a: Value<T>, b: Value<T>, sum: Value<T>): Value<'i32'> =>
  ir.i32_and(floats.eq(ir, floats.sub(ir, sum, a), b), floats.eq(ir, floats.sub(ir, sum, b), a));

/** 1 only if the product is exact and raises nothing. */
function isExactProduct<T extends FloatType>(ir: IrBuilder, { floats, inexact }: Precision<T>, a: Value<T>, b: Value<T>, product: Value<T>): Value<'i32'> {
  const isZero = (x: Value<T>): Value<'i32'> => floats.eq(ir, x, floats.zero(ir));
  const zeroProduct = ir.i32_and(isZero(product), ir.i32_or(isZero(a), isZero(b)));
  return ir.i32_and(inexact.exactProduct(ir, a, b, product), ir.i32_or(floats.isOrdinary(ir, product), zeroProduct));
}

function binaryOperations<T extends FloatType>(precision: Precision<T>): Omit<Arithmetic<T>, 'fma'> {
  const { floats, invalid, inexact } = precision;
  const { type, format } = floats;
  const prefix = `fp${format.width}`;
  const isNan = (ir: IrBuilder, x: Value<T>): Value<'i32'> => floats.ne(ir, x, x);
  const isFiniteNumber = (ir: IrBuilder, x: Value<T>): Value<'i32'> => floats.lt(ir, floats.abs(ir, x), floats.power(ir, format.bias + 1));
  const zero = (ir: IrBuilder, x: Value<T>): Value<'i32'> => floats.eq(ir, x, floats.zero(ir));

  /** FPSR's bits from an inexactness test, where a NaN result decides by itself and `harmless` results raise nothing. */
  const quick = (ir: IrBuilder, result: Value<T>, operands: readonly Value<T>[], test: InexactTest, harmless: Value<'i32'>): QuickFlags => {
    const nan = isNan(ir, result);
    const bits = ir.i32_select(ir.i32_and(test.inexact, ir.i32_eqz(harmless)), ir.i32_const(Fpsr.IXC), ir.i32_const(0));
    return { raised: ir.i32_select(nan, invalid(ir, ...operands), bits), certain: any(ir, nan, test.certain, harmless) };
  };

  type Op = (ir: IrBuilder, a: Value<T>, b: Value<T>) => Value<T>;
  const settle = (ir: IrBuilder, op: Op, nan: Helper<readonly [T, T], T>, a: Value<T>, b: Value<T>): Value<T> => {
    const value = op(ir, a, b);
    return ir.coldHelper<readonly [T, T], T>(isNan(ir, value), value, nan, a, b);
  };
  type Soft = (unit: SoftFloat, a: bigint, b: bigint) => bigint;

  /** A sum: only infinities and NaNs raise more than inexact, since a tiny sum is exact. */
  const sum = (name: string, op: Op, negatedB: boolean, soft: Soft): Binary<T> =>
    fpOperation<readonly [T, T], T>({
      name: prefix + name,
      args: [type, type],
      result: type,
      rounds: true,
      attempt: (ir, a, b) => {
        const value = op(ir, a, b);
        const unusual = ir.i32_eqz(isFiniteNumber(ir, value));
        return { value, doubtful: unusual, raises: unusual };
      },
      settle: (ir, a, b) => settle(ir, op, precision.nan2, a, b),
      quickFlags: (ir, a, b) => {
        const value = op(ir, a, b);
        const infinite = any(ir, ir.i32_eqz(isFiniteNumber(ir, a)), ir.i32_eqz(isFiniteNumber(ir, b)));
        return quick(ir, value, [a, b], inexact.add(ir, a, negatedB ? floats.neg(ir, b) : b, value), infinite);
      },
      harmless: (ir, a, b) => exactSum(ir, floats, a, negatedB ? floats.neg(ir, b) : b, op(ir, a, b)),
      soft,
    });

  type Condition = (ir: IrBuilder, a: Value<T>, b: Value<T>) => Value<'i32'>;
  type ExactTest = (ir: IrBuilder, a: Value<T>, b: Value<T>, result: Value<T>) => Value<'i32'>;
  /** A product or quotient: numbers as small as the smallest normal, infinities and NaNs are looked at closely, zeros but those of a zero operand. */
  const product = (
    name: string,
    op: Op,
    inDoubt: Helper<readonly [T, T, T], 'i32'>,
    {
      nan = precision.nan2,
      test,
      exact,
      harmless,
      soft,
    }: { nan?: Helper<readonly [T, T], T>; test: InexactTests<T>['mul']; exact: ExactTest; harmless: Condition; soft: Soft },
  ): Binary<T> =>
    fpOperation<readonly [T, T], T>({
      name: prefix + name,
      args: [type, type],
      result: type,
      rounds: true,
      attempt: (ir, a, b) => {
        const value = op(ir, a, b);
        const notOrdinary = ir.i32_eqz(floats.isOrdinary(ir, value));
        const unusual = ir.coldHelper<readonly [T, T, T], 'i32'>(notOrdinary, ir.i32_const(0), inDoubt, value, a, b);
        return { value, doubtful: unusual, raises: unusual };
      },
      settle: (ir, a, b) => settle(ir, op, nan, a, b),
      quickFlags: (ir, a, b) => {
        const value = op(ir, a, b);
        return quick(ir, value, [a, b], test(ir, a, b, value), harmless(ir, a, b));
      },
      harmless: (ir, a, b) => exact(ir, a, b, op(ir, a, b)),
      soft,
    });

  const extreme = (name: string, op: Op, nan: Helper<readonly [T, T], T>, soft: Soft): Binary<T> =>
    fpOperation<readonly [T, T], T>({
      name: prefix + name,
      args: [type, type],
      result: type,
      rounds: false,
      attempt: (ir, a, b) => {
        const value = op(ir, a, b);
        const unusual = isNan(ir, value);
        return { value, doubtful: unusual, raises: unusual };
      },
      settle: (ir, a, b) => settle(ir, op, nan, a, b),
      // a NaN beside it or not: only a signalling one is invalid
      quickFlags: (ir, a, b) => ({ raised: ir.i32_and(isNan(ir, op(ir, a, b)), invalid(ir, a, b)), certain: ir.i32_const(1) }),
      soft,
    });

  const isInfinite = (ir: IrBuilder, x: Value<T>): Value<'i32'> => floats.eq(ir, floats.abs(ir, x), floats.power(ir, format.bias + 1));
  const infiniteFactor = (ir: IrBuilder, a: Value<T>, b: Value<T>): Value<'i32'> => any(ir, isInfinite(ir, a), isInfinite(ir, b));
  const exactProduct: ExactTest = (ir, a, b, value) => isExactProduct(ir, precision, a, b, value);
  return {
    add: sum('Add', floats.add, false, (unit, a, b) => unit.add(format, a, b)),
    sub: sum('Sub', floats.sub, true, (unit, a, b) => unit.sub(format, a, b)),
    mul: product('Mul', floats.mul, precision.inDoubt.product, {
      test: inexact.mul,
      exact: exactProduct,
      harmless: infiniteFactor,
      soft: (unit, a, b) => unit.mul(format, a, b),
    }),
    nmul: product('NegatedMul', (ir, a, b) => floats.neg(ir, floats.mul(ir, a, b)), precision.inDoubt.product, {
      nan: precision.nan2Negated,
      test: (ir, a, b, value) => inexact.mul(ir, a, b, floats.neg(ir, value)),
      exact: (ir, a, b, value) => exactProduct(ir, a, b, floats.neg(ir, value)),
      harmless: infiniteFactor,
      soft: (unit, a, b) => unit.mul(format, a, b) ^ (1n << BigInt(format.width - 1)),
    }),
    div: product('Div', floats.div, precision.inDoubt.quotient, {
      test: inexact.div,
      exact: (ir, a, b, quotient) =>
        all(
          ir,
          ir.i32_and(floats.isOrdinary(ir, quotient), floats.isOrdinary(ir, a)),
          inexact.exactProduct(ir, quotient, b, a),
          floats.eq(ir, floats.mul(ir, quotient, b), a),
        ),
      // 0 / b and infinity / b raise nothing but for NaNs, a / infinity neither
      harmless: (ir, a, b) => any(ir, zero(ir, a), infiniteFactor(ir, a, b)),
      soft: (unit, a, b) => unit.div(format, a, b),
    }),
    min: extreme('Min', floats.min, precision.nan2, (unit, a, b) => unit.minMax(format, a, b, false)),
    max: extreme('Max', floats.max, precision.nan2, (unit, a, b) => unit.minMax(format, a, b, true)),
    minnm: extreme('MinNumber', floats.min, precision.numberOrNan, (unit, a, b) => unit.minMaxNumber(format, a, b, false)),
    maxnm: extreme('MaxNumber', floats.max, precision.numberOrNan, (unit, a, b) => unit.minMaxNumber(format, a, b, true)),
    sqrt: fpOperation<readonly [T], T>({
      name: `${prefix}Sqrt`,
      args: [type],
      result: type,
      rounds: true,
      attempt: (ir, a) => {
        const value = floats.sqrt(ir, a);
        const unusual = isNan(ir, value);
        return { value, doubtful: unusual, raises: unusual };
      },
      settle: (ir, a) => {
        const value = floats.sqrt(ir, a);
        return ir.coldHelper<readonly [T], T>(isNan(ir, value), value, precision.nan1, a);
      },
      quickFlags: (ir, a) => {
        const value = floats.sqrt(ir, a);
        return quick(ir, value, [a], inexact.sqrt(ir, a, value), any(ir, zero(ir, a), isInfinite(ir, a)));
      },
      soft: (unit, a) => unit.sqrt(format, a),
    }),
  };
}

const fma32 = fpOperation({
  name: 'fp32Fma',
  args: ['f32', 'f32', 'f32'],
  result: 'f32',
  rounds: true,
  attempt: (ir, addend, a, b) => {
    const { value, doubtful } = attemptFmaF32(ir, addend, a, b);
    return { value, doubtful, raises: doubtful };
  },
  settle: (ir, addend, a, b) => ir.helper(settleFmaF32, addend, a, b),
  quickFlags: (ir, addend, a, b) => {
    const [z, x, y] = [ir.f64_promote_f32(addend), ir.f64_promote_f32(a), ir.f64_promote_f32(b)];
    const product = ir.f64_mul(x, y);
    const sum = ir.f64_add(product, z);
    const lost = ir.f64_ne(sumError(ir, product, z, sum), ir.f64_const(0, 0));
    const inexact = ir.i32_or(lost, ir.f64_ne(ir.f64_promote_f32(ir.f32_demote_f64(sum)), sum));
    const nan = ir.f64_ne(sum, sum);
    const invalid = ir.i32_or(invalidF32(ir, addend, a, b), infinityTimesZero(ir, x, y));
    const infinite = ir.f64_eq(ir.f64_abs(sum), F64.power(ir, 1024));
    return {
      raised: ir.i32_select(nan, invalid, ir.i32_select(ir.i32_and(inexact, ir.i32_eqz(infinite)), ir.i32_const(Fpsr.IXC), ir.i32_const(0))),
      certain: any(ir, nan, infinite, isZero(ir, sum), ir.i32_and(below(ir, sum, 127), atLeast(ir, sum, -125))),
    };
  },
  harmless: (ir, addend, a, b) => {
    const [z, product] = [ir.f64_promote_f32(addend), ir.f64_mul(ir.f64_promote_f32(a), ir.f64_promote_f32(b))];
    const sum = ir.f64_add(product, z);
    const single = ir.f32_demote_f64(sum);
    const fits = ir.i32_and(ir.f64_eq(ir.f64_promote_f32(single), sum), ir.i32_or(F32.isOrdinary(ir, single), isZero(ir, sum)));
    return ir.i32_and(exactSum(ir, F64, product, z, sum), fits);
  },
  soft: (unit, addend, a, b) => unit.fma(SINGLE, addend, a, b),
});

const fma64 = fpOperation({
  name: 'fp64Fma',
  args: ['f64', 'f64', 'f64'],
  result: 'f64',
  rounds: true,
  attempt: (ir, addend, a, b) => {
    const { value, doubtful } = attemptFmaF64(ir, addend, a, b);
    return { value, doubtful, raises: doubtful };
  },
  settle: (ir, addend, a, b) => ir.helper(settleFmaF64, addend, a, b),
  quickFlags: (ir, addend, a, b) => {
    const product = ir.f64_mul(a, b);
    const error = productError(ir, a, b, product);
    const high = ir.f64_add(product, addend);
    const low = sumError(ir, product, addend, high);
    const rest = ir.f64_add(low, error);
    const value = ir.f64_add(high, rest);
    const inexact = any(ir, ir.f64_ne(sumError(ir, low, error, rest), ir.f64_const(0, 0)), ir.f64_ne(sumError(ir, high, rest, value), ir.f64_const(0, 0)));
    const ordinary = isOrdinaryFmaF64(ir, addend, a, b, product);
    // nothing is rounded where the product is zero or an operand is infinite
    const isInfinite = (x: Value<'f64'>): Value<'i32'> => ir.f64_eq(ir.f64_abs(x), F64.power(ir, 1024));
    const infiniteFactor = ir.i32_or(isInfinite(a), isInfinite(b));
    const plain = any(ir, infiniteFactor, isInfinite(addend), isZero(ir, a), isZero(ir, b));
    const naive = ir.f64_add(product, addend);
    const anyNan = any(ir, ...[addend, a, b].map((x) => ir.f64_ne(x, x)));
    const nan = ir.i32_or(anyNan, ir.i32_and(infiniteFactor, ir.f64_ne(naive, naive)));
    const invalid = ir.i32_or(invalidF64(ir, addend, a, b), infinityTimesZero(ir, a, b));
    return {
      raised: ir.i32_select(nan, invalid, ir.i32_select(ir.i32_and(ordinary, inexact), ir.i32_const(Fpsr.IXC), ir.i32_const(0))),
      certain: any(ir, nan, plain, ordinary),
    };
  },
  harmless: (ir, addend, a, b) => {
    const product = ir.f64_mul(a, b);
    return ir.i32_and(isExactProduct(ir, DOUBLE_PRECISION, a, b, product), exactSum(ir, F64, product, addend, ir.f64_add(product, addend)));
  },
  soft: (unit, addend, a, b) => unit.fma(DOUBLE, addend, a, b),
});

/** Not 0 if the product is a NaN though no factor is. */
function infinityTimesZero(ir: IrBuilder, a: Value<'f64'>, b: Value<'f64'>): Value<'i32'> {
  const product = ir.f64_mul(a, b);
  return ir.i32_and(ir.f64_ne(product, product), ir.i32_and(ir.f64_eq(a, a), ir.f64_eq(b, b)));
}

export const SINGLE_ARITHMETIC: Arithmetic<'f32'> = { ...binaryOperations(SINGLE_PRECISION), fma: fma32 };
export const DOUBLE_ARITHMETIC: Arithmetic<'f64'> = { ...binaryOperations(DOUBLE_PRECISION), fma: fma64 };
