import type { IrBuilder, Value } from '../../../ir/index.ts';
import { DOUBLE_ARITHMETIC, SINGLE_ARITHMETIC } from './fpArithmetic.ts';
import { attemptFmaF32x4, attemptFmaF64x2, settleFmaF32x4, settleFmaF64x2 } from './fpFused.ts';
import { HALF_ARITHMETIC } from './fpHalf.ts';
import { nan1F32x4, nan1F64x2, nan2F32x4, nan2F64x2, numberOrNanF32x4, numberOrNanF64x2 } from './fpNan.ts';
import type { FpOperation, Outcome } from './fpOperation.ts';
import { type BySize, FP_LANES, type FpVectorOperation, type Lane, onVectors, type Shape } from './simdFpLanes.ts';
import { splat, type V } from './simdLanes.ts';

const infinities = (ir: IrBuilder, shape: Shape): V => (shape === 'f32x4' ? splat(ir, 2, 0x7f80_0000) : splat(ir, 3, 0x7ff0_0000_0000_0000n));
const smallestNormals = (ir: IrBuilder, shape: Shape): V => (shape === 'f32x4' ? splat(ir, 2, 0x0080_0000) : splat(ir, 3, 0x0010_0000_0000_0000n));
const notAll = (ir: IrBuilder, shape: Shape, mask: V): Value<'i32'> => ir.i32_eqz(shape === 'f32x4' ? ir.i32x4_all_true(mask) : ir.i64x2_all_true(mask));

/** Not 0 if a lane is infinite or a NaN. */
export function anyInfiniteOrNan(ir: IrBuilder, shape: Shape, v: V): Value<'i32'> {
  return notAll(ir, shape, ir[`${shape}_lt`](ir[`${shape}_abs`](v), infinities(ir, shape)));
}

/** Not 0 if a lane is zero, subnormal, the smallest normal number, infinite or a NaN. */
export function anyUnusual(ir: IrBuilder, shape: Shape, v: V): Value<'i32'> {
  const magnitudes = ir[`${shape}_abs`](v);
  const ordinary = ir.v128_and(ir[`${shape}_gt`](magnitudes, smallestNormals(ir, shape)), ir[`${shape}_lt`](magnitudes, infinities(ir, shape)));
  return notAll(ir, shape, ordinary);
}

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
  type Condition = (ir: IrBuilder, shape: Shape, v: V) => Value<'i32'>;
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
    });
  };
  const binary = (name: keyof FpVectorArithmetic, op: (ir: IrBuilder, a: V, b: V) => V, unusual: Condition, fix = nan2): FpVectorOperation =>
    make(
      name,
      2,
      (ir, a, b) => {
        const value = op(ir, a, b);
        const condition = unusual(ir, shape, value);
        return { value, doubtful: condition, raises: condition };
      },
      (ir, a, b) => ir.helper(fix, a, b, op(ir, a, b)),
    );
  const hasNan: Condition = (ir, s, v) => anyNan(ir, s, v);
  return {
    // a tiny sum is exact, a tiny product or quotient may have underflowed
    add: binary('add', (ir, a, b) => ir[`${shape}_add`](a, b), anyInfiniteOrNan),
    sub: binary('sub', (ir, a, b) => ir[`${shape}_sub`](a, b), anyInfiniteOrNan),
    mul: binary('mul', (ir, a, b) => ir[`${shape}_mul`](a, b), anyUnusual),
    div: binary('div', (ir, a, b) => ir[`${shape}_div`](a, b), anyUnusual),
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

/** Halves: lane by lane. */
const halfArithmetic = Object.fromEntries(
  Object.entries(HALF_ARITHMETIC).map(([name, operation]) => {
    const helpers = operation as unknown as FpOperation;
    const operands = new Array<Lane>(name === 'fma' ? 3 : name === 'sqrt' ? 1 : 2).fill(FP_LANES[1]);
    return [name, onVectors({ name: `f16x8${name}`, operands, result: FP_LANES[1], helpers, attempt: (ir, ...values) => helpers.attempt(ir, ...values) })];
  }),
) as unknown as FpVectorArithmetic;

export const FP_ARITHMETIC: BySize<FpVectorArithmetic> = {
  1: halfArithmetic,
  2: arithmetic({
    shape: 'f32x4',
    lane: FP_LANES[2],
    scalar: SINGLE_ARITHMETIC,
    nan1: nan1F32x4,
    nan2: nan2F32x4,
    numberOrNan: numberOrNanF32x4,
    attemptFma: attemptFmaF32x4,
    settleFma: settleFmaF32x4,
  }),
  3: arithmetic({
    shape: 'f64x2',
    lane: FP_LANES[3],
    scalar: DOUBLE_ARITHMETIC,
    nan1: nan1F64x2,
    nan2: nan2F64x2,
    numberOrNan: numberOrNanF64x2,
    attemptFma: attemptFmaF64x2,
    settleFma: settleFmaF64x2,
  }),
};
