import { clearExclusive } from '../translate/branch.ts';
import { flagsFromAlternative, flagsToAlternative, invertCarry } from '../translate/flagManipulation.ts';
import {
  maintainCache,
  noOperation,
  PSTATE_BITS,
  readConstant,
  readCounter,
  readFlags,
  readFpcr,
  readFpsr,
  readIdentification,
  readPstateBit,
  readRandom,
  readReadOnlyThreadPointer,
  readThreadPointer,
  setPstateBit,
  synchronizeContext,
  waitForInterrupt,
  writeFlags,
  writeFpcr,
  writeFpsr,
  writePstateBit,
  writeThreadPointer,
  yieldToOthers,
  zeroBlock,
} from '../translate/system.ts';
import { def } from '../translate/translator.ts';

const NOT_IN_QEMU = 'undefined in user mode on QEMU 7.2, which announces it all the same';

/** Arm ARM C4.1: hints, barriers, PSTATE, system instructions and system register moves. */
export const system = [
  // Hints: those without a row of their own, and those of extensions that the CPU has not, do nothing
  def('HINT', '1101 0101 0000 0011 0010 crm:4 op2:3 11111', noOperation),
  def('NOP', '1101 0101 0000 0011 0010 0000 000 11111', noOperation),
  def('YIELD', '1101 0101 0000 0011 0010 0000 001 11111', yieldToOthers),
  def('WFE', '1101 0101 0000 0011 0010 0000 010 11111', yieldToOthers),
  def('WFI', '1101 0101 0000 0011 0010 0000 011 11111', waitForInterrupt),
  def('SEV', '1101 0101 0000 0011 0010 0000 100 11111', noOperation),
  def('SEVL', '1101 0101 0000 0011 0010 0000 101 11111', noOperation),
  def('DGH', '1101 0101 0000 0011 0010 0000 110 11111', noOperation, { feature: 'FEAT_DGH' }),
  def('CSDB', '1101 0101 0000 0011 0010 0010 100 11111', noOperation),
  def('BTI', '1101 0101 0000 0011 0010 0100 --0 11111', noOperation, { feature: 'FEAT_BTI' }),

  // Barriers
  def('CLREX', '1101 0101 0000 0011 0011 ---- 010 11111', clearExclusive),
  def('DSB', '1101 0101 0000 0011 0011 ---- 100 11111', noOperation),
  def('DMB', '1101 0101 0000 0011 0011 ---- 101 11111', noOperation),
  def('ISB', '1101 0101 0000 0011 0011 ---- 110 11111', synchronizeContext),
  def('SB', '1101 0101 0000 0011 0011 0000 111 11111', synchronizeContext, { feature: 'FEAT_SB' }),

  // PSTATE
  def('CFINV', '1101 0101 0000 0000 0100 0000 000 11111', invertCarry, { feature: 'FEAT_FlagM' }),
  def('XAFLAG', '1101 0101 0000 0000 0100 0000 001 11111', flagsFromAlternative, { feature: 'FEAT_FlagM2' }),
  def('AXFLAG', '1101 0101 0000 0000 0100 0000 010 11111', flagsToAlternative, { feature: 'FEAT_FlagM2' }),
  def('MSR (DIT, immediate)', '1101 0101 0000 0 011 0100 crm:4 010 11111', (t, f) => setPstateBit(t, f, PSTATE_BITS.DIT), { feature: 'FEAT_DIT' }),
  def('MSR (SSBS, immediate)', '1101 0101 0000 0 011 0100 crm:4 001 11111', (t, f) => setPstateBit(t, f, PSTATE_BITS.SSBS), { feature: 'FEAT_SSBS' }),

  // Cache maintenance
  def('DC ZVA', '1101 0101 0000 1 011 0111 0100 001 rt:5', (t, f) => zeroBlock(t, f)),
  def('IC IVAU', '1101 0101 0000 1 011 0111 0101 001 -----', maintainCache),
  def('DC CVAC', '1101 0101 0000 1 011 0111 1010 001 -----', maintainCache),
  def('DC CVAU', '1101 0101 0000 1 011 0111 1011 001 -----', maintainCache),
  def('DC CVAP', '1101 0101 0000 1 011 0111 1100 001 -----', maintainCache, { feature: 'FEAT_DPB', noFuzz: NOT_IN_QEMU }),
  def('DC CVADP', '1101 0101 0000 1 011 0111 1101 001 -----', maintainCache, { feature: 'FEAT_DPB2', noFuzz: NOT_IN_QEMU }),
  def('DC CIVAC', '1101 0101 0000 1 011 0111 1110 001 -----', maintainCache),

  // System registers
  def('MRS (constant)', '1101 0101 0011 o0:1 op1:3 crn:4 crm:4 op2:3 rt:5', (t, f) => readConstant(t, f), { noFuzz: 'almost all numbers are undefined' }),
  def('MRS (identification)', '1101 0101 0011 1 000 0000 crm:4 op2:3 rt:5', (t, f) => readIdentification(t, f), { noFuzz: 'constants of the CPU model' }),
  def('MRS (NZCV)', '1101 0101 0011 1 011 0100 0010 000 rt:5', (t, f) => readFlags(t, f)),
  def('MSR (NZCV)', '1101 0101 0001 1 011 0100 0010 000 rt:5', (t, f) => writeFlags(t, f)),
  def('MRS (DIT)', '1101 0101 0011 1 011 0100 0010 101 rt:5', (t, f) => readPstateBit(t, f, PSTATE_BITS.DIT), { feature: 'FEAT_DIT' }),
  def('MSR (DIT)', '1101 0101 0001 1 011 0100 0010 101 rt:5', (t, f) => writePstateBit(t, f, PSTATE_BITS.DIT), { feature: 'FEAT_DIT' }),
  def('MRS (SSBS)', '1101 0101 0011 1 011 0100 0010 110 rt:5', (t, f) => readPstateBit(t, f, PSTATE_BITS.SSBS), { feature: 'FEAT_SSBS' }),
  def('MSR (SSBS)', '1101 0101 0001 1 011 0100 0010 110 rt:5', (t, f) => writePstateBit(t, f, PSTATE_BITS.SSBS), { feature: 'FEAT_SSBS' }),
  def('MRS (FPCR)', '1101 0101 0011 1 011 0100 0100 000 rt:5', (t, f) => readFpcr(t, f)),
  def('MSR (FPCR)', '1101 0101 0001 1 011 0100 0100 000 rt:5', (t, f) => writeFpcr(t, f)),
  def('MRS (FPSR)', '1101 0101 0011 1 011 0100 0100 001 rt:5', (t, f) => readFpsr(t, f)),
  def('MSR (FPSR)', '1101 0101 0001 1 011 0100 0100 001 rt:5', (t, f) => writeFpsr(t, f)),
  def('MRS (TPIDR_EL0)', '1101 0101 0011 1 011 1101 0000 010 rt:5', (t, f) => readThreadPointer(t, f)),
  def('MSR (TPIDR_EL0)', '1101 0101 0001 1 011 1101 0000 010 rt:5', (t, f) => writeThreadPointer(t, f)),
  def('MRS (TPIDRRO_EL0)', '1101 0101 0011 1 011 1101 0000 011 rt:5', (t, f) => readReadOnlyThreadPointer(t, f)),
  def('MRS (CNTVCT_EL0)', '1101 0101 0011 1 011 1110 0000 010 rt:5', (t, f) => readCounter(t, f), { noFuzz: 'another value at every run' }),
  def('MRS (RNDR)', '1101 0101 0011 1 011 0010 0100 00- rt:5', (t, f) => readRandom(t, f), { feature: 'FEAT_RNG', noFuzz: 'another value at every run' }),
];
