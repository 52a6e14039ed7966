import type { HostStat } from '../host.ts';
import type { MemoryDevice } from './devices.ts';
import { PagedBytes, type Quota, STORAGE_PAGE } from './pagedBytes.ts';

/** Type bits of st_mode. */
export const FILE_TYPE = {
  mask: 0o170000,
  fifo: 0o010000,
  device: 0o020000,
  directory: 0o040000,
  regular: 0o100000,
  link: 0o120000,
  socket: 0o140000,
} as const;

/** Bytes that stat tells as a directory's size for each entry, as tmpfs does. */
const ENTRY_SIZE = 20;

/** A file of any type. Its names are entries of directories. */
export class MemoryNode {
  readonly bytes: PagedBytes | undefined;
  /** By name; of directories only. */
  readonly entries: Map<string, Entry> | undefined;
  /** Of a symbolic link. */
  target = '';
  /** What a character device does. */
  device: MemoryDevice | undefined;
  links = 1;
  /** It was made without a name, and may get one. */
  isLinkable = false;
  /** Open handles, for which it stays though it may have no name any more. */
  handles = 0;
  accessTime: bigint;
  modifyTime: bigint;
  changeTime: bigint;

  constructor(
    readonly inode: bigint,
    /** Type and permission bits. */
    public mode: number,
    public uid: number,
    public gid: number,
    readonly birthTime: bigint,
    quota: Quota,
  ) {
    this.accessTime = birthTime;
    this.modifyTime = birthTime;
    this.changeTime = birthTime;
    if (this.type === FILE_TYPE.regular) this.bytes = new PagedBytes(quota);
    if (this.type === FILE_TYPE.directory) this.entries = new Map();
  }

  get type(): number {
    return this.mode & FILE_TYPE.mask;
  }

  get size(): number {
    if (this.bytes !== undefined) return this.bytes.size;
    return this.entries === undefined ? this.target.length : this.entries.size * ENTRY_SIZE;
  }

  /** A directory's names: its own, `.` and the `..` of each directory in it. */
  private get linkCount(): number {
    if (this.entries === undefined || this.links === 0) return this.links;
    let count = 2;
    for (const { node } of this.entries.values()) if (node.entries !== undefined) count++;
    return count;
  }

  /** @param device st_dev of its file system */
  stat(device: bigint): HostStat {
    const { inode, mode, uid, gid, accessTime, modifyTime, changeTime, birthTime } = this;
    return {
      device,
      inode,
      mode,
      links: this.linkCount,
      uid,
      gid,
      rdev: this.device?.number ?? 0n,
      size: BigInt(this.size),
      blockSize: STORAGE_PAGE,
      blocks: BigInt((this.bytes?.storagePages ?? 0) * (STORAGE_PAGE / 512)),
      accessTime,
      modifyTime,
      changeTime,
      birthTime,
    };
  }
}

/** A name of a file in a directory; it moves with a rename, so that open files know where they are. */
export interface Entry {
  /** The directory's own entry; the root's is its own parent. */
  parent: Entry;
  name: string;
  readonly node: MemoryNode;
  /** It was removed, or never had a name. */
  isGone: boolean;
}
