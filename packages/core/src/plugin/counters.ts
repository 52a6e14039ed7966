import { UserError } from '../base/index.ts';
import type { LinearMemory } from '../engine/index.ts';
import { FIRST_SHARED, THREAD_CELLS, THREAD_CELLS_END } from './memoryLayout.ts';

/** A 64-bit counter that blocks add to in line: no call is made. Modulo 2^64. */
export interface Counter {
  value: bigint;
}

/** A 64-bit counter of which each thread has its own. */
export interface Scoreboard {
  /** Of one thread, by PluginThread.index. */
  get(thread: number): bigint;
  set(thread: number, value: bigint): void;
  /** Over all threads, ended ones included. */
  readonly sum: bigint;
}

/** Cells of linear memory, as blocks' code sees them. */
export interface CounterCell {
  /** Linear offset. */
  readonly offset: number;
}

/** Gives out counters, and keeps those of threads that do not run. */
export class Counters {
  private nextShared = FIRST_SHARED;
  private nextOfThread = THREAD_CELLS;
  private readonly saved: BigUint64Array[] = [];
  private current = 0;
  private present: BigUint64Array<ArrayBufferLike> = new BigUint64Array(0);

  /** @param memory undefined until there is a machine: counters may be made, but not looked at */
  constructor(private readonly memory: () => LinearMemory) {}

  /** @throws UserError if there are too many */
  shared(): Counter & CounterCell {
    const offset = this.nextShared;
    this.nextShared += 8;
    if (this.nextShared > THREAD_CELLS) throw new UserError('the plugins want too many counters: 3.4 million are the most');
    return new SharedCounter(offset, this.memory);
  }

  /** @throws UserError if there are too many */
  perThread(): Scoreboard & CounterCell {
    const offset = this.nextOfThread;
    this.nextOfThread += 8;
    if (this.nextOfThread > THREAD_CELLS_END) throw new UserError('the plugins want too many counters for each thread: a million are the most');
    return new ThreadCounter(offset, this);
  }

  /** From now on the counters of thread `index` are those in linear memory. */
  switchTo(index: number): void {
    if (index === this.current) return;
    const cells = this.cells();
    if (cells.length > 0) {
      this.saved[this.current] = cells.slice();
      cells.fill(0n);
      cells.set((this.saved[index] ?? new BigUint64Array(0)).subarray(0, cells.length));
    }
    this.current = index;
  }

  /** @internal */
  read(thread: number, offset: number): bigint {
    return this.of(thread)[(offset - THREAD_CELLS) >> 3] ?? 0n;
  }

  /** @internal */
  write(thread: number, offset: number, value: bigint): void {
    const at = (offset - THREAD_CELLS) >> 3;
    if (thread !== this.current && (this.saved[thread]?.length ?? 0) <= at) {
      const grown = new BigUint64Array(this.cells().length);
      grown.set(this.saved[thread] ?? []);
      this.saved[thread] = grown;
    }
    this.of(thread)[at] = value;
  }

  /** @internal */
  sum(offset: number): bigint {
    let sum = 0n;
    const threads = Math.max(this.saved.length, this.current + 1);
    for (let thread = 0; thread < threads; thread++) sum += this.read(thread, offset);
    return BigInt.asUintN(64, sum);
  }

  private of(thread: number): BigUint64Array {
    return thread === this.current ? this.cells() : (this.saved[thread] ?? new BigUint64Array(0));
  }

  /** Those of the thread that runs. */
  private cells(): BigUint64Array {
    const length = (this.nextOfThread - THREAD_CELLS) >> 3;
    if (this.present.length !== length) this.present = new BigUint64Array(this.memory().memory.buffer, THREAD_CELLS, length);
    return this.present;
  }
}

class SharedCounter implements Counter, CounterCell {
  constructor(
    readonly offset: number,
    private readonly memory: () => LinearMemory,
  ) {}

  get value(): bigint {
    return this.memory().view.getBigUint64(this.offset, true);
  }

  set value(value: bigint) {
    this.memory().view.setBigUint64(this.offset, BigInt.asUintN(64, value), true);
  }
}

class ThreadCounter implements Scoreboard, CounterCell {
  constructor(
    readonly offset: number,
    private readonly counters: Counters,
  ) {}

  get(thread: number): bigint {
    return this.counters.read(thread, this.offset);
  }

  set(thread: number, value: bigint): void {
    this.counters.write(thread, this.offset, value);
  }

  get sum(): bigint {
    return this.counters.sum(this.offset);
  }
}
