import { definePlugin, UserError } from '@everystep/core';

/** The clock is looked at so often in a second of the guest's. */
const LOOKS = 10;

const SCALES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** @throws UserError */
function parseRate(text: string): number {
  const [, digits, unit] = /^(\d+)([kmg]?)$/i.exec(text) ?? [];
  const rate = digits === undefined ? Number.NaN : Number(digits) * SCALES[unit.toLowerCase()];
  if (!Number.isSafeInteger(rate) || rate < LOOKS)
    throw new UserError(`plugin ips: ips=${text}: give a number of instructions from ${LOOKS} on, as 500k, 100m or 1g`);
  return rate;
}

/** QEMU's contrib/plugins/ips.c (9.1): lets each thread run at most so many instructions a second. */
export const ips = definePlugin({
  apiVersion: 1,
  name: 'ips',
  description: 'limit the number of instructions a second',
  options: [{ name: 'ips', value: 'number', help: 'instructions a second, also with k, m or g behind the number (default 1g)' }],
  install(api, args) {
    const perSecond = parseRate(args.text('ips') ?? '1g');
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
