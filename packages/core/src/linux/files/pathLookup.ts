import { ascii, type ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { Host, HostStat } from '../host.ts';
import type { FileTable } from './fileTable.ts';
import type { OpenFile } from './openFile.ts';

/** dirfd that stands for the working directory. */
export const AT_FDCWD = -100;

/** Longest path, with its NUL. */
export const PATH_LIMIT = 4096;

/** S_IFMT, S_IFREG and S_IFDIR. */
export const TYPE_MASK = 0o170000;
export const REGULAR = 0o100000;
export const DIRECTORY = 0o040000;

/** What a path under /proc/self or /dev names that only the guest's kernel knows. */
export type ProcessPath =
  /** The running program. */
  | { readonly kind: 'program' }
  /** An open descriptor. */
  | { readonly kind: 'descriptor'; readonly fd: number }
  /** A file whose contents the kernel makes: maps, stat, auxv, cmdline. */
  | { readonly kind: 'contents'; readonly name: string };

/** Turns a guest's paths into the host's. */
export class PathLookup {
  /**
   * @param sysroot where absolute paths are looked for first (`-L`)
   * @param directory the working directory, absolute
   */
  constructor(
    private readonly host: Host,
    private readonly files: FileTable,
    private readonly sysroot: ByteString | undefined,
    private readonly pid: number,
    public directory: ByteString,
  ) {}

  /** The same for a forked process. */
  fork(files: FileTable, pid: number): PathLookup {
    return new PathLookup(this.host, files, this.sysroot, pid, this.directory);
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

  /** As `absolute`, but where the sysroot has the path, it is that one: for the calls whose paths QEMU looks up there. */
  inSysroot(dirfd: number, path: ByteString): ByteString {
    const absolute = this.absolute(dirfd, path);
    if (this.sysroot === undefined || !path.startsWith('/')) return absolute;
    const candidate = `${this.sysroot}${path}` as ByteString;
    try {
      this.host.access(candidate, 0);
      return candidate;
    } catch (error) {
      if (error instanceof LinuxError) return absolute;
      throw error;
    }
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

  /** Changes the working directory. */
  changeDirectory(path: ByteString): void {
    const stat: HostStat = this.host.statPath(path, true);
    if ((stat.mode & TYPE_MASK) !== DIRECTORY) throw new LinuxError(Errno.ENOTDIR);
    this.host.access(path, 1);
    this.directory = this.host.realPath(path);
  }

  /** Recognises the paths that name something of this process, not of the host's. */
  ofProcess(path: ByteString): ProcessPath | undefined {
    if (!path.startsWith('/proc/') && !path.startsWith('/dev/')) return undefined;
    const standard = ['/dev/stdin', '/dev/stdout', '/dev/stderr'].indexOf(path);
    if (standard >= 0) return { kind: 'descriptor', fd: standard };
    const descriptor = /^\/dev\/fd\/(\d+)$/.exec(path)?.[1];
    if (descriptor !== undefined) return { kind: 'descriptor', fd: Number(descriptor) };
    const [, owner, rest] = /^\/proc\/(self|thread-self|\d+)\/(.*)$/.exec(path) ?? [];
    if (owner === undefined || (/\d/.test(owner) && Number(owner) !== this.pid)) return undefined;
    if (rest === 'exe') return { kind: 'program' };
    const own = /^fd\/(\d+)$/.exec(rest)?.[1];
    if (own !== undefined) return { kind: 'descriptor', fd: Number(own) };
    return ['maps', 'stat', 'auxv', 'cmdline'].includes(rest) ? { kind: 'contents', name: rest } : undefined;
  }
}

export const join = (directory: ByteString, name: ByteString): ByteString => ascii(directory.endsWith('/') ? directory + name : `${directory}/${name}`);
