import type { Value } from '../../../ir/index.ts';
import type { Transfer } from './loadStore.ts';
import type { AnyPairElement } from './loadStorePair.ts';
import type { A64Translator } from './translator.ts';

const zero = (t: A64Translator): Value<'v128'> => t.ir.v128_words(0, 0, 0, 0);

/** Loads of B, H, S, D, Q registers, by log2 of their bytes; the rest of the vector register becomes zero. */
export const LOAD_VECTOR: readonly Transfer[] = [
  (t, address, rt) => t.setV(rt, t.ir.i8x16_replace_lane(zero(t), t.ir.i32_load8_u(address), 0)),
  (t, address, rt) => t.setV(rt, t.ir.i16x8_replace_lane(zero(t), t.ir.i32_load16_u(address), 0)),
  (t, address, rt) => t.setS(rt, t.ir.f32_load(address)),
  (t, address, rt) => t.setD(rt, t.ir.f64_load(address)),
  (t, address, rt) => t.setV(rt, t.ir.v128_load(address)),
];

/** Stores of B, H, S, D, Q registers, by log2 of their bytes. */
export const STORE_VECTOR: readonly Transfer[] = [
  (t, address, rt) => t.ir.i32_store8(address, t.ir.i8x16_extract_lane_u(t.v(rt), 0)),
  (t, address, rt) => t.ir.i32_store16(address, t.ir.i16x8_extract_lane_u(t.v(rt), 0)),
  (t, address, rt) => t.ir.f32_store(address, t.s(rt)),
  (t, address, rt) => t.ir.f64_store(address, t.d(rt)),
  (t, address, rt) => t.ir.v128_store(address, t.v(rt)),
];

const vectorStore =
  (scale: number) =>
  (t: A64Translator, address: Value<'i64'>, rt: number): void =>
    (STORE_VECTOR[scale] as Transfer)(t, address, rt);

/** Pairs of S, D, Q registers, by the opc field. */
export const PAIR_VECTOR: readonly AnyPairElement[] = [
  { scale: 2, isVector: true, load: (t, address) => t.ir.f32_load(address), set: (t, rt, value) => t.setS(rt, value as Value<'f32'>), store: vectorStore(2) },
  { scale: 3, isVector: true, load: (t, address) => t.ir.f64_load(address), set: (t, rt, value) => t.setD(rt, value as Value<'f64'>), store: vectorStore(3) },
  { scale: 4, isVector: true, load: (t, address) => t.ir.v128_load(address), set: (t, rt, value) => t.setV(rt, value as Value<'v128'>), store: vectorStore(4) },
];
