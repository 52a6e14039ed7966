import { BTYPE } from '../state.ts';
import { Trap } from '../traps.ts';
import type { A64Translator } from './translator.ts';

/**
 * Branch target identification (FEAT_BTI): the instruction that an indirect branch leads to in a guarded page must be
 * made for it. While the process has no guarded page, nothing of it is translated.
 */

/** PSTATE.BTYPE: what the last instruction was. */
const BranchType = {
  none: 0,
  /** BR that may lead to a function, too: of X16 or X17, or from a page that is not guarded. */
  jumpOrCall: 1,
  call: 2,
  jump: 3,
} as const;

/** BR of Xn. */
export function markJump(t: A64Translator, rn: number): void {
  if (t.branchTargets === 'free') return;
  const mayCall = rn === 16 || rn === 17 || t.branchTargets !== 'guarded';
  t.ir.setReg(BTYPE, t.ir.i32_const(mayCall ? BranchType.jumpOrCall : BranchType.jump));
}

/** BLR */
export function markCall(t: A64Translator): void {
  if (t.branchTargets !== 'free') t.ir.setReg(BTYPE, t.ir.i32_const(BranchType.call));
}

/** What an instruction accepts: every branch, all but one type, or none. */
type Pad = 'all' | 'none' | { readonly except: number };

/** Of an instruction; SCTLR_EL1.BT0 is set, as by Linux. */
function padOf(word: number): Pad {
  switch (word >>> 0) {
    // PACIASP, PACIBSP, BTI c
    case 0xd503233f:
    case 0xd503237f:
    case 0xd503245f:
      return { except: BranchType.jump };
    // BTI j
    case 0xd503249f:
      return { except: BranchType.call };
    // BTI jc
    case 0xd50324df:
      return 'all';
    default:
      // BRK and HLT: a debugger comes first.
      return (word & 0xffe0001f) >>> 0 === 0xd4200000 || (word & 0xffe0001f) >>> 0 === 0xd4400000 ? 'all' : 'none';
  }
}

/** What comes before the first instruction of a block, which alone can be the target of a branch. */
export function enterBlock(t: A64Translator): void {
  if (t.branchTargets === 'free') return;
  const { ir } = t;
  const pad = t.branchTargets === 'guarded' ? padOf(t.word) : 'all';
  if (pad !== 'all') {
    const type = ir.getReg(BTYPE);
    ir.trapIf(pad === 'none' ? type : ir.i32_eq(type, ir.i32_const(pad.except)), Trap.branchTarget, t.word);
  }
  if (pad !== 'none') ir.setReg(BTYPE, ir.i32_const(BranchType.none));
}
