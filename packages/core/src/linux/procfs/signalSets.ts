import type { LinuxProcess } from '../process.ts';
import { LAST_SIGNAL, SIG_DFL, SIG_IGN, signalBit } from '../signals/index.ts';

/** Sets of signals, with bit n - 1 for signal n. */
export interface SignalSets {
  /** Those that wait for the thread, and for any of the process's. */
  readonly pending: bigint;
  readonly sharedPending: bigint;
  readonly blocked: bigint;
  readonly ignored: bigint;
  readonly caught: bigint;
}

/** What /proc tells of the signals of a process and one of its threads. */
export function signalSets({ signals, threads }: LinuxProcess, tid?: number): SignalSets {
  let ignored = 0n;
  let caught = 0n;
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
    const { handler } = signals.actions.get(signal);
    if (handler === SIG_IGN) ignored |= signalBit(signal);
    else if (handler !== SIG_DFL) caught |= signalBit(signal);
  }
  const thread = threads.find((each) => each.tid === tid) ?? threads.at(0);
  return { pending: thread?.signals.pending.set ?? 0n, sharedPending: signals.pending.set, blocked: thread?.signals.blocked ?? 0n, ignored, caught };
}
