import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type ByteString,
  byteString,
  decodeText,
  Errno,
  encodeText,
  type HostDirectoryEntry,
  type HostFileSystemStat,
  type HostHandle,
  type HostNetwork,
  type HostOpen,
  type HostStat,
  LinuxError,
  UserError,
} from '@everystep/core';
import { makeFifo } from '../fifo.ts';
import { asLinux, errnoOf } from '../nodeErrors.ts';
import { hostStat, NodeHost, openFlags, seconds } from '../nodeHost.ts';
import { NodeNetwork } from '../nodeNetwork.ts';
import { makeSocket } from '../socketNode.ts';
import { type Mount, type MountNode, type MountRequest, MountTable, O_PATH } from './mountTable.ts';
import { below, type Found, itself, PathWalk } from './pathWalk.ts';

/** What a sandbox shows of the host. */
export interface SandboxOptions {
  /** The directory that becomes the guest's root, read-only; '': the root is empty. */
  readonly root: string;
  readonly directories: readonly MountRequest[];
  /** Whether the guest may use the host's network. */
  readonly network: boolean;
}

/** An open file of the guest's. */
interface Opened {
  /** What it belongs to; undefined where it is nothing of the host's. */
  readonly mount: Mount | undefined;
  /** What the sandbox puts there. */
  readonly node: MountNode | undefined;
  /** It is a directory that is nothing of the host's. */
  readonly isNothing: boolean;
  /** The guest's path by which it was opened. */
  readonly path: ByteString;
}

