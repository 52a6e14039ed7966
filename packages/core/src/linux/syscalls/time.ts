import { Errno, LinuxError } from '../errno.ts';
import { Blocked } from '../kernel/waiting.ts';
import { CLOCK_TICKS } from '../loader/loadProgram.ts';
import type { LinuxProcess } from '../process.ts';
import { longs, rusage, SECOND, timespec, timeval } from '../structs.ts';
import { address, int } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

/** clockid_t (include/uapi/linux/time.h), but for the alarm clocks, which need a device of their own. */
export const Clock = {
  realTime: 0,
  monotonic: 1,
  processCpu: 2,
  threadCpu: 3,
  monotonicRaw: 4,
  realTimeCoarse: 5,
  monotonicCoarse: 6,
  bootTime: 7,
  atomicTime: 11,
} as const;

const TIMER_ABSTIME = 1;

/** Resolution of the coarse clocks: a tick of a kernel with CONFIG_HZ=250. */
const COARSE_RESOLUTION = 4_000_000n;

/** RUSAGE_* */
const RUSAGE_SELF = 0;
const RUSAGE_CHILDREN = -1;
const RUSAGE_THREAD = 1;

/** User and system time so far, in nanoseconds. */
function cpuTimes(process: LinuxProcess): readonly [user: bigint, system: bigint] {
  const { userTime, systemTime } = process.host.usage();
  return [BigInt(userTime) * 1000n, BigInt(systemTime) * 1000n];
}

export function clockTime(process: LinuxProcess, clock: number): bigint {
  const { host } = process;
  switch (clock) {
    case Clock.realTime:
    case Clock.realTimeCoarse:
    case Clock.atomicTime:
      return host.realTime();
    case Clock.monotonic:
    case Clock.monotonicRaw:
    case Clock.monotonicCoarse:
    case Clock.bootTime:
      return host.monotonicTime();
    case Clock.processCpu:
    case Clock.threadCpu: {
      const [user, system] = cpuTimes(process);
      return user + system;
    }
    default:
      checkCpuClock(process, clock);
      return clockTime(process, Clock.processCpu);
  }
}

/**
 * A clock of what a process or thread has run, as clock_getcpuclockid makes it: the number's complement from bit 3 on, and
 * which of its clocks below. They all tell the same. @throws LinuxError EINVAL
 */
function checkCpuClock(process: LinuxProcess, clock: number): void {
  const id = ~(clock >> 3);
  const known = id === 0 || [...process.kernel.processes.values()].some(({ pid, threads }) => pid === id || threads.some(({ tid }) => tid === id));
  if (clock >= 0 || (clock & 3) === 3 || !known) throw new LinuxError(Errno.EINVAL);
}

/** A struct timespec in guest memory, as nanoseconds. @throws LinuxError EINVAL if it is not normalised */
export function readTime(process: LinuxProcess, at: number): bigint {
  const view = process.view(at, 16);
  const seconds = view.getBigInt64(0, true);
  const nanoseconds = view.getBigInt64(8, true);
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= SECOND) throw new LinuxError(Errno.EINVAL);
  return seconds * SECOND + nanoseconds;
}

/** Sleeps. Where a signal ends a sleep that is not until a given time, `leftAt` is told what is left. */
function sleep(process: LinuxProcess, clock: number, flags: number, at: number, leftAt: number): number {
  const { host, kernel, space } = process;
  const { call } = process.thread;
  const isUntil = (flags & TIMER_ABSTIME) !== 0;
  if (call.deadline === undefined) {
    const wish = readTime(process, at);
    const duration = isUntil ? wish - clockTime(process, clock) : wish;
    if (duration <= 0n) return 0;
    if (!kernel.isConcurrent) {
      host.sleep(duration);
      return 0;
    }
    call.deadline = host.monotonicTime() + duration;
  }
  const until = call.deadline;
  if (host.monotonicTime() >= until) return 0;
  const interrupted = (): number => {
    const left = until - host.monotonicTime();
    if (!isUntil && leftAt !== 0) space.kernelWrite(leftAt, timespec(left > 0n ? left : 0n));
    return -Errno.EINTR;
  };
  throw new Blocked({ until, interrupted });
}

export const timeRows: readonly SyscallRow[] = [
  row('clock_gettime', [int, address], (process, clock, at) => {
    process.write(at, timespec(clockTime(process, clock)));
    return 0;
  }),

  row('clock_getres', [int, address], (process, clock, at) => {
    clockTime(process, clock);
    const coarse = clock === Clock.realTimeCoarse || clock === Clock.monotonicCoarse;
    process.writeIfWanted(at, timespec(coarse ? COARSE_RESOLUTION : 1n));
    return 0;
  }),

  row('clock_nanosleep', [int, int, address, address], (process, clock, flags, at, leftAt) => {
    if (clock === Clock.threadCpu) throw new LinuxError(Errno.EINVAL);
    clockTime(process, clock);
    return sleep(process, clock, flags, at, leftAt);
  }),

  row('nanosleep', [address, address], (process, at, leftAt) => sleep(process, Clock.monotonic, 0, at, leftAt)),

  row('gettimeofday', [address, address], (process, at, zone) => {
    process.writeIfWanted(at, timeval(process.host.realTime()));
    process.writeIfWanted(zone, new Uint8Array(8));
    return 0;
  }),

  row('times', [address], (process, at) => {
    const tick = SECOND / BigInt(CLOCK_TICKS);
    const [user, system] = cpuTimes(process);
    process.writeIfWanted(at, longs(user / tick, system / tick, 0n, 0n));
    return process.host.monotonicTime() / tick;
  }),

  row('getrusage', [int, address], (process, who, at) => {
    if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) throw new LinuxError(Errno.EINVAL);
    process.write(at, who === RUSAGE_CHILDREN ? new Uint8Array(144) : rusage(process.host.usage()));
    return 0;
  }),
];
