import type { LinuxProcess } from '../process.ts';
import { LAST_SIGNAL, SIG_DFL, SIG_IGN } from '../signals.ts';

/** Sets of signals, with bit n - 1 for signal n. */
export interface SignalSets {
  readonly pending: bigint;
  readonly blocked: bigint;
  readonly ignored: bigint;
  readonly caught: bigint;
}

/** What /proc tells of a process's signals. */
export function signalSets({ signals }: LinuxProcess): SignalSets {
  let ignored = 0n;
  let caught = 0n;
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
    const { handler } = signals.action(signal);
    const bit = 1n << BigInt(signal - 1);
    if (handler === SIG_IGN) ignored |= bit;
    else if (handler !== SIG_DFL) caught |= bit;
  }
  return { pending: signals.pending, blocked: signals.blocked, ignored, caught };
}
