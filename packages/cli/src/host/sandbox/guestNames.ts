import fs from 'node:fs';
import { type ByteString, byteString, Errno, encodeText, type HostHandle, LinuxError } from '@everystep/core';
import { asLinux } from '../nodeErrors.ts';
import type { DiskSpace } from './diskSpace.ts';
import { STREAMS } from './layOut.ts';
import type { Mount, MountNode, MountTable } from './mountTable.ts';
import { below, type Found, itself, PathWalk } from './pathWalk.ts';

const { S_IFMT, S_IFDIR } = fs.constants;

/** An open file of the guest's. */
export interface Opened {
  /** What it belongs to; undefined where it is nothing of the host's. */
  readonly mount: Mount | undefined;
  /** What the sandbox puts there. */
  readonly node: MountNode | undefined;
  /** It is a directory that is nothing of the host's. */
  readonly isNothing: boolean;
  /** The guest's path by which it was opened. */
  readonly path: ByteString;
}

/** Begins the path of something that is open already: no path of a guest's has a NUL. */
const HANDLE = '/\0/';

/** A name that is to be made or removed. */
export interface Place {
  readonly folder: Found;
  readonly name: ByteString;
  /** It is a name that a directory can have: not '.', '..' or nothing. */
  readonly isPlain: boolean;
  /** A slash at the end says that it is to be a directory. */
  readonly wantsFolder: boolean;
  /** Looks what is there. */
  look(): Found;
}

/** @throws LinuxError ENOENT */
export function there(found: Found): Found {
  if (found.type === 0) throw new LinuxError(Errno.ENOENT);
  return found;
}

/** Finds what a guest's names and open files are on the host, and whether it may change them. */
export class GuestNames {
  /** What open files belong to; undefined for directories that are nothing of the host's. Standard streams are not in it. */
  readonly opened = new Map<HostHandle, Opened>();

  constructor(readonly table: MountTable) {}

  /** Walks a path, or begins at something that is open. */
  at<T>(path: ByteString, follow: boolean, use: (found: Found, walk: PathWalk) => T): T {
    const walk = new PathWalk(this.table);
    try {
      return use(path.startsWith(HANDLE) ? this.fromHandle(walk, path, follow) : walk.walk(path, follow), walk);
    } finally {
      walk.close();
    }
  }

  private fromHandle(walk: PathWalk, path: ByteString, follow: boolean): Found {
    const end = path.indexOf('/', HANDLE.length);
    const handle = Number(path.slice(HANDLE.length, end < 0 ? undefined : end));
    const rest = end < 0 ? '' : path.slice(end);
    const opened = this.opened.get(handle);
    if (opened === undefined && handle > 2) throw new LinuxError(Errno.EBADF);
    const stat = asLinux(() => fs.fstatSync(handle, { bigint: true }));
    const type = Number(stat.mode) & S_IFMT;
    if (rest === '' || rest === '/') {
      return {
        parent: undefined,
        name: '',
        mount: opened?.mount,
        fd: opened?.isNothing ? undefined : handle,
        node: opened?.node,
        type,
        path: this.handleName(handle),
      };
    }
    // Standard streams may be anything of the host's.
    if (opened === undefined) throw new LinuxError(Errno.EACCES);
    if (type !== S_IFDIR) throw new LinuxError(Errno.ENOTDIR);
    // Where the directory is now, and only if that leads to it.
    const now = opened.isNothing ? opened.path : this.table.guestPath(hostName(handle));
    if (now === undefined) throw new LinuxError(Errno.ENOENT);
    if (!opened.isNothing) {
      const { fd } = walk.walk(now, false);
      const other = fd === undefined ? undefined : asLinux(() => fs.fstatSync(fd, { bigint: true }));
      if (other?.ino !== stat.ino || other.dev !== stat.dev) throw new LinuxError(Errno.ENOENT);
    }
    return walk.walk(`${now}${rest}` as ByteString, follow);
  }

