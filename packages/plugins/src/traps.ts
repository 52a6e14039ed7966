import { definePlugin, type PluginThread } from '@everystep/core';

interface Traps {
  interrupts: number;
  exceptions: number;
  /** By what they are called. */
  readonly kinds: Map<string, number>;
}

/** Names of the signals that instructions raise (Linux's numbers). */
const FAULTS: ReadonlyMap<number, string> = new Map([
  [4, 'SIGILL'],
  [5, 'SIGTRAP'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [11, 'SIGSEGV'],
]);

/**
 * QEMU's contrib/plugins/traps.c (10.2): counts what took each thread out of its program. In user mode, exceptions are
 * system calls and instructions that fail, interrupts are signals from elsewhere, and there are no host calls.
 */
export const traps = definePlugin({
  apiVersion: 1,
  name: 'traps',
  description: 'count system calls, faults and signals of each thread',
  options: [{ name: 'kinds', value: 'on|off', help: 'show also how often there was each system call, fault and signal' }],
  install(api, args) {
    const showsKinds = args.flag('kinds');
    const threads: Traps[] = [];
    const of = ({ index }: PluginThread): Traps => {
      threads[index] ??= { interrupts: 0, exceptions: 0, kinds: new Map() };
      return threads[index];
    };
    const add = ({ kinds }: Traps, kind: string): void => void kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    api.onThreadStart(of);
    api.onSyscall((thread, { name, number }) => {
      const record = of(thread);
      record.exceptions++;
      add(record, `system call ${name ?? number}`);
    });
    api.onSignal(({ signal, address, thread }) => {
      const record = of(thread);
      if (address === undefined) record.interrupts++;
      else record.exceptions++;
      add(record, address === undefined ? `signal ${signal}` : `fault ${FAULTS.get(signal) ?? signal}`);
    });
    api.atExit(() => {
      const wide = (n: number): string => String(n).padStart(10);
      api.output('VCPU, interrupts, exceptions, hostcalls\n');
      for (const [index, { interrupts, exceptions }] of threads.entries()) {
        api.output(`${String(index).padStart(4)}, ${wide(interrupts)}, ${wide(exceptions)}, ${wide(0)}\n`);
      }
      if (!showsKinds) return;
      api.output('VCPU, kind, count\n');
      for (const [index, { kinds }] of threads.entries()) {
        for (const [kind, count] of [...kinds].sort(([, a], [, b]) => b - a)) api.output(`${String(index).padStart(4)}, ${kind}, ${count}\n`);
      }
    });
  },
});
