import { Errno, LinuxError } from '../errno.ts';
import type { HostOpen } from '../host.ts';
import type { Entry, MemoryNode } from './memoryNode.ts';
import type { PagedBytes } from './pagedBytes.ts';

/** Largest position in a file. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** An open file in memory, with its position. */
export class OpenNode {
  private position = 0;
  readonly node: MemoryNode;

  constructor(
    /** Where it was found, or is now. */
    readonly entry: Entry,
    readonly how: HostOpen,
    private readonly now: () => bigint,
  ) {
    this.node = entry.node;
    this.node.handles++;
  }

  private checkOpen(wish: 'read' | 'write'): void {
    if (this.how.pathOnly || !this.how[wish]) throw new LinuxError(Errno.EBADF);
  }

  /** @throws LinuxError EISDIR, EINVAL */
  private bytes(): PagedBytes {
    if (this.node.bytes === undefined) throw new LinuxError(this.node.entries === undefined ? Errno.EINVAL : Errno.EISDIR);
    return this.node.bytes;
  }

  read(into: Uint8Array): number {
    const count = this.readAt(into, this.position);
    this.position += count;
    return count;
  }

  readAt(into: Uint8Array, position: number): number {
    this.checkOpen('read');
    return this.node.device?.read(into) ?? this.bytes().read(into, position);
  }

  write(data: Uint8Array): number {
    if (this.how.append) this.position = this.node.size;
    const count = this.writeAt(data, this.position);
    this.position += count;
    return count;
  }

  writeAt(data: Uint8Array, position: number): number {
    this.checkOpen('write');
    if (this.node.device !== undefined) return this.node.device.write(data);
    const bytes = this.bytes();
    if (position > LARGEST - data.length) throw new LinuxError(Errno.EFBIG);
    const count = bytes.write(data, position);
    this.node.modifyTime = this.node.changeTime = this.now();
    return count;
  }

  seek(offset: number, whence: number): number {
    // Devices take any position and have none.
    if (this.node.device !== undefined) return 0;
    if (this.node.bytes === undefined && this.node.entries === undefined) throw new LinuxError(Errno.ESPIPE);
    const target = (whence === 0 ? 0 : whence === 1 ? this.position : this.node.size) + offset;
    if (target < 0 || target > LARGEST) throw new LinuxError(Errno.EINVAL);
    this.position = target;
    return target;
  }

  truncate(size: number): void {
    if (this.how.pathOnly) throw new LinuxError(Errno.EBADF);
    if (!this.how.write || this.node.bytes === undefined) throw new LinuxError(Errno.EINVAL);
    truncateNode(this.node, size, this.now());
  }

  /** As Host.readable: neither regular files nor devices ever wait. */
  readable(): number {
    if (this.node.device !== undefined) return 1;
    const left = this.node.size - this.position;
    return left > 0 ? left : -1;
  }
}

/** Sets a regular file's size. @throws LinuxError EISDIR, EINVAL */
export function truncateNode(node: MemoryNode, size: number, now: bigint): void {
  if (node.bytes === undefined) throw new LinuxError(node.entries === undefined ? Errno.EINVAL : Errno.EISDIR);
  node.bytes.resize(size);
  node.modifyTime = node.changeTime = now;
}
