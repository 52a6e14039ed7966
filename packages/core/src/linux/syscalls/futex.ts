import { Errno, LinuxError } from '../errno.ts';
import { Blocked } from '../kernel/waiting.ts';
import type { LinuxProcess } from '../process.ts';
import { address, int, size } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { Clock, clockTime, readTime } from './time.ts';

/** FUTEX_* operations, and the flags beside them (include/uapi/linux/futex.h). */
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_REQUEUE = 3;
const FUTEX_CMP_REQUEUE = 4;
const FUTEX_WAKE_OP = 5;
const FUTEX_WAIT_BITSET = 9;
const FUTEX_WAKE_BITSET = 10;
const FUTEX_COMMAND_MASK = 0x7f;
const FUTEX_CLOCK_REALTIME = 0x100;

/** Bytes of struct robust_list_head. */
const ROBUST_LIST_HEAD = 24;

function word(process: LinuxProcess, at: number): number {
  if (at % 4 !== 0) throw new LinuxError(Errno.EINVAL);
  return process.view(at, 4).getInt32(0, true);
}

/** Waits while the word at `at` is `value`. @param end in nanoseconds of Host.monotonicTime; undefined: for ever */
function wait(process: LinuxProcess, at: number, value: number, bits: number, end: () => bigint | undefined): number {
  const { call } = process.thread;
  if (call.woken) return 0;
  if (call.done === 0) {
    if (word(process, at) !== value) throw new LinuxError(Errno.EAGAIN);
    call.done = 1;
    call.bits = bits;
    call.deadline = end();
  } else if (call.deadline !== undefined && process.host.monotonicTime() >= call.deadline) throw new LinuxError(Errno.ETIMEDOUT);
  throw new Blocked({ on: [process.kernel.futexes.queue(process, at)], until: call.deadline, restarts: call.deadline === undefined });
}

/** What FUTEX_WAKE_OP does to the second word, and the comparison of its old value. */
function wakeOperation(process: LinuxProcess, at: number, encoded: number): boolean {
  const operation = (encoded >>> 28) & 7;
  const comparison = (encoded >>> 24) & 15;
  const given = (encoded << 8) >> 20;
  const operand = encoded >>> 31 !== 0 ? 1 << (given & 31) : given;
  const compared = (encoded << 20) >> 20;
  const old = word(process, at);
  const results = [operand, old + operand, old | operand, old & ~operand, old ^ operand];
  if (operation >= results.length || comparison > 5) throw new LinuxError(Errno.ENOSYS);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, results[operation], true);
  process.write(at, bytes);
  return [old === compared, old !== compared, old < compared, old <= compared, old > compared, old >= compared][comparison];
}

/** @param timeout where the time to wait is, or how many to wake or move besides */
function futex(process: LinuxProcess, at: number, operation: number, value: number, timeout: number, other: number, last: number): number {
  const { futexes } = process.kernel;
  const command = operation & FUTEX_COMMAND_MASK;
  const clock = (operation & FUTEX_CLOCK_REALTIME) === 0 ? Clock.monotonic : Clock.realTime;
  if (clock === Clock.realTime && command !== FUTEX_WAIT_BITSET) throw new LinuxError(Errno.ENOSYS);
  if ((command === FUTEX_WAIT_BITSET || command === FUTEX_WAKE_BITSET) && last === 0) throw new LinuxError(Errno.EINVAL);
  switch (command) {
    case FUTEX_WAIT:
      return wait(process, at, value, -1, () => (timeout === 0 ? undefined : process.host.monotonicTime() + readTime(process, timeout)));
    case FUTEX_WAIT_BITSET:
      return wait(process, at, value, last, () =>
        timeout === 0 ? undefined : process.host.monotonicTime() + readTime(process, timeout) - clockTime(process, clock),
      );
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
      process.read(at, 4);
      return futexes.wake(process, at, Math.max(value, 1), command === FUTEX_WAKE ? -1 : last);
    case FUTEX_WAKE_OP: {
      const wakesOther = wakeOperation(process, other, last);
      const woken = futexes.wake(process, at, value);
      return wakesOther ? woken + futexes.wake(process, other, timeout) : woken;
    }
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE: {
      if (command === FUTEX_CMP_REQUEUE && word(process, at) !== last) throw new LinuxError(Errno.EAGAIN);
      process.read(other, 4);
      const woken = futexes.wake(process, at, value);
      return woken + futexes.requeue(process, at, other, timeout);
    }
    default:
      // Those with priority inheritance among them.
      throw new LinuxError(Errno.ENOSYS);
  }
}

export const futexRows: readonly SyscallRow[] = [
  // The fourth argument is an address, or a number of 32 bits.
  row('futex', [address, int, int, address, address, int], futex),
  row('set_tid_address', [address], ({ thread }, at) => {
    thread.clearChildTid = at;
    return thread.tid;
  }),
  row('set_robust_list', [address, size], ({ thread }, head, length) => {
    if (length !== ROBUST_LIST_HEAD) throw new LinuxError(Errno.EINVAL);
    thread.robustList = head;
    return 0;
  }),
  row('get_robust_list', [int, address, address], (process, tid, headAt, lengthAt) => {
    const thread = tid === 0 ? process.thread : process.threads.find((each) => each.tid === tid);
    if (thread === undefined) throw new LinuxError(Errno.ESRCH);
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(ROBUST_LIST_HEAD), true);
    process.write(lengthAt, bytes);
    view.setBigUint64(0, BigInt(thread.robustList), true);
    process.write(headAt, bytes);
    return 0;
  }),
];
