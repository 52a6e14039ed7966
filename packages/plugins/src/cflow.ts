import { definePlugin, type PluginInsn } from '@everystep/core';
import { hex } from './text.ts';

/** A branch that was taken. */
interface Branch {
  readonly from: PluginInsn;
  /** How often it went to each address, in the order of the first time. */
  readonly targets: Map<number, number>;
  count: number;
}

/** QEMU's contrib/plugins/cflow.c (9.1): which jumps were taken how often. Signals are no jumps here. */
export const cflow = definePlugin({
  apiVersion: 1,
  name: 'cflow',
  description: 'show which branches and calls went where, how often',
  options: [
    { name: 'sort', value: 'hottest|exceptions|early', help: 'by how often a branch was taken (default), by how many targets it has, or as hottest' },
    { name: 'limit', value: 'number', help: 'show so many branches (default 10)' },
  ],
  install(api, args) {
    // An instruction that faults is no branch, so that no block is left early.
    const order = args.choice('sort', ['hottest', 'exceptions', 'early'], 'hottest');
    const limit = args.number('limit', 10);
    const insns: PluginInsn[] = [];
    /** By address: a branch may stand in several translations. */
    const branches = new Map<number, Branch>();
    const translated = new Set<number>();
    /** The last instruction of the block that each thread ran last. */
    const previous: (PluginInsn | undefined)[] = [];
    api.onBlock((block) => {
      for (const { pc } of block.insns) translated.add(pc);
      const first = block.insns[0];
      const last = block.insns[block.insns.length - 1];
      insns[first.index] = first;
      insns[last.index] = last;
      if (first !== last) block.record();
      // Its row has a register, which tells it from rows of where blocks are entered.
      last.record({ exec: { register: api.registers[0].name } });
    });
    api.onBatch((batch) => {
      const { index } = batch.thread;
      for (let i = 0; i < batch.length; i++) {
        const to = insns[batch.insn(i)];
        const from = previous[index];
        // What goes on behind itself is no jump.
        if (from !== undefined && to.pc !== from.pc + from.bytes) {
          let branch = branches.get(from.pc);
          if (branch === undefined) {
            branch = { from, targets: new Map(), count: 0 };
            branches.set(from.pc, branch);
          }
          branch.targets.set(to.pc, (branch.targets.get(to.pc) ?? 0) + 1);
          branch.count++;
        }
        previous[index] = batch.bytes(i) > 0 ? to : undefined;
      }
    });
    api.atExit(() => {
      const sorted = [...branches.values()].sort((a, b) => (order === 'exceptions' ? b.targets.size - a.targets.size : 0) || b.count - a.count);
      let text = `collected ${translated.size} control flow nodes in the hash table\n`;
      for (const { from, targets, count } of sorted.slice(0, limit)) {
        text += `  addr: ${hex(from.pc)} ${from.symbol ?? '(null)'}: ${from.disassembly} (branch)\n    branches ${count}\n`;
        for (const [to, times] of targets) text += `      to ${hex(to)} (${times})\n`;
      }
      api.output(text);
    });
  },
});
