import fs from 'node:fs';
import { resolve } from 'node:path';
import {
  type ByteString,
  byteString,
  decodeText,
  Errno,
  encodeText,
  type HostDirectoryEntry,
  type HostFileSystemStat,
  type HostHandle,
  type HostMount,
  type HostNetwork,
  type HostOpen,
  type HostStat,
  LinuxError,
  UserError,
} from '@everystep/core';
import { asLinux } from '../nodeErrors.ts';
import { hostStat, NodeHost } from '../nodeHost.ts';
import { NodeNetwork } from '../nodeNetwork.ts';
import { Changes } from './changes.ts';
import { DiskSpace } from './diskSpace.ts';
import { GuestNames, there } from './guestNames.ts';
import { layOut } from './layOut.ts';
import type { MountNode, MountRequest } from './mountTable.ts';
import { Opening } from './opening.ts';
import { OwnFolder } from './ownFolder.ts';
import { nodeMode, nodeStat } from './ownNodes.ts';
import { itself } from './pathWalk.ts';
import { toldMounts } from './toldMounts.ts';

/** What a sandbox shows of the host. */
export interface SandboxOptions {
  /** The directory that becomes the guest's root, read-only; '': the root is empty. */
  readonly root: string;
  readonly directories: readonly MountRequest[];
  /** Whether the guest may use the host's network. */
  readonly network: boolean;
  /** Bytes that the guest's /tmp may have, unless it is given another. Default: 1 GiB. */
  readonly temporarySize?: number;
}

const TEMPORARY_SIZE = 2 ** 30;

const { S_IFDIR, S_IFLNK, W_OK } = fs.constants;

const READ_ONLY: HostOpen = {
  ...{ read: true, write: false, create: false, exclusive: false, truncate: false, append: false, directory: false, noFollow: false },
  ...{ nonBlocking: false, sync: false, pathOnly: false, temporary: false, mode: 0 },
};

/**
 * The system that Node runs on, of which the guest sees only what it is given: every path is walked inside that by
 * descriptors (pathWalk.ts), other processes cannot be reached, and the network only if that is allowed.
 */
export class SandboxHost extends NodeHost {
  private readonly names: GuestNames;
  private readonly opening: Opening;
  private readonly changes: Changes;
  private readonly hasNetwork: boolean;
  private readonly own: OwnFolder;
  /** What bounds the guest's /tmp. */
  private readonly space: DiskSpace;

  /** @throws UserError */
  constructor({ root, directories, network, temporarySize = TEMPORARY_SIZE }: SandboxOptions) {
    super(new NodeNetwork(false));
    this.hasNetwork = network;
    if (process.platform !== 'linux' || !fs.existsSync(`/proc/${process.pid}/fd`)) {
      throw new UserError('--sandbox: needs a Linux host with /proc: leave it out to run the program with your own rights');
    }
    this.own = new OwnFolder();
    this.space = new DiskSpace(this.own.temporary, temporarySize, () => this.names.openedIn(this.space));
    this.names = new GuestNames(layOut(root, directories, { host: this.own.temporary, space: this.space }));
    this.opening = new Opening(
      this.names,
      this.own.empty,
      (handle) => this.openMode(handle),
      (fd, path, how) => this.adopt(fd, path, how),
    );
    this.changes = new Changes(this.names);
  }

  override get network(): HostNetwork | undefined {
    return this.hasNetwork ? super.network : undefined;
  }

  /**
   * The guest's path of a program, given by the host's. One that the guest does not see becomes visible, alone and read-only.
   * @throws UserError if it is not there
   */
  showProgram(named: string): string {
    const { table } = this.names;
    let real: string;
    try {
      real = fs.realpathSync.native(named);
    } catch {
      throw new UserError(`${named}: No such file or directory`);
    }
    const seen = table.guestPath(encodeText(real));
    if (seen !== undefined) return decodeText(seen);
    const guest = resolve(named);
    table.add({ host: real, guest, readOnly: true });
    return guest;
  }

  // Open files

  override open(path: ByteString, how: HostOpen): HostHandle {
    return this.opening.open(path, how);
  }

  override close(handle: HostHandle): void {
    this.names.opened.delete(handle);
    super.close(handle);
    this.space.changed();
  }

  /** As much of data that goes into a file as there is room for. */
  private room(handle: HostHandle, data: Uint8Array, position: () => number): Uint8Array {
    const space = this.names.opened.get(handle)?.mount?.space;
    return space === undefined || data.length === 0 ? data : data.subarray(0, space.take(handle, position(), data.length));
  }

  override write(handle: HostHandle, data: Uint8Array): number {
    return super.write(
      handle,
      this.room(handle, data, () => this.writePosition(handle)),
    );
  }

  override writeAt(handle: HostHandle, data: Uint8Array, position: number): number {
    return super.writeAt(
      handle,
      this.room(handle, data, () => position),
      position,
    );
  }

  override truncate(handle: HostHandle, size: number): void {
    super.truncate(handle, size);
    this.space.changed();
  }

  override stat(handle: HostHandle): HostStat {
    const opened = this.names.opened.get(handle);
    return opened?.isNothing && opened.node !== undefined ? nodeStat(opened.node) : super.stat(handle);
  }

  override changeMode(handle: HostHandle, mode: number): void {
    this.names.checkHandle(handle);
    super.changeMode(handle, mode);
  }

