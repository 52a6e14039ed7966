import { FIRST_REAL_TIME, SYNCHRONOUS, signalBit } from './numbers.ts';
import type { SignalInfo } from './siginfo.ts';

/** The lowest signal of a set that is not empty. */
const lowest = (set: bigint): number => (set & -set).toString(2).length;

/** Signals that came and have not been acted on, of a process or a thread. */
export class PendingSignals {
  private readonly queues = new Map<number, SignalInfo[]>();
  /** The set of their numbers. */
  set = 0n;
  /** How many there are. */
  count = 0;

  /** Of the standard signals the first of each number waits; real-time signals queue. @returns false if the signal waits already */
  add(info: SignalInfo): boolean {
    const { signal } = info;
    const queue = this.queues.get(signal);
    if (queue === undefined) this.queues.set(signal, [info]);
    else if (signal < FIRST_REAL_TIME) return false;
    else queue.push(info);
    this.set |= signalBit(signal);
    this.count++;
    return true;
  }

  /** The signal of `wanted` that comes first: those that instructions raise, then the lowest number, then the oldest. */
  first(wanted: bigint): SignalInfo | undefined {
    const set = this.set & wanted;
    if (set === 0n) return undefined;
    const synchronous = set & SYNCHRONOUS;
    return this.queues.get(lowest(synchronous === 0n ? set : synchronous))?.[0];
  }

  /** Takes the signal that comes first. */
  take(wanted: bigint): SignalInfo | undefined {
    if (this.count === 0) return undefined;
    const info = this.first(wanted);
    if (info === undefined) return undefined;
    const queue = this.queues.get(info.signal) as SignalInfo[];
    queue.shift();
    this.count--;
    if (queue.length === 0) this.forget(info.signal);
    info.taken?.();
    return info;
  }

  /** Forgets the signals of the set. */
  discard(set: bigint): void {
    for (const [signal, queue] of [...this.queues]) {
      if ((set & signalBit(signal)) === 0n) continue;
      this.count -= queue.length;
      this.forget(signal);
      for (const info of queue) info.taken?.();
    }
  }

  private forget(signal: number): void {
    this.queues.delete(signal);
    this.set &= ~signalBit(signal);
  }
}
