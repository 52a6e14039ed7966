import { definePlugin } from '@everystep/core';

/** The clock is looked at so often in a second of the guest's. */
const LOOKS = 10;

/** QEMU's contrib/plugins/ips.c (9.1): lets each thread run at most so many instructions a second. */
export const ips = definePlugin({
  apiVersion: 1,
  name: 'ips',
  description: 'limit the number of instructions a second',
  options: [{ name: 'ips', value: 'number', help: 'instructions a second (default 1000000000)' }],
  install(api, args) {
    const perSecond = Math.max(args.number('ips', 1_000_000_000), LOOKS);
    const quantum = BigInt(Math.ceil(perSecond / LOOKS));
    const executed = api.scoreboard();
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    let next = Date.now();
    api.onBlock((block) => {
      for (const insn of block.insns) insn.count(executed);
      block.insns[0].onExecIf(executed, '>=', quantum, (_, { index }) => {
        executed.set(index, executed.get(index) - quantum);
        next = Math.max(next + 1000 / LOOKS, Date.now() - 1000 / LOOKS);
        const left = next - Date.now();
        if (left > 0) Atomics.wait(sleeper, 0, 0, left);
      });
    });
  },
});
