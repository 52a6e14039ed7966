import { bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { DirectoryFile, type OpenFile } from '../files/openFile.ts';
import { closesOnExec, followed, openPath, readLink } from '../files/openPath.ts';
import { AT_FDCWD, DIRECTORY, REGULAR, TYPE_MASK } from '../files/pathLookup.ts';
import type { LinuxProcess } from '../process.ts';
import { dirent64 } from '../structs.ts';
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

const PERMISSIONS = 0o7777;

/** The host's path for the guest's path in memory, following what only the guest's kernel knows. */
function pathAt(process: LinuxProcess, dirfd: number, at: number): ReturnType<LinuxProcess['string']> {
  const path = process.string(at);
  return followed(process, path) ?? process.paths.absolute(dirfd, path);
}

function checkFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) throw new LinuxError(Errno.EINVAL);
}

function exists(process: LinuxProcess, path: ReturnType<LinuxProcess['string']>): boolean {
  try {
    process.host.statPath(path, false);
    return true;
  } catch (error) {
    if (error instanceof LinuxError && error.errno === Errno.ENOENT) return false;
    throw error;
  }
}

function rename(process: LinuxProcess, fromFd: number, from: number, toFd: number, to: number, flags: number): number {
  const { paths, host } = process;
  const source = paths.absolute(fromFd, process.string(from));
  const target = paths.absolute(toFd, process.string(to));
  if ((flags & ~RENAME_NOREPLACE) !== 0) throw new LinuxError(Errno.EINVAL);
  if (flags === RENAME_NOREPLACE && exists(process, target)) throw new LinuxError(Errno.EEXIST);
  host.rename(source, target);
  return 0;
}

function access(process: LinuxProcess, dirfd: number, path: number, mode: number, flags: number): number {
  if ((mode & ~7) !== 0) throw new LinuxError(Errno.EINVAL);
  checkFlags(flags, AT.effectiveAccess | AT.symlinkNoFollow | AT.emptyPath);
  process.host.access(pathAt(process, dirfd, path), mode);
  return 0;
}

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
  process.host.changeOwnerPath(pathAt(process, dirfd, path), uid, gid, (flags & AT.symlinkNoFollow) === 0);
  return 0;
}

/** Fills the buffer with whole entries. */
function listDirectory(process: LinuxProcess, fd: number, buffer: number, size: number): number {
  const directory = process.files.get(fd);
  if (!(directory instanceof DirectoryFile)) throw new LinuxError(Errno.ENOTDIR);
  let done = 0;
  for (let next = directory.peek(); next !== undefined; next = directory.peek()) {
    const bytes = dirent64(next.entry.inode, next.next, next.entry.type, next.entry.name);
    if (done + bytes.length > size) {
      if (done === 0) throw new LinuxError(Errno.EINVAL);
      break;
    }
    process.write(buffer + done, bytes);
    directory.advance();
    done += bytes.length;
  }
  return done;
}

