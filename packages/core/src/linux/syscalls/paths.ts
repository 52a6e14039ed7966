import { type ByteString, bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { hostPath, locate, namePath, type Place, placeStat } from '../files/locate.ts';
import type { OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import { readLink } from '../files/openPath.ts';
import { AT_FDCWD, REGULAR, TYPE_MASK } from '../files/pathLookup.ts';
import { RamFile } from '../files/ramFile.ts';
import type { HostStat } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import { address, int, signed, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

/** Flags of the calls that end in `at` (include/uapi/linux/fcntl.h). */
export const AT = {
  symlinkNoFollow: 0x100,
  effectiveAccess: 0x200,
  removeDirectory: 0x200,
  symlinkFollow: 0x400,
  noAutomount: 0x800,
  emptyPath: 0x1000,
} as const;

const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;

/** S_IFIFO and S_IFLNK. */
const FIFO = 0o010000;
const LINK = 0o120000;

const PERMISSIONS = 0o7777;

/** The host's path of what the path in guest memory names. */
const pathAt = (process: LinuxProcess, dirfd: number, at: number, follow = true): ByteString => hostPath(process, dirfd, process.string(at), follow);

/** The host's path of the name in guest memory, which is to be made or removed. */
const nameAt = (process: LinuxProcess, dirfd: number, at: number): ByteString => namePath(process, dirfd, process.string(at));

function checkFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) throw new LinuxError(Errno.EINVAL);
}

/** What stat tells of a path of the host's, if something is there. */
function statIfThere(process: LinuxProcess, path: ByteString): HostStat | undefined {
  try {
    return process.host.statPath(path, false);
  } catch (error) {
    if (error instanceof LinuxError && error.errno === Errno.ENOENT) return undefined;
    throw error;
  }
}

/** Lets two names trade places, by way of a third. */
function exchange(process: LinuxProcess, source: ByteString, target: ByteString): void {
  const { host } = process;
  const [a, b] = [host.statPath(source, false), host.statPath(target, false)];
  if (a.device !== b.device) throw new LinuxError(Errno.EXDEV);
  const suffix = new Uint8Array(8);
  host.random(suffix);
  const between = `${source.replace(/\/+$/, '')}.${[...suffix].map((byte) => byte.toString(16).padStart(2, '0')).join('')}` as ByteString;
  host.rename(source, between);
  try {
    host.rename(target, source);
  } catch (error) {
    host.rename(between, source);
    throw error;
  }
  host.rename(between, target);
}

function rename(process: LinuxProcess, fromFd: number, from: number, toFd: number, to: number, flags: number): number {
  const { host } = process;
  const source = nameAt(process, fromFd, from);
  const target = nameAt(process, toFd, to);
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) !== 0 || flags === (RENAME_NOREPLACE | RENAME_EXCHANGE)) throw new LinuxError(Errno.EINVAL);
  if (flags === RENAME_EXCHANGE) {
    exchange(process, source, target);
    return 0;
  }
  if (flags === RENAME_NOREPLACE) {
    host.statPath(source, false);
    if (statIfThere(process, target) !== undefined) throw new LinuxError(Errno.EEXIST);
  }
  host.rename(source, target);
  return 0;
}

const R_OK = 4;
const W_OK = 2;
const X_OK = 1;

function access(process: LinuxProcess, dirfd: number, pathAt: number, mode: number, flags: number): number {
  if ((mode & ~(R_OK | W_OK | X_OK)) !== 0) throw new LinuxError(Errno.EINVAL);
  checkFlags(flags, AT.effectiveAccess | AT.symlinkNoFollow | AT.emptyPath);
  const path = process.string(pathAt);
  const follow = (flags & AT.symlinkNoFollow) === 0;
  const place = path === '' && (flags & AT.emptyPath) !== 0 ? openPlaceOf(process, dirfd) : locate(process, dirfd, path, follow);
  const known = place.kind === 'host' ? place.path : place.kind === 'open' ? process.paths.handlePath(place.file) : undefined;
  if (known === undefined) {
    // The owner's bits: whoever looks at it has it.
    const { mode: bits } = placeStat(process, place, follow);
    if ((mode & ~((bits >> 6) & 7)) !== 0 && process.identity.effectiveUid !== 0) throw new LinuxError(Errno.EACCES);
  } else if (follow) {
    process.host.access(known, mode);
  } else if ((process.host.statPath(known, false).mode & TYPE_MASK) !== LINK) {
    process.host.access(known, mode);
  }
  return 0;
}

/** What AT_EMPTY_PATH means: the open file, or the working directory. */
const openPlaceOf = (process: LinuxProcess, dirfd: number): Place =>
  dirfd === AT_FDCWD ? { kind: 'host', path: process.paths.directory } : { kind: 'open', file: process.files.get(dirfd) };

/** An open file with a handle of the host's, which only those can change. */
function handleOf(file: OpenFile): number {
  if (file.handle === undefined) throw new LinuxError(Errno.EPERM);
  return file.handle;
}

function changeOwnerAt(process: LinuxProcess, dirfd: number, path: number, uid: number, gid: number, flags: number): number {
  checkFlags(flags, AT.symlinkNoFollow | AT.emptyPath);
  if ((flags & AT.emptyPath) !== 0 && process.string(path) === '') {
    if (dirfd === AT_FDCWD) process.host.changeOwnerPath(process.paths.directory, uid, gid, true);
    else process.host.changeOwner(handleOf(process.files.get(dirfd)), uid, gid);
    return 0;
  }
  const follow = (flags & AT.symlinkNoFollow) === 0;
  process.host.changeOwnerPath(pathAt(process, dirfd, path, follow), uid, gid, follow);
  return 0;
}

