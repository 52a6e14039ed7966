/** gdb's numbers of signals (its include/gdb/signals.def) by Linux's, from 0 on, up to SIGSYS. */
const OF_LINUX: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 10, 8, 9, 30, 11, 31, 13, 14, 15, 143, 20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27, 28, 23, 32, 12];

/** gdb has Linux's real-time signals 33 to 63 in a row, 32 and 64 elsewhere. */
const FIRST_IN_ROW = 33;
const LAST_IN_ROW = 63;
const ROW = 45;
const SIGNAL_32 = 77;
const SIGNAL_64 = 78;
const UNKNOWN = 143;

/** gdb's number of a signal of Linux's. */
export function gdbSignal(signal: number): number {
  if (signal >= FIRST_IN_ROW && signal <= LAST_IN_ROW) return ROW + signal - FIRST_IN_ROW;
  if (signal === 32) return SIGNAL_32;
  if (signal === 64) return SIGNAL_64;
  return OF_LINUX[signal] ?? UNKNOWN;
}

/** Linux's number of one of gdb's; 0 where Linux has none. */
export function linuxSignal(number: number): number {
  for (let signal = 1; signal <= 64; signal++) if (number !== UNKNOWN && gdbSignal(signal) === number) return signal;
  return 0;
}
