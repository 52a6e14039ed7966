import { Errno, LinuxError } from '../errno.ts';
import { EpollFile } from '../files/epoll.ts';
import { EventFile } from '../files/eventFile.ts';
import { O } from '../files/openFlags.ts';
import { TimerFile } from '../files/timerFile.ts';
import { Blocked } from '../kernel/waiting.ts';
import type { LinuxProcess } from '../process.ts';
import { StructWriter, timespec } from '../structs.ts';
import { address, int, size, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { blockDuringCall } from './signals.ts';
import { Clock, clockTime, readTime } from './time.ts';

const EFD_SEMAPHORE = 1;

const TFD_TIMER_ABSTIME = 1;
/** Reads fail when the clock is set, which nobody does. */
const TFD_TIMER_CANCEL_ON_SET = 2;

/** CLOCK_REALTIME_ALARM and CLOCK_BOOTTIME_ALARM, which wake a sleeping machine, and are for the administrator. */
const ALARM_CLOCKS = [8, 9];
const TIMER_CLOCKS: readonly number[] = [Clock.realTime, Clock.monotonic, Clock.bootTime];

/** Bytes of struct itimerspec, and of struct epoll_event: events (4), padding (4), data (8). */
const ITIMERSPEC_SIZE = 32;
const EPOLL_EVENT_SIZE = 16;
/** Most events of one epoll_wait: what fits in an int's bytes. */
const MOST_EVENTS = Math.floor(0x7fff_ffff / EPOLL_EVENT_SIZE);

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;

const MILLISECOND = 1_000_000n;

/** Checks flags that are open's: that it closes on exec, and does not wait. @throws LinuxError EINVAL */
function checkFlags(flags: number, known: number): void {
  if ((flags & ~(known | O.closeOnExec)) !== 0) throw new LinuxError(Errno.EINVAL);
}

/** @throws LinuxError EINVAL if it is no timer */
function timerFile(process: LinuxProcess, fd: number): TimerFile {
  const file = process.files.get(fd);
  if (!(file instanceof TimerFile)) throw new LinuxError(Errno.EINVAL);
  return file;
}

/** struct itimerspec: interval, time left. */
const timerSetting = ({ timer }: TimerFile): Uint8Array => {
  return new StructWriter(ITIMERSPEC_SIZE).raw(timespec(timer.interval)).raw(timespec(timer.left)).bytes;
};

/** @throws LinuxError EINVAL if it is no epoll */
function epollFile(process: LinuxProcess, fd: number): EpollFile {
  const file = process.files.get(fd);
  if (!(file instanceof EpollFile)) throw new LinuxError(Errno.EINVAL);
  return file;
}

function controlEpoll(process: LinuxProcess, epfd: number, operation: number, fd: number, eventAt: number): number {
  const view = operation === EPOLL_CTL_DEL ? undefined : process.view(eventAt, EPOLL_EVENT_SIZE);
  const [events, data] = [view?.getInt32(0, true) ?? 0, view?.getBigUint64(8, true) ?? 0n];
  const self = process.files.get(epfd);
  const file = process.files.get(fd);
  if (!file.canBePolled) throw new LinuxError(Errno.EPERM);
  if (file === self) throw new LinuxError(Errno.EINVAL);
  const epoll = epollFile(process, epfd);
  switch (operation) {
    case EPOLL_CTL_ADD:
      epoll.insert(file, fd, events, data);
      return 0;
    case EPOLL_CTL_DEL:
      epoll.remove(file, fd);
      return 0;
    case EPOLL_CTL_MOD:
      epoll.modify(file, fd, events, data);
      return 0;
    default:
      throw new LinuxError(Errno.EINVAL);
  }
}

/** @param timeout in nanoseconds; undefined: for ever */
function waitEpoll(process: LinuxProcess, epfd: number, at: number, most: number, timeout: bigint | undefined): number {
  if (most <= 0 || most > MOST_EVENTS) throw new LinuxError(Errno.EINVAL);
  const { host, thread, files } = process;
  const { call } = thread;
  files.get(epfd);
  const epoll = epollFile(process, epfd);
  if (call.done === 0) {
    call.done = 1;
    call.deadline = timeout === undefined || timeout === 0n ? undefined : host.monotonicTime() + timeout;
  }
  const events = epoll.collect(most);
  if (events.length > 0) {
    const w = new StructWriter(events.length * EPOLL_EVENT_SIZE);
    for (const { events: found, data } of events) w.u32(found).u32(0).u64(data);
    process.write(at, w.bytes);
    return events.length;
  }
  if (timeout === 0n || (call.deadline !== undefined && host.monotonicTime() >= call.deadline)) return 0;
  throw new Blocked({ on: [epoll.changes], handles: epoll.pollHandles, until: call.deadline, restarts: false });
}

export const eventRows: readonly SyscallRow[] = [
  row('eventfd2', [unsigned, int], (process, count, flags) => {
    checkFlags(flags, EFD_SEMAPHORE | O.nonBlock);
    const file = new EventFile(BigInt(count), (flags & EFD_SEMAPHORE) !== 0, O.readWrite | (flags & O.nonBlock));
    return process.files.add(file, (flags & O.closeOnExec) !== 0);
  }),

  row('timerfd_create', [int, int], (process, clock, flags) => {
    checkFlags(flags, O.nonBlock);
    if (ALARM_CLOCKS.includes(clock)) throw new LinuxError(Errno.EPERM);
    if (!TIMER_CLOCKS.includes(clock)) throw new LinuxError(Errno.EINVAL);
    const file = new TimerFile(process.kernel, () => clockTime(process, clock), flags & O.nonBlock);
    return process.files.add(file, (flags & O.closeOnExec) !== 0);
  }),

  row('timerfd_settime', [int, int, address, address], (process, fd, flags, at, oldAt) => {
    if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) !== 0) throw new LinuxError(Errno.EINVAL);
    const interval = readTime(process, at);
    const value = readTime(process, at + 16);
    const file = timerFile(process, fd);
    const before = timerSetting(file);
    const target = (flags & TFD_TIMER_ABSTIME) === 0 ? file.now() + value : value;
    file.set(value === 0n ? undefined : target, interval);
    process.writeIfWanted(oldAt, before);
    return 0;
  }),

  row('timerfd_gettime', [int, address], (process, fd, at) => {
    process.write(at, timerSetting(timerFile(process, fd)));
    return 0;
  }),

  row('epoll_create1', [int], (process, flags) => {
    checkFlags(flags, 0);
    return process.files.add(new EpollFile(), (flags & O.closeOnExec) !== 0);
  }),

  row('epoll_ctl', [int, int, int, address], controlEpoll),

  row('epoll_pwait', [int, address, int, int, address, size], (process, epfd, at, most, timeout, setAt, setSize) => {
    blockDuringCall(process, setAt, setSize);
    return waitEpoll(process, epfd, at, most, timeout < 0 ? undefined : BigInt(timeout) * MILLISECOND);
  }),

  row('epoll_pwait2', [int, address, int, address, address, size], (process, epfd, at, most, timeoutAt, setAt, setSize) => {
    const timeout = timeoutAt === 0 ? undefined : readTime(process, timeoutAt);
    blockDuringCall(process, setAt, setSize);
    return waitEpoll(process, epfd, at, most, timeout);
  }),
];
