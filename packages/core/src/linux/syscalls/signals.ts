import { Errno, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import { isUnblockable, LAST_SIGNAL } from '../signals.ts';
import { longs } from '../structs.ts';
import { address, int, size } from './arguments.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';
import { readTime } from './time.ts';

/** Bytes of a sigset_t. */
const SET_SIZE = 8;

/** rt_sigprocmask's how. */
const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;

/** sigaltstack's flags, and the smallest stack (MINSIGSTKSZ on arm64). */
const SS_DISABLE = 2;
const SS_AUTODISARM = 0x8000_0000;
const SMALLEST_STACK = 5120n;

/** struct sigaction: handler, flags, restorer, mask. */
const ACTION_SIZE = 32;

function checkSetSize(length: number): void {
  if (length !== SET_SIZE) throw new LinuxError(Errno.EINVAL);
}

function checkSignal(signal: number, lowest: number): void {
  if (signal < lowest || signal > LAST_SIGNAL) throw new LinuxError(Errno.EINVAL);
}

/** si_code of a signal that kill sent, and of one that tkill or tgkill did. */
export const SI_USER = 0;
const SI_TKILL = -6;

/** Sends a signal to a process of the guest's, or asks the host to send it to another. */
function send(process: LinuxProcess, pid: number, signal: number, code: number): SyscallResult {
  checkSignal(signal, 0);
  const target = process.kernel.processes.get(pid) ?? (process.threads.some(({ tid }) => tid === pid) ? process : undefined);
  if (target === undefined) process.host.kill(pid, signal);
  else if (signal !== 0 && target.termination === undefined) target.raise(signal, code);
  return 0;
}

export const signalRows: readonly SyscallRow[] = [
  row('rt_sigaction', [int, address, address, size], (process, signal, action, old, length) => {
    checkSetSize(length);
    checkSignal(signal, 1);
    if (action !== 0 && isUnblockable(signal)) throw new LinuxError(Errno.EINVAL);
    const wish = action === 0 ? undefined : process.view(action, ACTION_SIZE);
    const before = process.signals.action(signal);
    process.writeIfWanted(old, longs(before.handler, before.flags, before.restorer, before.mask));
    if (wish !== undefined) {
      process.signals.setAction(signal, {
        handler: wish.getBigUint64(0, true),
        flags: wish.getBigUint64(8, true),
        restorer: wish.getBigUint64(16, true),
        mask: wish.getBigUint64(24, true),
      });
    }
    return 0;
  }),

  row('rt_sigprocmask', [int, address, address, size], (process, how, set, old, length) => {
    checkSetSize(length);
    const { signals } = process;
    const before = signals.blocked;
    if (set !== 0) {
      const mask = process.view(set, SET_SIZE).getBigUint64(0, true);
      if (how === SIG_BLOCK) signals.blocked |= mask;
      else if (how === SIG_UNBLOCK) signals.blocked &= ~mask;
      else if (how === SIG_SETMASK) signals.blocked = mask;
      else throw new LinuxError(Errno.EINVAL);
    }
    process.writeIfWanted(old, longs(before));
    return 0;
  }),

  row('rt_sigpending', [address, size], (process, set, length) => {
    if (length > SET_SIZE) throw new LinuxError(Errno.EINVAL);
    process.write(set, longs(process.signals.pending).subarray(0, length));
    return 0;
  }),

  // With one thread only a pending signal can come; otherwise the time runs out.
  row('rt_sigtimedwait', [address, address, address, size], (process, set, _info, timeout, length) => {
    checkSetSize(length);
    const wanted = process.view(set, SET_SIZE).getBigUint64(0, true);
    const { signals } = process;
    const taken = signals.take(wanted);
    if (taken !== undefined) return taken.signal;
    if (timeout !== 0) process.host.sleep(readTime(process, timeout));
    throw new LinuxError(Errno.EAGAIN);
  }),

  row('sigaltstack', [address, address], (process, stack, old) => {
    const before = process.signals.alternateStack;
    if (stack !== 0) {
      const view = process.view(stack, 24);
      const flags = view.getInt32(8, true);
      const wish = { address: view.getBigUint64(0, true), flags, size: view.getBigUint64(16, true) };
      if ((flags & ~SS_AUTODISARM & ~SS_DISABLE & ~1) !== 0) throw new LinuxError(Errno.EINVAL);
      if ((flags & SS_DISABLE) === 0 && wish.size < SMALLEST_STACK) throw new LinuxError(Errno.ENOMEM);
      process.signals.alternateStack = (flags & SS_DISABLE) === 0 ? wish : { address: 0n, flags: SS_DISABLE, size: 0n };
    }
    process.writeIfWanted(old, longs(before.address, before.flags, before.size));
    return 0;
  }),

  row('kill', [int, int], (process, pid, signal) => {
    checkSignal(signal, 0);
    if (pid > 0) return send(process, pid, signal, SI_USER);
    const group = pid === 0 ? process.identity.processGroup : -pid;
    const all = [...process.kernel.processes.values()];
    const targets = all.filter((each) => (pid === -1 ? each !== process : each.identity.processGroup === group));
    if (targets.length === 0) throw new LinuxError(Errno.ESRCH);
    for (const target of targets) send(process, target.pid, signal, SI_USER);
    return 0;
  }),

  row('tkill', [int, int], (process, tid, signal) => {
    if (tid <= 0) throw new LinuxError(Errno.EINVAL);
    return send(process, tid, signal, SI_TKILL);
  }),

  row('tgkill', [int, int, int], (process, pid, tid, signal) => {
    if (tid <= 0 || pid <= 0) throw new LinuxError(Errno.EINVAL);
    if (process.kernel.processes.get(pid)?.threads.some((thread) => thread.tid === tid) !== true) throw new LinuxError(Errno.ESRCH);
    return send(process, tid, signal, SI_TKILL);
  }),
];
