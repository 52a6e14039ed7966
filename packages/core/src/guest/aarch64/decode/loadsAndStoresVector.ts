import { literal, postIndex, preIndex, registerOffset, unscaledOffset, unsignedOffset } from '../translate/loadStore.ts';
import { loadPair, storePair } from '../translate/loadStorePair.ts';
import { LOAD_VECTOR, PAIR_VECTOR, STORE_VECTOR } from '../translate/loadStoreVector.ts';
import { def } from '../translate/translator.ts';

/** log2 of the bytes of B, H, S, D (`size`) and Q (`q` with size 0) registers. */
const scaleOf = ({ size, q }: { size: number; q: number }): number => size + 4 * q;
/** `q` goes with size 0 only. */
const allocated = { where: ({ size, q }: { size: number; q: number }): boolean => q === 0 || size === 0 };
const opcBelow3 = { where: ({ opc }: { opc: number }): boolean => opc !== 3 };

/** Arm ARM C4.1: loads and stores of SIMD&FP registers. */
export const loadsAndStoresVector = [
  def(
    'STR (immediate, SIMD&FP, unsigned offset)',
    'size:2 111 1 01 q:1 0 imm12:12 rn:5 rt:5',
    (t, f) => unsignedOffset(t, f, STORE_VECTOR[scaleOf(f)], scaleOf(f)),
    allocated,
  ),
  def(
    'LDR (immediate, SIMD&FP, unsigned offset)',
    'size:2 111 1 01 q:1 1 imm12:12 rn:5 rt:5',
    (t, f) => unsignedOffset(t, f, LOAD_VECTOR[scaleOf(f)], scaleOf(f)),
    allocated,
  ),
  def('STR (immediate, SIMD&FP, pre-index)', 'size:2 111 1 00 q:1 0 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, STORE_VECTOR[scaleOf(f)]), allocated),
  def('LDR (immediate, SIMD&FP, pre-index)', 'size:2 111 1 00 q:1 1 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, LOAD_VECTOR[scaleOf(f)]), allocated),
  def('STR (immediate, SIMD&FP, post-index)', 'size:2 111 1 00 q:1 0 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, STORE_VECTOR[scaleOf(f)]), allocated),
  def('LDR (immediate, SIMD&FP, post-index)', 'size:2 111 1 00 q:1 1 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, LOAD_VECTOR[scaleOf(f)]), allocated),
  def('STUR (SIMD&FP)', 'size:2 111 1 00 q:1 0 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, STORE_VECTOR[scaleOf(f)]), allocated),
  def('LDUR (SIMD&FP)', 'size:2 111 1 00 q:1 1 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, LOAD_VECTOR[scaleOf(f)]), allocated),
  def(
    'STR (register, SIMD&FP)',
    'size:2 111 1 00 q:1 0 1 rm:5 option:3 s:1 10 rn:5 rt:5',
    (t, f) => registerOffset(t, f, STORE_VECTOR[scaleOf(f)], scaleOf(f)),
    allocated,
  ),
  def(
    'LDR (register, SIMD&FP)',
    'size:2 111 1 00 q:1 1 1 rm:5 option:3 s:1 10 rn:5 rt:5',
    (t, f) => registerOffset(t, f, LOAD_VECTOR[scaleOf(f)], scaleOf(f)),
    allocated,
  ),
  def('LDR (literal, SIMD&FP)', 'opc:2 011 1 00 imm19:19 rt:5', (t, f) => literal(t, f, LOAD_VECTOR[2 + f.opc]), opcBelow3),
  def('STNP (SIMD&FP)', 'opc:2 101 1 000 0 imm7:7 rt2:5 rn:5 rt:5', (t, f) => storePair(t, f, PAIR_VECTOR[f.opc], 'offset'), opcBelow3),
  def('LDNP (SIMD&FP)', 'opc:2 101 1 000 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_VECTOR[f.opc], 'offset'), opcBelow3),
  def('STP (SIMD&FP, post-index)', 'opc:2 101 1 001 0 imm7:7 rt2:5 rn:5 rt:5', (t, f) => storePair(t, f, PAIR_VECTOR[f.opc], 'postIndex'), opcBelow3),
  def('LDP (SIMD&FP, post-index)', 'opc:2 101 1 001 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_VECTOR[f.opc], 'postIndex'), opcBelow3),
  def('STP (SIMD&FP, signed offset)', 'opc:2 101 1 010 0 imm7:7 rt2:5 rn:5 rt:5', (t, f) => storePair(t, f, PAIR_VECTOR[f.opc], 'offset'), opcBelow3),
  def('LDP (SIMD&FP, signed offset)', 'opc:2 101 1 010 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_VECTOR[f.opc], 'offset'), opcBelow3),
  def('STP (SIMD&FP, pre-index)', 'opc:2 101 1 011 0 imm7:7 rt2:5 rn:5 rt:5', (t, f) => storePair(t, f, PAIR_VECTOR[f.opc], 'preIndex'), opcBelow3),
  def('LDP (SIMD&FP, pre-index)', 'opc:2 101 1 011 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_VECTOR[f.opc], 'preIndex'), opcBelow3),
];
