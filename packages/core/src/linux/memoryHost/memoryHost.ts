import { ascii, type ByteString, encodeText } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import {
  type Host,
  type HostDirectoryEntry,
  type HostFileSystemStat,
  type HostHandle,
  type HostIdentity,
  type HostLimits,
  type HostMount,
  type HostNetwork,
  type HostOpen,
  type HostStat,
  type HostSystem,
  type HostUsage,
  type TerminalSettings,
  UNCHANGED_ID,
} from '../host.ts';
import { standardDevices } from './devices.ts';
import { type Entry, FILE_TYPE, MemoryNode } from './memoryNode.ts';
import { type Found, isPlain, MemoryTree, type Place, R_OK, W_OK, X_OK } from './memoryTree.ts';
import { OpenNode, truncateNode } from './openNode.ts';
import { Quota } from './pagedBytes.ts';
import { identityOf, type MemoryTerminal, type Surroundings, systemOf, usageOf } from './surroundings.ts';

/** Most that files take together if nothing else is said. */
const DEFAULT_SIZE = 2 ** 28;
const DEFAULT_FILES = 2 ** 18;

/** Major number 0 is that of file systems without a device. */
const DEFAULT_DEVICE = 0x2fn;

/** Standard input, output and errors. */
const STREAMS = 3;
/** Type and permission bits of a pipe and of a terminal. */
const PIPE_MODE = 0o010600;
const TERMINAL_MODE = 0o020620;

/** Begins the path of what is open already: no path of a guest's has a NUL in it. */
const HANDLE = '/\0/';

/** Type and permission bits of the devices in /dev. */
const DEVICE_MODE = FILE_TYPE.device | 0o666;

const PERMISSIONS = 0o7777;
/** Bits that let a program run with its owner's rights: a change of owner takes them. */
const SET_IDS = 0o6000;

export interface MemoryHostOptions {
  /** Most bytes of all files together; default 256 MiB. Beyond it writes fail with ENOSPC. */
  readonly sizeLimit?: number;
  /** Most files, directories and links; default 262144. */
  readonly fileLimit?: number;
  /** The working directory, which is made; default `/`. */
  readonly directory?: string;
  /** What stat tells as the file system's device number. */
  readonly device?: bigint;
}

/**
 * A host whose files are in memory: for browsers, which have no other, and for tests. It has regular files, directories,
 * symbolic links, FIFOs and names of sockets, with permissions, hard links and a bound on their size, as Linux's tmpfs, and in
 * /dev the devices that are no hardware.
 * What else a guest needs of its host comes from the one who makes it.
 */
export class MemoryHost implements Host {
  private readonly tree: MemoryTree;
  private readonly handles = new Map<HostHandle, OpenNode>();
  /** Numbers are never used again, so that the path of a closed handle leads nowhere. */
  private nextHandle = STREAMS;
  private umask = 0o022;
  private readonly directory: ByteString;
  private readonly now: () => bigint;
  private readonly device: bigint;

  constructor(
    private readonly surroundings: Surroundings,
    { sizeLimit = DEFAULT_SIZE, fileLimit = DEFAULT_FILES, directory = '/', device = DEFAULT_DEVICE }: MemoryHostOptions = {},
  ) {
    this.now = () => surroundings.realTime();
    const { effectiveUid: uid, effectiveGid: gid, groups } = identityOf(surroundings);
    this.tree = new MemoryTree({ user: { uid, gid, groups }, now: this.now, sizeLimit, fileLimit });
    this.device = device;
    this.directory = encodeText(directory);
    this.addDirectory(directory);
    this.addDirectory('/dev');
    for (const [name, device] of standardDevices((into) => surroundings.random(into))) {
      this.tree.add(this.place(ascii(`/dev/${name}`)), () => this.tree.makeNode(DEVICE_MODE)).node.device = device;
    }
  }

  get network(): HostNetwork | undefined {
    return this.surroundings.network;
  }

