import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import { Blocked } from '../kernel/waiting.ts';
import { virtualStat } from './memoryFile.ts';
import { OpenFile, type Readiness } from './openFile.ts';
import { Change, ReadinessQueue } from './readiness.ts';

/** Bytes of a counter. */
const SIZE = 8;
/** Most that a counter holds. */
const MOST = 0xffff_ffff_ffff_fffen;

/** Mode of files that have no name: readable and writable by their user, of no type. */
export const ANONYMOUS = 0o600;

/** An eventfd: writes add to its counter, reads take it, or one of it. */
export class EventFile extends OpenFile {
  private readonly queue = new ReadinessQueue();

  /** @param isSemaphore whether reads take one only */
  constructor(
    private count: bigint,
    private readonly isSemaphore: boolean,
    status: number,
  ) {
    super('anon_inode:[eventfd]' as ByteString, status);
  }

  override get changes(): ReadinessQueue {
    return this.queue;
  }

  read(into: Uint8Array): number {
    if (into.length < SIZE) throw new LinuxError(Errno.EINVAL);
    if (this.count === 0n) this.wait();
    const taken = this.isSemaphore ? 1n : this.count;
    this.count -= taken;
    new DataView(into.buffer, into.byteOffset).setBigUint64(0, taken, true);
    this.queue.signal(Change.room);
    return SIZE;
  }

  write(data: Uint8Array): number {
    if (data.length < SIZE) throw new LinuxError(Errno.EINVAL);
    const added = new DataView(data.buffer, data.byteOffset).getBigUint64(0, true);
    if (added > MOST) throw new LinuxError(Errno.EINVAL);
    if (this.count + added > MOST) this.wait();
    this.count += added;
    this.queue.signal(Change.data);
    return SIZE;
  }

  private wait(): never {
    if (this.nonBlocking) throw new LinuxError(Errno.EAGAIN);
    throw new Blocked({ on: [this.changes] });
  }

  override seek(): number {
    return 0;
  }

  stat(): HostStat {
    return virtualStat(ANONYMOUS, 0, 0n);
  }

  readiness(): Readiness {
    return { readable: this.count > 0n, writable: this.count < MOST, hangUp: false };
  }
}
