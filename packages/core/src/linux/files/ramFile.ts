import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import type { MappedFile } from '../memory/mappedFile.ts';
import { virtualStat } from './memoryFile.ts';
import { OpenFile, type Readiness } from './openFile.ts';
import { O } from './openFlags.ts';

/** Seals of a memfd (include/uapi/linux/fcntl.h): what cannot be done to it any more. */
export const Seal = { seal: 1, shrink: 2, grow: 4, write: 8, futureWrite: 0x10 } as const;

/** Regular file that all may use. */
const REGULAR_FILE = 0o100777;

/** Bytes that the file is made longer by, at least, where it grows. */
const GROWTH = 65536;
const SECTOR = 512;

/** A file without a name, in memory. */
class RamInode {
  bytes = new Uint8Array(0);
  size = 0;
  mode = REGULAR_FILE;
  modifyTime: bigint;
  mapped: MappedFile | undefined;

  constructor(
    readonly number: number,
    public seals: number,
    readonly now: () => bigint,
  ) {
    this.modifyTime = now();
  }

  resize(size: number): void {
    if (size > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(size, Math.min(2 * this.bytes.length, this.bytes.length + (1 << 24)), GROWTH));
      bytes.set(this.bytes.subarray(0, this.size));
      this.bytes = bytes;
    } else if (size < this.size) {
      this.bytes.fill(0, size, this.size);
    }
    this.size = size;
    this.modifyTime = this.now();
  }
}

/** A memfd. */
export class RamFile extends OpenFile {
  private position = 0;

  constructor(
    name: ByteString,
    status: number,
    private readonly inode: RamInode,
  ) {
    super(name, status);
  }

  override get mapped(): MappedFile | undefined {
    return this.inode.mapped;
  }

  override set mapped(mapped: MappedFile | undefined) {
    this.inode.mapped = mapped;
  }

  override get mayWait(): boolean {
    return false;
  }

  get seals(): number {
    return this.inode.seals;
  }

  /** @throws LinuxError EPERM where the seals are sealed */
  addSeals(seals: number): void {
    if ((this.inode.seals & Seal.seal) !== 0 || !this.canWrite) throw new LinuxError(Errno.EPERM);
    this.inode.seals |= seals;
  }

  read(into: Uint8Array): number {
    const count = this.readAt(into, this.position);
    this.position += count;
    return count;
  }

  override readAt(into: Uint8Array, position: number): number {
    this.inode.mapped?.beforeRead(position, position + into.length);
    return this.fetch(into, position);
  }

  override fetch(into: Uint8Array, position: number): number {
    const part = this.inode.bytes.subarray(Math.min(position, this.inode.size), Math.min(position + into.length, this.inode.size));
    into.set(part);
    return part.length;
  }

  write(data: Uint8Array): number {
    if ((this.status & O.append) !== 0) this.position = this.inode.size;
    const count = this.writeAt(data, this.position);
    this.position += count;
    return count;
  }

  override writeAt(data: Uint8Array, position: number): number {
    const { inode } = this;
    if ((inode.seals & (Seal.write | Seal.futureWrite)) !== 0) throw new LinuxError(Errno.EPERM);
    const end = position + data.length;
    if (end > inode.size && data.length > 0) {
      if ((inode.seals & Seal.grow) !== 0) throw new LinuxError(Errno.EPERM);
      inode.resize(end);
    }
    inode.mapped?.writeBackAll();
    this.store(data, position);
    inode.mapped?.afterWrite(this, position, end);
    return data.length;
  }

  override store(data: Uint8Array, position: number): number {
    this.inode.bytes.set(data, position);
    this.inode.modifyTime = this.inode.now();
    return data.length;
  }

  override seek(offset: number, whence: number): number {
    const target = (whence === 0 ? 0 : whence === 1 ? this.position : this.inode.size) + offset;
    if (whence > 2 || target < 0) throw new LinuxError(Errno.EINVAL);
    this.position = target;
    return target;
  }

  override truncate(size: number): void {
    const { inode } = this;
    const refused = size < inode.size ? Seal.shrink : size > inode.size ? Seal.grow : 0;
    if ((inode.seals & refused) !== 0) throw new LinuxError(Errno.EPERM);
    inode.mapped?.writeBackAll();
    inode.resize(size);
    inode.mapped?.resized(size);
  }

  override sync(): void {}

  /** fchmod */
  changeMode(mode: number): void {
    this.inode.mode = (REGULAR_FILE & ~0o7777) | mode;
  }

  stat(): HostStat {
    const { number, size, mode, modifyTime, bytes } = this.inode;
    const stat = virtualStat(mode, size, modifyTime);
    return { ...stat, device: 1n, inode: BigInt(number), links: 0, blockSize: 4096, blocks: BigInt(Math.ceil(Math.min(size, bytes.length) / SECTOR)) };
  }

  readiness(): Readiness {
    return { readable: true, writable: true, hangUp: false };
  }

  override bytesReadable(): number {
    return Math.max(0, this.inode.size - this.position);
  }

  override again(status: number): RamFile {
    return new RamFile(this.name, status, this.inode);
  }
}

/**
 * Makes a file for memfd_create.
 * @param name as the guest has it
 * @param seals those that it has from the start
 * @param now the time of day
 */
export function createRamFile(name: ByteString, status: number, number: number, seals: number, now: () => bigint): RamFile {
  return new RamFile(`/memfd:${name} (deleted)` as ByteString, status, new RamInode(number, seals, now));
}