  // To fill it

  /** Adds a directory, with those that it is in. */
  addDirectory(path: string, mode = 0o755): void {
    const parts = encodeText(path)
      .split('/')
      .filter((part) => part !== '');
    for (let i = 1; i <= parts.length; i++) {
      const { entry, place } = this.at(`/${parts.slice(0, i).join('/')}` as ByteString, true);
      if (entry === undefined) this.tree.add(place, () => this.tree.makeNode(FILE_TYPE.directory | mode), true);
    }
  }

  /** Adds a file, with the directories that it is in. Text becomes UTF-8. */
  addFile(path: string, contents: string | Uint8Array, mode = 0o644): void {
    this.addDirectory(path.slice(0, path.lastIndexOf('/')));
    const bytes = typeof contents === 'string' ? Uint8Array.from(encodeText(contents), (c) => c.charCodeAt(0)) : contents;
    const { entry, place } = this.at(encodeText(path), true);
    const { node } = entry ?? this.tree.add(place, () => this.tree.makeNode(FILE_TYPE.regular | mode));
    truncateNode(node, 0, this.now());
    if ((node.bytes?.write(bytes, 0) ?? 0) < bytes.length) throw new LinuxError(Errno.ENOSPC);
  }

  // Paths

  /** Where a path begins: at the root, or at something that is open. @returns that, and the rest of the path */
  private startOf(path: ByteString): readonly [start: Entry, rest: string] {
    if (path === '') throw new LinuxError(Errno.ENOENT);
    if (!path.startsWith(HANDLE)) return [this.tree.root, path];
    const slash = path.indexOf('/', HANDLE.length);
    const end = slash < 0 ? path.length : slash;
    return [this.handle(Number(path.slice(HANDLE.length, end))).entry, path.slice(end).replace(/^\/+/, '')];
  }

  private at(path: ByteString, follow: boolean): Found {
    const [start, rest] = this.startOf(path);
    if (rest === '') return { entry: start, place: { directory: start.parent, name: '', wantsDirectory: false } };
    return this.tree.walk(start, rest, follow);
  }

  private place(path: ByteString): Place {
    return this.tree.place(...this.startOf(path));
  }

  private entryAt(path: ByteString, follow: boolean): Entry {
    const { entry } = this.at(path, follow);
    if (entry === undefined) throw new LinuxError(Errno.ENOENT);
    return entry;
  }

  private nodeAt(path: ByteString, follow: boolean): MemoryNode {
    return this.entryAt(path, follow).node;
  }

  open(path: ByteString, how: HostOpen): HostHandle {
    return this.addHandle(how.temporary ? this.makeTemporary(path, how) : this.openEntry(path, how), how);
  }

  private addHandle(entry: Entry, how: HostOpen): HostHandle {
    this.handles.set(this.nextHandle, new OpenNode(entry, how, this.now));
    return this.nextHandle++;
  }

