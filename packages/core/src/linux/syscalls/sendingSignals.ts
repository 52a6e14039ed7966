import { Errno, LinuxError } from '../errno.ts';
import type { Thread } from '../kernel/thread.ts';
import type { LinuxProcess } from '../process.ts';
import { decodeSiginfo, SignalCode, type SignalInfo, sendToProcess, sendToThread } from '../signals/index.ts';
import { address, int } from './arguments.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';
import { checkSignal } from './signals.ts';

/** Bytes of siginfo_t. */
const INFO_SIZE = 128;

const from = ({ pid, identity }: LinuxProcess, signal: number, code: number): SignalInfo => ({
  signal,
  code,
  origin: { kind: 'sender', pid, uid: identity.uid },
});

/** The process that a number names, or one of whose threads it names. */
const guestProcess = ({ kernel }: LinuxProcess, pid: number): LinuxProcess | undefined =>
  kernel.processes.get(pid) ?? [...kernel.processes.values()].find(({ threads }) => threads.some(({ tid }) => tid === pid));

function kill(process: LinuxProcess, pid: number, signal: number): SyscallResult {
  checkSignal(signal, 0);
  if (pid > 0) {
    const target = guestProcess(process, pid);
    // The number of a child that is gone may be that of one of the host's threads.
    if (target === undefined && process.kernel.hasGivenId(pid)) throw new LinuxError(Errno.ESRCH);
    if (target === undefined) process.host.kill(pid, signal);
    else if (signal !== 0) sendToProcess(target, from(process, signal, SignalCode.user));
    return 0;
  }
  const group = pid === 0 ? process.identity.processGroup : -pid;
  // Of -1, which means everybody, the host's processes are left out.
  const targets = [...process.kernel.processes.values()].filter((each) => (pid === -1 ? each !== process : each.identity.processGroup === group));
  if (targets.length === 0) throw new LinuxError(Errno.ESRCH);
  if (signal !== 0) for (const target of targets) sendToProcess(target, from(process, signal, SignalCode.user));
  return 0;
}

/** A thread of any process, or of one. @throws LinuxError ESRCH */
function threadOf({ kernel }: LinuxProcess, tid: number, pid?: number): Thread {
  for (const process of kernel.processes.values()) {
    if (pid !== undefined && process.pid !== pid) continue;
    const found = process.threads.find((thread) => thread.tid === tid);
    if (found !== undefined) return found;
  }
  throw new LinuxError(Errno.ESRCH);
}

function killThread(process: LinuxProcess, pid: number | undefined, tid: number, signal: number): SyscallResult {
  if (tid <= 0 || (pid !== undefined && pid <= 0)) throw new LinuxError(Errno.EINVAL);
  checkSignal(signal, 0);
  const target = threadOf(process, tid, pid);
  if (signal !== 0) sendToThread(target, from(process, signal, SignalCode.tkill));
  return 0;
}

/** The signal with the siginfo_t that a process made. Only to itself may it look like the kernel's. @throws LinuxError EPERM */
function madeInfo(process: LinuxProcess, target: LinuxProcess | undefined, signal: number, at: number): SignalInfo {
  const info = decodeSiginfo(signal, process.read(at, INFO_SIZE));
  if ((info.code >= 0 || info.code === SignalCode.tkill) && target !== process) throw new LinuxError(Errno.EPERM);
  return info;
}

function check(queued: boolean): SyscallResult {
  if (!queued) throw new LinuxError(Errno.EAGAIN);
  return 0;
}

export const sendingSignalRows: readonly SyscallRow[] = [
  row('kill', [int, int], kill),
  row('tkill', [int, int], (process, tid, signal) => killThread(process, undefined, tid, signal)),
  row('tgkill', [int, int, int], killThread),

  row('rt_sigqueueinfo', [int, int, address], (process, pid, signal, at) => {
    const target = guestProcess(process, pid);
    const info = madeInfo(process, target, signal, at);
    checkSignal(signal, 0);
    if (target === undefined) throw new LinuxError(Errno.ESRCH);
    return signal === 0 ? 0 : check(sendToProcess(target, info));
  }),

  row('rt_tgsigqueueinfo', [int, int, int, address], (process, pid, tid, signal, at) => {
    if (tid <= 0 || pid <= 0) throw new LinuxError(Errno.EINVAL);
    const info = madeInfo(process, process.kernel.processes.get(pid), signal, at);
    checkSignal(signal, 0);
    const target = threadOf(process, tid, pid);
    return signal === 0 ? 0 : check(sendToThread(target, info));
  }),
];
