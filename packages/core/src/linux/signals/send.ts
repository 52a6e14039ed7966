import type { Thread } from '../kernel/thread.ts';
import { RLIMIT_SIGPENDING } from '../limits.ts';
import type { LinuxProcess } from '../process.ts';
import { continueProcess } from './jobControl.ts';
import { FIRST_REAL_TIME, Signal, STOPS, signalBit } from './numbers.ts';
import type { PendingSignals } from './pendingSignals.ts';
import type { SignalInfo } from './siginfo.ts';

/** Forgets signals of the set that wait anywhere in the process. */
function discard(process: LinuxProcess, set: bigint): void {
  process.signals.pending.discard(set);
  for (const { signals } of process.threads) signals.pending.discard(set);
}

/** What a signal does before anybody acts on it. @returns false if nobody will */
function prepare(process: LinuxProcess, signal: number, receiver: Thread): boolean {
  const bit = signalBit(signal);
  if (signal === Signal.SIGCONT) {
    discard(process, STOPS);
    continueProcess(process, signal);
  } else if ((bit & STOPS) !== 0n) discard(process, signalBit(Signal.SIGCONT));
  else if (signal === Signal.SIGKILL) continueProcess(process, signal);
  const { signals } = receiver;
  return signals.blocks(signal) || (signals.awaited & bit) !== 0n || !process.signals.actions.ignores(signal);
}

/** Whether the process may not have more signals that queue. */
function isFull(process: LinuxProcess, { signal, origin }: SignalInfo): boolean {
  if (signal < FIRST_REAL_TIME || origin.kind !== 'raw') return false;
  const [soft] = process.limits.get(RLIMIT_SIGPENDING) ?? [-1n];
  return soft >= 0n && BigInt(process.threads.reduce((sum, { signals }) => sum + signals.pending.count, process.signals.pending.count)) >= soft;
}

function add(process: LinuxProcess, pending: PendingSignals, info: SignalInfo): void {
  if (!pending.add(info)) info.taken?.();
  else process.signals.arrived.wake();
}

/** Hands a signal to the host's program that a process has become: that decides what it does. @returns false if it is none */
function forward({ hostProgram }: LinuxProcess, { signal, taken }: SignalInfo): boolean {
  if (hostProgram === undefined) return false;
  // Of the process's children the program knows nothing.
  if (signal !== Signal.SIGCHLD) hostProgram.kill(signal);
  taken?.();
  return true;
}

/**
 * Sends a signal to a process: the first of its threads that does not block it will act on it.
 * @returns false if too many wait
 */
export function sendToProcess(process: LinuxProcess, info: SignalInfo): boolean {
  const { threads, kernel, signals } = process;
  if (process.termination !== undefined || threads.length === 0 || forward(process, info)) return true;
  if (!prepare(process, info.signal, threads[0])) {
    info.taken?.();
    return true;
  }
  if (isFull(process, info)) return false;
  add(process, signals.pending, info);
  const receiver = threads.find((thread) => !thread.signals.blocks(info.signal) && thread.state !== 'ended');
  if (receiver !== undefined) kernel.wake(receiver);
  return true;
}

/** Sends a signal to a thread. @returns false if too many wait */
export function sendToThread(thread: Thread, info: SignalInfo): boolean {
  const { process, signals, kernel } = thread;
  if (process.termination !== undefined || thread.state === 'ended' || forward(process, info)) return true;
  if (!prepare(process, info.signal, thread)) {
    info.taken?.();
    return true;
  }
  if (isFull(process, info)) return false;
  add(process, signals.pending, info);
  if (!signals.blocks(info.signal)) kernel.wake(thread);
  return true;
}
