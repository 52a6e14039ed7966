/** Nanoseconds of a millisecond. */
const MILLISECOND = 1_000_000n;

/** Milliseconds since some time: as `performance.now()`, whose first use loads a dozen of Node's modules. */
export const milliseconds = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Longest piece of a sleep, in milliseconds. */
const LONGEST_SLEEP = 1_000_000;

/**
 * Time in nanoseconds. Node tells the time of day in milliseconds only; the monotonic clock divides them, kept in step
 * with every look at the time of day.
 */
export class Clock {
  private offset = BigInt(Date.now()) * MILLISECOND - process.hrtime.bigint();

  /** Since 1970. */
  realTime(): bigint {
    const least = BigInt(Date.now()) * MILLISECOND;
    const time = process.hrtime.bigint() + this.offset;
    if (time >= least && time < least + MILLISECOND) return time;
    const right = time < least ? least : least + MILLISECOND - 1n;
    this.offset += right - time;
    return right;
  }

  monotonicTime(): bigint {
    return process.hrtime.bigint();
  }

  /** Blocks the thread. */
  sleep(nanoseconds: bigint): void {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const end = process.hrtime.bigint() + nanoseconds;
    for (let left = nanoseconds; left > 0n; left = end - process.hrtime.bigint()) {
      Atomics.wait(cell, 0, 0, Math.min(Number(left) / 1e6, LONGEST_SLEEP));
    }
  }
}
