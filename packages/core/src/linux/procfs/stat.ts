import { CLOCK_TICKS } from '../loader/loadProgram.ts';
import type { LinuxProcess } from '../process.ts';
import { hostText } from './hostText.ts';
import { memorySizes } from './memorySizes.ts';
import { signalSets } from './signalSets.ts';
import { stateOf } from './status.ts';

const PAGE = 4096;
const MICROSECONDS = 1_000_000;
const NO_LIMIT = (1n << 64n) - 1n;
const RLIMIT_RSS = 5;

/** The first 32 bits of a set of signals, as the fields 31 to 34 of stat have them. */
const low = (set: bigint): bigint => set & 0x7fff_ffffn;

/** /proc/PID/stat: the 52 fields of proc(5). What only the host knows, such as the terminal, is the host's. */
export function statText(process: LinuxProcess, tid: number): string {
  const { identity, program, attributes, kernel } = process;
  const own = hostText(process, '/proc/self/stat');
  const host = own.slice(own.lastIndexOf(')') + 2).split(' ');
  const fields: (string | number | bigint)[] = new Array(52).fill(0);
  const set = (number: number, value: string | number | bigint): void => {
    fields[number - 1] = value;
  };
  // tty_nr, tpgid, flags; starttime
  for (const number of [7, 8, 9, 22]) set(number, host[number - 3] ?? 0);
  set(1, tid);
  set(2, `(${process.threadName})`);
  set(3, stateOf(process, tid).slice(0, 1));
  set(4, identity.parentPid);
  set(5, identity.processGroup);
  set(6, identity.session);
  if (kernel.isFirst(process)) {
    const usage = process.host.usage();
    set(10, usage.minorFaults);
    set(12, usage.majorFaults);
    set(14, Math.floor((usage.userTime * CLOCK_TICKS) / MICROSECONDS));
    set(15, Math.floor((usage.systemTime * CLOCK_TICKS) / MICROSECONDS));
  }
  set(18, 20 + attributes.nice);
  set(19, attributes.nice);
  set(20, process.threads.length);
  const { size, resident } = memorySizes(process);
  const { image, stack } = program;
  set(23, size);
  set(24, resident / PAGE);
  set(25, BigInt.asUintN(64, process.limits.get(RLIMIT_RSS)?.[0] ?? NO_LIMIT));
  set(26, image.startCode);
  set(27, image.endCode);
  set(28, stack.stackPointer);
  const signals = signalSets(process);
  set(31, low(signals.pending));
  set(32, low(signals.blocked));
  set(33, low(signals.ignored));
  set(34, low(signals.caught));
  set(38, process.exitSignal);
  set(41, attributes.policy);
  set(45, image.startData);
  set(46, image.endData);
  set(47, process.memory.breakRange[0]);
  // arg_start, arg_end, env_start, env_end
  set(48, stack.argvStart);
  set(49, stack.environmentStart);
  set(50, stack.environmentStart);
  set(51, stack.auxiliaryStart);
  return `${fields.join(' ')}\n`;
}

/** /proc/PID/statm: size, resident, shared, text, lib, data, dt, in pages. */
export function statmText(process: LinuxProcess): string {
  const { size, resident, shared, code, data } = memorySizes(process);
  return `${[size, resident, shared, code, 0, data, 0].map((bytes) => bytes / PAGE).join(' ')}\n`;
}