  override changeOwner(handle: HostHandle, uid: number, gid: number): void {
    this.names.checkHandle(handle);
    super.changeOwner(handle, uid, gid);
  }

  override setTimes(handle: HostHandle, accessTime: bigint, modifyTime: bigint): void {
    this.names.checkHandle(handle);
    super.setTimes(handle, accessTime, modifyTime);
  }

  override handlePath(handle: HostHandle): ByteString {
    return this.names.handlePath(handle);
  }

  override handleName(handle: HostHandle): ByteString {
    return this.names.handleName(handle);
  }

  // Looking

  override statPath(path: ByteString, follow: boolean): HostStat {
    return this.names.at(path, follow, (found) => {
      const { fd, node } = there(found);
      if (fd === undefined) return nodeStat(node as MountNode);
      return hostStat(asLinux(() => fs.fstatSync(fd, { bigint: true })));
    });
  }

  override typeOf(path: ByteString, follow: boolean): number | undefined {
    try {
      return this.names.at(path, follow, ({ type }) => (type === 0 ? undefined : type));
    } catch (error) {
      if (error instanceof LinuxError) return undefined;
      throw error;
    }
  }

  override statFileSystem(path: ByteString): HostFileSystemStat {
    return this.names.at(path, true, (found) => {
      const { fd, mount } = there(found);
      if (mount?.space !== undefined) return mount.space.stat();
      const stat = super.statFileSystem(encodeText(fd === undefined ? this.own.path : itself(fd)));
      return { ...stat, readOnly: fd === undefined || mount?.readOnly === true || stat.readOnly };
    });
  }

  override mounts(): readonly HostMount[] {
    return toldMounts(this.names.table, this.own.path);
  }

  override readDirectory(path: ByteString): HostDirectoryEntry[] {
    return this.names.at(path, true, (found) => {
      const { type, fd, node } = there(found);
      if (type !== S_IFDIR) throw new LinuxError(Errno.ENOTDIR);
      const entries = fd === undefined ? [] : super.readDirectory(encodeText(itself(fd)));
      const names = new Set(entries.map(({ name }) => name));
      for (const [name, child] of node?.children ?? []) {
        if (!names.has(name)) entries.push({ name, inode: child.inode, type: nodeMode(child) >> 12 });
      }
      return entries;
    });
  }

  override readLink(path: ByteString): ByteString {
    return this.names.at(path, false, (found, walk) => {
      if (there(found).type !== S_IFLNK) throw new LinuxError(Errno.EINVAL);
      return walk.readLink(found);
    });
  }

  override realPath(path: ByteString): ByteString {
    return this.names.at(path, true, (found) => there(found).path);
  }

  override access(path: ByteString, mode: number): void {
    this.names.at(path, true, (found) => {
      const { fd, mount } = there(found);
      const writes = (mode & W_OK) !== 0;
      if (writes && (fd === undefined || mount?.readOnly)) throw new LinuxError(Errno.EROFS);
      if (fd !== undefined) asLinux(() => fs.accessSync(itself(fd), mode));
    });
  }

  override readFile(path: ByteString): Uint8Array {
    const handle = this.open(path, READ_ONLY);
    try {
      return asLinux(() => fs.readFileSync(handle));
    } finally {
      this.close(handle);
    }
  }

  // Changing

  override makeDirectory(path: ByteString, mode: number): void {
    this.changes.makeDirectory(path, mode);
  }

  override makeFifo(path: ByteString, mode: number): void {
    this.changes.makeFifo(path, mode);
  }

  override makeSocket(path: ByteString, mode: number): void {
    this.changes.makeSocket(path, mode);
  }

  override removeDirectory(path: ByteString): void {
    this.changes.removeDirectory(path);
    this.space.changed();
  }

  override unlink(path: ByteString): void {
    this.changes.unlink(path);
    this.space.changed();
  }

  override rename(from: ByteString, to: ByteString): void {
    this.changes.rename(from, to);
    this.space.changed();
  }

  override link(from: ByteString, to: ByteString): void {
    this.changes.link(from, to);
  }

  override linkOpen(handle: HostHandle, to: ByteString): void {
    this.changes.linkOpen(handle, to);
  }

  override symbolicLink(target: ByteString, path: ByteString): void {
    this.changes.symbolicLink(target, path);
  }

  override truncatePath(path: ByteString, size: number): void {
    this.changes.truncatePath(path, size);
    this.space.changed();
  }

  override changeModePath(path: ByteString, mode: number): void {
    this.changes.changeModePath(path, mode);
  }

  override changeOwnerPath(path: ByteString, uid: number, gid: number, follow: boolean): void {
    this.changes.changeOwnerPath(path, uid, gid, follow);
  }

  override setTimesPath(path: ByteString, accessTime: bigint, modifyTime: bigint, follow: boolean): void {
    this.changes.setTimesPath(path, accessTime, modifyTime, follow);
  }

  // The rest of the system

  /** The host's, where the guest sees that. */
  override workingDirectory(): ByteString {
    return this.names.table.guestPath(byteString(fs.realpathSync.native('.', { encoding: 'buffer' }))) ?? ('/' as ByteString);
  }

  /** No process of the host's can be reached. */
  override kill(): void {
    throw new LinuxError(Errno.ESRCH);
  }
}
