import fs from 'node:fs';
import { type ByteString, Errno, type HostHandle, type HostOpen, LinuxError } from '@everystep/core';
import { asLinux } from '../nodeErrors.ts';
import { openFlags } from '../nodeHost.ts';
import type { GuestNames } from './guestNames.ts';
import { O_PATH } from './mountTable.ts';
import { below, type Found, itself } from './pathWalk.ts';

const { S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;

/** Attempts at opening a name that others make and remove. */
const ATTEMPTS = 100;

/** Opens what a guest's path names, for what the guest may do with it. */
export class Opening {
  /**
   * @param empty a directory that stands for those which are nothing of the host's
   * @param modeOf what a standard stream is open for
   * @param adopt makes a handle of a descriptor
   */
  constructor(
    private readonly names: GuestNames,
    private readonly empty: string,
    private readonly modeOf: (handle: HostHandle) => { readonly read: boolean; readonly write: boolean },
    private readonly adopt: (fd: number, path: ByteString, how: HostOpen) => void,
  ) {}

  open(path: ByteString, how: HostOpen): HostHandle {
    // A directory cannot be made by opening it.
    if (how.create && path.endsWith('/') && this.names.place(path, ({ isPlain }) => isPlain)) throw new LinuxError(Errno.EISDIR);
    for (let attempt = 0; ; attempt++) {
      try {
        return this.names.at(path, !(how.noFollow || (how.create && how.exclusive)), (found) => this.openFound(found, how));
      } catch (error) {
        // Made, or removed, by somebody else between looking and opening.
        if (!(error instanceof Retry)) throw error;
        if (attempt === ATTEMPTS) throw new LinuxError(Errno.EAGAIN);
      }
    }
  }

  private openFound(found: Found, how: HostOpen): HostHandle {
    const { mount, type } = found;
    const changes = how.write || how.truncate || how.temporary;
    if (type === 0) {
      if (!how.create) throw new LinuxError(Errno.ENOENT);
      const host = this.names.changing(found);
      mount?.space?.takeFile();
      return this.remember(
        retrying(Errno.EEXIST, () => fs.openSync(host, openFlags(how) | O_CREAT | O_EXCL | O_NOFOLLOW, how.mode)),
        found,
        how,
      );
    }
    if (how.create && how.exclusive) throw new LinuxError(Errno.EEXIST);
    if (found.fd === undefined) {
      if (type === S_IFLNK) throw new LinuxError(Errno.ELOOP);
      if (changes) throw new LinuxError(how.create || how.write ? Errno.EISDIR : Errno.EROFS);
      return this.remember(fs.openSync(this.empty, fs.constants.O_RDONLY), found, how);
    }
    if (how.pathOnly) {
      const flags = O_PATH | (how.directory ? fs.constants.O_DIRECTORY : 0);
      // The link itself
      if (type === S_IFLNK && found.parent?.fd !== undefined) {
        const host = below(found.parent.fd, found.name);
        return this.remember(
          asLinux(() => fs.openSync(host, flags | O_NOFOLLOW)),
          found,
          how,
        );
      }
      return this.remember(
        asLinux(() => fs.openSync(itself(found.fd as number), flags)),
        found,
        how,
      );
    }
    if (type === S_IFLNK) throw new LinuxError(Errno.ELOOP);
    // The virtual kernel opens FIFOs itself: one that comes here has just taken another file's place.
    if (type === S_IFSOCK || (type === S_IFIFO && mount !== undefined)) throw new LinuxError(Errno.ENXIO);
    if (mount === undefined) this.checkStream(found.fd, how);
    else if ((type === S_IFCHR || type === S_IFBLK) && !mount.device) throw new LinuxError(Errno.EACCES);
    else if (changes && mount.readOnly) throw new LinuxError(Errno.EROFS);
    if (type === S_IFDIR && how.create && !how.temporary) throw new LinuxError(Errno.EISDIR);
    if (how.temporary) mount?.space?.takeFile();
    if (how.truncate) mount?.space?.changed();
    const flags = openFlags({ ...how, create: false, exclusive: how.temporary && how.exclusive, noFollow: false });
    return this.remember(
      asLinux(() => fs.openSync(itself(found.fd as number), flags, how.mode)),
      found,
      how,
    );
  }

  /** A standard stream can be opened again, but not for more than it is open for. */
  private checkStream(handle: HostHandle, how: HostOpen): void {
    const mode = this.modeOf(handle);
    if ((how.read && !mode.read) || ((how.write || how.truncate) && !mode.write)) throw new LinuxError(Errno.EACCES);
  }

  private remember(fd: number, { mount, fd: host, node, type, path }: Found, how: HostOpen): HostHandle {
    this.adopt(fd, path, how);
    this.names.opened.set(fd, { mount, node, isNothing: type === S_IFDIR && host === undefined, path });
    return fd;
  }
}

/** What was found is another by now. */
class Retry extends Error {}

function retrying<T>(errno: number, operation: () => T): T {
  try {
    return asLinux(operation);
  } catch (error) {
    throw error instanceof LinuxError && error.errno === errno ? new Retry() : error;
  }
}
