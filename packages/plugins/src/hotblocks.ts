import { type Counter, definePlugin } from '@everystep/core';
import { hex } from './text.ts';

const SHOWN = 20;

/** QEMU's contrib/plugins/hotblocks.c: the blocks that ran most often. */
export const hotblocks = definePlugin({
  apiVersion: 1,
  name: 'hotblocks',
  description: 'show the blocks that ran most often',
  options: [
    { name: 'inline', value: 'on|off', help: 'accepted: counting is in line always' },
    { name: 'limit', value: 'number', help: `show so many blocks (default ${SHOWN})` },
  ],
  install(api, args) {
    args.flag('inline');
    const limit = args.number('limit', SHOWN);
    const blocks = new Map<string, { readonly pc: number; readonly insns: number; readonly executed: Counter; translated: number }>();
    api.onBlock((block) => {
      const insns = block.insns.length;
      const key = `${block.pc} ${insns}`;
      const known = blocks.get(key) ?? { pc: block.pc, insns, executed: api.counter(), translated: 0 };
      blocks.set(key, known);
      known.translated++;
      block.count(known.executed);
    });
    api.atExit(() => {
      // Regions translate blocks ahead that may never run.
      const sorted = [...blocks.values()].filter(({ executed }) => executed.value > 0n).sort((a, b) => Number(b.executed.value - a.executed.value));
      api.output(`collected ${sorted.length} entries in the hash table\npc, tcount, icount, ecount\n`);
      for (const { pc, insns, executed, translated } of sorted.slice(0, limit)) {
        api.output(`${hex(pc, 16)}, ${translated}, ${insns}, ${executed.value}\n`);
      }
    });
  },
});
