import fs from 'node:fs';
import { type ByteString, byteString, Errno, LinuxError } from '@everystep/core';
import { asLinux, errnoOf } from '../nodeErrors.ts';
import { isKernelInterface, type Mount, type MountNode, type MountTable, O_PATH } from './mountTable.ts';

/** Symbolic links that one path may lead through. */
const LINK_LIMIT = 40;

const { S_IFMT, S_IFLNK, S_IFDIR, O_NOFOLLOW } = fs.constants;

/** A directory on the way of a path. */
export interface Folder {
  /** A descriptor of it; undefined where it is nothing of the host's. */
  readonly fd: number | undefined;
  /** What it belongs to; undefined where it is nothing of the host's. */
  readonly mount: Mount | undefined;
  /** Names that the sandbox puts into it. */
  readonly node: MountNode | undefined;
  /** The guest's path of it. */
  readonly path: ByteString;
}

/** Where a path ends. */
export interface Found {
  /** The directory that has it, or would; undefined for the root. */
  readonly parent: Folder | undefined;
  /** Its name there; '' for a path that ends with `..` or is the root. */
  readonly name: string;
  /** What it belongs to, or would; undefined where it is nothing of the host's. */
  readonly mount: Mount | undefined;
  /** A descriptor of what is there (O_PATH); undefined where it is nothing of the host's. */
  readonly fd: number | undefined;
  /** What the sandbox puts there. */
  readonly node: MountNode | undefined;
  /** The type bits of st_mode; 0: nothing is there. */
  readonly type: number;
  /** The guest's path of it, without symbolic links. */
  readonly path: ByteString;
}

/**
 * A name in a directory given by a descriptor, as a path that the kernel resolves without symbolic links but the last part.
 * Other processes have descriptors of their own, so that it names this one's number.
 */
export const below = (fd: number, name: string): Buffer => Buffer.from(`/proc/${process.pid}/fd/${fd}/${name}`, 'latin1');

/** A path that leads to exactly what a descriptor is of. */
export const itself = (fd: number): string => `/proc/${process.pid}/fd/${fd}`;

/**
 * Walks the guest's paths, name by name: each directory is opened without following links, and the next name looked up in
 * it by its descriptor, so that no change that another thread or process makes meanwhile leads out of what the guest may
 * see. Symbolic links are the guest's: absolute ones start at its root.
 */
export class PathWalk {
  /** Descriptors to be closed behind the walk. */
  private readonly opened: number[] = [];
  private stack: Folder[] = [];

  constructor(private readonly table: MountTable) {}

  private rootFolder(): Folder {
    const { root } = this.table;
    return { fd: root.mount?.fd, mount: root.mount, node: root, path: '/' as ByteString };
  }

  close(): void {
    for (const fd of this.opened.splice(0)) fs.closeSync(fd);
  }

  /**
   * @param path absolute
   * @param follow whether a symbolic link as the last part is followed
   * @throws LinuxError ENOENT if a directory on the way is not there; ENOTDIR, ELOOP, EACCES
   */
  walk(path: ByteString, follow: boolean): Found {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    // A slash at the end asks for a directory.
    const wantsFolder = /\/\.?$/.test(path) && parts.length > 0;
    let links = 0;
    let isLast = false;
    this.stack = [this.rootFolder()];
    while (parts.length > 0) {
      const name = parts.shift() as ByteString;
      isLast = parts.length === 0;
      if (name === '..') {
        if (this.stack.length > 1) this.stack.pop();
        isLast = false;
        continue;
      }
      const found = this.step(this.top, name);
      if (found.type === 0) {
        if (!isLast || path.endsWith('/.')) throw new LinuxError(Errno.ENOENT);
        return found;
      }
      if (found.type === S_IFLNK) {
        if (isLast && !follow && !wantsFolder) return found;
        if (++links > LINK_LIMIT) throw new LinuxError(Errno.ELOOP);
        const target = this.readLink(found);
        if (target.startsWith('/')) this.stack = [this.rootFolder()];
        parts.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
        continue;
      }
      if (isLast && found.type !== S_IFDIR) {
        if (wantsFolder) throw new LinuxError(Errno.ENOTDIR);
        return found;
      }
      if (found.type !== S_IFDIR) throw new LinuxError(Errno.ENOTDIR);
      this.stack.push({ fd: found.fd, mount: found.mount, node: found.node, path: found.path });
    }
    const { fd, mount, node, path: guestPath } = this.top;
    const parent = this.stack[this.stack.length - 2];
    const name = isLast ? guestPath.slice(guestPath.lastIndexOf('/') + 1) : '';
    return { parent, name, mount, fd, node, type: S_IFDIR, path: guestPath };
  }

  private get top(): Folder {
    return this.stack[this.stack.length - 1] as Folder;
  }

  /** What a name of a directory is, a symbolic link itself included. */
  step(parent: Folder, name: ByteString): Found {
    const node = parent.node?.children.get(name);
    const path = (parent.path === '/' ? `/${name}` : `${parent.path}/${name}`) as ByteString;
    if (node?.link !== undefined) return { parent, name, mount: undefined, fd: undefined, node, type: S_IFLNK, path };
    if (node?.mount !== undefined) {
      const { mount } = node;
      return { parent, name, mount, fd: mount.fd, node, type: typeOf(mount.fd), path };
    }
    const fd = parent.fd === undefined || node?.hides ? undefined : this.open(parent.fd, name);
    // A directory of the sandbox's may be one of the host's, too.
    if (fd !== undefined && (node === undefined || typeOf(fd) === S_IFDIR)) return { parent, name, mount: parent.mount, fd, node, type: typeOf(fd), path };
    if (node !== undefined) return { parent, name, mount: undefined, fd: undefined, node, type: S_IFDIR, path };
    return { parent, name, mount: parent.mount, fd: undefined, node: undefined, type: 0, path };
  }

  /** A descriptor of what a name of a directory is, a link itself included; undefined if nothing is there. */
  private open(folder: number, name: string): number | undefined {
    try {
      const fd = fs.openSync(below(folder, name), O_PATH | O_NOFOLLOW);
      this.opened.push(fd);
      // Another file system begins here.
      if (fs.fstatSync(fd).dev !== fs.fstatSync(folder).dev && isKernelInterface(fd)) throw new LinuxError(Errno.EACCES);
      return fd;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined || error instanceof LinuxError) throw error;
      if (errno === Errno.ENOENT) return undefined;
      throw new LinuxError(errno);
    }
  }

  /** The target of a symbolic link. */
  readLink({ parent, name, node }: Found): ByteString {
    if (node?.link !== undefined) return node.link;
    const fd = parent?.fd;
    if (fd === undefined) throw new LinuxError(Errno.EINVAL);
    return byteString(asLinux(() => fs.readlinkSync(below(fd, name), { encoding: 'buffer' })));
  }
}

const typeOf = (fd: number): number => asLinux(() => fs.fstatSync(fd)).mode & S_IFMT;
