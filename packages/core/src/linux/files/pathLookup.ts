import { ascii, type ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { Host, HostStat } from '../host.ts';
import type { FileTable } from './fileTable.ts';
import type { OpenFile } from './openFile.ts';
import type { Sysroot } from './sysroot.ts';

/** dirfd that stands for the working directory. */
export const AT_FDCWD = -100;

/** Longest path, with its NUL. */
export const PATH_LIMIT = 4096;

/** S_IFMT, S_IFREG and S_IFDIR. */
export const TYPE_MASK = 0o170000;
export const REGULAR = 0o100000;
export const DIRECTORY = 0o040000;

/** Turns a guest's paths into the host's. */
export class PathLookup {
  /**
   * @param sysroot where absolute paths are looked for first (`-L`)
   * @param directory the working directory, absolute
   */
  constructor(
    private readonly host: Host,
    private readonly files: FileTable,
    private readonly sysroot: Sysroot | undefined,
    public directory: ByteString,
  ) {}

  /** The same for a forked process. */
  fork(files: FileTable): PathLookup {
    return new PathLookup(this.host, files, this.sysroot, this.directory);
  }

  /**
   * The absolute host path for a guest's path.
   * @throws LinuxError ENOENT if `path` is empty, EBADF or ENOTDIR if `dirfd` is no directory
   */
  absolute(dirfd: number, path: ByteString): ByteString {
    if (path === '') throw new LinuxError(Errno.ENOENT);
    if (path.startsWith('/')) return path;
    return join(dirfd === AT_FDCWD ? this.directory : this.directoryPath(dirfd), path);
  }

  /**
   * The host's path of an absolute path of the guest's: that in the sysroot, if it is there.
   * @param follow whether a symbolic link as the last part is followed
   */
  inSysroot(path: ByteString, follow: boolean): ByteString {
    return this.sysroot?.find(path, follow) ?? path;
  }

  private directoryPath(fd: number): ByteString {
    const file = this.files.get(fd);
    if ((file.stat().mode & TYPE_MASK) !== DIRECTORY) throw new LinuxError(Errno.ENOTDIR);
    return this.handlePath(file) ?? file.name;
  }

  /** A host path that leads to an open file, wherever it is now. */
  handlePath(file: OpenFile): ByteString | undefined {
    return file.handle === undefined ? undefined : this.host.handlePath(file.handle);
  }

  /** Makes a directory of the host's the working directory. */
  changeDirectory(path: ByteString): void {
    const stat: HostStat = this.host.statPath(path, true);
    if ((stat.mode & TYPE_MASK) !== DIRECTORY) throw new LinuxError(Errno.ENOTDIR);
    this.host.access(path, 1);
    this.directory = this.host.realPath(path);
  }
}

export const join = (directory: ByteString, name: ByteString): ByteString => ascii(directory.endsWith('/') ? directory + name : `${directory}/${name}`);
