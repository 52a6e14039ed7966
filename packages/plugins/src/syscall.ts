import { definePlugin } from '@everystep/core';

/** QEMU's tests/plugin/syscall.c: system calls, a table of how often each was made and failed, or each with its result. */
export const syscall = definePlugin({
  apiVersion: 1,
  name: 'syscall',
  description: 'count system calls and their errors',
  options: [{ name: 'print', value: 'on|off', help: 'log each call and its result instead of a table' }],
  install(api, args) {
    const prints = args.flag('print');
    const calls = new Map<number, { calls: number; errors: number }>();
    const entryOf = (number: number): { calls: number; errors: number } => {
      const entry = calls.get(number) ?? { calls: 0, errors: 0 };
      calls.set(number, entry);
      return entry;
    };
    api.onSyscall((_, { number }) => {
      if (prints) api.output(`syscall #${number}\n`);
      else entryOf(number).calls++;
    });
    api.onSyscallReturn((_, { number }, result) => {
      if (result === undefined) return;
      if (prints) api.output(`syscall #${number} returned -> ${result}\n`);
      else if (result < 0n) entryOf(number).errors++;
    });
    api.atExit(() => {
      if (prints) return;
      api.output('syscall no.  calls  errors\n');
      const sorted = [...calls].sort(([, a], [, b]) => b.calls - a.calls);
      for (const [number, entry] of sorted) api.output(`${String(number).padEnd(13)}${String(entry.calls).padEnd(6)} ${entry.errors}\n`);
    });
  },
});
