import { definePlugin, type PluginInsn } from '@everystep/core';
import { hex } from './text.ts';

/** Where control came from and went to. */
interface Edge {
  readonly from: PluginInsn;
  readonly to: PluginInsn;
  count: number;
}

/** As QEMU's contrib/plugins/cflow.c (9.1): which jumps were taken how often. The report's form is everystep's. */
export const cflow = definePlugin({
  apiVersion: 1,
  name: 'cflow',
  description: 'show which branches and calls went where, how often',
  options: [
    { name: 'sort', value: 'hottest|popular', help: 'by how often a branch was taken (default), or by how many targets it has' },
    { name: 'limit', value: 'number', help: 'show so many branches (default 30)' },
  ],
  install(api, args) {
    const order = args.choice('sort', ['hottest', 'popular'], 'hottest');
    const limit = args.number('limit', 30);
    const insns: PluginInsn[] = [];
    const edges = new Map<number, Map<number, Edge>>();
    /** The last instruction of the block that each thread ran last. */
    const previous: (PluginInsn | undefined)[] = [];
    api.onBlock((block) => {
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
          const targets = edges.get(from.index) ?? new Map<number, Edge>();
          edges.set(from.index, targets);
          const edge = targets.get(to.index) ?? { from, to, count: 0 };
          targets.set(to.index, edge);
          edge.count++;
        }
        previous[index] = batch.bytes(i) > 0 ? to : undefined;
      }
    });
    const place = ({ pc, symbol, symbolOffset }: PluginInsn): string => `${hex(pc)}${symbol === undefined ? '' : ` (${symbol}+${hex(symbolOffset)})`}`;
    api.atExit(() => {
      const branches = [...edges.values()].map((targets) => {
        const sorted = [...targets.values()].sort((a, b) => b.count - a.count);
        return { from: sorted[0].from, sorted, count: sorted.reduce((sum, edge) => sum + edge.count, 0) };
      });
      branches.sort((a, b) => (order === 'popular' ? b.sorted.length - a.sorted.length : 0) || b.count - a.count);
      api.output(`${branches.length} branches were taken\n`);
      for (const { from, sorted, count } of branches.slice(0, limit)) {
        api.output(`${place(from)}  ${from.disassembly}: ${count} times to ${sorted.length} targets\n`);
        for (const { to, count: times } of sorted.slice(0, 8)) api.output(`    ${times} to ${place(to)}\n`);
      }
    });
  },
});
