import type { IrBuilder, Value } from '../../../ir/index.ts';
import { DOUBLE_ARITHMETIC, SINGLE_ARITHMETIC } from './fpArithmetic.ts';
import { attemptFmaF32x4, attemptFmaF64x2, settleFmaF32x4, settleFmaF64x2 } from './fpFused.ts';
import { HALF_ARITHMETIC } from './fpHalf.ts';
import { nan1F32x4, nan1F64x2, nan2F32x4, nan2F64x2, numberOrNanF32x4, numberOrNanF64x2 } from './fpNan.ts';
import type { FpOperation, Outcome } from './fpOperation.ts';
import { addToOdd, extremeHalves, roundingAttempts } from './simdFpHalves.ts';
import { type BySize, bySize, FP_LANES, type FpVectorOperation, type Lane, onVectors, type Shape } from './simdFpLanes.ts';
import { anyInfiniteOrNan, anyUnusual } from './simdFpUnusual.ts';
import type { V } from './simdLanes.ts';

/** Not 0 if a lane of one of the vectors is a NaN. */
export function anyNan(ir: IrBuilder, shape: Shape, ...vectors: V[]): Value<'i32'> {
  return ir.v128_any_true(vectors.map((v) => ir[`${shape}_ne`](v, v)).reduce((a, b) => ir.v128_or(a, b)));
}

export interface FpVectorArithmetic {
  readonly add: FpVectorOperation;
  readonly sub: FpVectorOperation;
  readonly mul: FpVectorOperation;
  readonly div: FpVectorOperation;
  readonly min: FpVectorOperation;
  readonly max: FpVectorOperation;
  readonly minnm: FpVectorOperation;
  readonly maxnm: FpVectorOperation;
  readonly sqrt: FpVectorOperation;
  /** (addend, a, b): addend + a * b, rounded once. */
  readonly fma: FpVectorOperation;
}

interface ShapeParts {
  readonly shape: Shape;
  readonly lane: Lane;
  readonly scalar: Record<keyof FpVectorArithmetic, unknown>;
  readonly nan1: typeof nan1F32x4;
  readonly nan2: typeof nan2F32x4;
  readonly numberOrNan: typeof numberOrNanF32x4;
  readonly attemptFma: typeof attemptFmaF32x4;
  readonly settleFma: typeof settleFmaF32x4;
}

function arithmetic({ shape, lane, scalar, nan1, nan2, numberOrNan, attemptFma, settleFma }: ShapeParts): FpVectorArithmetic {
  type Condition = (ir: IrBuilder, shape: Shape, v: V, a: V, b: V) => Value<'i32'>;
  const make = (
    name: keyof FpVectorArithmetic,
    count: number,
    attemptAll: (ir: IrBuilder, ...v: V[]) => Outcome<'v128'>,
    settleAll: (ir: IrBuilder, ...v: V[]) => V,
  ): FpVectorOperation => {
    const helpers = scalar[name] as FpOperation;
    return onVectors({
      name: `${shape}${name}`,
      operands: new Array<Lane>(count).fill(lane),
      result: lane,
      helpers,
      attempt: (ir, ...values) => helpers.attempt(ir, ...values),
      attemptAll,
      settleAll,
      plainShape: shape,
    });
  };
  const binary = (name: keyof FpVectorArithmetic, op: (ir: IrBuilder, a: V, b: V) => V, unusual: Condition, fix = nan2): FpVectorOperation =>
    make(
      name,
      2,
      (ir, a, b) => {
        const value = op(ir, a, b);
        const condition = unusual(ir, shape, value, a, b);
        return { value, doubtful: condition, raises: condition };
      },
      (ir, a, b) => ir.helper(fix, a, b, op(ir, a, b)),
    );
  const hasNan: Condition = (ir, s, v) => anyNan(ir, s, v);
  const infiniteOrNan: Condition = (ir, s, v) => anyInfiniteOrNan(ir, s, v);
  return {
    // a tiny sum is exact, a tiny product or quotient may have underflowed
    add: binary('add', (ir, a, b) => ir[`${shape}_add`](a, b), infiniteOrNan),
    sub: binary('sub', (ir, a, b) => ir[`${shape}_sub`](a, b), infiniteOrNan),
    mul: binary('mul', (ir, a, b) => ir[`${shape}_mul`](a, b), anyUnusual),
    div: binary(
      'div',
      (ir, a, b) => ir[`${shape}_div`](a, b),
      (ir, s, v, a) => anyUnusual(ir, s, v, a),
    ),
    min: binary('min', (ir, a, b) => ir[`${shape}_min`](a, b), hasNan),
    max: binary('max', (ir, a, b) => ir[`${shape}_max`](a, b), hasNan),
    minnm: binary('minnm', (ir, a, b) => ir[`${shape}_min`](a, b), hasNan, numberOrNan),
    maxnm: binary('maxnm', (ir, a, b) => ir[`${shape}_max`](a, b), hasNan, numberOrNan),
    sqrt: make(
      'sqrt',
      1,
      (ir, a) => {
        const value = ir[`${shape}_sqrt`](a);
        const nan = anyNan(ir, shape, value);
        return { value, doubtful: nan, raises: nan };
      },
      (ir, a) => ir.helper(nan1, a, ir[`${shape}_sqrt`](a)),
    ),
    fma: make(
      'fma',
      3,
      (ir, addend, a, b) => {
        const { value, doubtful } = attemptFma(ir, addend, a, b);
        return { value, doubtful, raises: doubtful };
      },
      (ir, addend, a, b) => ir.helper(settleFma, addend, a, b),
    ),
  };
}

