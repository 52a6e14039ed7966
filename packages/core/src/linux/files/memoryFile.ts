import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import { OpenFile, type Readiness } from './openFile.ts';

/** Regular file that all may read. */
const READABLE_FILE = 0o100444;

/** stat of a file that has no place on a disk. */
export const virtualStat = (mode: number, size: number, time: bigint): HostStat => ({
  device: 0n,
  inode: 1n,
  mode,
  links: 1,
  uid: 0,
  gid: 0,
  rdev: 0n,
  size: BigInt(size),
  blockSize: 1024,
  blocks: 0n,
  accessTime: time,
  modifyTime: time,
  changeTime: time,
  birthTime: time,
});

/** A file whose contents were made when it was opened, such as /proc/self/maps. Cannot be written. */
export class MemoryFile extends OpenFile {
  private position = 0;

  constructor(
    name: ByteString,
    status: number,
    private readonly contents: Uint8Array,
    private readonly time: bigint,
  ) {
    super(name, status);
  }

  read(into: Uint8Array): number {
    const count = this.readAt(into, this.position);
    this.position += count;
    return count;
  }

  override readAt(into: Uint8Array, position: number): number {
    const part = this.contents.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  write(_data: Uint8Array): number {
    throw new LinuxError(Errno.EBADF);
  }

  override seek(offset: number, whence: number): number {
    const base = whence === 0 ? 0 : whence === 1 ? this.position : this.contents.length;
    if (whence > 2 || base + offset < 0) throw new LinuxError(Errno.EINVAL);
    this.position = base + offset;
    return this.position;
  }

  stat(): HostStat {
    return virtualStat(READABLE_FILE, 0, this.time);
  }

  readiness(): Readiness {
    return { readable: true, writable: false, hangUp: false };
  }
}
