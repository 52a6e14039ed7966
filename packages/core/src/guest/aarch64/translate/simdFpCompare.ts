import type { IrBuilder, Value } from '../../../ir/index.ts';
import { invalidF32, invalidF64 } from './fpNan.ts';
import { type FpHelpers, fpHelpers, type Outcome } from './fpOperation.ts';
import type { SoftFloat } from './fpSoftFloat.ts';
import { anyNan } from './simdFpArithmetic.ts';
import {
  type BySize,
  bySize,
  FORMATS,
  FP_LANES,
  type FpSize,
  type FpVectorOperation,
  HALF_LANE,
  integerLane,
  type Lane,
  onVectors,
  SHAPES,
  WORD_LANE,
} from './simdFpLanes.ts';
import { splat, type V } from './simdLanes.ts';

/** FCMEQ, FCMGE, FCMGT, FACGE, FACGT: all ones where the relation holds, else zero. */
export type Relation = 'eq' | 'ge' | 'gt';

/** N Z C V as FCMP gives them, in bits 3..0. */
const EQUAL = 0b0110;
const GREATER = 0b0010;

const holds = (relation: Relation, nzcv: number): boolean => (relation !== 'gt' && nzcv === EQUAL) || (relation !== 'eq' && nzcv === GREATER);

/** FPSR and results under other FPCRs. Only an equality does not mind quiet NaNs. */
function scalarHelpers(size: FpSize, relation: Relation, absolute: boolean): FpHelpers {
  const format = FORMATS[size];
  const magnitude = (bits: bigint): bigint => (absolute ? bits & ((1n << BigInt(format.width - 1)) - 1n) : bits);
  const mask = (1n << BigInt(format.width)) - 1n;
  const parts = {
    name: `fp${format.width}Mask${absolute ? 'Absolute' : ''}${relation}`,
    rounds: false,
    soft: (unit: SoftFloat, a: bigint, b: bigint): bigint => (holds(relation, unit.compare(format, magnitude(a), magnitude(b), relation !== 'eq')) ? mask : 0n),
  };
  const raised = (ir: IrBuilder, nan: Value<'i32'>, signals: Value<'i32'>): Value<'i32'> => (relation === 'eq' ? ir.i32_and(nan, signals) : nan);
  if (size === 1) return fpHelpers({ ...parts, args: ['i32', 'i32'], result: 'i32' }) as unknown as FpHelpers;
  if (size === 2) {
    const quickFlags = (ir: IrBuilder, a: Value<'f32'>, b: Value<'f32'>) => ({
      raised: raised(ir, ir.i32_or(ir.f32_ne(a, a), ir.f32_ne(b, b)), invalidF32(ir, a, b)),
      certain: ir.i32_const(1),
    });
    const plain = (ir: IrBuilder, a: Value<'f32'>, b: Value<'f32'>) => {
      const holdsHere = absolute ? ir[`f32_${relation}`](ir.f32_abs(a), ir.f32_abs(b)) : ir[`f32_${relation}`](a, b);
      return { value: ir.i32_sub(ir.i32_const(0), holdsHere) };
    };
    return fpHelpers({ ...parts, args: ['f32', 'f32'], result: 'i32', plain, quickFlags }) as unknown as FpHelpers;
  }
  const quickFlags = (ir: IrBuilder, a: Value<'f64'>, b: Value<'f64'>) => ({
    raised: raised(ir, ir.i32_or(ir.f64_ne(a, a), ir.f64_ne(b, b)), invalidF64(ir, a, b)),
    certain: ir.i32_const(1),
  });
  const plain = (ir: IrBuilder, a: Value<'f64'>, b: Value<'f64'>) => {
    const holdsHere = absolute ? ir[`f64_${relation}`](ir.f64_abs(a), ir.f64_abs(b)) : ir[`f64_${relation}`](a, b);
    return { value: ir.i64_extend_i32_s(ir.i32_sub(ir.i32_const(0), holdsHere)) };
  };
  return fpHelpers({ ...parts, args: ['f64', 'f64'], result: 'i64', plain, quickFlags }) as unknown as FpHelpers;
}

/** The relation of halves, as integers of the same order, and where one of them is a NaN. */
function compareHalves(ir: IrBuilder, relation: Relation, absolute: boolean, ...halves: V[]): { readonly value: V; readonly nans: V } {
  const magnitudes = halves.map((v) => ir.v128_and(v, splat(ir, 1, 0x7fff))) as [V, V];
  const numbers = magnitudes.map((magnitude, i) => {
    if (absolute) return magnitude;
    const negative = ir.i16x8_shr_s(halves[i] as V, ir.i32_const(15));
    return ir.i16x8_sub(ir.v128_xor(magnitude, negative), negative);
  }) as [V, V];
  const [nanA, nanB] = magnitudes.map((magnitude) => ir.i16x8_gt_s(magnitude, splat(ir, 1, 0x7c00))) as [V, V];
  const nans = ir.v128_or(nanA, nanB);
  const op = ({ eq: 'i16x8_eq', ge: 'i16x8_ge_s', gt: 'i16x8_gt_s' } as const)[relation];
  return { value: ir.v128_andnot(ir[op](...numbers), nans), nans };
}

const MASK_LANES = { 1: HALF_LANE, 2: WORD_LANE, 3: integerLane(3, false) } as BySize<Lane>;

function comparison(relation: Relation, absolute = false): BySize<FpVectorOperation> {
  return bySize((size) => {
    const common = {
      name: `f${FORMATS[size].width}VectorMask${absolute ? 'Absolute' : ''}${relation}`,
      operands: [FP_LANES[size], FP_LANES[size]],
      result: MASK_LANES[size],
      helpers: scalarHelpers(size, relation, absolute),
    };
    if (size === 1) {
      const attemptAll = (ir: IrBuilder, ...halves: V[]): Outcome<'v128'> => {
        const { value, nans } = compareHalves(ir, relation, absolute, ...halves);
        return { value, raises: ir.v128_any_true(nans) };
      };
      return onVectors({ ...common, attemptAll, settleAll: (ir, ...halves) => compareHalves(ir, relation, absolute, ...halves).value });
    }
    const shape = SHAPES[size];
    const compare = (ir: IrBuilder, a: V, b: V): V =>
      absolute ? ir[`${shape}_${relation}`](ir[`${shape}_abs`](a), ir[`${shape}_abs`](b)) : ir[`${shape}_${relation}`](a, b);
    return onVectors({
      ...common,
      attemptAll: (ir, a, b) => ({ value: compare(ir, a, b), raises: a === b ? anyNan(ir, shape, a) : anyNan(ir, shape, a, b) }),
      settleAll: compare,
    });
  });
}

export const fcmeq = comparison('eq');
export const fcmge = comparison('ge');
export const fcmgt = comparison('gt');
export const facge = comparison('ge', true);
export const facgt = comparison('gt', true);
