import {
  LOAD_REGISTER,
  LOAD_SIGNED_BYTE,
  LOAD_SIGNED_HALF,
  literal,
  loadByte,
  loadHalf,
  loadSignedWordToX,
  postIndex,
  prefetch,
  preIndex,
  registerOffset,
  STORE_REGISTER,
  storeByte,
  storeHalf,
  unscaledOffset,
  unsignedOffset,
} from '../translate/loadStore.ts';
import { loadPair, PAIR_GENERAL, PAIR_SIGNED_WORD, storePair } from '../translate/loadStorePair.ts';
import { def } from '../translate/translator.ts';

/** Arm ARM C4.1: loads and stores of general-purpose registers, but for the exclusive, ordered and atomic ones. */
export const loadsAndStores = [
  // Load/store register (unsigned immediate)
  def('STRB (immediate, unsigned offset)', '00 111 0 01 00 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, storeByte, 0)),
  def('LDRB (immediate, unsigned offset)', '00 111 0 01 01 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, loadByte, 0)),
  def('LDRSB (immediate, unsigned offset)', '00 111 0 01 1 w:1 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, LOAD_SIGNED_BYTE[f.w], 0)),
  def('STRH (immediate, unsigned offset)', '01 111 0 01 00 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, storeHalf, 1)),
  def('LDRH (immediate, unsigned offset)', '01 111 0 01 01 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, loadHalf, 1)),
  def('LDRSH (immediate, unsigned offset)', '01 111 0 01 1 w:1 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, LOAD_SIGNED_HALF[f.w], 1)),
  def('STR (immediate, unsigned offset)', '1 sf:1 111 0 01 00 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, STORE_REGISTER[f.sf], 2 + f.sf)),
  def('LDR (immediate, unsigned offset)', '1 sf:1 111 0 01 01 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, LOAD_REGISTER[f.sf], 2 + f.sf)),
  def('LDRSW (immediate, unsigned offset)', '10 111 0 01 10 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, loadSignedWordToX, 2)),
  def('PRFM (immediate)', '11 111 0 01 10 imm12:12 rn:5 rt:5', (t, f) => unsignedOffset(t, f, prefetch, 3)),

  // Load/store register (immediate pre-indexed)
  def('STRB (immediate, pre-index)', '00 111 0 00 00 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, storeByte)),
  def('LDRB (immediate, pre-index)', '00 111 0 00 01 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, loadByte)),
  def('LDRSB (immediate, pre-index)', '00 111 0 00 1 w:1 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, LOAD_SIGNED_BYTE[f.w])),
  def('STRH (immediate, pre-index)', '01 111 0 00 00 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, storeHalf)),
  def('LDRH (immediate, pre-index)', '01 111 0 00 01 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, loadHalf)),
  def('LDRSH (immediate, pre-index)', '01 111 0 00 1 w:1 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, LOAD_SIGNED_HALF[f.w])),
  def('STR (immediate, pre-index)', '1 sf:1 111 0 00 00 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, STORE_REGISTER[f.sf])),
  def('LDR (immediate, pre-index)', '1 sf:1 111 0 00 01 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, LOAD_REGISTER[f.sf])),
  def('LDRSW (immediate, pre-index)', '10 111 0 00 10 0 imm9:9 11 rn:5 rt:5', (t, f) => preIndex(t, f, loadSignedWordToX)),

  // Load/store register (immediate post-indexed)
  def('STRB (immediate, post-index)', '00 111 0 00 00 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, storeByte)),
  def('LDRB (immediate, post-index)', '00 111 0 00 01 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, loadByte)),
  def('LDRSB (immediate, post-index)', '00 111 0 00 1 w:1 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, LOAD_SIGNED_BYTE[f.w])),
  def('STRH (immediate, post-index)', '01 111 0 00 00 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, storeHalf)),
  def('LDRH (immediate, post-index)', '01 111 0 00 01 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, loadHalf)),
  def('LDRSH (immediate, post-index)', '01 111 0 00 1 w:1 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, LOAD_SIGNED_HALF[f.w])),
  def('STR (immediate, post-index)', '1 sf:1 111 0 00 00 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, STORE_REGISTER[f.sf])),
  def('LDR (immediate, post-index)', '1 sf:1 111 0 00 01 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, LOAD_REGISTER[f.sf])),
  def('LDRSW (immediate, post-index)', '10 111 0 00 10 0 imm9:9 01 rn:5 rt:5', (t, f) => postIndex(t, f, loadSignedWordToX)),

  // Load/store register (unscaled immediate)
  def('STURB', '00 111 0 00 00 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, storeByte)),
  def('LDURB', '00 111 0 00 01 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, loadByte)),
  def('LDURSB', '00 111 0 00 1 w:1 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, LOAD_SIGNED_BYTE[f.w])),
  def('STURH', '01 111 0 00 00 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, storeHalf)),
  def('LDURH', '01 111 0 00 01 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, loadHalf)),
  def('LDURSH', '01 111 0 00 1 w:1 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, LOAD_SIGNED_HALF[f.w])),
  def('STUR', '1 sf:1 111 0 00 00 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, STORE_REGISTER[f.sf])),
  def('LDUR', '1 sf:1 111 0 00 01 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, LOAD_REGISTER[f.sf])),
  def('LDURSW', '10 111 0 00 10 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, loadSignedWordToX)),
  def('PRFUM', '11 111 0 00 10 0 imm9:9 00 rn:5 rt:5', (t, f) => unscaledOffset(t, f, prefetch)),

  // Load/store register (unprivileged): user mode has no less
  def('STTRB', '00 111 0 00 00 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, storeByte)),
  def('LDTRB', '00 111 0 00 01 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, loadByte)),
  def('LDTRSB', '00 111 0 00 1 w:1 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, LOAD_SIGNED_BYTE[f.w])),
  def('STTRH', '01 111 0 00 00 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, storeHalf)),
  def('LDTRH', '01 111 0 00 01 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, loadHalf)),
  def('LDTRSH', '01 111 0 00 1 w:1 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, LOAD_SIGNED_HALF[f.w])),
  def('STTR', '1 sf:1 111 0 00 00 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, STORE_REGISTER[f.sf])),
  def('LDTR', '1 sf:1 111 0 00 01 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, LOAD_REGISTER[f.sf])),
  def('LDTRSW', '10 111 0 00 10 0 imm9:9 10 rn:5 rt:5', (t, f) => unscaledOffset(t, f, loadSignedWordToX)),

  // Load/store register (register offset)
  def('STRB (register)', '00 111 0 00 00 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, storeByte, 0)),
  def('LDRB (register)', '00 111 0 00 01 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, loadByte, 0)),
  def('LDRSB (register)', '00 111 0 00 1 w:1 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, LOAD_SIGNED_BYTE[f.w], 0)),
  def('STRH (register)', '01 111 0 00 00 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, storeHalf, 1)),
  def('LDRH (register)', '01 111 0 00 01 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, loadHalf, 1)),
  def('LDRSH (register)', '01 111 0 00 1 w:1 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, LOAD_SIGNED_HALF[f.w], 1)),
  def('STR (register)', '1 sf:1 111 0 00 00 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, STORE_REGISTER[f.sf], 2 + f.sf)),
  def('LDR (register)', '1 sf:1 111 0 00 01 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, LOAD_REGISTER[f.sf], 2 + f.sf)),
  def('LDRSW (register)', '10 111 0 00 10 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, loadSignedWordToX, 2)),
  def('PRFM (register)', '11 111 0 00 10 1 rm:5 option:3 s:1 10 rn:5 rt:5', (t, f) => registerOffset(t, f, prefetch, 3)),

  // Load register (literal)
  def('LDR (literal)', '0 sf:1 011 0 00 imm19:19 rt:5', (t, f) => literal(t, f, LOAD_REGISTER[f.sf])),
  def('LDRSW (literal)', '10 011 0 00 imm19:19 rt:5', (t, f) => literal(t, f, loadSignedWordToX)),
  def('PRFM (literal)', '11 011 0 00 imm19:19 rt:5', (t, f) => literal(t, f, prefetch)),

  // Load/store pair; non-temporal is a hint
  def('STNP', 'sf:1 0 101 0 000 0 imm7:7 rt2:5 rn:5 rt:5', (t, f) => storePair(t, f, PAIR_GENERAL[f.sf], 'offset')),
  def('LDNP', 'sf:1 0 101 0 000 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_GENERAL[f.sf], 'offset')),
  def('STP (post-index)', 'sf:1 0 101 0 001 0 imm7:7 rt2:5 rn:5 rt:5', (t, f) => storePair(t, f, PAIR_GENERAL[f.sf], 'postIndex')),
  def('LDP (post-index)', 'sf:1 0 101 0 001 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_GENERAL[f.sf], 'postIndex')),
  def('LDPSW (post-index)', '01 101 0 001 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_SIGNED_WORD, 'postIndex')),
  def('STP (signed offset)', 'sf:1 0 101 0 010 0 imm7:7 rt2:5 rn:5 rt:5', (t, f) => storePair(t, f, PAIR_GENERAL[f.sf], 'offset')),
  def('LDP (signed offset)', 'sf:1 0 101 0 010 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_GENERAL[f.sf], 'offset')),
  def('LDPSW (signed offset)', '01 101 0 010 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_SIGNED_WORD, 'offset')),
  def('STP (pre-index)', 'sf:1 0 101 0 011 0 imm7:7 rt2:5 rn:5 rt:5', (t, f) => storePair(t, f, PAIR_GENERAL[f.sf], 'preIndex')),
  def('LDP (pre-index)', 'sf:1 0 101 0 011 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_GENERAL[f.sf], 'preIndex')),
  def('LDPSW (pre-index)', '01 101 0 011 1 imm7:7 rt2:5 rn:5 rt:5', (t, f) => loadPair(t, f, PAIR_SIGNED_WORD, 'preIndex')),
];
