import fs from 'node:fs';
import { Errno, type HostFileSystemStat, type HostHandle, LinuxError } from '@everystep/core';
import { asLinux } from '../nodeErrors.ts';

/** Files take whole blocks, and each takes one more, for its name and what stat tells of it. */
const BLOCK = 4096;
/** Bytes of st_blocks' units. */
const SECTOR = 512;
/** What statfs tells as the type of Linux's own file system of this kind. */
const TMPFS = 0x01021994n;

const rounded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

/**
 * Bounds what a guest's files in one directory take on the host's disk. What is written is added up; what gets free again is
 * found out by looking at all files, once the sum comes to the limit.
 */
export class DiskSpace {
  /** At least as much as is taken. */
  private used = 0;
  /** Nothing has changed since all files were looked at. */
  private isExact = true;

  /**
   * @param folder the directory, by a path of the host's
   * @param limit bytes
   * @param opened descriptors of the files in it that are open: some may have lost their names
   */
  constructor(
    private readonly folder: string,
    private readonly limit: number,
    private readonly opened: () => Iterable<HostHandle>,
  ) {}

  /** Something may have got free. */
  changed(): void {
    this.isExact = false;
  }

  /** There is to be one more file. @throws LinuxError ENOSPC */
  takeFile(): void {
    if (this.free(BLOCK) < BLOCK) throw new LinuxError(Errno.ENOSPC);
    this.used += BLOCK;
    this.isExact = false;
  }

  /** How much of `length` bytes may be written into a file. @throws LinuxError ENOSPC */
  take(handle: HostHandle, position: number, length: number): number {
    const { size, blocks } = asLinux(() => fs.fstatSync(handle));
    // What a file with holes has in one place nobody knows.
    const hasHoles = blocks * SECTOR < size;
    const begin = hasHoles ? Math.floor(position / BLOCK) * BLOCK : Math.max(rounded(size), Math.floor(position / BLOCK) * BLOCK);
    const growth = Math.max(0, rounded(position + length) - begin);
    const free = this.free(growth);
    const allowed = growth <= free ? length : begin + Math.floor(free / BLOCK) * BLOCK - position;
    if (allowed <= 0 && length > 0) throw new LinuxError(Errno.ENOSPC);
    this.used += Math.min(growth, free);
    if (growth > 0) this.isExact = false;
    return Math.min(length, allowed);
  }

  /** As statfs tells it. */
  stat(): HostFileSystemStat {
    this.measure();
    const [blocks, blocksFree] = [this.limit, Math.max(0, this.limit - this.used)].map((bytes) => BigInt(Math.floor(bytes / BLOCK)));
    return { type: TMPFS, blockSize: BigInt(BLOCK), blocks, blocksFree, blocksAvailable: blocksFree, files: blocks, filesFree: blocksFree, readOnly: false };
  }

  private free(wish: number): number {
    if (this.used + wish > this.limit) this.measure();
    return Math.max(0, this.limit - this.used);
  }

  private measure(): void {
    if (this.isExact) return;
    this.isExact = true;
    const seen = new Set<number>();
    try {
      this.used = this.sizeOf(Buffer.from(this.folder), seen);
      for (const handle of this.opened())
        this.used += counted(
          asLinux(() => fs.fstatSync(handle)),
          seen,
        );
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
      // Names so deep that nobody can look there: files must not be hidden that way.
      this.used = this.limit;
    }
  }

  private sizeOf(folder: Buffer, seen: Set<number>): number {
    let sum = 0;
    for (const name of namesIn(folder)) {
      const path = Buffer.concat([folder, Buffer.from('/'), name]);
      const stat = asLinux(() => fs.lstatSync(path));
      sum += counted(stat, seen);
      if (stat.isDirectory()) sum += this.sizeOf(path, seen);
    }
    return sum;
  }
}

/** What a file takes; 0 where it has been seen. */
function counted({ ino, blocks }: fs.Stats, seen: Set<number>): number {
  if (seen.has(ino)) return 0;
  seen.add(ino);
  return BLOCK + rounded(blocks * SECTOR);
}

/** The names in a directory, though the guest may have made it unreadable for itself. */
function namesIn(folder: Buffer): readonly Buffer[] {
  const mode = asLinux(() => fs.lstatSync(folder)).mode & 0o7777;
  const hides = (mode & 0o500) !== 0o500;
  if (hides) asLinux(() => fs.chmodSync(folder, mode | 0o500));
  try {
    return asLinux(() => fs.readdirSync(folder, 'buffer'));
  } finally {
    if (hides) asLinux(() => fs.chmodSync(folder, mode));
  }
}
