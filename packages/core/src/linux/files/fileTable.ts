import { Errno, LinuxError } from '../errno.ts';
import type { FileLocks } from './fileLocks.ts';
import type { OpenFile } from './openFile.ts';

interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** A process's file descriptors. */
export class FileTable {
  private readonly descriptors: (Descriptor | undefined)[] = [];
  /** Processes that have it. */
  private users = 1;
  /** Where the process's locks of parts of files are, once it has set one. */
  locks: FileLocks | undefined;

  /** @param limit one more than the highest descriptor (RLIMIT_NOFILE) */
  constructor(public limit: number) {}

  private descriptor(fd: number): Descriptor {
    const descriptor = this.descriptors[fd];
    if (descriptor === undefined) throw new LinuxError(Errno.EBADF);
    return descriptor;
  }

  /** @throws LinuxError EBADF if `fd` is not open */
  get(fd: number): OpenFile {
    return this.descriptor(fd).file;
  }

  has(fd: number): boolean {
    return this.descriptors[fd] !== undefined;
  }

  /** Gives `file` the lowest free descriptor from `lowest` on. @throws LinuxError EMFILE */
  add(file: OpenFile, closeOnExec = false, lowest = 0): number {
    let fd = lowest;
    while (this.descriptors[fd] !== undefined) fd++;
    if (fd >= this.limit) throw new LinuxError(Errno.EMFILE);
    this.place(fd, file, closeOnExec);
    return fd;
  }

  /** Makes `fd` refer to `file`; what it referred to before is closed. */
  place(fd: number, file: OpenFile, closeOnExec = false): void {
    if (fd < 0 || fd >= this.limit) throw new LinuxError(Errno.EBADF);
    file.references++;
    if (this.has(fd)) this.close(fd);
    this.descriptors[fd] = { file, closeOnExec };
  }

  close(fd: number): void {
    const { file } = this.descriptor(fd);
    this.descriptors[fd] = undefined;
    this.locks?.descriptorClosed(file, this);
    release(file);
  }

  closesOnExec(fd: number): boolean {
    return this.descriptor(fd).closeOnExec;
  }

  setCloseOnExec(fd: number, closeOnExec: boolean): void {
    this.descriptor(fd).closeOnExec = closeOnExec;
  }

  /** Open descriptors, in ascending order. */
  numbers(): number[] {
    return this.descriptors.flatMap((descriptor, fd) => (descriptor === undefined ? [] : [fd]));
  }

  /** One more process has this very table (CLONE_FILES). */
  share(): this {
    this.users++;
    return this;
  }

  /** A table of its own with the same open files. */
  copy(): FileTable {
    const copy = new FileTable(this.limit);
    this.descriptors.forEach((descriptor, fd) => {
      if (descriptor === undefined) return;
      descriptor.file.references++;
      copy.descriptors[fd] = { ...descriptor };
    });
    return copy;
  }

  /** One process has it no longer. */
  leave(): void {
    if (--this.users === 0) this.closeAll();
  }

  get isShared(): boolean {
    return this.users > 1;
  }

  closeOnExec(): void {
    for (const fd of this.numbers()) if (this.closesOnExec(fd)) this.close(fd);
  }

  closeAll(): void {
    for (const fd of this.numbers()) this.close(fd);
  }
}

/** One user of `file` less. */
export function release(file: OpenFile): void {
  if (--file.references === 0) file.release();
}
