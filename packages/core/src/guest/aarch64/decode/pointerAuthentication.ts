import { branchAuthenticated, branchWithLinkAuthenticated, returnAuthenticated } from '../translate/branch.ts';
import {
  authenticateGeneric,
  DATA_KEYS,
  INSTRUCTION_KEYS,
  loadAuthenticated,
  modify17By16,
  modifyByRegister,
  modifyByZero,
  modifyLinkBySp,
  modifyLinkByZero,
  strip,
} from '../translate/pointerAuthentication.ts';
import { def } from '../translate/translator.ts';

const feature = { feature: 'FEAT_PAuth' } as const;
const [IA, IB] = INSTRUCTION_KEYS as [(typeof INSTRUCTION_KEYS)[0], (typeof INSTRUCTION_KEYS)[0]];
const [DA, DB] = DATA_KEYS as [(typeof DATA_KEYS)[0], (typeof DATA_KEYS)[0]];

/** The instructions of FEAT_PAuth, from all groups of the manual's chapter C4.1. Those among the hints do nothing on a CPU without it. */
export const pointerAuthentication = [
  // Hints
  def('XPACLRI', '1101 0101 0000 0011 0010 0000 111 11111', (t) => strip(t, { rd: 30 }), feature),
  def('PACIA1716', '1101 0101 0000 0011 0010 0001 000 11111', (t) => modify17By16(t, 'sign', IA), feature),
  def('PACIB1716', '1101 0101 0000 0011 0010 0001 010 11111', (t) => modify17By16(t, 'sign', IB), feature),
  def('AUTIA1716', '1101 0101 0000 0011 0010 0001 100 11111', (t) => modify17By16(t, 'authenticate', IA), feature),
  def('AUTIB1716', '1101 0101 0000 0011 0010 0001 110 11111', (t) => modify17By16(t, 'authenticate', IB), feature),
  def('PACIAZ', '1101 0101 0000 0011 0010 0011 000 11111', (t) => modifyLinkByZero(t, 'sign', IA), feature),
  def('PACIASP', '1101 0101 0000 0011 0010 0011 001 11111', (t) => modifyLinkBySp(t, 'sign', IA), feature),
  def('PACIBZ', '1101 0101 0000 0011 0010 0011 010 11111', (t) => modifyLinkByZero(t, 'sign', IB), feature),
  def('PACIBSP', '1101 0101 0000 0011 0010 0011 011 11111', (t) => modifyLinkBySp(t, 'sign', IB), feature),
  def('AUTIAZ', '1101 0101 0000 0011 0010 0011 100 11111', (t) => modifyLinkByZero(t, 'authenticate', IA), feature),
  def('AUTIASP', '1101 0101 0000 0011 0010 0011 101 11111', (t) => modifyLinkBySp(t, 'authenticate', IA), feature),
  def('AUTIBZ', '1101 0101 0000 0011 0010 0011 110 11111', (t) => modifyLinkByZero(t, 'authenticate', IB), feature),
  def('AUTIBSP', '1101 0101 0000 0011 0010 0011 111 11111', (t) => modifyLinkBySp(t, 'authenticate', IB), feature),

  // Data processing (1 source)
  def('PACIA', '1 1 0 11010110 00001 000000 rn:5 rd:5', (t, f) => modifyByRegister(t, f, 'sign', IA), feature),
  def('PACIB', '1 1 0 11010110 00001 000001 rn:5 rd:5', (t, f) => modifyByRegister(t, f, 'sign', IB), feature),
  def('PACDA', '1 1 0 11010110 00001 000010 rn:5 rd:5', (t, f) => modifyByRegister(t, f, 'sign', DA), feature),
  def('PACDB', '1 1 0 11010110 00001 000011 rn:5 rd:5', (t, f) => modifyByRegister(t, f, 'sign', DB), feature),
  def('AUTIA', '1 1 0 11010110 00001 000100 rn:5 rd:5', (t, f) => modifyByRegister(t, f, 'authenticate', IA), feature),
  def('AUTIB', '1 1 0 11010110 00001 000101 rn:5 rd:5', (t, f) => modifyByRegister(t, f, 'authenticate', IB), feature),
  def('AUTDA', '1 1 0 11010110 00001 000110 rn:5 rd:5', (t, f) => modifyByRegister(t, f, 'authenticate', DA), feature),
  def('AUTDB', '1 1 0 11010110 00001 000111 rn:5 rd:5', (t, f) => modifyByRegister(t, f, 'authenticate', DB), feature),
  def('PACIZA', '1 1 0 11010110 00001 001000 11111 rd:5', (t, f) => modifyByZero(t, f, 'sign', IA), feature),
  def('PACIZB', '1 1 0 11010110 00001 001001 11111 rd:5', (t, f) => modifyByZero(t, f, 'sign', IB), feature),
  def('PACDZA', '1 1 0 11010110 00001 001010 11111 rd:5', (t, f) => modifyByZero(t, f, 'sign', DA), feature),
  def('PACDZB', '1 1 0 11010110 00001 001011 11111 rd:5', (t, f) => modifyByZero(t, f, 'sign', DB), feature),
  def('AUTIZA', '1 1 0 11010110 00001 001100 11111 rd:5', (t, f) => modifyByZero(t, f, 'authenticate', IA), feature),
  def('AUTIZB', '1 1 0 11010110 00001 001101 11111 rd:5', (t, f) => modifyByZero(t, f, 'authenticate', IB), feature),
  def('AUTDZA', '1 1 0 11010110 00001 001110 11111 rd:5', (t, f) => modifyByZero(t, f, 'authenticate', DA), feature),
  def('AUTDZB', '1 1 0 11010110 00001 001111 11111 rd:5', (t, f) => modifyByZero(t, f, 'authenticate', DB), feature),
  def('XPACI', '1 1 0 11010110 00001 010000 11111 rd:5', (t, f) => strip(t, f), feature),
  def('XPACD', '1 1 0 11010110 00001 010001 11111 rd:5', (t, f) => strip(t, f), feature),

  // Data processing (2 source)
  def('PACGA', '1 0 0 11010110 rm:5 001100 rn:5 rd:5', (t, f) => authenticateGeneric(t, f), feature),

  // Unconditional branch (register); m tells the key
  def('BRAAZ, BRABZ', '1101011 0 0 00 11111 0000 1 m:1 rn:5 11111', (t, f) => branchAuthenticated(t, f), feature),
  def('BLRAAZ, BLRABZ', '1101011 0 0 01 11111 0000 1 m:1 rn:5 11111', (t, f) => branchWithLinkAuthenticated(t, f), feature),
  def('RETAA, RETAB', '1101011 0 0 10 11111 0000 1 m:1 11111 11111', (t, f) => returnAuthenticated(t, f), feature),
  def('BRAA, BRAB', '1101011 1 0 00 11111 0000 1 m:1 rn:5 rm:5', (t, f) => branchAuthenticated(t, f), feature),
  def('BLRAA, BLRAB', '1101011 1 0 01 11111 0000 1 m:1 rn:5 rm:5', (t, f) => branchWithLinkAuthenticated(t, f), feature),

  // Load/store register (pac)
  def('LDRAA, LDRAB', '11 111 0 00 m:1 s:1 1 imm9:9 w:1 1 rn:5 rt:5', (t, f) => loadAuthenticated(t, f), feature),
];
