import { AT_FDCWD, type ByteString, bytesOf, Errno, findProc, type Host, type HostHandle, LinuxError, type LinuxProcess } from '../../linux/index.ts';
import type { DebugFileStat, DebugFiles } from '../target.ts';

const READ_ONLY = {
  read: true,
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
  append: false,
  directory: false,
  noFollow: false,
  nonBlocking: true,
  sync: false,
  pathOnly: false,
  temporary: false,
  mode: 0,
} as const;

/** S_IFREG */
const REGULAR = 0o100000;

/** Links of /proc that are followed one after the other. */
const MOST_LINKS = 8;

/** A file of the host's, or one that the virtual kernel makes. */
type Opened = { readonly handle: HostHandle } | { readonly contents: Uint8Array; readonly mode: number };

/** Files as a process sees them: those of its sysroot first, and its own /proc. */
export class GuestFiles implements DebugFiles {
  private readonly files = new Map<number, Opened>();
  private next = 0;

  constructor(
    private readonly host: Host,
    private readonly process: LinuxProcess,
  ) {}

  open(path: ByteString): number {
    this.files.set(this.next, this.openFile(this.process.paths.absolute(AT_FDCWD, path)));
    return this.next++;
  }

  private openFile(wanted: ByteString): Opened {
    let path = wanted;
    for (let links = 0; links < MOST_LINKS; links++) {
      const place = findProc(this.process, path);
      if (place === undefined || place.kind === 'host') return { handle: this.host.open(this.process.paths.inSysroot(place?.path ?? path, true), READ_ONLY) };
      const { node, rest } = place;
      if (node.kind === 'directory') throw new LinuxError(Errno.EISDIR);
      if (node.kind === 'file') return { contents: bytesOf(node.contents()), mode: REGULAR | node.mode };
      path = [node.target.startsWith('/') ? node.target : `/proc/${node.target}`, ...rest].join('/') as ByteString;
    }
    throw new LinuxError(Errno.ELOOP);
  }

  read(number: number, length: number, offset: number): Uint8Array {
    const file = this.file(number);
    if ('contents' in file) return file.contents.subarray(offset, offset + length);
    const buffer = new Uint8Array(length);
    return buffer.subarray(0, this.host.readAt(file.handle, buffer, offset));
  }

  stat(number: number): DebugFileStat {
    const file = this.file(number);
    if ('contents' in file) return { mode: file.mode, size: BigInt(file.contents.length), modified: 0 };
    const { mode, size, modifyTime } = this.host.stat(file.handle);
    return { mode, size, modified: Number(modifyTime / 1_000_000_000n) };
  }

  close(number: number): void {
    const file = this.file(number);
    if ('handle' in file) this.host.close(file.handle);
    this.files.delete(number);
  }

  readLink(path: ByteString): ByteString {
    const { paths } = this.process;
    const absolute = paths.absolute(AT_FDCWD, path);
    const place = findProc(this.process, absolute);
    if (place?.kind === 'node' && place.node.kind === 'link' && place.rest.length === 0) return place.node.target;
    return this.host.readLink(paths.inSysroot(absolute, false));
  }

  /** Closes what the debugger has left open. */
  closeAll(): void {
    for (const number of [...this.files.keys()]) this.close(number);
  }

  private file(number: number): Opened {
    const file = this.files.get(number);
    if (file === undefined) throw new LinuxError(Errno.EBADF);
    return file;
  }
}
