import { PROT_WRITE } from '../engine/index.ts';
import { Errno, LinuxError } from './errno.ts';
import { limitOf, RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_NPROC } from './limits.ts';
import type { LinuxProcess } from './process.ts';
import { Signal, SignalCode, sendToProcess } from './signals/index.ts';
import { GuestTimer } from './signals/timers.ts';
import { Clock, clockTime } from './syscalls/time.ts';

/** Most threads of all processes: pid_max of a usual Linux. */
const MOST_THREADS = 32768;
/** Most processes, ended ones included that nobody has asked for. Each costs some 50 KB of ours, so that a fork bomb ends here and not with us. */
const MOST_PROCESSES = 4096;

const SECOND = 1_000_000_000n;

/** Whether there may be one more thread or process. @throws LinuxError EAGAIN */
export function checkTasks({ kernel, limits, identity }: LinuxProcess, isProcess: boolean): void {
  const { threadCount, processes } = kernel;
  // All are of one user; who may do anything has no limit.
  const allowed = identity.effectiveUid === 0 ? undefined : limitOf(limits, RLIMIT_NPROC);
  if (threadCount >= Math.min(MOST_THREADS, allowed ?? MOST_THREADS)) throw new LinuxError(Errno.EAGAIN);
  if (isProcess && processes.size >= MOST_PROCESSES) throw new LinuxError(Errno.EAGAIN);
}

/**
 * Whether the process may map so many bytes more, or, where they are `data`, write them: its own, writable ones.
 * @throws LinuxError ENOMEM
 */
export function checkMapping({ limits, space }: LinuxProcess, bytes: number, data: boolean): void {
  const most = limitOf(limits, RLIMIT_AS);
  const mostData = data ? limitOf(limits, RLIMIT_DATA) : undefined;
  if (most === undefined && mostData === undefined) return;
  let all = bytes;
  let own = bytes;
  for (const { start, end, prot, name } of space.mappings()) {
    all += end - start;
    if ((prot & PROT_WRITE) !== 0 && name !== '[stack]') own += end - start;
  }
  if (all > (most ?? all) || own > (mostData ?? own)) throw new LinuxError(Errno.ENOMEM);
}

/**
 * Sees to it that the process uses no more of the CPU than RLIMIT_CPU has: at the soft limit, and every second from then on,
 * SIGXCPU comes, and SIGKILL at the hard one. The CPU's time is that of all processes together.
 * @param used of a child, what has been used before it began
 */
export function watchCpu(process: LinuxProcess, used = 0n): void {
  const { limits, timers, kernel } = process;
  timers.cpu?.disarm();
  const soft = limitOf(limits, RLIMIT_CPU);
  if (soft === undefined) return;
  const [, hard] = limits.get(RLIMIT_CPU) ?? [0n, 0n];
  const now = (): bigint => clockTime(process, Clock.processCpu) - used;
  const send = (signal: number): unknown => sendToProcess(process, { signal, code: SignalCode.kernel, origin: { kind: 'sender', pid: 0, uid: 0 } });
  timers.cpu = new GuestTimer(kernel, now, () => send(hard > 0n && now() >= hard * SECOND ? Signal.SIGKILL : Signal.SIGXCPU));
  // Linux takes 0 for a second.
  timers.cpu.arm(BigInt(Math.max(1, soft)) * SECOND, SECOND);
}
