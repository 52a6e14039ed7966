import { assertUnreachable } from '../../base/index.ts';
import type { RunEvent } from '../../engine/index.ts';
import { Errno } from '../errno.ts';
import type { Thread } from '../kernel/thread.ts';
import type { Wait } from '../kernel/waiting.ts';
import type { LinuxProcess } from '../process.ts';
import type { SyscallResult } from '../syscalls/row.ts';
import { SIG_DFL, type SignalAction, SignalFlag } from './actions.ts';
import { callHandler } from './handlerCall.ts';
import { stopProcess } from './jobControl.ts';
import { Signal, signalDefault } from './numbers.ts';
import type { SignalInfo } from './siginfo.ts';

type FaultEvent = Extract<RunEvent, { kind: 'fault' }>;

/** Whether a signal waits that the thread does not block. */
export function hasDeliverable({ process, signals }: Thread): boolean {
  if (signals.pending.count === 0 && process.signals.pending.count === 0) return false;
  return ((signals.pending.set | process.signals.pending.set) & ~signals.blocked) !== 0n;
}

/** The signal that the thread is to act on next. */
function first({ process, signals }: Thread): SignalInfo | undefined {
  const wanted = ~signals.blocked;
  return signals.pending.first(wanted) ?? process.signals.pending.first(wanted);
}

function take({ process, signals }: Thread): SignalInfo | undefined {
  const wanted = ~signals.blocked;
  return signals.pending.take(wanted) ?? process.signals.pending.take(wanted);
}

/** Does what a signal without a handler does. */
function actByDefault(process: LinuxProcess, signal: number): void {
  const effect = signalDefault(signal);
  switch (effect) {
    case 'ignore':
    case 'continue':
      return;
    case 'stop':
      return stopProcess(process, signal);
    case 'terminate':
    case 'core':
      process.terminate({ kind: 'signal', signal });
      return;
    default:
      return assertUnreachable(effect);
  }
}

/** Calls a handler. Where its frame cannot be written, SIGSEGV comes instead. */
function handle(thread: Thread, info: SignalInfo, action: SignalAction, pc: bigint): void {
  const { process } = thread;
  process.kernel.tellSignal(process, info);
  if ((action.flags & SignalFlag.resetHandler) !== 0n) process.signals.actions.set(info.signal, { ...action, handler: SIG_DFL });
  if (!callHandler(thread, info, action, pc)) forceSegv(thread, info.signal);
}

/**
 * The kernel cannot call or leave a handler: SIGSEGV comes, and ends the process where it is blocked, or has no handler, or
 * is the signal whose handler it was.
 */
export function forceSegv(thread: Thread, signal = 0): void {
  const { process, signals } = thread;
  const { SIGSEGV } = Signal;
  const { actions } = process.signals;
  const info: SignalInfo = { signal: SIGSEGV, code: 0x80, origin: { kind: 'fault', address: 0n } };
  if (signal === SIGSEGV || signals.blocks(SIGSEGV) || !actions.handles(SIGSEGV)) {
    process.kernel.tellSignal(process, info);
    process.terminate({ kind: 'signal', signal: SIGSEGV });
  } else signals.pending.add(info);
}

/** Acts on the signals that wait and are not blocked, until the thread waits or ends, or there are none. The thread's registers are loaded, and exact. */
export function deliverSignals(thread: Thread): void {
  const { process, signals, kernel } = thread;
  while (hasDeliverable(thread) && process.termination === undefined && thread.state === 'ready') {
    const info = take(thread);
    if (info === undefined) break;
    if (process.signals.actions.ignores(info.signal)) continue;
    if (info.signal !== Signal.SIGKILL && kernel.debugger?.holdsSignal(thread, info)) return;
    actOnSignal(thread, info);
  }
  signals.unblockAfterCall();
}

/** Acts on a signal that is neither blocked nor ignored. The thread's registers are loaded, and exact. */
export function actOnSignal(thread: Thread, info: SignalInfo): void {
  const { process, kernel } = thread;
  const action = process.signals.actions.get(info.signal);
  if (action.handler !== SIG_DFL) handle(thread, info, action, BigInt(kernel.machine.pc));
  else {
    if (info.signal !== Signal.SIGKILL) kernel.tellSignal(process, info);
    actByDefault(process, info.signal);
  }
}

/**
 * A signal has come while the thread waits in a system call.
 * @returns the call's result; 'restart' if the call is to be made again after the handler; undefined if it should be attempted
 * again first, unless the thread stopped
 */
export function interruptCall(thread: Thread, wait: Wait): SyscallResult | 'restart' | undefined {
  const { process, signals, call } = thread;
  const { actions, pending } = process.signals;
  // Woken by what it waited for, or by a signal that it waits for.
  if (call.woken || ((pending.set | signals.pending.set) & signals.awaited) !== 0n) return undefined;
  for (let info = first(thread); info !== undefined; info = first(thread)) {
    const { signal } = info;
    if (actions.handles(signal)) {
      if (wait.interrupted !== undefined) return wait.interrupted();
      return wait.restarts !== false && (actions.get(signal).flags & SignalFlag.restart) !== 0n ? 'restart' : -Errno.EINTR;
    }
    if (actions.ignores(signal)) {
      take(thread);
      continue;
    }
    const effect = signalDefault(signal);
    if (effect === 'terminate' || effect === 'core') return -Errno.EINTR;
    take(thread);
    process.kernel.tellSignal(process, info);
    actByDefault(process, signal);
    if (thread.state !== 'ready') return undefined;
  }
  return undefined;
}

/** An instruction of the thread's failed. @returns false if no handler takes it, which ends the process */
export function takeFault(thread: Thread, { signal, code, address, pc }: FaultEvent): boolean {
  const { process, signals } = thread;
  const { actions } = process.signals;
  signals.faultAddress = signal === Signal.SIGSEGV || signal === Signal.SIGBUS ? address : 0n;
  if (signals.blocks(signal) || !actions.handles(signal)) return false;
  handle(thread, { signal, code, origin: { kind: 'fault', address } }, actions.get(signal), BigInt(pc));
  return true;
}
