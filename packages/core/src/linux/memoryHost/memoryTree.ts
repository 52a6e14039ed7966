import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostFileSystemStat } from '../host.ts';
import { type Entry, FILE_TYPE, MemoryNode } from './memoryNode.ts';
import { Quota, STORAGE_PAGE } from './pagedBytes.ts';

/** Symbolic links that one path may lead through. */
const LINK_LIMIT = 40;
const LONGEST_NAME = 255;
/** TMPFS_MAGIC */
const TMPFS = 0x01021994n;

/** What access asks for. */
export const R_OK = 4;
export const W_OK = 2;
export const X_OK = 1;

/** Who uses the files. */
export interface FileUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface TreeOptions {
  readonly user: FileUser;
  /** Nanoseconds since 1970. */
  readonly now: () => bigint;
  /** Most bytes of all files together, in whole pages. */
  readonly sizeLimit: number;
  /** Most files, directories and links. */
  readonly fileLimit: number;
}

/** Where a path ends. */
export interface Found {
  /** undefined: nothing is there. */
  readonly entry: Entry | undefined;
  /** The name that would make it. */
  readonly place: Place;
}

/** A name that is to be made or removed; whether it is there is not said. */
export interface Place {
  readonly directory: Entry;
  /** A plain name, '.', '..', or '' for the root. */
  readonly name: string;
  /** A slash at the end says that it is to be a directory. */
  readonly wantsDirectory: boolean;
}

/** Whether it is a name that a directory can have. */
export const isPlain = ({ name }: Place): boolean => name !== '' && name !== '.' && name !== '..';

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** A tree of files in memory: names, links and permissions as Linux has them. */
export class MemoryTree {
  readonly root: Entry;
  private readonly quota: Quota;
  private readonly user: FileUser;
  private readonly now: () => bigint;
  private readonly fileLimit: number;
  private inodes = 0n;
  private files = 0;

  constructor({ user, now, sizeLimit, fileLimit }: TreeOptions) {
    this.user = user;
    this.now = now;
    this.fileLimit = fileLimit;
    this.quota = new Quota(Math.floor(sizeLimit / STORAGE_PAGE));
    const root = { name: '', node: this.makeNode(FILE_TYPE.directory | 0o755), isGone: false };
    this.root = Object.assign(root, { parent: root as Entry });
  }

  /** Makes a file that no directory has. @throws LinuxError ENOSPC */
  makeNode(mode: number): MemoryNode {
    if (this.files >= this.fileLimit) throw new LinuxError(Errno.ENOSPC);
    this.files++;
    return new MemoryNode(++this.inodes, mode, this.user.uid, this.user.gid, this.now(), this.quota);
  }

  /** Frees a file's room once it has neither names nor handles. */
  freeIfUnused(node: MemoryNode): void {
    if (node.links > 0 || node.handles > 0) return;
    node.bytes?.resize(0);
    this.files--;
  }

  /** @throws LinuxError EACCES if the user may not do that. @param wish R_OK, W_OK and X_OK */
  check(node: MemoryNode, wish: number): void {
    const { uid, gid, groups } = this.user;
    if (uid === 0) {
      // Even root runs only what somebody may run.
      if ((wish & X_OK) !== 0 && node.entries === undefined && (node.mode & 0o111) === 0) throw new LinuxError(Errno.EACCES);
      return;
    }
    const shift = node.uid === uid ? 6 : node.gid === gid || groups.includes(node.gid) ? 3 : 0;
    if ((wish & ~(node.mode >> shift) & 7) !== 0) throw new LinuxError(Errno.EACCES);
  }

  /** @throws LinuxError EPERM unless the file is the user's */
  checkOwner(node: MemoryNode): void {
    if (this.user.uid !== 0 && this.user.uid !== node.uid) throw new LinuxError(Errno.EPERM);
  }

