import { definePlugin, type PluginInsn, UserError } from '@everystep/core';
import { createPredictor, PREDICTORS, type Predictor } from './predictors.ts';
import { hex } from './text.ts';

interface BranchCount {
  readonly insn: PluginInsn;
  readonly isBackward: boolean;
  executed: number;
  taken: number;
  missed: number;
}

/** Bytes that a conditional branch jumps; undefined if the word is none: B.cond, CBZ and CBNZ, TBZ and TBNZ (Arm ARM C4.1). */
function conditionalOffset(word: number): number | undefined {
  if ((word & 0xff000010) >>> 0 === 0x54000000 || (word & 0x7e000000) === 0x34000000) return ((word << 8) >> 13) * 4;
  if ((word & 0x7e000000) === 0x36000000) return ((word << 13) >> 18) * 4;
  return undefined;
}

/** How well models of branch predictors guess the conditional branches. */
export const branch = definePlugin({
  apiVersion: 1,
  name: 'branch',
  description: 'model branch predictors, and show the branches that are guessed wrong most',
  options: [
    { name: 'model', value: PREDICTORS.join('|'), help: 'the predictor (default gshare)' },
    { name: 'bits', value: 'number', help: 'bits of the index of its tables (default 12)' },
    { name: 'limit', value: 'number', help: 'show so many branches (default 20)' },
  ],
  install(api, args) {
    const model = args.choice('model', PREDICTORS, 'gshare');
    const bits = args.number('bits', 12);
    if (bits < 1 || bits > 24) throw new UserError(`plugin branch: bits=${bits}: give 1 to 24`);
    const limit = args.number('limit', 20);
    const branches: (BranchCount | undefined)[] = [];
    const pcs: number[] = [];
    const predictors: Predictor[] = [];
    const pending: (BranchCount | undefined)[] = [];
    api.onBlock((block) => {
      // A block of a branch alone has the branch's own row.
      if (block.insns.length > 1) block.record();
      pcs[block.insns[0].index] = block.pc;
      const insn = block.insns[block.insns.length - 1];
      const offset = conditionalOffset(insn.word);
      if (offset === undefined) {
        if (block.insns.length === 1) block.record();
        return;
      }
      branches[insn.index] ??= { insn, isBackward: offset < 0, executed: 0, taken: 0, missed: 0 };
      pcs[insn.index] = insn.pc;
      insn.record({ exec: true });
    });
    api.onBatch((batch) => {
      const { index } = batch.thread;
      predictors[index] ??= createPredictor(model, bits);
      for (let i = 0; i < batch.length; i++) {
        const insn = batch.insn(i);
        const last = pending[index];
        if (last !== undefined) {
          // The row is the one of where the branch went.
          const taken = pcs[insn] !== last.insn.pc + last.insn.bytes;
          last.executed++;
          if (taken) last.taken++;
          if (predictors[index].guess(last.insn.pc, taken, last.isBackward) !== taken) last.missed++;
        }
        pending[index] = branches[insn];
      }
    });
    api.atExit(() => {
      const all = branches.filter((each) => each !== undefined && each.executed > 0) as BranchCount[];
      const sum = (of: (each: BranchCount) => number): number => all.reduce((total, each) => total + of(each), 0);
      const executed = sum((each) => each.executed);
      const missed = sum((each) => each.missed);
      const percent = (part: number, whole: number): string => `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(2)}%`;
      api.output(`${model}, ${bits} bits: ${executed} conditional branches, ${missed} mispredicted (${percent(missed, executed)})\n`);
      api.output('address, executed, taken, mispredicted, rate, instruction\n');
      for (const each of all.sort((a, b) => b.missed - a.missed).slice(0, limit)) {
        const { pc, symbol, disassembly } = each.insn;
        const where = `${hex(pc)}${symbol === undefined ? '' : ` (${symbol})`}`;
        api.output(
          `${where}, ${each.executed}, ${percent(each.taken, each.executed)}, ${each.missed}, ${percent(each.missed, each.executed)}, ${disassembly}\n`,
        );
      }
    });
  },
});
