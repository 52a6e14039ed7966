import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import { WaitQueue } from '../kernel/waiting.ts';
import type { OpenFile } from './openFile.ts';

/** Bytes `start` up to, without, `end` of a file. */
export interface LockRange {
  readonly start: number;
  /** Infinity: whatever the file grows to. */
  readonly end: number;
}

/** A lock of a part of a file (fcntl), as F_GETLK tells it. */
export interface RecordLock extends LockRange {
  /** A process's open files (F_SETLK), or an open file description (F_OFD_SETLK). */
  readonly owner: object;
  readonly exclusive: boolean;
  /** Of the process; -1 for locks of open file descriptions. */
  readonly pid: number;
}

type Whole = 'shared' | 'exclusive';

/** The locks of one file. */
class Inode {
  records: RecordLock[] = [];
  /** Locks of flock, by open file description. */
  readonly wholes = new Map<OpenFile, Whole>();
  /** Woken whenever a lock is taken away. */
  readonly changes = new WaitQueue();
}

const overlaps = (a: LockRange, b: LockRange): boolean => a.start < b.end && b.start < a.end;

/** Advisory locks: they hold between guests, not against programs of the host. */
export class FileLocks {
  private readonly inodes = new Map<string, Inode>();
  /** Who waits for whom in F_SETLKW. */
  private readonly waiting = new Map<object, object>();

  private inode(file: HostStat): Inode {
    const found = this.inodes.get(keyOf(file)) ?? new Inode();
    this.inodes.set(keyOf(file), found);
    return found;
  }

  /** Woken when locks of the file go away. */
  changes(file: HostStat): WaitQueue {
    return this.inode(file).changes;
  }

  /** A lock that is in the way of `wish`. */
  conflict(file: HostStat, wish: RecordLock): RecordLock | undefined {
    return this.inode(file).records.find((lock) => lock.owner !== wish.owner && overlaps(lock, wish) && (lock.exclusive || wish.exclusive));
  }

  /** Sets a lock that nothing is in the way of, in the place of what its owner had there. */
  set(file: HostStat, lock: RecordLock): void {
    this.unset(file, lock.owner, lock);
    this.inode(file).records.push(lock);
  }

  /** Unlocks what `owner` has in the range. */
  unset(file: HostStat, owner: object, range: LockRange): void {
    const inode = this.inode(file);
    inode.records = inode.records.flatMap((lock) => {
      if (lock.owner !== owner || !overlaps(lock, range)) return [lock];
      const rest: RecordLock[] = [];
      if (lock.start < range.start) rest.push({ ...lock, end: range.start });
      if (lock.end > range.end) rest.push({ ...lock, start: range.end });
      return rest;
    });
    inode.changes.wake();
  }

  /** Notes that one owner waits for another. @throws LinuxError EDEADLK if that one waits for the first, be it by way of others */
  await(owner: object, other: object): void {
    for (let at: object | undefined = other; at !== undefined; at = this.waiting.get(at)) {
      if (at === owner) throw new LinuxError(Errno.EDEADLK);
    }
    this.waiting.set(owner, other);
  }

  /** The owner waits no longer. */
  awaited(owner: object): void {
    this.waiting.delete(owner);
  }

  /** flock. @returns false if another one's lock is in the way; a lock that was to be changed is lost then */
  lockWhole(stat: HostStat, file: OpenFile, wish: Whole): boolean {
    const { wholes } = this.inode(stat);
    if (wholes.get(file) === wish) return true;
    if (wholes.has(file)) this.unlockWhole(stat, file);
    for (const lock of wholes.values()) if (lock === 'exclusive' || wish === 'exclusive') return false;
    wholes.set(file, wish);
    return true;
  }

  unlockWhole(stat: HostStat, file: OpenFile): void {
    const { wholes, changes } = this.inode(stat);
    if (wholes.delete(file)) changes.wake();
  }

  /** A process has closed a descriptor: it loses all its locks of that file, however it got them. */
  descriptorClosed(file: OpenFile, owner: object): void {
    const stat = this.statIfLocked(file);
    if (stat !== undefined) this.forget(stat, owner);
  }

  /** Nobody has the open file description any more. */
  fileClosed(file: OpenFile): void {
    const stat = this.statIfLocked(file);
    if (stat === undefined) return;
    this.unlockWhole(stat, file);
    this.forget(stat, file);
  }

  private statIfLocked(file: OpenFile): HostStat | undefined {
    if (this.inodes.size === 0) return undefined;
    const stat = file.stat();
    return this.inodes.has(keyOf(stat)) ? stat : undefined;
  }

  private forget(stat: HostStat, owner: object): void {
    this.unset(stat, owner, { start: 0, end: Number.POSITIVE_INFINITY });
    const { records, wholes, changes } = this.inode(stat);
    if (records.length + wholes.size + changes.length === 0) this.inodes.delete(keyOf(stat));
  }
}

const keyOf = ({ device, inode }: HostStat): string => `${device}:${inode}`;
