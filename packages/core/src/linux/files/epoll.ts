import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostHandle, HostStat } from '../host.ts';
import type { Waiter, WaitQueue } from '../kernel/waiting.ts';
import { ANONYMOUS } from './eventFile.ts';
import { virtualStat } from './memoryFile.ts';
import { type FileWatch, OpenFile, type Readiness } from './openFile.ts';
import { O } from './openFlags.ts';
import { ALWAYS_TOLD, Change, Poll, pollEvents, ReadinessQueue } from './readiness.ts';

/** Flags beside the events of epoll_ctl. */
export const EpollFlag = { exclusive: 0x1000_0000, wakeUp: 0x2000_0000, oneShot: 0x4000_0000, edge: 0x8000_0000 | 0 } as const;
const FLAGS = EpollFlag.exclusive | EpollFlag.wakeUp | EpollFlag.oneShot | EpollFlag.edge;
const EXCLUSIVE_ALLOWED = Poll.in | Poll.out | ALWAYS_TOLD | EpollFlag.wakeUp | EpollFlag.edge | EpollFlag.exclusive;

/** Most epolls that may contain each other. */
const DEEPEST = 5;

/** One event of epoll_wait's. */
export interface EpollEvent {
  readonly events: number;
  readonly data: bigint;
}

/** A descriptor in an epoll's interest list. */
class Interest implements Waiter, FileWatch {
  private events = 0;
  private data = 0n;
  /** Of one that tells once: it has not told yet. */
  private armed = true;
  /** Where the file is the host's: bytes to be read when last looked, to find edges. */
  private seen: number | undefined;
  private queue: WaitQueue | undefined;

  constructor(
    private readonly epoll: EpollFile,
    readonly file: OpenFile,
    readonly fd: number,
  ) {
    file.watch(this);
    this.queue = file.changes;
    this.queue?.add(this);
  }

  set(events: number, data: bigint): void {
    this.events = events | ALWAYS_TOLD;
    this.data = data;
    this.armed = true;
    this.seen = undefined;
    if (this.found !== 0) this.epoll.becomesReady(this);
  }

  get isExclusive(): boolean {
    return (this.events & EpollFlag.exclusive) !== 0;
  }

  /** Events that it has to tell. */
  get found(): number {
    return this.armed ? pollEvents(this.file.readiness()) & this.events & ~FLAGS : 0;
  }

  /** Whether nothing wakes it, so that it must be asked. */
  get isSilent(): boolean {
    return this.queue === undefined;
  }

  awake(queue: WaitQueue): void {
    queue.add(this);
    const reason = queue instanceof ReadinessQueue ? queue.reason : Change.any;
    if (this.armed && (reason & this.events & ~FLAGS) !== 0 && this.found !== 0) this.epoll.becomesReady(this);
  }

  /** Its event, if there is one. @returns also whether it stays ready */
  tell(): { readonly event: EpollEvent; readonly stays: boolean } | undefined {
    const { found } = this;
    if (found === 0) return undefined;
    const isEdge = (this.events & EpollFlag.edge) !== 0;
    if (isEdge && this.isSilent && !this.hasEdge()) return undefined;
    if ((this.events & EpollFlag.oneShot) !== 0) this.armed = false;
    return { event: { events: found, data: this.data }, stays: !isEdge && this.armed };
  }

  /** Whether the host has more, or less, to read than before. */
  private hasEdge(): boolean {
    const before = this.seen;
    this.seen = this.file.canRead ? this.file.bytesReadable() : 0;
    return this.seen !== before;
  }

  fileClosed(): void {
    this.epoll.forget(this);
  }

  drop(): void {
    this.queue?.remove(this);
    this.file.unwatch(this);
  }
}

/** What is ready of many descriptors. */
export class EpollFile extends OpenFile {
  private readonly queue = new ReadinessQueue();
  private readonly interests = new Map<OpenFile, Map<number, Interest>>();
  /** Those that may have something to tell, in the order in which it happened. */
  private readonly ready = new Set<Interest>();

