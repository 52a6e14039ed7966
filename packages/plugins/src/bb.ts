import { definePlugin } from '@everystep/core';

/** QEMU's tests/plugin/bb.c: counts blocks and their instructions, in user mode over all threads. */
export const bb = definePlugin({
  apiVersion: 1,
  name: 'bb',
  description: 'count blocks and instructions',
  options: [
    { name: 'inline', value: 'on|off', help: 'accepted: counting is in line always' },
    { name: 'idle', value: 'on|off', help: 'accepted, and without effect in user mode' },
  ],
  install(api, args) {
    args.flag('inline');
    args.flag('idle');
    const blocks = api.counter();
    const insns = api.counter();
    api.onBlock((block) => {
      block.count(blocks);
      for (const insn of block.insns) insn.count(insns);
    });
    api.atExit(() => api.output(`bb's: ${blocks.value}, insns: ${insns.value}\n`));
  },
});
