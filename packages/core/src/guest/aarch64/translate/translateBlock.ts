import type { IrBuilder } from '../../../ir/index.ts';
import type { Decoder } from '../../decode/index.ts';
import type { TranslatedBlock, TranslateRequest } from '../../guest.ts';
import type { CpuModel } from '../cpuModels.ts';
import { Trap } from '../traps.ts';
import { enterBlock } from './branchTarget.ts';
import { A64Translator } from './translator.ts';

/** A block ends at a branch, an exception, an instruction that synchronises context, the page's end or `maxInsns`, as QEMU's do. */
export function translateBlock(decoder: Decoder<A64Translator>, model: CpuModel, ir: IrBuilder, request: TranslateRequest): TranslatedBlock {
  const { pc, maxInsns, fetch } = request;
  const t = new A64Translator(ir, model);
  ir.terminator = undefined;
  t.pc = pc;
  t.branchTargets = request.branchTargets ?? 'free';
  if ((pc & 3) !== 0) {
    // As QEMU does, which looks for the page first.
    t.trap(fetch(pc - (pc & 3)) === undefined ? Trap.fetch : Trap.alignment);
    return { insns: 0, bytes: 0 };
  }
  let insns = 0;
  for (;;) {
    const word = fetch(t.pc);
    if (word === undefined) {
      if (insns === 0) t.trap(Trap.fetch);
      else ir.end({ kind: 'jump', target: t.pc });
      break;
    }
    t.word = word;
    ir.insn(insns++, word);
    if (insns === 1) enterBlock(t);
    const decoded = decoder.decode(word);
    if (decoded === undefined) t.undefined();
    else decoded.row.translate(t, decoded.fields);
    if (ir.terminator !== undefined) break;
    t.pc += 4;
    if (insns === maxInsns || (t.pc & 0xfff) === 0) {
      ir.end({ kind: 'jump', target: t.pc });
      break;
    }
  }
  return { insns, bytes: insns * 4 };
}