  constructor() {
    super('anon_inode:[eventpoll]' as ByteString, O.readWrite);
  }

  /** @throws LinuxError EEXIST, EPERM for files that are always ready, ELOOP, EINVAL */
  insert(file: OpenFile, fd: number, events: number, data: bigint): void {
    const isExclusive = (events & EpollFlag.exclusive) !== 0;
    if (isExclusive && ((events & ~EXCLUSIVE_ALLOWED) !== 0 || file instanceof EpollFile)) throw new LinuxError(Errno.EINVAL);
    if (!file.canBePolled) throw new LinuxError(Errno.EPERM);
    const ofFile = this.interests.get(file) ?? new Map<number, Interest>();
    if (ofFile.has(fd)) throw new LinuxError(Errno.EEXIST);
    if (file instanceof EpollFile && (file.contains(this) || file.depth >= DEEPEST)) throw new LinuxError(Errno.ELOOP);
    const interest = new Interest(this, file, fd);
    this.interests.set(file, ofFile.set(fd, interest));
    interest.set(events, data);
  }

  /** @throws LinuxError ENOENT, EINVAL */
  modify(file: OpenFile, fd: number, events: number, data: bigint): void {
    const interest = this.interest(file, fd);
    if (interest.isExclusive || (events & EpollFlag.exclusive) !== 0) throw new LinuxError(Errno.EINVAL);
    this.ready.delete(interest);
    interest.set(events, data);
  }

  /** @throws LinuxError ENOENT */
  remove(file: OpenFile, fd: number): void {
    this.forget(this.interest(file, fd));
  }

  private interest(file: OpenFile, fd: number): Interest {
    const interest = this.interests.get(file)?.get(fd);
    if (interest === undefined) throw new LinuxError(Errno.ENOENT);
    return interest;
  }

  forget(interest: Interest): void {
    interest.drop();
    this.ready.delete(interest);
    const ofFile = this.interests.get(interest.file);
    ofFile?.delete(interest.fd);
    if (ofFile?.size === 0) this.interests.delete(interest.file);
  }

  becomesReady(interest: Interest): void {
    this.ready.add(interest);
    this.queue.signal(Change.data);
  }

  private *all(): Iterable<Interest> {
    for (const ofFile of this.interests.values()) yield* ofFile.values();
  }

  /** Nothing tells when a file of the host's, or one fed by it, becomes ready. */
  private askSilent(): void {
    for (const interest of this.all()) {
      if (!interest.isSilent) {
        // Looking takes in what the host has for it, which wakes the interest.
        if (interest.file.pollHandles.length > 0) interest.file.readiness();
      } else if (interest.found !== 0) this.ready.add(interest);
    }
  }

  /** Tells at most `most` events. */
  collect(most: number): EpollEvent[] {
    this.askSilent();
    const told: EpollEvent[] = [];
    for (const interest of [...this.ready]) {
      if (told.length >= most) break;
      this.ready.delete(interest);
      const next = interest.tell();
      if (next === undefined) continue;
      told.push(next.event);
      // At the end, so that the others have their turn.
      if (next.stays) this.ready.add(interest);
    }
    return told;
  }

  private contains(other: EpollFile): boolean {
    return this === other || [...this.interests.keys()].some((file) => file instanceof EpollFile && file.contains(other));
  }

  private get depth(): number {
    return 1 + Math.max(0, ...[...this.interests.keys()].map((file) => (file instanceof EpollFile ? file.depth : 0)));
  }

  override get pollHandles(): readonly HostHandle[] {
    return [...this.interests.keys()].flatMap(({ pollHandles }) => pollHandles);
  }

  override get changes(): ReadinessQueue {
    return this.queue;
  }

  read(): number {
    throw new LinuxError(Errno.EINVAL);
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
    this.askSilent();
    for (const interest of this.ready) {
      if (interest.found !== 0) return { readable: true, writable: false, hangUp: false };
      this.ready.delete(interest);
    }
    return { readable: false, writable: false, hangUp: false };
  }

  override close(): void {
    for (const interest of [...this.all()]) this.forget(interest);
  }
}