/** Makes a file of any type that the host can make: regular files, and FIFOs where it has a command for them. */
function makeNode(process: LinuxProcess, dirfd: number, path: number, mode: number): number {
  const { host } = process;
  const type = mode & TYPE_MASK;
  const target = nameAt(process, dirfd, path);
  if (type === FIFO) {
    host.makeFifo(target, mode & PERMISSIONS & ~process.umask);
    return 0;
  }
  // Devices need rights that users do not have; nor has the host a way to make sockets.
  if (type !== REGULAR && type !== 0) throw new LinuxError(Errno.EPERM);
  const how = { read: false, write: true, create: true, exclusive: true, truncate: false, append: false, directory: false, noFollow: false };
  host.close(host.open(target, { ...how, nonBlocking: false, sync: false, pathOnly: false, temporary: false, mode: mode & PERMISSIONS }));
  return 0;
}

function changeMode(process: LinuxProcess, dirfd: number, pathAt: number, mode: number, flags: number): number {
  checkFlags(flags, AT.symlinkNoFollow | AT.emptyPath);
  const path = process.string(pathAt);
  if (path === '' && (flags & AT.emptyPath) !== 0 && dirfd !== AT_FDCWD) return changeModeOf(process.files.get(dirfd), process, mode);
  const follow = (flags & AT.symlinkNoFollow) === 0;
  const target = path === '' && (flags & AT.emptyPath) !== 0 ? process.paths.directory : hostPath(process, dirfd, path, follow);
  // Symbolic links have no permissions of their own.
  if (!follow && (process.host.statPath(target, false).mode & TYPE_MASK) === LINK) throw new LinuxError(Errno.EOPNOTSUPP);
  process.host.changeModePath(target, mode & PERMISSIONS);
  return 0;
}

function changeModeOf(file: OpenFile, process: LinuxProcess, mode: number): number {
  if ((file.status & O.path) !== 0) throw new LinuxError(Errno.EBADF);
  if (file instanceof RamFile) file.changeMode(mode & PERMISSIONS);
  else process.host.changeMode(handleOf(file), mode & PERMISSIONS);
  return 0;
}

export const pathRows: readonly SyscallRow[] = [
  row('readlinkat', [int, address, address, int], (process, dirfd, path, buffer, size) => {
    if (size <= 0) throw new LinuxError(Errno.EINVAL);
    const target = bytesOf(readLink(process, dirfd, process.string(path))).subarray(0, size);
    process.write(buffer, target);
    return target.length;
  }),

  row('faccessat', [int, address, int], (process, dirfd, path, mode) => access(process, dirfd, path, mode, 0)),
  row('faccessat2', [int, address, int, int], access),

  row('mkdirat', [int, address, unsigned], (process, dirfd, path, mode) => {
    process.host.makeDirectory(nameAt(process, dirfd, path), mode & PERMISSIONS);
    return 0;
  }),

  row('mknodat', [int, address, unsigned], makeNode),

  row('unlinkat', [int, address, int], (process, dirfd, path, flags) => {
    checkFlags(flags, AT.removeDirectory);
    const target = nameAt(process, dirfd, path);
    if ((flags & AT.removeDirectory) === 0) process.host.unlink(target);
    else process.host.removeDirectory(target);
    return 0;
  }),

  row('renameat', [int, address, int, address], (process, fromFd, from, toFd, to) => rename(process, fromFd, from, toFd, to, 0)),
  row('renameat2', [int, address, int, address, unsigned], rename),

  row('linkat', [int, address, int, address, int], (process, fromFd, from, toFd, to, flags) => {
    checkFlags(flags, AT.symlinkFollow | AT.emptyPath);
    const { host } = process;
    const path = process.string(from);
    const empty = (flags & AT.emptyPath) !== 0 && path === '';
    const follow = empty || (flags & AT.symlinkFollow) !== 0;
    const place = empty ? openPlaceOf(process, fromFd) : locate(process, fromFd, path, follow);
    const target = nameAt(process, toFd, to);
    if (place.kind === 'host') {
      host.link(follow ? host.realPath(place.path) : place.path, target);
      return 0;
    }
    // What has no place on the host's disks gets none there.
    const handle = place.kind === 'open' ? place.file.handle : undefined;
    if (handle === undefined) throw new LinuxError(Errno.EXDEV);
    host.linkOpen(handle, target);
    return 0;
  }),

  row('symlinkat', [address, int, address], (process, target, dirfd, path) => {
    const text = process.string(target);
    if (text === '') throw new LinuxError(Errno.ENOENT);
    process.host.symbolicLink(text, nameAt(process, dirfd, path));
    return 0;
  }),

  row('truncate', [address, signed], (process, path, length) => {
    if (length < 0) throw new LinuxError(Errno.EINVAL);
    process.host.truncatePath(pathAt(process, AT_FDCWD, path), length);
    return 0;
  }),

  row('fchmod', [int, unsigned], (process, fd, mode) => changeModeOf(process.files.get(fd), process, mode)),
  row('fchmodat', [int, address, unsigned], (process, dirfd, path, mode) => changeMode(process, dirfd, path, mode, 0)),
  row('fchmodat2', [int, address, unsigned, int], changeMode),

  row('fchown', [int, unsigned, unsigned], (process, fd, uid, gid) => {
    process.host.changeOwner(handleOf(process.files.get(fd)), uid, gid);
    return 0;
  }),

  row('fchownat', [int, address, unsigned, unsigned, int], changeOwnerAt),

  row('umask', [unsigned], (process, mask) => process.setUmask(mask & 0o777)),
];
