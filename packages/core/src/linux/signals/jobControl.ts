import type { LinuxProcess } from '../process.ts';
import { SignalFlag } from './actions.ts';
import { Signal, signalName } from './numbers.ts';
import { sendToProcess } from './send.ts';
import { SignalCode } from './siginfo.ts';

const isStopped = ({ threads }: LinuxProcess): boolean => threads.some(({ state }) => state === 'stopped');

/** Tells a process's parent that it has stopped, or goes on. */
function tellParent(process: LinuxProcess, code: number, status: number): void {
  const { parent, pid, identity } = process;
  if (parent === undefined) return;
  const { flags } = parent.signals.actions.get(Signal.SIGCHLD);
  if ((flags & SignalFlag.noChildStop) === 0n) {
    sendToProcess(parent, { signal: Signal.SIGCHLD, code, origin: { kind: 'child', pid, uid: identity.uid, status } });
  }
  parent.childChanged.wake();
}

/** A signal stops all threads of a process. */
export function stopProcess(process: LinuxProcess, signal: number): void {
  const { kernel } = process;
  if (kernel.isFirst(process)) {
    // Its parent is the host's, which waits for everystep to stop.
    kernel.events.stops?.(signalName(signal));
    return;
  }
  for (const thread of process.threads) if (thread.state === 'ready' || thread.state === 'waiting') kernel.setAside(thread, 'stopped');
  process.stopSignal = signal;
  process.changeUntold = 'stopped';
  tellParent(process, SignalCode.childStopped, signal);
}

/** SIGCONT has come, or SIGKILL, which no process sleeps through. */
export function continueProcess(process: LinuxProcess, signal: number): void {
  if (!isStopped(process)) return;
  for (const thread of process.threads) if (thread.state === 'stopped') process.kernel.resume(thread);
  if (signal !== Signal.SIGCONT) return;
  process.changeUntold = 'continued';
  tellParent(process, SignalCode.childContinued, signal);
}

/** A process whose parent has ended, and that nobody could continue any more, is told so (POSIX: orphaned process groups). */
export function wakeOrphan(process: LinuxProcess): void {
  if (!isStopped(process)) return;
  for (const signal of [Signal.SIGHUP, Signal.SIGCONT]) sendToProcess(process, { signal, code: SignalCode.kernel, origin: { kind: 'sender', pid: 0, uid: 0 } });
}