/** Devices of the host that do nothing but what their names say. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
/** Symbolic links in /dev, as Linux systems have them. */
const STREAMS = ['stdin', 'stdout', 'stderr'];
const DEVICE_LINKS: Readonly<Record<string, string>> = { fd: '/proc/self/fd', stdin: '/proc/self/fd/0', stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2' };

/** Begins the path of something that is open already: no path of a guest's has a NUL. */
const HANDLE = '/\0/';

const { S_IFMT, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFREG, S_IFSOCK, O_CREAT, O_EXCL, O_NOFOLLOW, W_OK } = fs.constants;

/** A name that is to be made or removed. */
interface Place {
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
function there(found: Found): Found {
  if (found.type === 0) throw new LinuxError(Errno.ENOENT);
  return found;
}

/** Attempts at opening a name that others make and remove. */
const ATTEMPTS = 100;

/**
 * The system that Node runs on, of which the guest sees only what it is given: every path is walked inside that by
 * descriptors (pathWalk.ts), other processes cannot be reached, and the network only if that is allowed.
 */
export class SandboxHost extends NodeHost {
  private readonly table = new MountTable();
  /** What open files belong to; undefined for directories that are nothing of the host's. Standard streams are not in it. */
  private readonly opened = new Map<HostHandle, Opened>();
  private readonly hasNetwork: boolean;
  /** A directory of this sandbox's own: its /tmp, and an empty directory that stands for those which are nothing of the host's. */
  private readonly own: string;

  /** @throws UserError */
  constructor({ root, directories, network }: SandboxOptions) {
    super(new NodeNetwork(false));
    this.hasNetwork = network;
    if (process.platform !== 'linux' || !fs.existsSync(`/proc/${process.pid}/fd`)) {
      throw new UserError('--sandbox: needs a Linux host with /proc: leave it out to run the program with your own rights');
    }
    this.own = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'everystep-sandbox-')));
    process.once('exit', () => removeTree(Buffer.from(this.own)));
    for (const name of ['tmp', 'empty']) fs.mkdirSync(join(this.own, name));
    fs.chmodSync(join(this.own, 'tmp'), 0o1777);
    const { table } = this;
    for (const path of ['/dev', '/proc', '/sys']) table.addDirectory(path);
    if (root !== '') table.add({ host: root, guest: '/', readOnly: true });
    for (const request of directories) table.add(request);
    for (const name of DEVICES) if (fs.existsSync(`/dev/${name}`)) table.add({ host: `/dev/${name}`, guest: `/dev/${name}`, readOnly: false, device: true });
    for (const [name, target] of Object.entries(DEVICE_LINKS)) table.addLink(`/dev/${name}`, target);
    if (!directories.some(({ guest }) => guest === '/tmp')) table.add({ host: join(this.own, 'tmp'), guest: '/tmp', readOnly: false });
  }

  override get network(): HostNetwork | undefined {
    return this.hasNetwork ? super.network : undefined;
  }

  /**
   * The guest's path of a program, given by the host's. One that the guest does not see becomes visible, alone and read-only.
   * @throws UserError if it is not there
   */
  showProgram(named: string): string {
    let real: string;
    try {
      real = fs.realpathSync.native(named);
    } catch {
      throw new UserError(`${named}: No such file or directory`);
    }
    const seen = this.table.guestPath(encodeText(real));
    if (seen !== undefined) return decodeText(seen);
    const guest = resolve(named);
    this.table.add({ host: real, guest, readOnly: true });
    return guest;
  }

  // Paths

  /** Walks a path, or begins at something that is open. */
  private at<T>(path: ByteString, follow: boolean, use: (found: Found, walk: PathWalk) => T): T {
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
  private changing({ parent, name, node, mount }: Found): Buffer {
    if (node !== undefined || name === '') throw new LinuxError(Errno.EBUSY);
    if (parent?.fd === undefined || mount === undefined || mount.readOnly) throw new LinuxError(Errno.EROFS);
    return below(parent.fd, name);
  }

  /** Finds a name that is to be made or removed: its directory, whatever the name is, which is never followed. */
  private place<T>(path: ByteString, use: (place: Place) => T): T {
    const trimmed = path.replace(/\/+$/, '');
    const slash = trimmed.lastIndexOf('/') + 1;
    return this.at(`${trimmed.slice(0, slash)}.` as ByteString, true, (folder, walk) => {
      if (folder.type === 0) throw new LinuxError(Errno.ENOENT);
      const name = trimmed.slice(slash) as ByteString;
      const isPlain = name !== '' && name !== '.' && name !== '..';
      return use({ folder, name, isPlain, wantsFolder: path !== trimmed, look: () => walk.step(folder, name) });
    });
  }

  private making(path: ByteString, make: (host: Buffer) => void, isFolder = false): void {
    this.place(path, (place) => make(this.newName(place, isFolder)));
  }

  /** The host's path of a name that is to be made. */
  private newName({ isPlain, wantsFolder, look }: Place, isFolder = false): Buffer {
    const found = isPlain ? look() : undefined;
    if (found === undefined || found.type !== 0) throw new LinuxError(Errno.EEXIST);
    if (wantsFolder && !isFolder) throw new LinuxError(Errno.ENOENT);
    return this.changing(found);
  }

  /** Something that is there and may be changed. */
  private changed(path: ByteString, follow: boolean, change: (found: Found & { readonly fd: number }) => void): void {
    this.at(path, follow, (found) => {
      if (found.type === 0) throw new LinuxError(Errno.ENOENT);
      // Devices are the host's own: they may be used, not changed.
      if (found.fd === undefined || found.mount === undefined || found.mount.readOnly || found.mount.device) throw new LinuxError(Errno.EROFS);
      change(found as Found & { readonly fd: number });
    });
  }

  // Open files

  override open(path: ByteString, how: HostOpen): HostHandle {
    // A directory cannot be made by opening it.
    if (how.create && path.endsWith('/') && this.place(path, ({ isPlain }) => isPlain)) throw new LinuxError(Errno.EISDIR);
    for (let attempt = 0; ; attempt++) {
      try {
        return this.at(path, !(how.noFollow || (how.create && how.exclusive)), (found) => this.openFound(found, how));
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
      const host = this.changing(found);
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
      return this.remember(fs.openSync(join(this.own, 'empty'), fs.constants.O_RDONLY), found, how);
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
    const flags = openFlags({ ...how, create: false, exclusive: how.temporary && how.exclusive, noFollow: false });
    return this.remember(
      asLinux(() => fs.openSync(itself(found.fd as number), flags, how.mode)),
      found,
      how,
    );
  }

  /** A standard stream can be opened again, but not for more than it is open for. */
  private checkStream(handle: HostHandle, how: HostOpen): void {
    const mode = this.openMode(handle);
    if ((how.read && !mode.read) || ((how.write || how.truncate) && !mode.write)) throw new LinuxError(Errno.EACCES);
  }

  private remember(fd: number, { mount, fd: host, node, type, path }: Found, how: HostOpen): HostHandle {
    this.adopt(fd, path, how);
    this.opened.set(fd, { mount, node, isNothing: type === S_IFDIR && host === undefined, path });
    return fd;
  }

  override close(handle: HostHandle): void {
    this.opened.delete(handle);
    super.close(handle);
  }

  override stat(handle: HostHandle): HostStat {
    const opened = this.opened.get(handle);
    return opened?.isNothing && opened.node !== undefined ? nodeStat(opened.node) : super.stat(handle);
  }

  private checkHandle(handle: HostHandle): void {
    const opened = this.opened.get(handle);
    // A standard stream is the host's own: what it is may be written, not whose it is.
    if (opened === undefined) throw new LinuxError(Errno.EPERM);
    if (opened.mount === undefined || opened.mount.readOnly || opened.mount.device) throw new LinuxError(Errno.EROFS);
  }

  override changeMode(handle: HostHandle, mode: number): void {
    this.checkHandle(handle);
    super.changeMode(handle, mode);
  }

  override changeOwner(handle: HostHandle, uid: number, gid: number): void {
    this.checkHandle(handle);
    super.changeOwner(handle, uid, gid);
  }

  override setTimes(handle: HostHandle, accessTime: bigint, modifyTime: bigint): void {
    this.checkHandle(handle);
    super.setTimes(handle, accessTime, modifyTime);
  }

  override handlePath(handle: HostHandle): ByteString {
    return `${HANDLE}${handle}` as ByteString;
  }

  /** Where an open file is now, as the guest sees it. */
  override handleName(handle: HostHandle): ByteString {
    const opened = this.opened.get(handle);
    if (opened?.isNothing) return opened.path;
    const host = hostName(handle);
    const seen = this.table.guestPath(host);
    if (seen !== undefined) return seen;
    if (opened !== undefined) return opened.path;
    // A standard stream that is a file which the guest does not see.
    return host.startsWith('/') ? encodeText(`/dev/${STREAMS[handle] ?? handle}`) : host;
  }

  // Looking

  override statPath(path: ByteString, follow: boolean): HostStat {
    return this.at(path, follow, (found) => {
      if (found.type === 0) throw new LinuxError(Errno.ENOENT);
      if (found.fd === undefined) return nodeStat(found.node as MountNode);
      return hostStat(asLinux(() => fs.fstatSync(found.fd as number, { bigint: true })));
    });
  }

  override typeOf(path: ByteString, follow: boolean): number | undefined {
    try {
      return this.at(path, follow, ({ type }) => (type === 0 ? undefined : type));
    } catch (error) {
      if (error instanceof LinuxError) return undefined;
      throw error;
    }
  }

  override statFileSystem(path: ByteString): HostFileSystemStat {
    return this.at(path, true, (found) => {
      if (found.type === 0) throw new LinuxError(Errno.ENOENT);
      return super.statFileSystem(encodeText(found.fd === undefined ? this.own : itself(found.fd)));
    });
  }

  override readDirectory(path: ByteString): HostDirectoryEntry[] {
    return this.at(path, true, ({ type, fd, node }) => {
      if (type !== S_IFDIR) throw new LinuxError(type === 0 ? Errno.ENOENT : Errno.ENOTDIR);
      const entries = fd === undefined ? [] : super.readDirectory(encodeText(itself(fd)));
      const names = new Set(entries.map(({ name }) => name));
      for (const [name, child] of node?.children ?? []) {
        if (!names.has(name)) entries.push({ name, inode: child.inode, type: nodeMode(child) >> 12 });
      }
      return entries;
    });
  }

  override readLink(path: ByteString): ByteString {
    return this.at(path, false, (found, walk) => {
      if (found.type === 0) throw new LinuxError(Errno.ENOENT);
      if (found.type !== S_IFLNK) throw new LinuxError(Errno.EINVAL);
      return walk.readLink(found);
    });
  }

  override realPath(path: ByteString): ByteString {
    return this.at(path, true, ({ type, path: real }) => {
      if (type === 0) throw new LinuxError(Errno.ENOENT);
      return real;
    });
  }

  override access(path: ByteString, mode: number): void {
    this.at(path, true, ({ type, fd, mount }) => {
      if (type === 0) throw new LinuxError(Errno.ENOENT);
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
    this.making(path, (host) => asLinux(() => fs.mkdirSync(host, { mode })), true);
  }

  override makeFifo(path: ByteString, mode: number): void {
    this.making(path, (host) => makeFifo(byteString(host), mode));
  }

  override makeSocket(path: ByteString, mode: number): void {
    this.making(path, (host) => makeSocket(byteString(host), mode));
  }

  override removeDirectory(path: ByteString): void {
    this.place(path, ({ name, isPlain, look }) => {
      if (!isPlain) throw new LinuxError(name === '.' ? Errno.EINVAL : name === '..' ? Errno.ENOTEMPTY : Errno.EBUSY);
      const found = there(look());
      const host = this.changing(found);
      asLinux(() => fs.rmdirSync(host));
    });
  }

  override unlink(path: ByteString): void {
    this.place(path, ({ isPlain, wantsFolder, look }) => {
      if (!isPlain) throw new LinuxError(Errno.EISDIR);
      const found = there(look());
      if (wantsFolder) throw new LinuxError(found.type === S_IFDIR ? Errno.EISDIR : Errno.ENOTDIR);
      const host = this.changing(found);
      asLinux(() => fs.unlinkSync(host));
    });
  }

  override rename(from: ByteString, to: ByteString): void {
    this.place(from, (source) =>
      this.place(to, (target) => {
        if (source.folder.mount !== target.folder.mount) throw new LinuxError(Errno.EXDEV);
        if (!source.isPlain || !target.isPlain) throw new LinuxError(Errno.EBUSY);
        const [old, found] = [there(source.look()), target.look()];
        if (old.type !== S_IFDIR && (source.wantsFolder || target.wantsFolder)) throw new LinuxError(Errno.ENOTDIR);
        const [a, b] = [this.changing(old), this.changing(found)];
        asLinux(() => fs.renameSync(a, b));
      }),
    );
  }

  override link(from: ByteString, to: ByteString): void {
    this.at(from, false, (found) => {
      const source = there(found);
      this.place(to, (target) => {
        const b = this.newName(target);
        if (source.mount === undefined || source.mount !== target.folder.mount) throw new LinuxError(Errno.EXDEV);
        if (source.type === S_IFDIR) throw new LinuxError(Errno.EPERM);
        const a = this.changing(source);
        asLinux(() => fs.linkSync(a, b));
      });
    });
  }

  override symbolicLink(target: ByteString, path: ByteString): void {
    this.making(path, (host) => asLinux(() => fs.symlinkSync(Buffer.from(target, 'latin1'), host)));
  }

  override truncatePath(path: ByteString, size: number): void {
    this.changed(path, true, ({ fd, type }) => {
      if (type === S_IFDIR) throw new LinuxError(Errno.EISDIR);
      // Truncating opens the file, which has consequences for a device or FIFO.
      if (type !== S_IFREG) throw new LinuxError(Errno.EINVAL);
      asLinux(() => fs.truncateSync(itself(fd), size));
    });
  }

  override changeModePath(path: ByteString, mode: number): void {
    this.changed(path, true, ({ fd }) => asLinux(() => fs.chmodSync(itself(fd), mode)));
  }

  override changeOwnerPath(path: ByteString, uid: number, gid: number, follow: boolean): void {
    this.changed(path, follow, (found) => {
      if (found.type !== S_IFLNK) asLinux(() => fs.chownSync(itself(found.fd), uid, gid));
      else asLinux(() => fs.lchownSync(this.changing(found), uid, gid));
    });
  }

  override setTimesPath(path: ByteString, accessTime: bigint, modifyTime: bigint, follow: boolean): void {
    const times = [seconds(accessTime), seconds(modifyTime)] as const;
    this.changed(path, follow, (found) => {
      if (found.type !== S_IFLNK) asLinux(() => fs.utimesSync(itself(found.fd), ...times));
      else asLinux(() => fs.lutimesSync(this.changing(found), ...times));
    });
  }

  // The rest of the system

  /** The host's, where the guest sees that. */
  override workingDirectory(): ByteString {
    return this.table.guestPath(byteString(fs.realpathSync.native('.', { encoding: 'buffer' }))) ?? ('/' as ByteString);
  }

  /** No process of the host's can be reached. */
  override kill(): void {
    throw new LinuxError(Errno.ESRCH);
  }
}

/** Removes a directory with all that is in it, though a guest may have made it unreadable. */
function removeTree(path: Buffer): void {
  try {
    fs.chmodSync(path, 0o700);
    for (const name of fs.readdirSync(path, 'buffer')) {
      const child = Buffer.concat([path, Buffer.from('/'), name]);
      if (fs.lstatSync(child).isDirectory()) removeTree(child);
      else fs.unlinkSync(child);
    }
    fs.rmdirSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    // What cannot be removed stays, as in any program's folder of temporary files.
  }
}

/** The host's path of an open file. */
const hostName = (handle: HostHandle): ByteString => byteString(asLinux(() => fs.readlinkSync(itself(handle), { encoding: 'buffer' })));

/** What was found is another by now. */
class Retry extends Error {}

function retrying<T>(errno: number, operation: () => T): T {
  try {
    return asLinux(operation);
  } catch (error) {
    throw error instanceof LinuxError && error.errno === errno ? new Retry() : error;
  }
}

const READ_ONLY: HostOpen = {
  read: true,
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
  append: false,
  directory: false,
  noFollow: false,
  nonBlocking: false,
  sync: false,
  pathOnly: false,
  temporary: false,
  mode: 0,
};

/** Device number of what is nothing of the host's. */
const NOTHING = 0n;

/** What st_mode is of what the sandbox makes: of a mount, as directories tell it. */
function nodeMode({ mount, link }: MountNode): number {
  if (link !== undefined) return S_IFLNK | 0o777;
  return mount?.device ? S_IFCHR | 0o666 : S_IFDIR | 0o755;
}

/** What stat tells of a directory or link that the sandbox makes. */
function nodeStat(node: MountNode): HostStat {
  return {
    device: NOTHING,
    inode: node.inode,
    mode: nodeMode(node),
    links: 1,
    uid: 0,
    gid: 0,
    rdev: 0n,
    size: BigInt(node.link?.length ?? 0),
    blockSize: 4096,
    blocks: 0n,
    accessTime: 0n,
    modifyTime: 0n,
    changeTime: 0n,
    birthTime: 0n,
  };
}
