import { definePlugin } from '@everystep/core';

const BYTES_A_LINE = 16;

/** Bytes in hexadecimal, and as characters. */
function dump(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    const line = [...bytes.subarray(at, at + BYTES_A_LINE)];
    const digits = line.map((byte) => `${byte.toString(16).padStart(2, '0')} `).join('');
    const characters = line.map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    text += `${digits.padEnd(3 * BYTES_A_LINE)} | ${characters}\n`;
  }
  return text;
}

/** QEMU's tests/plugin/syscall.c: system calls, a table of how often each was made and failed, or each with its result. */
export const syscall = definePlugin({
  apiVersion: 1,
  name: 'syscall',
  description: 'count system calls and their errors',
  options: [
    { name: 'print', value: 'on|off', help: 'log each call and its result instead of a table' },
    { name: 'log_writes', value: 'on|off', help: 'log also what write writes' },
  ],
  install(api, args) {
    const prints = args.flag('print');
    const logsWrites = args.flag('log_writes');
    const calls = new Map<number, { calls: number; errors: number }>();
    const entryOf = (number: number): { calls: number; errors: number } => {
      const entry = calls.get(number) ?? { calls: 0, errors: 0 };
      calls.set(number, entry);
      return entry;
    };
    api.onSyscall((_, { number, name, args: [, start, length] }) => {
      if (prints) api.output(`syscall #${number}\n`);
      else entryOf(number).calls++;
      if (!logsWrites || name !== 'write') return;
      const bytes = api.readMemory(Number(start), Number(length));
      if (bytes !== undefined) api.output(dump(bytes));
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
