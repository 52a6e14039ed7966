import type { IrBuilder, Value } from '../../../ir/index.ts';
import { invalidF32, invalidF64 } from './fpNan.ts';
import { type FpHelpers, fpHelpers } from './fpOperation.ts';
import { DOUBLE, SINGLE, type SoftFloat } from './fpSoftFloat.ts';
import { anyNan } from './simdFpArithmetic.ts';
import type { FpVectorPair } from './simdFpConvert.ts';
import { DOUBLE_LANE, type Elementwise, integerLane, type Lane, onVectors, SINGLE_LANE, WORD_LANE } from './simdFpLanes.ts';
import type { V } from './simdLanes.ts';

/** FCMEQ, FCMGE, FCMGT, FACGE, FACGT: all ones where the relation holds, else zero. */
export type Relation = 'eq' | 'ge' | 'gt';

/** N Z C V as FCMP gives them, in bits 3..0. */
const EQUAL = 0b0110;
const GREATER = 0b0010;

const holds = (relation: Relation, nzcv: number): boolean => (relation !== 'gt' && nzcv === EQUAL) || (relation !== 'eq' && nzcv === GREATER);

/** FPSR and results under other FPCRs. Only an equality does not mind quiet NaNs. */
function scalarHelpers(sz: 0 | 1, relation: Relation, absolute: boolean): FpHelpers {
  const format = sz ? DOUBLE : SINGLE;
  const magnitude = (bits: bigint): bigint => (absolute ? bits & ((1n << BigInt(format.width - 1)) - 1n) : bits);
  const mask = (1n << BigInt(format.width)) - 1n;
  const soft = (unit: SoftFloat, a: bigint, b: bigint): bigint => (holds(relation, unit.compare(format, magnitude(a), magnitude(b), relation !== 'eq')) ? mask : 0n);
  const name = `fp${format.width}Mask${absolute ? 'Absolute' : ''}${relation}`;
  const invalid = (ir: IrBuilder, nan: Value<'i32'>, signals: Value<'i32'>): Value<'i32'> => (relation === 'eq' ? ir.i32_and(nan, signals) : nan);
  const certain = (ir: IrBuilder): Value<'i32'> => ir.i32_const(1);
  const helpers = sz
    ? fpHelpers({
        name,
        args: ['f64', 'f64'],
        result: 'i64',
        rounds: false,
        quickFlags: (ir, a, b) => ({ raised: invalid(ir, ir.i32_or(ir.f64_ne(a, a), ir.f64_ne(b, b)), invalidF64(ir, a, b)), certain: certain(ir) }),
        soft,
      })
    : fpHelpers({
        name,
        args: ['f32', 'f32'],
        result: 'i32',
        rounds: false,
        quickFlags: (ir, a, b) => ({ raised: invalid(ir, ir.i32_or(ir.f32_ne(a, a), ir.f32_ne(b, b)), invalidF32(ir, a, b)), certain: certain(ir) }),
        soft,
      });
  return helpers as unknown as FpHelpers;
}

export function comparison(relation: Relation, absolute = false): FpVectorPair {
  const make = (sz: 0 | 1): Elementwise => {
    const shape = sz ? 'f64x2' : 'f32x4';
    const lane = (sz ? DOUBLE_LANE : SINGLE_LANE) as Lane;
    const compare = (ir: IrBuilder, a: V, b: V): V => (absolute ? ir[`${shape}_${relation}`](ir[`${shape}_abs`](a), ir[`${shape}_abs`](b)) : ir[`${shape}_${relation}`](a, b));
    return {
      name: `${shape}Mask${absolute ? 'Absolute' : ''}${relation}`,
      operands: [lane, lane],
      result: (sz ? integerLane(3, false) : WORD_LANE) as Lane,
      helpers: scalarHelpers(sz, relation, absolute) as unknown as Elementwise['helpers'],
      attemptAll: (ir, a, b) => ({ value: compare(ir, a, b), raises: a === b ? anyNan(ir, shape, a) : anyNan(ir, shape, a, b) }),
      settleAll: compare,
    };
  };
  return [onVectors(make(0)), onVectors(make(1))];
}
