import { atomicMemoryOperation, compareAndSwap, compareAndSwapPair } from '../translate/atomic.ts';
import { loadAcquirePc, loadExclusive, loadExclusivePair, loadOrdered, storeExclusive, storeExclusivePair, storeOrdered } from '../translate/exclusive.ts';
import {
  alignedOffset,
  LOAD_REGISTER,
  LOAD_SIGNED_BYTE,
  LOAD_SIGNED_HALF,
  loadByte,
  loadHalf,
  loadSignedWordToX,
  STORE_REGISTER,
  storeByte,
  storeHalf,
} from '../translate/loadStore.ts';
import { def } from '../translate/translator.ts';

/** Arm ARM C4.1: exclusive, ordered and atomic loads and stores. Acquire and release make no difference, see translate/exclusive.ts. */
export const loadsAndStoresAtomic = [
  // Load/store exclusive; `size` is log2 of the bytes: STXRB, STXRH, STXR and so on
  def('STXR', 'size:2 001000 0 0 0 rs:5 0 ----- rn:5 rt:5', (t, f) => storeExclusive(t, f)),
  def('STLXR', 'size:2 001000 0 0 0 rs:5 1 ----- rn:5 rt:5', (t, f) => storeExclusive(t, f)),
  def('LDXR', 'size:2 001000 0 1 0 ----- 0 ----- rn:5 rt:5', (t, f) => loadExclusive(t, f)),
  def('LDAXR', 'size:2 001000 0 1 0 ----- 1 ----- rn:5 rt:5', (t, f) => loadExclusive(t, f)),
  def('STXP', '1 sz:1 001000 0 0 1 rs:5 0 rt2:5 rn:5 rt:5', (t, f) => storeExclusivePair(t, f)),
  def('STLXP', '1 sz:1 001000 0 0 1 rs:5 1 rt2:5 rn:5 rt:5', (t, f) => storeExclusivePair(t, f)),
  def('LDXP', '1 sz:1 001000 0 1 1 ----- 0 rt2:5 rn:5 rt:5', (t, f) => loadExclusivePair(t, f)),
  def('LDAXP', '1 sz:1 001000 0 1 1 ----- 1 rt2:5 rn:5 rt:5', (t, f) => loadExclusivePair(t, f)),

  // Load/store ordered
  def('STLLR', 'size:2 001000 1 0 0 ----- 0 ----- rn:5 rt:5', (t, f) => storeOrdered(t, f), { feature: 'FEAT_LOR' }),
  def('STLR', 'size:2 001000 1 0 0 ----- 1 ----- rn:5 rt:5', (t, f) => storeOrdered(t, f)),
  def('LDLAR', 'size:2 001000 1 1 0 ----- 0 ----- rn:5 rt:5', (t, f) => loadOrdered(t, f), { feature: 'FEAT_LOR' }),
  def('LDAR', 'size:2 001000 1 1 0 ----- 1 ----- rn:5 rt:5', (t, f) => loadOrdered(t, f)),
  def('LDAPR', 'size:2 111000 101 11111 1 100 00 rn:5 rt:5', (t, f) => loadAcquirePc(t, f), { feature: 'FEAT_LRCPC' }),

  // LDAPR/STLR (unscaled immediate)
  def('STLURB', '00 011001 00 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, storeByte, 0), { feature: 'FEAT_LRCPC2' }),
  def('LDAPURB', '00 011001 01 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, loadByte, 0), { feature: 'FEAT_LRCPC2' }),
  def('LDAPURSB', '00 011001 1 w:1 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, LOAD_SIGNED_BYTE[f.w], 0), { feature: 'FEAT_LRCPC2' }),
  def('STLURH', '01 011001 00 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, storeHalf, 1), { feature: 'FEAT_LRCPC2' }),
  def('LDAPURH', '01 011001 01 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, loadHalf, 1), { feature: 'FEAT_LRCPC2' }),
  def('LDAPURSH', '01 011001 1 w:1 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, LOAD_SIGNED_HALF[f.w], 1), { feature: 'FEAT_LRCPC2' }),
  def('STLUR', '1 sf:1 011001 00 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, STORE_REGISTER[f.sf], 2 + f.sf), { feature: 'FEAT_LRCPC2' }),
  def('LDAPUR', '1 sf:1 011001 01 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, LOAD_REGISTER[f.sf], 2 + f.sf), { feature: 'FEAT_LRCPC2' }),
  def('LDAPURSW', '10 011001 10 0 imm9:9 00 rn:5 rt:5', (t, f) => alignedOffset(t, f, loadSignedWordToX, 2), { feature: 'FEAT_LRCPC2' }),

  // Compare and swap; bits 22 and 15 say acquire and release
  def('CAS', 'size:2 001000 1 - 1 rs:5 - 11111 rn:5 rt:5', (t, f) => compareAndSwap(t, f), { feature: 'FEAT_LSE' }),
  def('CASP', '0 sz:1 001000 0 - 1 rs:5 - 11111 rn:5 rt:5', (t, f) => compareAndSwapPair(t, f), { feature: 'FEAT_LSE' }),

  // Atomic memory operations; bits 23 and 22 say acquire and release. STADD and so on are those with Rt = 31
  def('LDADD', 'size:2 111000 --1 rs:5 0 000 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'add'), { feature: 'FEAT_LSE' }),
  def('LDCLR', 'size:2 111000 --1 rs:5 0 001 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'clear'), { feature: 'FEAT_LSE' }),
  def('LDEOR', 'size:2 111000 --1 rs:5 0 010 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'xor'), { feature: 'FEAT_LSE' }),
  def('LDSET', 'size:2 111000 --1 rs:5 0 011 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'set'), { feature: 'FEAT_LSE' }),
  def('LDSMAX', 'size:2 111000 --1 rs:5 0 100 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'signedMax'), { feature: 'FEAT_LSE' }),
  def('LDSMIN', 'size:2 111000 --1 rs:5 0 101 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'signedMin'), { feature: 'FEAT_LSE' }),
  def('LDUMAX', 'size:2 111000 --1 rs:5 0 110 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'unsignedMax'), { feature: 'FEAT_LSE' }),
  def('LDUMIN', 'size:2 111000 --1 rs:5 0 111 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'unsignedMin'), { feature: 'FEAT_LSE' }),
  def('SWP', 'size:2 111000 --1 rs:5 1 000 00 rn:5 rt:5', (t, f) => atomicMemoryOperation(t, f, 'swap'), { feature: 'FEAT_LSE' }),
];