  private makeTemporary(path: ByteString, how: HostOpen): Entry {
    const parent = this.entryAt(path, true);
    if (parent.node.entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    this.tree.check(parent.node, W_OK | X_OK);
    const node = this.tree.makeNode(FILE_TYPE.regular | (how.mode & PERMISSIONS & ~this.umask));
    node.isLinkable = !how.exclusive;
    node.links = 0;
    return { parent, name: `#${node.inode}`, node, isGone: true };
  }

  private openEntry(path: ByteString, how: HostOpen): Entry {
    // A directory cannot be made by opening it.
    if (how.create && path.endsWith('/') && isPlain(this.place(path))) throw new LinuxError(Errno.EISDIR);
    const { entry, place } = this.at(path, !how.noFollow && !(how.create && how.exclusive));
    if (entry === undefined) {
      if (!how.create || how.pathOnly) throw new LinuxError(Errno.ENOENT);
      return this.tree.add(place, () => this.tree.makeNode(FILE_TYPE.regular | (how.mode & PERMISSIONS & ~this.umask)));
    }
    const { node } = entry;
    const isDirectory = node.entries !== undefined;
    if (how.create && how.exclusive && !how.pathOnly) throw new LinuxError(Errno.EEXIST);
    if (how.directory && !isDirectory) throw new LinuxError(Errno.ENOTDIR);
    if (how.pathOnly) return entry;
    if (node.type === FILE_TYPE.link) throw new LinuxError(Errno.ELOOP);
    if (isDirectory && (how.write || how.create)) throw new LinuxError(Errno.EISDIR);
    // FIFOs and sockets are the virtual kernel's: their names only are here.
    if (node.type === FILE_TYPE.fifo || node.type === FILE_TYPE.socket) throw new LinuxError(Errno.ENXIO);
    this.tree.check(node, (how.read ? R_OK : 0) | (how.write || how.truncate ? W_OK : 0));
    if (how.truncate && node.device === undefined) truncateNode(node, 0, this.now());
    return entry;
  }

  statPath(path: ByteString, follow: boolean): HostStat {
    return this.nodeAt(path, follow).stat(this.device);
  }

  typeOf(path: ByteString, follow: boolean): number | undefined {
    try {
      return this.at(path, follow).entry?.node.type;
    } catch (error) {
      if (error instanceof LinuxError) return undefined;
      throw error;
    }
  }

  statFileSystem(path: ByteString): HostFileSystemStat {
    this.entryAt(path, true);
    return this.tree.stat();
  }

  mounts(): readonly HostMount[] {
    return [{ path: '/' as ByteString, source: 'tmpfs', type: 'tmpfs', device: this.device, readOnly: false }];
  }

  readDirectory(path: ByteString): HostDirectoryEntry[] {
    const node = this.nodeAt(path, true);
    if (node.entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    if (!path.startsWith(HANDLE)) this.tree.check(node, R_OK);
    return [...node.entries].map(([name, entry]) => ({ name: ascii(name), inode: entry.node.inode, type: entry.node.type >> 12 }));
  }

  readLink(path: ByteString): ByteString {
    const node = this.nodeAt(path, false);
    if (node.type !== FILE_TYPE.link) throw new LinuxError(Errno.EINVAL);
    return ascii(node.target);
  }

  realPath(path: ByteString): ByteString {
    const entry = this.entryAt(path, true);
    // A file without a name has no other path.
    return entry.isGone && path.startsWith(HANDLE) ? path : this.tree.pathOf(entry);
  }

  access(path: ByteString, mode: number): void {
    this.tree.check(this.nodeAt(path, true), mode);
  }

  private add(path: ByteString, mode: number): MemoryNode {
    return this.tree.add(this.place(path), () => this.tree.makeNode(mode), (mode & FILE_TYPE.mask) === FILE_TYPE.directory).node;
  }

  makeDirectory(path: ByteString, mode: number): void {
    this.add(path, FILE_TYPE.directory | (mode & 0o1777 & ~this.umask));
  }

  makeFifo(path: ByteString, mode: number): void {
    this.add(path, FILE_TYPE.fifo | mode);
  }

  makeSocket(path: ByteString, mode: number): void {
    this.add(path, FILE_TYPE.socket | mode);
  }

  symbolicLink(target: ByteString, path: ByteString): void {
    this.add(path, FILE_TYPE.link | 0o777).target = target;
  }

  removeDirectory(path: ByteString): void {
    this.tree.removeDirectory(this.place(path));
  }

  unlink(path: ByteString): void {
    this.tree.unlink(this.place(path));
  }

  rename(from: ByteString, to: ByteString): void {
    this.tree.rename(this.place(from), this.place(to));
  }

  link(from: ByteString, to: ByteString): void {
    this.tree.link(this.entryAt(from, false), this.place(to));
  }

  linkOpen(handle: HostHandle, to: ByteString): void {
    this.link(ascii(`${HANDLE}${handle}`), to);
  }

  truncatePath(path: ByteString, size: number): void {
    const node = this.nodeAt(path, true);
    this.tree.check(node, W_OK);
    truncateNode(node, size, this.now());
  }

  changeModePath(path: ByteString, mode: number): void {
    this.setMode(this.nodeAt(path, true), mode);
  }

  changeOwnerPath(path: ByteString, uid: number, gid: number, follow: boolean): void {
    this.setOwner(this.nodeAt(path, follow), uid, gid);
  }

  setTimesPath(path: ByteString, accessTime: bigint, modifyTime: bigint, follow: boolean): void {
    this.setNodeTimes(this.nodeAt(path, follow), accessTime, modifyTime);
  }

  readFile(path: ByteString): Uint8Array {
    const node = this.nodeAt(path, true);
    if (node.bytes === undefined) throw new LinuxError(node.entries === undefined ? Errno.ENXIO : Errno.EISDIR);
    this.tree.check(node, R_OK);
    const bytes = new Uint8Array(node.size);
    node.bytes.read(bytes, 0);
    return bytes;
  }

  private setMode(node: MemoryNode, mode: number): void {
    this.tree.checkOwner(node);
    node.mode = node.type | (mode & PERMISSIONS);
    node.changeTime = this.now();
  }

  private setOwner(node: MemoryNode, uid: number, gid: number): void {
    const { effectiveUid, effectiveGid, groups } = this.identity();
    const givesAway = uid !== UNCHANGED_ID && uid !== node.uid;
    const isForeignGroup = gid !== UNCHANGED_ID && gid !== node.gid && gid !== effectiveGid && !groups.includes(gid);
    this.tree.checkOwner(node);
    if (effectiveUid !== 0 && (givesAway || isForeignGroup)) throw new LinuxError(Errno.EPERM);
    if (uid !== UNCHANGED_ID) node.uid = uid;
    if (gid !== UNCHANGED_ID) node.gid = gid;
    if (node.entries === undefined) node.mode &= ~SET_IDS;
    node.changeTime = this.now();
  }

  private setNodeTimes(node: MemoryNode, accessTime: bigint, modifyTime: bigint): void {
    this.tree.checkOwner(node);
    Object.assign(node, { accessTime, modifyTime, changeTime: this.now() });
  }

  // Open files

  private handle(handle: HostHandle): OpenNode {
    const open = this.handles.get(handle);
    if (open === undefined) throw new LinuxError(handle < STREAMS ? Errno.ESPIPE : Errno.EBADF);
    return open;
  }

  close(handle: HostHandle): void {
    const { node } = this.handle(handle);
    this.handles.delete(handle);
    node.handles--;
    this.tree.freeIfUnused(node);
  }

  read(handle: HostHandle, into: Uint8Array): number {
    return handle === 0 ? this.surroundings.streams.read(into) : this.handle(handle).read(into);
  }

  write(handle: HostHandle, data: Uint8Array): number {
    // Who has the streams may keep what comes.
    return handle === 1 || handle === 2 ? this.surroundings.streams.write(handle, data.slice()) : this.handle(handle).write(data);
  }

  readAt(handle: HostHandle, into: Uint8Array, position: number): number {
    return this.handle(handle).readAt(into, position);
  }

  writeAt(handle: HostHandle, data: Uint8Array, position: number): number {
    return this.handle(handle).writeAt(data, position);
  }

  seek(handle: HostHandle, offset: number, whence: number): number {
    return this.handle(handle).seek(offset, whence);
  }

  stat(handle: HostHandle): HostStat {
    return handle < STREAMS ? this.streamNode().stat(this.device) : this.handle(handle).node.stat(this.device);
  }

  private streamNode(): MemoryNode {
    const { effectiveUid, effectiveGid } = this.identity();
    const mode = this.surroundings.terminal === undefined ? PIPE_MODE : TERMINAL_MODE;
    return new MemoryNode(1n, mode, effectiveUid, effectiveGid, this.now(), new Quota(0));
  }

  truncate(handle: HostHandle, size: number): void {
    if (handle < STREAMS) throw new LinuxError(Errno.EINVAL);
    this.handle(handle).truncate(size);
  }

  sync(handle: HostHandle): void {
    if (handle < STREAMS) throw new LinuxError(Errno.EINVAL);
    this.handle(handle);
  }

  changeMode(handle: HostHandle, mode: number): void {
    if (handle >= STREAMS) this.setMode(this.handle(handle).node, mode);
  }

  changeOwner(handle: HostHandle, uid: number, gid: number): void {
    if (handle >= STREAMS) this.setOwner(this.handle(handle).node, uid, gid);
  }

  setTimes(handle: HostHandle, accessTime: bigint, modifyTime: bigint): void {
    if (handle >= STREAMS) this.setNodeTimes(this.handle(handle).node, accessTime, modifyTime);
  }

  readable(handle: HostHandle, timeout: bigint | undefined): number | undefined {
    if (handle >= STREAMS) return this.handle(handle).readable();
    return handle === 0 ? this.surroundings.streams.readable(timeout) : 0;
  }

  setNonBlocking(): void {}

  openMode(handle: HostHandle): { read: boolean; write: boolean; append: boolean; nonBlocking: boolean } {
    if (handle >= STREAMS) throw new LinuxError(Errno.EBADF);
    return { read: handle === 0, write: handle !== 0, append: false, nonBlocking: false };
  }

  handlePath(handle: HostHandle): ByteString | undefined {
    return this.handles.has(handle) ? ascii(`${HANDLE}${handle}`) : undefined;
  }

  handleName(handle: HostHandle): ByteString {
    if (handle < STREAMS) return ascii(this.surroundings.terminal === undefined ? `pipe:[${handle}]` : '/dev/tty');
    const { entry } = this.handle(handle);
    return ascii(`${this.tree.pathOf(entry)}${entry.isGone ? ' (deleted)' : ''}`);
  }

  // What is no file

  workingDirectory(): ByteString {
    return this.directory;
  }

  setUmask(mask: number): number {
    const before = this.umask;
    this.umask = mask;
    return before;
  }

  realTime(): bigint {
    return this.surroundings.realTime();
  }

  monotonicTime(): bigint {
    return this.surroundings.monotonicTime();
  }

  sleep(nanoseconds: bigint): void {
    this.surroundings.sleep(nanoseconds);
  }

  random(into: Uint8Array): void {
    this.surroundings.random(into);
  }

  usage(): HostUsage {
    return usageOf(this.surroundings);
  }

  identity(): HostIdentity {
    return identityOf(this.surroundings);
  }

  system(): HostSystem {
    return systemOf(this.surroundings);
  }

  limits(): HostLimits {
    return this.surroundings.limits ?? new Map();
  }

  kill(pid: number, signal: number): void {
    if (this.surroundings.kill === undefined) throw new LinuxError(Errno.ESRCH);
    this.surroundings.kill(pid, signal);
  }

  isTerminal(handle: HostHandle): boolean {
    return handle < STREAMS && this.surroundings.terminal !== undefined;
  }

  private terminalOf(handle: HostHandle): MemoryTerminal {
    const { terminal } = this.surroundings;
    if (handle >= STREAMS || terminal === undefined) throw new LinuxError(Errno.ENOTTY);
    return terminal;
  }

  terminalSettings(handle: HostHandle): TerminalSettings {
    return this.terminalOf(handle).settings;
  }

  setTerminalSettings(handle: HostHandle, settings: TerminalSettings): void {
    this.terminalOf(handle).settings = settings;
  }

  windowSize(handle: HostHandle): { readonly rows: number; readonly columns: number } {
    return this.terminalOf(handle).size;
  }

  setWindowSize(handle: HostHandle, size: { readonly rows: number; readonly columns: number }): void {
    this.terminalOf(handle).size = size;
  }
}
