import type { Kernel } from '../kernel/kernel.ts';
import type { LinuxProcess } from '../process.ts';
import { SIG_DFL } from './actions.ts';
import { Signal } from './numbers.ts';
import { sendToProcess } from './send.ts';
import { SignalCode } from './siginfo.ts';

/** Signals that a terminal, or who started everystep, sends to a program, and that it may want. */
export const HOST_SIGNALS: readonly string[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGCONT', 'SIGTSTP', 'SIGWINCH'];

/** Those that a terminal sends to all processes of its foreground group. */
const TERMINAL_SIGNALS: ReadonlySet<string> = new Set(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGCONT', 'SIGTSTP', 'SIGWINCH']);

const wants = ({ signals, threads }: LinuxProcess, signal: number): boolean =>
  signals.actions.get(signal).handler !== SIG_DFL || threads.some((thread) => thread.signals.blocks(signal));

/** The host's signals that a process handles, ignores or blocks, so that they must not end everystep. */
export function wantedHostSignals(kernel: Kernel): readonly string[] {
  return HOST_SIGNALS.filter((name) => [...kernel.processes.values()].some((process) => process.termination === undefined && wants(process, Signal[name])));
}

/** Hands a signal of the host's to those processes that would have got it. */
export function sendFromHost(kernel: Kernel, name: string): void {
  const alive = [...kernel.processes.values()].filter(({ termination }) => termination === undefined);
  const group = kernel.foregroundGroup;
  // Programs of the host's are in everystep's group: they get these themselves.
  const foreground = alive.filter(({ identity, hostProgram }) => identity.processGroup === group && hostProgram === undefined);
  const first = alive.filter((process) => kernel.isFirst(process));
  const receivers = TERMINAL_SIGNALS.has(name) ? foreground : first;
  for (const process of receivers.length > 0 ? receivers : alive) {
    sendToProcess(process, { signal: Signal[name], code: SignalCode.kernel, origin: { kind: 'sender', pid: 0, uid: 0 } });
  }
}
