import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { hostPath, locate, type Place, placeStat } from '../files/locate.ts';
import { AT_FDCWD } from '../files/pathLookup.ts';
import { PipeEnd } from '../files/pipe.ts';
import { RamFile } from '../files/ramFile.ts';
import type { HostFileSystemStat, HostStat } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import { ProcDirectory, ProcFile } from '../procfs/openFiles.ts';
import { SECOND, stat, statfs, statx } from '../structs.ts';
import { address, int, unsigned } from './arguments.ts';
import { AT } from './paths.ts';
import { row, type SyscallRow } from './row.ts';

/** utimensat's tv_nsec for the present time, and for a time that stays as it is. */
const UTIME_NOW = 0x3fffffffn;
const UTIME_OMIT = 0x3ffffffen;

/** AT_STATX_FORCE_SYNC and AT_STATX_DONT_SYNC; both at once are a mistake, as is the highest bit of the mask. */
const STATX_SYNC = 0x6000;
const STATX_RESERVED = 0x8000_0000;

/** What stat tells of a path, or, where it is empty and that is allowed, of an open file. */
function statAt(process: LinuxProcess, dirfd: number, pathAt: number, flags: number): HostStat {
  const { paths, host, files } = process;
  const path = process.string(pathAt);
  if (path === '') {
    if ((flags & AT.emptyPath) === 0) throw new LinuxError(Errno.ENOENT);
    return dirfd === AT_FDCWD ? host.statPath(paths.directory, true) : files.get(dirfd).stat();
  }
  const follow = (flags & AT.symlinkNoFollow) === 0;
  const place = locate(process, dirfd, path, follow);
  const named = place.kind === 'host' && path.endsWith('/') ? { ...place, path: `${place.path}/` as ByteString } : place;
  return placeStat(process, named, follow);
}

/** f_type of the file systems of files that have no place on a disk. */
const FileSystem = { proc: 0x9fa0n, pipe: 0x5049_5045n, memory: 0x0102_1994n, anonymous: 0x0904_1934n } as const;

const emptyFileSystem = (type: bigint): HostFileSystemStat => ({
  type,
  blockSize: 4096n,
  blocks: 0n,
  blocksFree: 0n,
  blocksAvailable: 0n,
  files: 0n,
  filesFree: 0n,
  readOnly: false,
});

function fileSystemOf(process: LinuxProcess, place: Place): HostFileSystemStat {
  const { host, paths } = process;
  if (place.kind === 'host') return host.statFileSystem(place.path);
  if (place.kind === 'node') return emptyFileSystem(FileSystem.proc);
  const { file } = place;
  const path = paths.handlePath(file);
  if (path !== undefined) return host.statFileSystem(path);
  if (file instanceof PipeEnd) return emptyFileSystem(FileSystem.pipe);
  if (file instanceof RamFile) return emptyFileSystem(FileSystem.memory);
  return emptyFileSystem(file instanceof ProcFile || file instanceof ProcDirectory ? FileSystem.proc : FileSystem.anonymous);
}

/** A time as utimensat has it; undefined where it stays. */
function timeAt(view: DataView, at: number, now: bigint): bigint | undefined {
  const seconds = view.getBigInt64(at, true);
  const nanoseconds = view.getBigInt64(at + 8, true);
  if (nanoseconds === UTIME_NOW) return now;
  if (nanoseconds === UTIME_OMIT) return undefined;
  if (nanoseconds < 0n || nanoseconds >= SECOND) throw new LinuxError(Errno.EINVAL);
  return seconds * SECOND + nanoseconds;
}

function setTimes(process: LinuxProcess, dirfd: number, pathAt: number, times: number, flags: number): number {
  const { host, files } = process;
  if ((flags & ~(AT.symlinkNoFollow | AT.emptyPath)) !== 0) throw new LinuxError(Errno.EINVAL);
  const now = host.realTime();
  const view = times === 0 ? undefined : process.view(times, 32);
  const accessTime = view === undefined ? now : timeAt(view, 0, now);
  const modifyTime = view === undefined ? now : timeAt(view, 16, now);
  if (accessTime === undefined && modifyTime === undefined) return 0;
  const path = pathAt === 0 && dirfd !== AT_FDCWD ? undefined : process.string(pathAt);
  if (path === undefined || (path === '' && (flags & AT.emptyPath) !== 0)) {
    const file = files.get(dirfd);
    if (file.handle === undefined) throw new LinuxError(Errno.EPERM);
    const old = file.stat();
    host.setTimes(file.handle, accessTime ?? old.accessTime, modifyTime ?? old.modifyTime);
    return 0;
  }
  const follow = (flags & AT.symlinkNoFollow) === 0;
  const target = hostPath(process, dirfd, path, follow);
  const old = host.statPath(target, follow);
  host.setTimesPath(target, accessTime ?? old.accessTime, modifyTime ?? old.modifyTime, follow);
  return 0;
}

export const statRows: readonly SyscallRow[] = [
  row('newfstatat', [int, address, address, int], (process, dirfd, path, buffer, flags) => {
    if ((flags & ~(AT.symlinkNoFollow | AT.emptyPath | AT.noAutomount)) !== 0) throw new LinuxError(Errno.EINVAL);
    process.write(buffer, stat(statAt(process, dirfd, path, flags)));
    return 0;
  }),

  row('fstat', [int, address], (process, fd, buffer) => {
    process.write(buffer, stat(process.files.get(fd).stat()));
    return 0;
  }),

  row('statx', [int, address, int, unsigned, address], (process, dirfd, path, flags, mask, buffer) => {
    if ((flags & ~(AT.symlinkNoFollow | AT.emptyPath | AT.noAutomount | STATX_SYNC)) !== 0 || (flags & STATX_SYNC) === STATX_SYNC) {
      throw new LinuxError(Errno.EINVAL);
    }
    if (mask >= STATX_RESERVED) throw new LinuxError(Errno.EINVAL);
    process.write(buffer, statx(statAt(process, dirfd, path, flags)));
    return 0;
  }),

  row('statfs', [address, address], (process, path, buffer) => {
    process.write(buffer, statfs(fileSystemOf(process, locate(process, AT_FDCWD, process.string(path)))));
    return 0;
  }),

  row('fstatfs', [int, address], (process, fd, buffer) => {
    process.write(buffer, statfs(fileSystemOf(process, { kind: 'open', file: process.files.get(fd) })));
    return 0;
  }),

  row('utimensat', [int, address, address, int], setTimes),
];
