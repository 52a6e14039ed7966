import { hostHelper, irHelper } from '../../../ir/index.ts';
import { attemptFmaF32x4, attemptFmaF64x2 } from './fpFused.ts';
import { fpHelpers } from './fpOperation.ts';
import type { FloatFormat, SoftFloat } from './fpSoftFloat.ts';
import { anyInfiniteOrNan, anyUnusual } from './simdFpArithmetic.ts';
import { multiplyExtended, recip, recipExponent, recipStep, rsqrt, rsqrtStep, unsignedRecip, unsignedRsqrt } from './simdFpEstimates.ts';
import { type BySize, bySize, type Elementwise, FORMATS, FP_LANES, type FpVectorOperation, type Lane, onVectors, SHAPES } from './simdFpLanes.ts';
import { splat, type Unary, zero } from './simdLanes.ts';

/** Vector operations of simdFpEstimates.ts. */
type Soft = (unit: SoftFloat, format: FloatFormat, ...operands: bigint[]) => bigint;
/** The short way for singles and doubles. */
type AttemptAll = (size: 2 | 3) => NonNullable<Elementwise['attemptAll']>;

const make = (name: string, count: 1 | 2, soft: Soft, attemptAll?: AttemptAll): BySize<FpVectorOperation> =>
  bySize((size) => {
    const format = FORMATS[size];
    const type = ({ 1: 'i32', 2: 'f32', 3: 'f64' } as const)[size];
    const helpers = fpHelpers({
      name: `fp${format.width}${name}`,
      args: new Array<typeof type>(count).fill(type),
      result: type,
      rounds: attemptAll !== undefined,
      soft: (unit, ...operands) => soft(unit, format, ...operands),
    });
    return onVectors({
      name: `f${format.width}Vector${name}`,
      operands: new Array<Lane>(count).fill(FP_LANES[size]),
      result: FP_LANES[size],
      helpers: helpers as unknown as Elementwise['helpers'],
      ...(attemptAll === undefined || size === 1 ? {} : { attemptAll: attemptAll(size) }),
    });
  });

/** A fused a * b subtracted from `minuend`; infinite results may come from infinity times zero, or overflow. */
const step =
  (minuends: { 2: number; 3: bigint }, halved: boolean): AttemptAll =>
  (size) =>
  (ir, a, b) => {
    const shape = SHAPES[size];
    const { value, doubtful } = (size === 3 ? attemptFmaF64x2 : attemptFmaF32x4)(ir, splat(ir, size, minuends[size]), ir[`${shape}_neg`](a), b);
    const unusual = ir.i32_or(doubtful, anyInfiniteOrNan(ir, shape, value));
    const half = size === 3 ? splat(ir, 3, 0x3fe0_0000_0000_0000n) : splat(ir, 2, 0x3f00_0000);
    return { value: halved ? ir[`${shape}_mul`](value, half) : value, doubtful: unusual, raises: unusual };
  };

export const fmulx = make('MultiplyExtended', 2, multiplyExtended, (size) => (ir, a, b) => {
  const value = ir[`${SHAPES[size]}_mul`](a, b);
  const unusual = anyUnusual(ir, SHAPES[size], value);
  return { value, doubtful: unusual, raises: unusual };
});
export const frecps = make('RecipStep', 2, recipStep, step({ 2: 0x4000_0000, 3: 0x4000_0000_0000_0000n }, false));
export const frsqrts = make('RsqrtStep', 2, rsqrtStep, step({ 2: 0x4040_0000, 3: 0x4008_0000_0000_0000n }, true));
export const frecpe = make('RecipEstimate', 1, recip);
export const frsqrte = make('RsqrtEstimate', 1, rsqrt);
export const frecpx = make('RecipExponent', 1, recipExponent);

/** URECPE and URSQRTE: of words, in a helper that goes through them. */
function unsignedEstimate(name: string, estimate: (a: number) => number): Unary {
  const ofWord = hostHelper(`${name}Word`, ['i32'], 'i32', (a) => estimate(a >>> 0));
  const ofVector = irHelper(name, ['v128'], 'v128', (ir, a) => {
    let result = zero(ir);
    for (let lane = 0; lane < 4; lane++) result = ir.i32x4_replace_lane(result, ir.helper(ofWord, ir.i32x4_extract_lane(a, lane)), lane);
    return result;
  });
  return (ir, _size, a) => ir.helper(ofVector, a);
}
export const urecpe = unsignedEstimate('unsignedRecip', unsignedRecip);
export const ursqrte = unsignedEstimate('unsignedRsqrt', unsignedRsqrt);
