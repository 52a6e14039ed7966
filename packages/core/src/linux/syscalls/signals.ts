import { Errno, LinuxError } from '../errno.ts';
import { Blocked } from '../kernel/waiting.ts';
import type { LinuxProcess } from '../process.ts';
import {
  encodeSiginfo,
  forceSegv,
  HOST_SIGNALS,
  isUnblockable,
  LAST_SIGNAL,
  returnFromHandler,
  Signal,
  type SignalInfo,
  StackFlag,
  signalBit,
  signalSet,
  UNBLOCKABLE,
} from '../signals/index.ts';
import { longs } from '../structs.ts';
import { address, int, size } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { readTime } from './time.ts';

/** Bytes of a sigset_t. */
const SET_SIZE = 8;

/** rt_sigprocmask's how. */
const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;

const HOST_SET = signalSet(...HOST_SIGNALS.map((name) => Signal[name]));

/** struct sigaction: handler, flags, restorer, mask. */
const ACTION_SIZE = 32;

function checkSetSize(length: number): void {
  if (length !== SET_SIZE) throw new LinuxError(Errno.EINVAL);
}

/** @throws LinuxError EINVAL */
export function checkSignal(signal: number, lowest: number): void {
  if (signal < lowest || signal > LAST_SIGNAL) throw new LinuxError(Errno.EINVAL);
}

/** A sigset_t in guest memory. @throws LinuxError EINVAL if it has another size */
export function readSignalSet(process: LinuxProcess, at: number, length: number): bigint {
  checkSetSize(length);
  return process.view(at, SET_SIZE).getBigUint64(0, true);
}

/** For calls that take a set of signals to block while they wait: ppoll, pselect6, epoll_pwait. Without a set (address 0), nothing happens. */
export function blockDuringCall(process: LinuxProcess, at: number, length: number): void {
  if (at !== 0) process.thread.signals.blockDuringCall(readSignalSet(process, at, length));
}

/** Takes a signal of the set that waits for the thread or its process. */
export function takeSignal({ thread, signals }: LinuxProcess, set: bigint): SignalInfo | undefined {
  const wanted = set & ~UNBLOCKABLE;
  return thread.signals.pending.take(wanted) ?? signals.pending.take(wanted);
}

function timedWait(process: LinuxProcess, setAt: number, infoAt: number, timeoutAt: number, length: number): number {
  const wanted = readSignalSet(process, setAt, length) & ~UNBLOCKABLE;
  const { thread, host } = process;
  const { call } = thread;
  if (call.done === 0) {
    call.done = 1;
    call.deadline = timeoutAt === 0 ? undefined : host.monotonicTime() + readTime(process, timeoutAt);
  }
  thread.signals.awaited = 0n;
  const info = takeSignal(process, wanted);
  if (info !== undefined) {
    process.writeIfWanted(infoAt, encodeSiginfo(info));
    return info.signal;
  }
  if (call.deadline !== undefined && host.monotonicTime() >= call.deadline) throw new LinuxError(Errno.EAGAIN);
  thread.signals.awaited = wanted;
  const interrupted = (): number => {
    thread.signals.awaited = 0n;
    return -Errno.EINTR;
  };
  throw new Blocked({ on: [process.signals.arrived], until: call.deadline, interrupted });
}

export const signalRows: readonly SyscallRow[] = [
  row('rt_sigaction', [int, address, address, size], (process, signal, action, old, length) => {
    checkSetSize(length);
    checkSignal(signal, 1);
    if (action !== 0 && isUnblockable(signal)) throw new LinuxError(Errno.EINVAL);
    const { signals, threads } = process;
    const wish = action === 0 ? undefined : process.view(action, ACTION_SIZE);
    const before = signals.actions.get(signal);
    process.writeIfWanted(old, longs(before.handler, before.flags, before.restorer, before.mask));
    if (wish === undefined) return 0;
    const [handler, flags, restorer, mask] = [0, 8, 16, 24].map((at) => wish.getBigUint64(at, true));
    signals.actions.set(signal, { handler, flags, restorer, mask: mask & ~UNBLOCKABLE });
    if (signals.actions.ignores(signal)) for (const { pending } of [signals, ...threads.map((thread) => thread.signals)]) pending.discard(signalBit(signal));
    process.kernel.events.dispositions?.();
    return 0;
  }),

  row('rt_sigprocmask', [int, address, address, size], (process, how, set, old, length) => {
    checkSetSize(length);
    const { signals } = process.thread;
    const before = signals.blocked;
    if (set !== 0) {
      const mask = process.view(set, SET_SIZE).getBigUint64(0, true);
      if (how === SIG_BLOCK) signals.blocked |= mask;
      else if (how === SIG_UNBLOCK) signals.blocked &= ~mask;
      else if (how === SIG_SETMASK) signals.blocked = mask;
      else throw new LinuxError(Errno.EINVAL);
    }
    process.writeIfWanted(old, longs(before));
    // The C library blocks all of them for a moment now and then; that is of interest when the thread waits meanwhile.
    if (signals.blocked !== before && (signals.blocked & HOST_SET) !== HOST_SET) process.kernel.events.dispositions?.();
    return 0;
  }),

  row('rt_sigpending', [address, size], (process, set, length) => {
    if (length > SET_SIZE) throw new LinuxError(Errno.EINVAL);
    const { signals } = process.thread;
    process.write(set, longs((process.signals.pending.set | signals.pending.set) & signals.blocked).subarray(0, length));
    return 0;
  }),

  row('rt_sigtimedwait', [address, address, address, size], timedWait),

  row('rt_sigsuspend', [address, size], (process, set, length) => {
    process.thread.signals.blockDuringCall(readSignalSet(process, set, length));
    throw new Blocked({ restarts: false });
  }),

  row('rt_sigreturn', [], (process) => {
    if (!returnFromHandler(process.thread)) forceSegv(process.thread);
    return process.termination === undefined ? 'changed' : 'ended';
  }),

  row('sigaltstack', [address, address], (process, stack, old) => {
    const { cpu, guest, thread } = process;
    const { signals } = thread;
    const stackPointer = cpu.getByName(guest.roles.stackPointer);
    const before = signals.stackSeenFrom(stackPointer);
    if (stack !== 0) {
      const view = process.view(stack, 24);
      const wish = { address: view.getBigUint64(0, true), flags: view.getInt32(8, true), size: view.getBigUint64(16, true) };
      const mode = wish.flags & ~StackFlag.autoDisarm;
      if (signals.isOnStack(stackPointer)) throw new LinuxError(Errno.EPERM);
      if (mode !== 0 && mode !== StackFlag.disable && mode !== StackFlag.onStack) throw new LinuxError(Errno.EINVAL);
      if (mode === StackFlag.disable) signals.disarm();
      else {
        if (wish.size < (guest.linux.signalFrames?.smallestStack ?? 0n)) throw new LinuxError(Errno.ENOMEM);
        signals.alternateStack = wish;
      }
    }
    process.writeIfWanted(old, longs(before.address, before.flags, before.size));
    return 0;
  }),
];
