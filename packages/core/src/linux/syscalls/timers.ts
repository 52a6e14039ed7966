import { Errno, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import { Signal, SignalCode, type SignalInfo, sendToProcess, sendToThread } from '../signals/index.ts';
import { type CreatedTimer, GuestTimer, OverrunCounter } from '../signals/timers.ts';
import { SECOND, timespec, timeval, words } from '../structs.ts';
import { address, int } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { checkSignal } from './signals.ts';
import { Clock, clockTime, readTime } from './time.ts';

/** setitimer's which: the clock that it counts, and the signal that comes. */
const INTERVAL_TIMERS: readonly { readonly clock: number; readonly signal: number }[] = [
  { clock: Clock.monotonic, signal: Signal.SIGALRM },
  { clock: Clock.processCpu, signal: Signal.SIGVTALRM },
  { clock: Clock.processCpu, signal: Signal.SIGPROF },
];

/** sigev_notify */
const SIGEV_SIGNAL = 0;
const SIGEV_NONE = 1;
const SIGEV_THREAD_ID = 4;

const TIMER_ABSTIME = 1;

/** Bytes of struct itimerval, of struct itimerspec, and of struct sigevent. */
const ITIMER_SIZE = 32;
const SIGEVENT_SIZE = 64;

/** A struct timeval, in nanoseconds. @throws LinuxError EINVAL */
function readTimeval(view: DataView, at: number): bigint {
  const seconds = view.getBigInt64(at, true);
  const micros = view.getBigInt64(at + 8, true);
  if (seconds < 0n || micros < 0n || micros >= 1_000_000n) throw new LinuxError(Errno.EINVAL);
  return seconds * SECOND + micros * 1000n;
}

function pair(interval: Uint8Array, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ITIMER_SIZE);
  bytes.set(interval);
  bytes.set(value, 16);
  return bytes;
}

function checkWhich(which: number): void {
  if (which < 0 || which >= INTERVAL_TIMERS.length) throw new LinuxError(Errno.EINVAL);
}

/** What getitimer tells; a timer that runs has at least a microsecond left. */
function intervalTimer({ timers }: LinuxProcess, which: number): Uint8Array {
  const timer = timers.intervals.get(which);
  const left = timer?.left ?? 0n;
  return pair(timeval(timer?.interval ?? 0n), timeval(left > 0n && left < 1000n ? 1000n : left));
}

function setIntervalTimer(process: LinuxProcess, which: number, value: bigint, interval: bigint): void {
  const { kernel, timers } = process;
  const { clock, signal } = INTERVAL_TIMERS[which];
  const now = (): bigint => clockTime(process, clock);
  let timer = timers.intervals.get(which);
  if (timer === undefined) {
    const info: SignalInfo = { signal, code: SignalCode.kernel, origin: { kind: 'sender', pid: 0, uid: 0 } };
    timer = new GuestTimer(kernel, now, () => sendToProcess(process, info));
    timers.intervals.set(which, timer);
  }
  if (value === 0n) timer.disarm();
  else timer.arm(now() + value, interval);
}

/** What a timer does when it runs out. */
interface TimerEvent {
  readonly notify: number;
  readonly signal: number;
  /** sigev_value; undefined: the timer's number. */
  readonly value: bigint | undefined;
  readonly tid: number;
}

function readEvent(process: LinuxProcess, at: number): TimerEvent {
  if (at === 0) return { notify: SIGEV_SIGNAL, signal: Signal.SIGALRM, value: undefined, tid: 0 };
  // value (8), signal (4), notify (4), thread (4)
  const view = process.view(at, SIGEVENT_SIZE);
  const event = { value: view.getBigUint64(0, true), signal: view.getInt32(8, true), notify: view.getInt32(12, true), tid: view.getInt32(16, true) };
  const { notify } = event;
  if (notify !== SIGEV_SIGNAL && notify !== SIGEV_NONE && notify !== SIGEV_THREAD_ID) throw new LinuxError(Errno.EINVAL);
  if (notify !== SIGEV_NONE) checkSignal(event.signal, 1);
  if (notify === SIGEV_THREAD_ID && !process.threads.some(({ tid }) => tid === event.tid)) throw new LinuxError(Errno.EINVAL);
  return event;
}

function createTimer(process: LinuxProcess, clock: number, eventAt: number, idAt: number): number {
  clockTime(process, clock);
  const { notify, signal, value, tid } = readEvent(process, eventAt);
  const { timers, kernel } = process;
  const id = timers.nextId();
  const counter = new OverrunCounter(id, (timer, taken) => {
    const info: SignalInfo = { signal, code: SignalCode.timer, origin: { kind: 'timer', timer, value: value ?? BigInt(id) }, taken };
    const thread = notify === SIGEV_THREAD_ID ? process.threads.find((each) => each.tid === tid) : undefined;
    if (thread !== undefined) sendToThread(thread, info);
    else if (notify === SIGEV_SIGNAL) sendToProcess(process, info);
    else taken();
  });
  const timer = new GuestTimer(
    kernel,
    () => clockTime(process, clock),
    (times) => counter.expired(times),
  );
  process.write(idAt, words(id));
  timers.created.set(id, { clock, timer, overrun: () => counter.last });
  return 0;
}

/** @throws LinuxError EINVAL */
function createdTimer({ timers }: LinuxProcess, id: number): CreatedTimer {
  const found = timers.created.get(id);
  if (found === undefined) throw new LinuxError(Errno.EINVAL);
  return found;
}

/** What timer_gettime tells. */
const timerSetting = ({ timer }: CreatedTimer): Uint8Array => pair(timespec(timer.interval), timespec(timer.left));

function setTimer(process: LinuxProcess, id: number, flags: number, at: number, oldAt: number): number {
  const created = createdTimer(process, id);
  const interval = readTime(process, at);
  const value = readTime(process, at + 16);
  const before = timerSetting(created);
  if (value === 0n) created.timer.disarm();
  else created.timer.arm((flags & TIMER_ABSTIME) === 0 ? clockTime(process, created.clock) + value : value, interval);
  process.writeIfWanted(oldAt, before);
  return 0;
}

export const timerRows: readonly SyscallRow[] = [
  row('getitimer', [int, address], (process, which, at) => {
    checkWhich(which);
    process.write(at, intervalTimer(process, which));
    return 0;
  }),

  // Without a new setting the timer is stopped.
  row('setitimer', [int, address, address], (process, which, at, oldAt) => {
    checkWhich(which);
    const view = at === 0 ? undefined : process.view(at, ITIMER_SIZE);
    const [interval, value] = [0, 16].map((field) => (view === undefined ? 0n : readTimeval(view, field)));
    const before = intervalTimer(process, which);
    setIntervalTimer(process, which, value, interval);
    process.writeIfWanted(oldAt, before);
    return 0;
  }),

  row('timer_create', [int, address, address], createTimer),
  row('timer_settime', [int, int, address, address], setTimer),

  row('timer_gettime', [int, address], (process, id, at) => {
    process.write(at, timerSetting(createdTimer(process, id)));
    return 0;
  }),

  row('timer_getoverrun', [int], (process, id) => createdTimer(process, id).overrun()),

  row('timer_delete', [int], (process, id) => {
    createdTimer(process, id).timer.disarm();
    process.timers.created.delete(id);
    return 0;
  }),
];
