import { PROT_WRITE } from '../engine/index.ts';
import { Errno, LinuxError } from './errno.ts';
import { limitOf, RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_NPROC, RLIMIT_STACK } from './limits.ts';
import { PAGE } from './memory/processMemory.ts';
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

/** The most that a program's stack gets, whatever RLIMIT_STACK says: all of it is mapped from the start. */
const LARGEST_STACK = 256 * 1024 * 1024;

/** How large the stack of a program becomes that the process executes: what RLIMIT_STACK says, once a guest has set that. */
export function stackSizeOf({ limits, stackSize, firstStackLimit }: LinuxProcess): number {
  const unsigned = (limit = -1n): bigint => BigInt.asUintN(64, limit);
  if (unsigned(limits.get(RLIMIT_STACK)?.[0]) === unsigned(firstStackLimit)) return stackSize;
  const soft = Math.min(limitOf(limits, RLIMIT_STACK) ?? LARGEST_STACK, LARGEST_STACK);
  return Math.floor(soft / PAGE) * PAGE;
}

/** Longest argument, which all of them together may have in any case (MAX_ARG_STRLEN). */
export const ARGUMENT_LIMIT = 131072;
/** What all of them may have at most: three quarters of a usual stack. */
const MOST_ARGUMENTS = 6 * 1024 * 1024;

/** How much arguments and environment of a program may have that the process executes, their pointers included. */
export function argumentsLimit({ limits }: LinuxProcess): number {
  const quarter = Math.floor((limitOf(limits, RLIMIT_STACK) ?? Number.POSITIVE_INFINITY) / 4);
  return Math.min(MOST_ARGUMENTS, Math.max(ARGUMENT_LIMIT, quarter));
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
