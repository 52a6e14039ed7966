import { hostHelper, irHelper } from '../../../ir/index.ts';
import { attemptFmaF32x4, attemptFmaF64x2 } from './fpFused.ts';
import { fpHelpers, type Outcome } from './fpOperation.ts';
import { DOUBLE, type FloatFormat, SINGLE, type SoftFloat } from './fpSoftFloat.ts';
import { anyInfiniteOrNan, anyUnusual } from './simdFpArithmetic.ts';
import type { FpVectorPair } from './simdFpConvert.ts';
import { multiplyExtended, recip, recipExponent, recipStep, rsqrt, rsqrtStep, unsignedRecip, unsignedRsqrt } from './simdFpEstimates.ts';
import { DOUBLE_LANE, type Elementwise, type Lane, onVectors, SINGLE_LANE } from './simdFpLanes.ts';
import { splat, type Unary, zero } from './simdLanes.ts';

/** Vector operations of simdFpEstimates.ts. */
type Soft = (unit: SoftFloat, format: FloatFormat, ...operands: bigint[]) => bigint;
type AttemptAll = (sz: 0 | 1) => NonNullable<Elementwise['attemptAll']>;

function make(name: string, count: 1 | 2, soft: Soft, attemptAll?: AttemptAll): FpVectorPair {
  const one = (sz: 0 | 1): Elementwise => {
    const format = sz ? DOUBLE : SINGLE;
    const type = sz ? 'f64' : 'f32';
    const lane = (sz ? DOUBLE_LANE : SINGLE_LANE) as Lane;
    const helpers = fpHelpers({
      name: `fp${format.width}${name}`,
      args: new Array<typeof type>(count).fill(type),
      result: type,
      rounds: attemptAll !== undefined,
      soft: (unit, ...operands) => soft(unit, format, ...operands),
    });
    return {
      name: `f${format.width}Vector${name}`,
      operands: new Array<Lane>(count).fill(lane),
      result: lane,
      helpers: helpers as unknown as Elementwise['helpers'],
      ...(attemptAll === undefined ? {} : { attemptAll: attemptAll(sz) }),
    };
  };
  return [onVectors(one(0)), onVectors(one(1))];
}

/** A fused a * b subtracted from `minuend`; infinite results may come from infinity times zero, or overflow. */
const step =
  (minuends: readonly [number, bigint], halved: boolean): AttemptAll =>
  (sz) =>
  (ir, a, b): Outcome<'v128'> => {
    const shape = sz ? 'f64x2' : 'f32x4';
    const { value, doubtful } = (sz ? attemptFmaF64x2 : attemptFmaF32x4)(ir, splat(ir, 2 + sz, minuends[sz]), ir[`${shape}_neg`](a), b);
    const unusual = ir.i32_or(doubtful, anyInfiniteOrNan(ir, shape, value));
    const half = sz ? splat(ir, 3, 0x3fe0_0000_0000_0000n) : splat(ir, 2, 0x3f00_0000);
    return { value: halved ? ir[`${shape}_mul`](value, half) : value, doubtful: unusual, raises: unusual };
  };

export const fmulx = make('MultiplyExtended', 2, multiplyExtended, (sz) => (ir, a, b) => {
  const shape = sz ? 'f64x2' : 'f32x4';
  const value = ir[`${shape}_mul`](a, b);
  const unusual = anyUnusual(ir, shape, value);
  return { value, doubtful: unusual, raises: unusual };
});
export const frecps = make('RecipStep', 2, recipStep, step([0x4000_0000, 0x4000_0000_0000_0000n], false));
export const frsqrts = make('RsqrtStep', 2, rsqrtStep, step([0x4040_0000, 0x4008_0000_0000_0000n], true));
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
