import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Blocked } from '../kernel/waiting.ts';
import { GuestTimer } from '../signals/timers.ts';
import { ANONYMOUS } from './eventFile.ts';
import { virtualStat } from './memoryFile.ts';
import { OpenFile, type Readiness } from './openFile.ts';
import { O } from './openFlags.ts';
import { Change, ReadinessQueue } from './readiness.ts';

/** Bytes of a count. */
const SIZE = 8;

/** A timerfd: reads tell how often its timer has run out since the last one. */
export class TimerFile extends OpenFile {
  private readonly queue = new ReadinessQueue();
  readonly timer: GuestTimer;
  private expirations = 0n;

  /** @param now the timer's clock, in nanoseconds */
  constructor(
    kernel: Kernel,
    readonly now: () => bigint,
    status: number,
  ) {
    super('anon_inode:[timerfd]' as ByteString, O.readWrite | status);
    this.timer = new GuestTimer(kernel, now, (times) => {
      this.expirations += BigInt(times);
      this.queue.signal(Change.data);
    });
  }

  /** Runs out at `target` of its clock, and every `interval` nanoseconds from then on; undefined: never. */
  set(target: bigint | undefined, interval: bigint): void {
    this.expirations = 0n;
    if (target === undefined) this.timer.disarm();
    else this.timer.arm(target, interval);
  }

  override get changes(): ReadinessQueue {
    return this.queue;
  }

  read(into: Uint8Array): number {
    if (into.length < SIZE) throw new LinuxError(Errno.EINVAL);
    if (this.expirations === 0n) {
      if (this.nonBlocking) throw new LinuxError(Errno.EAGAIN);
      throw new Blocked({ on: [this.changes] });
    }
    new DataView(into.buffer, into.byteOffset).setBigUint64(0, this.expirations, true);
    this.expirations = 0n;
    return SIZE;
  }

  write(): number {
    throw new LinuxError(Errno.EINVAL);
  }

  override seek(): number {
    return 0;
  }

  stat(): HostStat {
    return virtualStat(ANONYMOUS, 0, 0n);
  }

  readiness(): Readiness {
    return { readable: this.expirations > 0n, writable: false, hangUp: false };
  }

  override close(): void {
    this.timer.disarm();
  }
}
