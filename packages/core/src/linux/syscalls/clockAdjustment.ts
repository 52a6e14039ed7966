import { Errno, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import { SECOND, StructWriter } from '../structs.ts';
import { address, int } from './arguments.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';
import { Clock, clockTime } from './time.ts';

/** struct timex of 64-bit machines. */
const TIMEX_SIZE = 208;

/** What the clock is said to be: not kept in step with anything. */
const TIME_ERROR = 5;
const STA_UNSYNC = 0x40n;
/** Estimated and largest error in microseconds, and the length of a tick. */
const ERROR_MICROSECONDS = 16_000_000n;
const TICK = 10_000n;

/** Tells of a clock; to change it is the host's business. */
function adjust(process: LinuxProcess, clock: number, at: number): SyscallResult {
  const modes = process.view(at, TIMEX_SIZE).getUint32(0, true);
  const now = clockTime(process, clock);
  if (clock !== Clock.realTime && clock !== Clock.atomicTime) throw new LinuxError(Errno.EOPNOTSUPP);
  if (modes !== 0) throw new LinuxError(Errno.EPERM);
  const out = new StructWriter(TIMEX_SIZE);
  // modes, offset, freq, maxerror, esterror, status, constant, precision, tolerance, time, tick
  out.u64(0).u64(0).u64(0).u64(ERROR_MICROSECONDS).u64(ERROR_MICROSECONDS).u64(STA_UNSYNC).u64(2).u64(1).u64(32_768_000);
  out
    .u64(now / SECOND)
    .u64((now % SECOND) / 1000n)
    .u64(TICK);
  process.write(at, out.bytes);
  return TIME_ERROR;
}

export const clockAdjustmentRows: readonly SyscallRow[] = [
  row('adjtimex', [address], (process, at) => adjust(process, Clock.realTime, at)),
  row('clock_adjtime', [int, address], adjust),
];
