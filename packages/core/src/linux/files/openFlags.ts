import type { LinuxAbi } from '../../guest/index.ts';
import type { HostOpen } from '../host.ts';

/** Open flags that all architectures with the generic system calls share (include/uapi/asm-generic/fcntl.h). */
export const O = {
  accessMode: 0o3,
  writeOnly: 0o1,
  readWrite: 0o2,
  create: 0o100,
  exclusive: 0o200,
  noTerminal: 0o400,
  truncate: 0o1000,
  append: 0o2000,
  nonBlock: 0o4000,
  dataSync: 0o10000,
  async: 0o20000,
  noAccessTime: 0o1000000,
  closeOnExec: 0o2000000,
  /** With dataSync: O_SYNC. */
  fullSync: 0o4000000,
  path: 0o10000000,
  /** With the architecture's O_DIRECTORY: O_TMPFILE. */
  temporary: 0o20000000,
} as const;

/** What the host is asked for. */
export function hostOpen(flags: number, mode: number, abi: LinuxAbi): HostOpen {
  const access = flags & O.accessMode;
  return {
    read: access !== O.writeOnly,
    write: access !== 0 && (flags & O.path) === 0,
    create: (flags & O.create) !== 0,
    exclusive: (flags & O.exclusive) !== 0,
    truncate: (flags & O.truncate) !== 0,
    append: (flags & O.append) !== 0,
    directory: (flags & abi.openFlags.directory) !== 0,
    noFollow: (flags & abi.openFlags.noFollow) !== 0,
    nonBlocking: (flags & O.nonBlock) !== 0,
    sync: (flags & (O.dataSync | O.fullSync)) !== 0,
    pathOnly: (flags & O.path) !== 0,
    temporary: (flags & O.temporary) !== 0,
    mode: mode & 0o7777,
  };
}

/** The flags that fcntl(F_GETFL) tells of a file opened with `flags`. */
export const statusFlags = (flags: number, abi: LinuxAbi): number =>
  flags & ~(O.create | O.exclusive | O.noTerminal | O.truncate | O.closeOnExec | abi.openFlags.largeFile);

/** The flags that fcntl(F_SETFL) can change. */
export const changeableFlags = (abi: LinuxAbi): number => O.append | O.nonBlock | O.async | O.noAccessTime | abi.openFlags.direct;
