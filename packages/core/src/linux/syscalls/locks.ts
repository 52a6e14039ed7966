import { Errno, LinuxError } from '../errno.ts';
import type { LockRange, RecordLock } from '../files/fileLocks.ts';
import type { OpenFile } from '../files/openFile.ts';
import { Blocked } from '../kernel/waiting.ts';
import type { LinuxProcess } from '../process.ts';
import { int } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { opened } from './transfer.ts';

/** fcntl's commands for locks. */
export const LockCommand = { get: 5, set: 6, setAndWait: 7, descriptionGet: 36, descriptionSet: 37, descriptionSetAndWait: 38 } as const;

/** struct flock's l_type. */
const F_RDLCK = 0;
const F_WRLCK = 1;
const F_UNLCK = 2;

/** flock's operations. */
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/**
 * struct flock:
 *
 *     0 l_type (16 bits)   2 l_whence (16 bits)   8 l_start   16 l_len   24 l_pid (32 bits)   32
 */
const FLOCK_SIZE = 32;

/** The bytes that a struct flock means. @throws LinuxError EINVAL */
function rangeOf(file: OpenFile, view: DataView): LockRange {
  const whence = view.getInt16(2, true);
  if (whence < 0 || whence > 2) throw new LinuxError(Errno.EINVAL);
  const base = whence === 0 ? 0 : whence === 1 ? file.seek(0, 1) : Number(file.stat().size);
  const start = base + Number(view.getBigInt64(8, true));
  const length = Number(view.getBigInt64(16, true));
  const range = length > 0 ? { start, end: start + length } : length < 0 ? { start: start + length, end: start } : { start, end: Number.POSITIVE_INFINITY };
  if (range.start < 0) throw new LinuxError(Errno.EINVAL);
  return range;
}

/** Tells of the lock that is in the way, as positions from the file's start. */
function describe(view: DataView, lock: RecordLock): void {
  view.setInt16(0, lock.exclusive ? F_WRLCK : F_RDLCK, true);
  view.setInt16(2, 0, true);
  view.setBigInt64(8, BigInt(lock.start), true);
  view.setBigInt64(16, lock.end === Number.POSITIVE_INFINITY ? 0n : BigInt(lock.end - lock.start), true);
  view.setInt32(24, lock.pid, true);
}

/** fcntl with one of the commands for locks. @throws Blocked */
export function controlLock(process: LinuxProcess, file: OpenFile, command: number, at: number): number {
  const { locks } = process.kernel.files;
  const bytes = process.read(at, FLOCK_SIZE);
  const view = new DataView(bytes.buffer);
  const type = view.getInt16(0, true);
  const isDescription = command >= LockCommand.descriptionGet;
  if (type !== F_RDLCK && type !== F_WRLCK && type !== F_UNLCK) throw new LinuxError(Errno.EINVAL);
  if (isDescription && view.getInt32(24, true) !== 0) throw new LinuxError(Errno.EINVAL);
  const range = rangeOf(file, view);
  const owner = isDescription ? file : process.files;
  const wish: RecordLock = { ...range, owner, exclusive: type === F_WRLCK, pid: isDescription ? -1 : process.pid };
  locks.awaited(owner);
  const stat = file.stat();
  const conflict = type === F_UNLCK ? undefined : locks.conflict(stat, wish);
  if (command === LockCommand.get || command === LockCommand.descriptionGet) {
    if (type === F_UNLCK) throw new LinuxError(Errno.EINVAL);
    if (conflict === undefined) view.setInt16(0, F_UNLCK, true);
    else describe(view, conflict);
    process.write(at, bytes);
    return 0;
  }
  if (type === F_UNLCK) {
    locks.unset(stat, owner, range);
    return 0;
  }
  if (type === F_RDLCK ? !file.canRead : !file.canWrite) throw new LinuxError(Errno.EBADF);
  if (conflict !== undefined) {
    if (command !== LockCommand.setAndWait && command !== LockCommand.descriptionSetAndWait) throw new LinuxError(Errno.EAGAIN);
    if (!isDescription) locks.await(owner, conflict.owner);
    throw new Blocked({ on: [locks.changes(stat)] });
  }
  if (isDescription) file.locks = locks;
  else process.files.locks = locks;
  locks.set(stat, wish);
  return 0;
}

export const lockRows: readonly SyscallRow[] = [
  row('flock', [int, int], (process, fd, operation) => {
    const file = opened(process, fd);
    const { locks } = process.kernel.files;
    const stat = file.stat();
    switch (operation & ~LOCK_NB) {
      case LOCK_UN:
        locks.unlockWhole(stat, file);
        return 0;
      case LOCK_SH:
      case LOCK_EX:
        file.locks = locks;
        if (locks.lockWhole(stat, file, (operation & LOCK_EX) === 0 ? 'shared' : 'exclusive')) return 0;
        if ((operation & LOCK_NB) !== 0) throw new LinuxError(Errno.EAGAIN);
        throw new Blocked({ on: [locks.changes(stat)] });
      default:
        throw new LinuxError(Errno.EINVAL);
    }
  }),
];