  /** The host's path of a name that is to be made, removed or changed. @throws LinuxError EROFS, EBUSY */
  changing({ parent, name, node, mount }: Found): Buffer {
    if (node !== undefined || name === '') throw new LinuxError(Errno.EBUSY);
    if (parent?.fd === undefined || mount === undefined || mount.readOnly) throw new LinuxError(Errno.EROFS);
    return below(parent.fd, name);
  }

  /** Finds a name that is to be made or removed: its directory, whatever the name is, which is never followed. */
  place<T>(path: ByteString, use: (place: Place) => T): T {
    const trimmed = path.replace(/\/+$/, '');
    const slash = trimmed.lastIndexOf('/') + 1;
    return this.at(`${trimmed.slice(0, slash)}.` as ByteString, true, (folder, walk) => {
      if (folder.type === 0) throw new LinuxError(Errno.ENOENT);
      const name = trimmed.slice(slash) as ByteString;
      const isPlain = name !== '' && name !== '.' && name !== '..';
      return use({ folder, name, isPlain, wantsFolder: path !== trimmed, look: () => walk.step(folder, name) });
    });
  }

  /** Makes a name. @param make does it, by the host's path */
  making(path: ByteString, make: (host: Buffer) => void, isFolder = false): void {
    this.place(path, (place) => make(this.newName(place, isFolder)));
  }

  /** The host's path of a name that is to be made. */
  newName({ isPlain, wantsFolder, look }: Place, isFolder = false): Buffer {
    const found = isPlain ? look() : undefined;
    if (found === undefined || found.type !== 0) throw new LinuxError(Errno.EEXIST);
    if (wantsFolder && !isFolder) throw new LinuxError(Errno.ENOENT);
    const host = this.changing(found);
    found.mount?.space?.takeFile();
    return host;
  }

  /** Something that is there and may be changed. */
  changed(path: ByteString, follow: boolean, change: (found: Found & { readonly fd: number }) => void): void {
    this.at(path, follow, (found) => {
      if (found.type === 0) throw new LinuxError(Errno.ENOENT);
      // Devices are the host's own: they may be used, not changed.
      if (found.fd === undefined || found.mount === undefined || found.mount.readOnly || found.mount.device) throw new LinuxError(Errno.EROFS);
      change(found as Found & { readonly fd: number });
    });
  }

  /** Descriptors of the open files that a disk space bounds. */
  openedIn(space: DiskSpace): readonly HostHandle[] {
    return [...this.opened].flatMap(([handle, { mount }]) => (mount?.space === space ? [handle] : []));
  }

  /** Whether what is open may be changed. @throws LinuxError EPERM, EROFS */
  checkHandle(handle: HostHandle): void {
    const opened = this.opened.get(handle);
    // A standard stream is the host's own: what it is may be written, not whose it is.
    if (opened === undefined) throw new LinuxError(Errno.EPERM);
    if (opened.mount === undefined || opened.mount.readOnly || opened.mount.device) throw new LinuxError(Errno.EROFS);
  }

  /** The path that leads to an open file. */
  handlePath(handle: HostHandle): ByteString {
    return `${HANDLE}${handle}` as ByteString;
  }

  /** Where an open file is now, as the guest sees it. */
  handleName(handle: HostHandle): ByteString {
    const opened = this.opened.get(handle);
    if (opened?.isNothing) return opened.path;
    const host = hostName(handle);
    const seen = this.table.guestPath(host);
    if (seen !== undefined) return seen;
    if (opened !== undefined) return opened.path;
    // A standard stream that is a file which the guest does not see.
    return host.startsWith('/') ? encodeText(`/dev/${STREAMS[handle] ?? handle}`) : host;
  }
}

/** The host's path of an open file. */
const hostName = (handle: HostHandle): ByteString => byteString(asLinux(() => fs.readlinkSync(itself(handle), { encoding: 'buffer' })));