  /**
   * Walks a path.
   * @param start where a relative one begins
   * @param follow whether a symbolic link as the last part is followed
   * @throws LinuxError ENOENT if a directory on the way is not there; ENOTDIR, ELOOP, EACCES, ENAMETOOLONG
   */
  walk(start: Entry, path: string, follow: boolean): Found {
    let at = path.startsWith('/') ? this.root : start;
    let directory = at.parent;
    let name = '';
    const parts = partsOf(path);
    const wantsDirectory = /(^|\/)\.?$/.test(path);
    for (let links = 0; parts.length > 0; ) {
      name = parts.shift() as string;
      directory = at;
      const isLast = parts.length === 0;
      const next = this.step(directory, name);
      if (next === undefined) {
        if (!isLast || path.endsWith('/.')) throw new LinuxError(Errno.ENOENT);
        return { entry: undefined, place: { directory, name, wantsDirectory } };
      }
      if (next.node.type === FILE_TYPE.link && (!isLast || follow || wantsDirectory)) {
        if (++links > LINK_LIMIT) throw new LinuxError(Errno.ELOOP);
        const { target } = next.node;
        if (target.startsWith('/')) at = this.root;
        parts.unshift(...partsOf(target));
        continue;
      }
      at = next;
    }
    if (wantsDirectory && at.node.entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    return { entry: at, place: { directory, name, wantsDirectory } };
  }

  /** What a name of a directory is. */
  private step({ parent, node }: Entry, name: string): Entry | undefined {
    if (node.entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    this.check(node, X_OK);
    if (name === '..') return parent;
    if (name.length > LONGEST_NAME) throw new LinuxError(Errno.ENAMETOOLONG);
    return node.entries.get(name);
  }

  /** Finds the place of a name that is to be made or removed. @throws LinuxError as walk does */
  place(start: Entry, path: string): Place {
    const trimmed = path.replace(/\/+$/, '');
    const slash = trimmed.lastIndexOf('/') + 1;
    const name = trimmed.slice(slash);
    const { entry } = slash === 0 && !path.startsWith('/') ? { entry: start } : this.walk(start, trimmed.slice(0, slash) || '/', true);
    if (entry === undefined) throw new LinuxError(Errno.ENOENT);
    if (entry.node.entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    return { directory: entry, name, wantsDirectory: path !== trimmed };
  }

  /** Adds a name. @throws LinuxError EEXIST, ENOENT, EACCES */
  add(place: Place, make: () => MemoryNode, isDirectory = false): Entry {
    const { directory, name, wantsDirectory } = place;
    if (!isPlain(place) || this.step(directory, name) !== undefined) throw new LinuxError(Errno.EEXIST);
    if (wantsDirectory && !isDirectory) throw new LinuxError(Errno.ENOENT);
    this.checkChange(directory);
    const made = { parent: directory, name, node: make(), isGone: false };
    (directory.node.entries as Map<string, Entry>).set(name, made);
    this.changed(directory.node);
    return made;
  }

  private drop(node: MemoryNode): void {
    node.links--;
    this.freeIfUnused(node);
  }

  /** @throws LinuxError EACCES, or ENOENT for a directory that was removed */
  private checkChange({ node, isGone }: Entry): void {
    if (isGone) throw new LinuxError(Errno.ENOENT);
    this.check(node, W_OK | X_OK);
  }

  private changed(node: MemoryNode): void {
    node.modifyTime = node.changeTime = this.now();
  }

  /** Takes the name of a directory away. @throws LinuxError */
  removeDirectory(place: Place): void {
    if (!isPlain(place)) throw new LinuxError(place.name === '.' ? Errno.EINVAL : place.name === '..' ? Errno.ENOTEMPTY : Errno.EBUSY);
    const entry = this.there(place);
    this.checkChange(place.directory);
    if (entry.node.entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    this.remove(entry);
  }

  /** Takes the name of a file away that is no directory. @throws LinuxError */
  unlink(place: Place): void {
    if (!isPlain(place)) throw new LinuxError(Errno.EISDIR);
    const entry = this.there(place);
    const isDirectory = entry.node.entries !== undefined;
    if (place.wantsDirectory) throw new LinuxError(isDirectory ? Errno.EISDIR : Errno.ENOTDIR);
    this.checkChange(place.directory);
    if (isDirectory) throw new LinuxError(Errno.EISDIR);
    this.remove(entry);
  }

  private there({ directory, name }: Place): Entry {
    const entry = this.step(directory, name);
    if (entry === undefined) throw new LinuxError(Errno.ENOENT);
    return entry;
  }

  private remove(entry: Entry): void {
    const { node } = entry;
    if (node.entries !== undefined && node.entries.size > 0) throw new LinuxError(Errno.ENOTEMPTY);
    this.detach(entry);
    node.changeTime = this.now();
    entry.isGone = true;
    this.drop(node);
  }

  private detach({ parent, name }: Entry): void {
    parent.node.entries?.delete(name);
    this.changed(parent.node);
  }

  /** Gives a file another name, whose file it replaces. @throws LinuxError */
  rename(from: Place, to: Place): void {
    if (!isPlain(from) || !isPlain(to)) throw new LinuxError(Errno.EBUSY);
    const entry = this.there(from);
    const old = this.step(to.directory, to.name);
    const isDirectory = entry.node.entries !== undefined;
    if (!isDirectory && (from.wantsDirectory || to.wantsDirectory)) throw new LinuxError(Errno.ENOTDIR);
    if (this.isWithin(to.directory, entry)) throw new LinuxError(Errno.EINVAL);
    if (old !== undefined && this.isWithin(from.directory, old)) throw new LinuxError(Errno.ENOTEMPTY);
    if (old?.node === entry.node) return;
    this.checkChange(from.directory);
    this.checkChange(to.directory);
    if (old !== undefined) {
      if (isDirectory !== (old.node.entries !== undefined)) throw new LinuxError(isDirectory ? Errno.ENOTDIR : Errno.EISDIR);
      this.remove(old);
    }
    this.detach(entry);
    entry.parent = to.directory;
    entry.name = to.name;
    (to.directory.node.entries as Map<string, Entry>).set(to.name, entry);
    this.changed(to.directory.node);
    entry.node.changeTime = this.now();
  }

  /** Whether a directory is another one, or below it. */
  private isWithin(directory: Entry, other: Entry): boolean {
    let at = directory;
    while (at !== other && at !== this.root) at = at.parent;
    return at === other;
  }

  /** Gives a file a further name. @param isTemporary whether a file without any may have one. @throws LinuxError */
  link(entry: Entry, to: Place): void {
    const { node } = entry;
    this.add(to, () => {
      if (node.entries !== undefined) throw new LinuxError(Errno.EPERM);
      if (node.links === 0 && !node.isLinkable) throw new LinuxError(Errno.ENOENT);
      node.isLinkable = false;
      node.links++;
      node.changeTime = this.now();
      return node;
    });
  }

  /** The path of an entry; where it had been, if it is gone. */
  pathOf(entry: Entry): ByteString {
    const names: string[] = [];
    for (let at = entry; at !== this.root; at = at.parent) names.unshift(at.name);
    return `/${names.join('/')}` as ByteString;
  }

  stat(): HostFileSystemStat {
    const { limit, used } = this.quota;
    const [blocks, free] = [BigInt(limit), BigInt(limit - used)];
    const files = { files: BigInt(this.fileLimit), filesFree: BigInt(this.fileLimit - this.files) };
    return { type: TMPFS, blockSize: BigInt(STORAGE_PAGE), blocks, blocksFree: free, blocksAvailable: free, ...files, readOnly: false };
  }
}
