import type { FamilyOf, LaneFamilyOf, LaneOp, PureOp, Ty } from '../ops.ts';

/**
 * IR values in the evaluator, always as bits, so that NaN payloads survive: i32 and f32 as a signed number, i64 and
 * f64 as an unsigned bigint, v128 as 16 bytes (byte 0 the least significant), never changed once made.
 */
export type BitsOf<T extends Ty> = T extends 'i32' | 'f32' ? number : T extends 'i64' | 'f64' ? bigint : Uint8Array;
export type Bits = number | bigint | Uint8Array;

type BitsOfAll<A extends readonly Ty[]> = { -readonly [K in keyof A]: BitsOf<A[K]> };

/** Functions for numeric ops. Results need not be wrapped to their width; `canonical` does that. */
export type PureFunctions<N extends PureOp> = { readonly [K in N]: (...args: BitsOfAll<FamilyOf<K>['args']>) => BitsOf<FamilyOf<K>['result']> };
/** Functions for lane ops; the lane number comes last. */
export type LaneFunctions = { readonly [K in LaneOp]: (...args: [...BitsOfAll<LaneFamilyOf<K>['args']>, lane: number]) => BitsOf<LaneFamilyOf<K>['result']> };

type WithVectors = Extract<
  PureOp,
  `v128_${string}` | `i8x16_${string}` | `i16x8_${string}` | `i32x4_${string}` | `i64x2_${string}` | `f32x4_${string}` | `f64x2_${string}`
>;
/** Ops on vectors whose lanes are, or become, floating-point numbers. */
export type VectorFloatOp = Extract<WithVectors, `f32x4_${string}` | `f64x2_${string}` | `${string}_f32x4_${string}` | `${string}_f64x2_${string}`>;
export type VectorOp = Exclude<WithVectors, VectorFloatOp>;
export type FloatOp = Extract<Exclude<PureOp, WithVectors>, `f32_${string}` | `f64_${string}` | `${string}_f32${string}` | `${string}_f64${string}`>;
export type IntegerOp = Exclude<PureOp, WithVectors | FloatOp>;

/** Wraps a value to the width of its type. */
export function canonical(type: Ty, value: Bits): Bits {
  switch (type) {
    case 'i32':
    case 'f32':
      return (value as number) | 0;
    case 'i64':
    case 'f64':
      return BigInt.asUintN(64, value as bigint);
    case 'v128':
      return value;
  }
}

/** The bits as one unsigned integer, 0 to 2^128 - 1. */
export function toBigInt(value: Bits): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(value >>> 0);
  const view = new DataView(value.buffer, value.byteOffset, 16);
  return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n);
}

/** The value of type `type` with these bits. */
export function fromBigInt(type: Ty, value: bigint): Bits {
  if (type === 'i32' || type === 'f32') return Number(BigInt.asIntN(32, value));
  if (type === 'i64' || type === 'f64') return BigInt.asUintN(64, value);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, value), true);
  view.setBigUint64(8, BigInt.asUintN(64, value >> 64n), true);
  return bytes;
}