export const pathRows: readonly SyscallRow[] = [
  row('openat', [int, address, int, unsigned], (process, dirfd, path, flags, mode) =>
    process.files.add(openPath(process, dirfd, process.string(path), flags, mode), closesOnExec(flags)),
  ),

  row('getdents64', [int, address, unsigned], listDirectory),

  row('readlinkat', [int, address, address, int], (process, dirfd, path, buffer, size) => {
    if (size <= 0) throw new LinuxError(Errno.EINVAL);
    const target = bytesOf(readLink(process, dirfd, process.string(path))).subarray(0, size);
    process.write(buffer, target);
    return target.length;
  }),

  row('faccessat', [int, address, int], (process, dirfd, path, mode) => access(process, dirfd, path, mode, 0)),
  row('faccessat2', [int, address, int, int], access),

  row('getcwd', [address, unsigned], (process, buffer, size) => {
    const { directory } = process.paths;
    if (directory.length + 1 > size) throw new LinuxError(Errno.ERANGE);
    const bytes = new Uint8Array(directory.length + 1);
    bytes.set(bytesOf(directory));
    process.write(buffer, bytes);
    return bytes.length;
  }),

  row('chdir', [address], (process, path) => {
    process.paths.changeDirectory(pathAt(process, AT_FDCWD, path));
    return 0;
  }),

  row('fchdir', [int], (process, fd) => {
    const file = process.files.get(fd);
    if ((file.stat().mode & TYPE_MASK) !== DIRECTORY) throw new LinuxError(Errno.ENOTDIR);
    process.paths.changeDirectory(process.paths.handlePath(file) ?? file.name);
    return 0;
  }),

  row('mkdirat', [int, address, unsigned], (process, dirfd, path, mode) => {
    process.host.makeDirectory(process.paths.absolute(dirfd, process.string(path)), mode & PERMISSIONS);
    return 0;
  }),

  // The host can make regular files only; what else mknod makes needs rights that users do not have, or a FIFO.
  row('mknodat', [int, address, unsigned], (process, dirfd, path, mode) => {
    const type = mode & TYPE_MASK;
    const target = process.paths.absolute(dirfd, process.string(path));
    if (type !== REGULAR && type !== 0) throw new LinuxError(Errno.EPERM);
    const { host } = process;
    const how = { read: false, write: true, create: true, exclusive: true, truncate: false, append: false, directory: false, noFollow: false };
    host.close(host.open(target, { ...how, nonBlocking: false, sync: false, pathOnly: false, temporary: false, mode: mode & PERMISSIONS }));
    return 0;
  }),

  row('unlinkat', [int, address, int], (process, dirfd, path, flags) => {
    checkFlags(flags, AT.removeDirectory);
    const target = process.paths.absolute(dirfd, process.string(path));
    if ((flags & AT.removeDirectory) === 0) process.host.unlink(target);
    else process.host.removeDirectory(target);
    return 0;
  }),

  row('renameat', [int, address, int, address], (process, fromFd, from, toFd, to) => rename(process, fromFd, from, toFd, to, 0)),
  row('renameat2', [int, address, int, address, unsigned], rename),

  row('linkat', [int, address, int, address, int], (process, fromFd, from, toFd, to, flags) => {
    checkFlags(flags, AT.symlinkFollow | AT.emptyPath);
    const { paths, host } = process;
    const path = process.string(from);
    const empty = (flags & AT.emptyPath) !== 0 && path === '';
    const named = empty ? paths.handlePath(process.files.get(fromFd)) : (flags & AT.symlinkFollow) !== 0 ? followed(process, path) : undefined;
    const source = named ?? paths.absolute(fromFd, path);
    const follow = empty || (flags & AT.symlinkFollow) !== 0;
    host.link(follow ? host.realPath(source) : source, paths.absolute(toFd, process.string(to)));
    return 0;
  }),

  row('symlinkat', [address, int, address], (process, target, dirfd, path) => {
    const text = process.string(target);
    if (text === '') throw new LinuxError(Errno.ENOENT);
    process.host.symbolicLink(text, process.paths.absolute(dirfd, process.string(path)));
    return 0;
  }),

  row('truncate', [address, signed], (process, path, length) => {
    if (length < 0) throw new LinuxError(Errno.EINVAL);
    process.host.truncatePath(pathAt(process, AT_FDCWD, path), length);
    return 0;
  }),

  row('fchmod', [int, unsigned], (process, fd, mode) => {
    process.host.changeMode(handleOf(process.files.get(fd)), mode & PERMISSIONS);
    return 0;
  }),

  row('fchmodat', [int, address, unsigned], (process, dirfd, path, mode) => {
    process.host.changeModePath(pathAt(process, dirfd, path), mode & PERMISSIONS);
    return 0;
  }),

  row('fchown', [int, unsigned, unsigned], (process, fd, uid, gid) => {
    process.host.changeOwner(handleOf(process.files.get(fd)), uid, gid);
    return 0;
  }),

  row('fchownat', [int, address, unsigned, unsigned, int], changeOwnerAt),

  row('umask', [unsigned], (process, mask) => process.host.setUmask(mask & 0o777)),
];
