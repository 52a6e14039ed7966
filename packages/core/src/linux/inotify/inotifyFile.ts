import { type ByteString, bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { ANONYMOUS } from '../files/eventFile.ts';
import { virtualStat } from '../files/memoryFile.ts';
import { OpenFile, type Readiness } from '../files/openFile.ts';
import { Change, ReadinessQueue } from '../files/readiness.ts';
import type { HostStat } from '../host.ts';
import { Blocked } from '../kernel/waiting.ts';
import { In } from './events.ts';
import type { FileWatches, Watch } from './fileWatches.ts';

/** Bytes of struct inotify_event without its name, to a multiple of which the name is filled up. */
const HEAD = 16;
/** Most events that wait (fs.inotify.max_queued_events). */
const MOST = 16384;

interface InotifyEvent {
  readonly watch: number;
  readonly mask: number;
  readonly cookie: number;
  readonly name: ByteString;
}

const nameLength = ({ name }: InotifyEvent): number => (name === '' ? 0 : Math.ceil((name.length + 1) / HEAD) * HEAD);
const sizeOf = (event: InotifyEvent): number => HEAD + nameLength(event);

/** An inotify instance: tells what happens to the files that it watches. */
export class InotifyFile extends OpenFile {
  /** By their numbers. */
  readonly watched = new Map<number, Watch>();
  private readonly queue = new ReadinessQueue();
  private events: InotifyEvent[] = [];
  private lastWatch = 0;

  constructor(
    private readonly registry: FileWatches,
    status: number,
  ) {
    super('anon_inode:inotify' as ByteString, status);
  }

  override get changes(): ReadinessQueue {
    return this.queue;
  }

  /** A number for a new watch. */
  nextWatch(): number {
    return ++this.lastWatch;
  }

  /** Something has happened. What is the same as the last thing is told once. */
  tell(watch: number, mask: number, name = '' as ByteString, cookie = 0): void {
    const last = this.events[this.events.length - 1];
    if (last !== undefined && last.watch === watch && last.mask === mask && last.name === name && last.cookie === cookie) return;
    if (this.events.length > MOST) return;
    const isFull = this.events.length === MOST;
    this.events.push(isFull ? { watch: -1, mask: In.overflow, cookie: 0, name: '' as ByteString } : { watch, mask, cookie, name });
    this.queue.signal(Change.data);
  }

  read(into: Uint8Array): number {
    if (this.events.length === 0) {
      if (this.nonBlocking) throw new LinuxError(Errno.EAGAIN);
      throw new Blocked({ on: [this.changes] });
    }
    const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
    let at = 0;
    let count = 0;
    for (const event of this.events) {
      if (at + sizeOf(event) > into.length) break;
      const { watch, mask, cookie, name } = event;
      [watch, mask, cookie, nameLength(event)].forEach((word, i) => {
        view.setUint32(at + 4 * i, word, true);
      });
      into.fill(0, at + HEAD, at + sizeOf(event)).set(bytesOf(name), at + HEAD);
      at += sizeOf(event);
      count++;
    }
    if (count === 0) throw new LinuxError(Errno.EINVAL);
    this.events = this.events.slice(count);
    return at;
  }

  write(): number {
    throw new LinuxError(Errno.EBADF);
  }

  override bytesReadable(): number {
    return this.events.reduce((sum, event) => sum + sizeOf(event), 0);
  }

  stat(): HostStat {
    return virtualStat(ANONYMOUS, 0, 0n);
  }

  readiness(): Readiness {
    return { readable: this.events.length > 0, writable: false, hangUp: false };
  }

  override close(): void {
    for (const watch of [...this.watched.values()]) this.registry.remove(watch);
  }
}
