import type { AddressSpace } from '../../engine/index.ts';
import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { OpenFile, type Readiness } from '../files/openFile.ts';
import type { HostStat } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import type { ProcFileNode } from './node.ts';
import { nodeStat } from './openFiles.ts';

const PAGE = 4096;

/** /proc/PID/mem: the memory of a process, by address, whatever the process itself may do there. */
class ProcessMemoryFile extends OpenFile {
  private position = 0;
  private readonly space: AddressSpace;

  constructor(
    private readonly subject: LinuxProcess,
    path: ByteString,
    status: number,
  ) {
    super(path, status);
    this.space = subject.space;
  }

  /** The process has ended, or executes another program: its memory is no more. */
  private get isGone(): boolean {
    return this.subject.termination !== undefined || this.subject.space !== this.space;
  }

  /** Goes through a range page by page, as far as it can. @throws LinuxError EIO if that is not a single byte */
  private pages(position: number, length: number, move: (address: number, at: number, size: number) => boolean): number {
    if (this.isGone) return 0;
    let done = 0;
    while (done < length) {
      const address = position + done;
      const size = Math.min(length - done, PAGE - (address % PAGE));
      if (address < 0 || this.space.firstDenied(address, size, 0) >= 0 || !move(address, done, size)) break;
      done += size;
    }
    if (done === 0 && length > 0) throw new LinuxError(Errno.EIO);
    return done;
  }

  override readAt(into: Uint8Array, position: number): number {
    return this.pages(position, into.length, (address, at, size) => {
      const bytes = this.space.kernelRead(address, size) ?? this.space.peek(address, size);
      // Nobody has ever used the page.
      if (bytes === undefined) into.fill(0, at, at + size);
      else into.set(bytes, at);
      return true;
    });
  }

  override writeAt(data: Uint8Array, position: number): number {
    return this.pages(position, data.length, (address, at, size) => this.space.pokeBytes(address, data.subarray(at, at + size)));
  }

  read(into: Uint8Array): number {
    const count = this.readAt(into, this.position);
    this.position += count;
    return count;
  }

  write(data: Uint8Array): number {
    const count = this.writeAt(data, this.position);
    this.position += count;
    return count;
  }

  override seek(offset: number, whence: number): number {
    if (whence > 1) throw new LinuxError(Errno.EINVAL);
    this.position = whence === 1 ? this.position + offset : offset;
    return this.position;
  }

  stat(): HostStat {
    return nodeStat(this.subject, memoryNode(this.subject), this.name);
  }

  readiness(): Readiness {
    return { readable: true, writable: true, hangUp: false };
  }
}

/** The file `mem` of a process's directory. */
export const memoryNode = (subject: LinuxProcess): ProcFileNode => ({
  kind: 'file',
  mode: 0o600,
  contents: () => '' as ByteString,
  open: (path, status) => new ProcessMemoryFile(subject, path, status),
});
