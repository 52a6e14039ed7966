// The first plugin of docs/plugins.md in TypeScript: counts instructions.
//
//     everystep run -plugin examples/plugins/first.ts -d plugin PROGRAM       (Node 22.18 or later)
import type { Plugin } from '@everystep/core';

export default {
  apiVersion: 1,
  name: 'first',
  install(api) {
    const executed = api.counter();
    api.onBlock((block) => {
      for (const insn of block.insns) insn.count(executed);
    });
    api.atExit(() => api.output(`${executed.value} instructions\n`));
  },
} satisfies Plugin;
