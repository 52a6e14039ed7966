import { AT_FDCWD, type ByteString, Errno, type Host, type HostHandle, LinuxError, type LinuxProcess } from '../../linux/index.ts';
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

/** The host's files as a process sees them. */
export class GuestFiles implements DebugFiles {
  private readonly handles = new Map<number, HostHandle>();
  private next = 0;

  constructor(
    private readonly host: Host,
    private readonly process: LinuxProcess,
  ) {}

  open(path: ByteString): number {
    const { paths } = this.process;
    const handle = this.host.open(paths.inSysroot(paths.absolute(AT_FDCWD, path), true), READ_ONLY);
    this.handles.set(this.next, handle);
    return this.next++;
  }

  read(file: number, length: number, offset: number): Uint8Array {
    const buffer = new Uint8Array(length);
    return buffer.subarray(0, this.host.readAt(this.handle(file), buffer, offset));
  }

  stat(file: number): DebugFileStat {
    const { mode, size, modifyTime } = this.host.stat(this.handle(file));
    return { mode, size, modified: Number(modifyTime / 1_000_000_000n) };
  }

  close(file: number): void {
    this.host.close(this.handle(file));
    this.handles.delete(file);
  }

  readLink(path: ByteString): ByteString {
    const { paths } = this.process;
    return this.host.readLink(paths.inSysroot(paths.absolute(AT_FDCWD, path), false));
  }

  /** Closes what the debugger has left open. */
  closeAll(): void {
    for (const file of [...this.handles.keys()]) this.close(file);
  }

  private handle(file: number): HostHandle {
    const handle = this.handles.get(file);
    if (handle === undefined) throw new LinuxError(Errno.EBADF);
    return handle;
  }
}