/** What halves do as singles; minima and maxima are taken of their bits. */
const ON_SINGLES: Readonly<Record<Exclude<keyof FpVectorArithmetic, 'min' | 'max' | 'minnm' | 'maxnm'>, (ir: IrBuilder, ...v: V[]) => V>> = {
  add: (ir, a, b) => ir.f32x4_add(a as V, b as V),
  sub: (ir, a, b) => ir.f32x4_sub(a as V, b as V),
  mul: (ir, a, b) => ir.f32x4_mul(a as V, b as V),
  div: (ir, a, b) => ir.f32x4_div(a as V, b as V),
  sqrt: (ir, a) => ir.f32x4_sqrt(a as V),
  // the product is exact
  fma: (ir, addend, a, b) => addToOdd(ir, ir.f32x4_mul(a as V, b as V), addend as V),
};

function halfOperation(name: keyof FpVectorArithmetic): FpVectorOperation {
  const count = name === 'fma' ? 3 : name === 'sqrt' ? 1 : 2;
  const parts = {
    name: `f16x8${name}`,
    operands: new Array<Lane>(count).fill(FP_LANES[1]),
    result: FP_LANES[1],
    helpers: HALF_ARITHMETIC[name] as unknown as FpOperation,
    attempt: (ir: IrBuilder, ...values: Value[]) => (HALF_ARITHMETIC[name] as unknown as FpOperation).attempt(ir, ...values),
  };
  if (name === 'min' || name === 'max' || name === 'minnm' || name === 'maxnm')
    return onVectors({ ...parts, attemptAll: (ir, a, b) => extremeHalves(ir, name.startsWith('max'), a as V, b as V) });
  const { low, all } = roundingAttempts(ON_SINGLES[name]);
  return onVectors({ ...parts, attemptAll: low }, { ...parts, attemptAll: all });
}
const halfArithmetic = (): FpVectorArithmetic =>
  Object.fromEntries(
    (Object.keys(HALF_ARITHMETIC) as (keyof typeof HALF_ARITHMETIC)[])
      .filter((name): name is keyof FpVectorArithmetic => name !== 'nmul')
      .map((name) => [name, halfOperation(name)]),
  ) as unknown as FpVectorArithmetic;

const singleArithmetic = (): FpVectorArithmetic =>
  arithmetic({
    shape: 'f32x4',
    lane: FP_LANES[2],
    scalar: SINGLE_ARITHMETIC,
    nan1: nan1F32x4,
    nan2: nan2F32x4,
    numberOrNan: numberOrNanF32x4,
    attemptFma: attemptFmaF32x4,
    settleFma: settleFmaF32x4,
  });

const doubleArithmetic = (): FpVectorArithmetic =>
  arithmetic({
    shape: 'f64x2',
    lane: FP_LANES[3],
    scalar: DOUBLE_ARITHMETIC,
    nan1: nan1F64x2,
    nan2: nan2F64x2,
    numberOrNan: numberOrNanF64x2,
    attemptFma: attemptFmaF64x2,
    settleFma: settleFmaF64x2,
  });

const MAKERS = { 1: halfArithmetic, 2: singleArithmetic, 3: doubleArithmetic };
export const FP_ARITHMETIC: BySize<FpVectorArithmetic> = bySize((size) => MAKERS[size]());
