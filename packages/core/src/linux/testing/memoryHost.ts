import { ascii, type ByteString, byteString, bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { walk } from '../files/walk.ts';
import type {
  Host,
  HostDirectoryEntry,
  HostFileSystemStat,
  HostHandle,
  HostIdentity,
  HostLimits,
  HostNetwork,
  HostOpen,
  HostStat,
  HostSystem,
  HostUsage,
  TerminalSettings,
} from '../host.ts';

interface Node {
  readonly inode: bigint;
  mode: number;
  uid: number;
  gid: number;
  accessTime: bigint;
  modifyTime: bigint;
  links: number;
  /** Of a regular file, or a symbolic link's target. */
  bytes: Uint8Array;
  /** Of a directory. */
  readonly entries: Map<string, Node> | undefined;
}

interface Handle {
  readonly node: Node;
  readonly path: ByteString;
  readonly append: boolean;
  position: number;
}

const REGULAR = 0o100000;
const DIRECTORY = 0o040000;
const LINK = 0o120000;
const TYPE_MASK = 0o170000;

/** Symbolic links that one path may lead through. */
const LINK_LIMIT = 40;

/**
 * A system in memory, for tests: a tree of files, a clock that moves when it is looked at, standard input from `input` and
 * standard output into `output`. Everything belongs to user 1000, who may do everything.
 */
export class MemoryHost implements Host {
  private readonly root: Node;
  private readonly handles = new Map<HostHandle, Handle>();
  private inodes = 1n;
  private umask = 0o022;
  private time = 1_600_000_000_000_000_000n;
  /** What is still to be read from standard input; undefined: it is closed. */
  input = new Uint8Array(0);
  /** What was written to standard output and error. */
  output = '';
  /** Time slept, in nanoseconds. */
  slept = 0n;
  /** Signals sent to other processes. */
  readonly kills: (readonly [pid: number, signal: number])[] = [];
  terminal: TerminalSettings | undefined;
  network: HostNetwork | undefined;
  /** Of the terminal. */
  size = { rows: 24, columns: 80 };

  constructor() {
    this.root = this.node(DIRECTORY | 0o755);
    this.makeDirectory(ascii('/tmp'), 0o777);
  }

  private node(mode: number, bytes: Uint8Array = new Uint8Array(0)): Node {
    const entries = (mode & TYPE_MASK) === DIRECTORY ? new Map<string, Node>() : undefined;
    return { inode: this.inodes++, mode, uid: 1000, gid: 1000, accessTime: this.time, modifyTime: this.time, links: 1, bytes, entries };
  }

  /** Adds a file with its directories. */
  addFile(path: string, contents: string | Uint8Array, mode = 0o644): void {
    const parts = path.split('/').slice(1);
    for (let i = 1; i < parts.length; i++) {
      const directory = ascii(`/${parts.slice(0, i).join('/')}`);
      if (this.find(directory, true) === undefined) this.makeDirectory(directory, 0o755);
    }
    const [parent, name] = this.parent(ascii(path));
    parent.set(name, this.node(REGULAR | mode, typeof contents === 'string' ? bytesOf(ascii(contents)) : contents));
  }

  /** A file's contents, one character a byte. */
  contents(path: string): string {
    return byteString(this.get(ascii(path), true).bytes);
  }

  private find(path: string, follow: boolean, links = 0): Node | undefined {
    let node = this.root;
    let at = '';
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    for (let i = 0; i < parts.length; i++) {
      if (parts[i] === '..') return this.find([at.slice(0, at.lastIndexOf('/')), ...parts.slice(i + 1)].join('/'), follow, links);
      if (node.entries === undefined) throw new LinuxError(Errno.ENOTDIR);
      const next = node.entries.get(parts[i]);
      if (next === undefined) {
        if (i < parts.length - 1) throw new LinuxError(Errno.ENOENT);
        return undefined;
      }
      if ((next.mode & TYPE_MASK) === LINK && (follow || i < parts.length - 1)) {
        if (links === LINK_LIMIT) throw new LinuxError(Errno.ELOOP);
        const target = byteString(next.bytes);
        const base = target.startsWith('/') ? target : `${at}/${target}`;
        return this.find([base, ...parts.slice(i + 1)].join('/'), follow, links + 1);
      }
      node = next;
      at = `${at}/${parts[i]}`;
    }
    return node;
  }

  private get(path: ByteString, follow: boolean): Node {
    const node = this.find(path, follow);
    if (node === undefined) throw new LinuxError(Errno.ENOENT);
    return node;
  }

  /** The directory that holds a path's last part, and that part. */
  private parent(path: ByteString): [Map<string, Node>, string] {
    const trimmed = path.replace(/\/+$/, '');
    const slash = trimmed.lastIndexOf('/');
    const { entries } = this.get(ascii(trimmed.slice(0, slash)), true);
    if (entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    return [entries, trimmed.slice(slash + 1)];
  }

  private handle(handle: HostHandle): Handle {
    const open = this.handles.get(handle);
    if (open === undefined) throw new LinuxError(Errno.EBADF);
    return open;
  }

  private file(handle: HostHandle): Handle {
    if (handle <= 2) throw new LinuxError(Errno.ESPIPE);
    return this.handle(handle);
  }

  open(path: ByteString, how: HostOpen): HostHandle {
    let node = this.find(path, !how.noFollow);
    if (node === undefined) {
      if (!how.create) throw new LinuxError(Errno.ENOENT);
      const [parent, name] = this.parent(path);
      node = this.node(REGULAR | (how.mode & ~this.umask));
      parent.set(name, node);
    } else if (how.create && how.exclusive) {
      throw new LinuxError(Errno.EEXIST);
    }
    if (node.entries === undefined && how.directory) throw new LinuxError(Errno.ENOTDIR);
    if (node.entries !== undefined && how.write) throw new LinuxError(Errno.EISDIR);
    if ((node.mode & TYPE_MASK) === LINK && !how.pathOnly) throw new LinuxError(Errno.ELOOP);
    if (how.truncate) node.bytes = new Uint8Array(0);
    let number = 3;
    while (this.handles.has(number)) number++;
    this.handles.set(number, { node, path, append: how.append, position: 0 });
    return number;
  }

  close(handle: HostHandle): void {
    this.handle(handle);
    this.handles.delete(handle);
  }

  read(handle: HostHandle, into: Uint8Array): number {
    if (handle === 0) {
      const part = this.input.subarray(0, into.length);
      into.set(part);
      this.input = this.input.slice(part.length);
      return part.length;
    }
    const open = this.handle(handle);
    const count = this.readAt(handle, into, open.position);
    open.position += count;
    return count;
  }

  write(handle: HostHandle, data: Uint8Array): number {
    if (handle === 1 || handle === 2) {
      this.output += byteString(data);
      return data.length;
    }
    const open = this.handle(handle);
    if (open.append) open.position = open.node.bytes.length;
    this.writeAt(handle, data, open.position);
    open.position += data.length;
    return data.length;
  }

  readAt(handle: HostHandle, into: Uint8Array, position: number): number {
    const { node } = this.file(handle);
    if (node.entries !== undefined) throw new LinuxError(Errno.EISDIR);
    const part = node.bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  writeAt(handle: HostHandle, data: Uint8Array, position: number): number {
    const { node } = this.file(handle);
    if (position + data.length > node.bytes.length) this.resize(node, position + data.length);
    node.bytes.set(data, position);
    node.modifyTime = this.time;
    return data.length;
  }

  private resize(node: Node, size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(node.bytes.subarray(0, size));
    node.bytes = bytes;
  }

  seek(handle: HostHandle, offset: number, whence: number): number {
    const open = this.file(handle);
    const target = [0, open.position, open.node.bytes.length][whence] + offset;
    if (target < 0) throw new LinuxError(Errno.EINVAL);
    open.position = target;
    return target;
  }

  private statOf(node: Node): HostStat {
    const { inode, mode, links, uid, gid, accessTime, modifyTime } = node;
    const size = BigInt(node.bytes.length);
    const times = { accessTime, modifyTime, changeTime: modifyTime, birthTime: modifyTime };
    return { device: 0x805n, inode, mode, links, uid, gid, rdev: 0n, size, blockSize: 4096, blocks: (size + 511n) / 512n, ...times };
  }

  stat(handle: HostHandle): HostStat {
    // Standard input and output are pipes.
    return this.statOf(handle <= 2 ? this.node(0o010600) : this.handle(handle).node);
  }

  truncate(handle: HostHandle, size: number): void {
    this.resize(this.file(handle).node, size);
  }

  sync(handle: HostHandle): void {
    if (handle <= 2) throw new LinuxError(Errno.EINVAL);
  }

  changeMode(handle: HostHandle, mode: number): void {
    const { node } = this.handle(handle);
    node.mode = (node.mode & TYPE_MASK) | mode;
  }

  changeOwner(handle: HostHandle, uid: number, gid: number): void {
    Object.assign(this.handle(handle).node, { uid, gid });
  }

  setTimes(handle: HostHandle, accessTime: bigint, modifyTime: bigint): void {
    Object.assign(this.handle(handle).node, { accessTime, modifyTime });
  }

  readable(handle: HostHandle, timeout: bigint | undefined): number {
    if (handle !== 0) return 1;
    if (this.input.length === 0) this.sleep(timeout ?? 0n);
    return this.input.length;
  }

  setNonBlocking(): void {}

  openMode(handle: HostHandle): { read: boolean; write: boolean; append: boolean; nonBlocking: boolean } {
    return { read: handle === 0, write: handle !== 0, append: false, nonBlocking: false };
  }

  handlePath(handle: HostHandle): ByteString | undefined {
    return this.handles.get(handle)?.path;
  }

  handleName(handle: HostHandle): ByteString {
    return this.handles.get(handle)?.path ?? ascii(`pipe:[${handle}]`);
  }

  statPath(path: ByteString, follow: boolean): HostStat {
    return this.statOf(this.get(path, follow));
  }

  typeOf(path: ByteString, follow: boolean): number | undefined {
    try {
      const node = this.find(path, follow);
      return node === undefined ? undefined : node.mode & TYPE_MASK;
    } catch (error) {
      if (error instanceof LinuxError) return undefined;
      throw error;
    }
  }

  statFileSystem(path: ByteString): HostFileSystemStat {
    this.get(path, true);
    return { type: 0x01021994n, blockSize: 4096n, blocks: 1000n, blocksFree: 900n, blocksAvailable: 800n, files: 100n, filesFree: 50n };
  }

  readDirectory(path: ByteString): HostDirectoryEntry[] {
    const { entries } = this.get(path, true);
    if (entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    return [...entries].map(([name, node]) => ({ name: ascii(name), inode: node.inode, type: node.mode >> 12 }));
  }

  readLink(path: ByteString): ByteString {
    const node = this.get(path, false);
    if ((node.mode & TYPE_MASK) !== LINK) throw new LinuxError(Errno.EINVAL);
    return byteString(node.bytes);
  }

  realPath(path: ByteString): ByteString {
    this.get(path, true);
    return walk(this, ascii('/'), [], path, { follow: true, beyond: 'stay' });
  }

  access(path: ByteString, mode: number): void {
    const node = this.get(path, true);
    if (mode & 1 && node.entries === undefined && (node.mode & 0o111) === 0) throw new LinuxError(Errno.EACCES);
  }

  private add(path: ByteString, node: Node): void {
    const [parent, name] = this.parent(path);
    if (parent.has(name)) throw new LinuxError(Errno.EEXIST);
    parent.set(name, node);
  }

  makeDirectory(path: ByteString, mode: number): void {
    this.add(path, this.node(DIRECTORY | (mode & ~this.umask)));
  }

  makeFifo(path: ByteString, mode: number): void {
    this.add(path, this.node(0o010000 | mode));
  }

  makeSocket(path: ByteString, mode: number): void {
    this.add(path, this.node(0o140000 | mode));
  }

  removeDirectory(path: ByteString): void {
    const node = this.get(path, false);
    if (node.entries === undefined) throw new LinuxError(Errno.ENOTDIR);
    if (node.entries.size > 0) throw new LinuxError(Errno.ENOTEMPTY);
    const [parent, name] = this.parent(path);
    parent.delete(name);
  }

  unlink(path: ByteString): void {
    const node = this.get(path, false);
    if (node.entries !== undefined) throw new LinuxError(Errno.EISDIR);
    const [parent, name] = this.parent(path);
    parent.delete(name);
    node.links--;
  }

  rename(from: ByteString, to: ByteString): void {
    const node = this.get(from, false);
    const [oldParent, oldName] = this.parent(from);
    const [newParent, newName] = this.parent(to);
    oldParent.delete(oldName);
    newParent.set(newName, node);
  }

  link(from: ByteString, to: ByteString): void {
    const node = this.get(from, false);
    this.add(to, node);
    node.links++;
  }

  symbolicLink(target: ByteString, path: ByteString): void {
    this.add(path, this.node(LINK | 0o777, bytesOf(target)));
  }

  truncatePath(path: ByteString, size: number): void {
    this.resize(this.get(path, true), size);
  }

  changeModePath(path: ByteString, mode: number): void {
    const node = this.get(path, true);
    node.mode = (node.mode & TYPE_MASK) | mode;
  }

  changeOwnerPath(path: ByteString, uid: number, gid: number, follow: boolean): void {
    Object.assign(this.get(path, follow), { uid, gid });
  }

  setTimesPath(path: ByteString, accessTime: bigint, modifyTime: bigint, follow: boolean): void {
    Object.assign(this.get(path, follow), { accessTime, modifyTime });
  }

  readFile(path: ByteString): Uint8Array {
    return this.get(path, true).bytes.slice();
  }

  workingDirectory(): ByteString {
    return ascii('/tmp');
  }

  setUmask(mask: number): number {
    const before = this.umask;
    this.umask = mask;
    return before;
  }

  realTime(): bigint {
    this.time += 1000n;
    return this.time;
  }

  monotonicTime(): bigint {
    return this.realTime() - 1_500_000_000_000_000_000n;
  }

  sleep(nanoseconds: bigint): void {
    this.slept += nanoseconds;
    this.time += nanoseconds;
  }

  random(into: Uint8Array): void {
    into.fill(0x5a);
  }

  usage(): HostUsage {
    const counts = { maxResidentSize: 1000, minorFaults: 5, majorFaults: 1, blocksIn: 2, blocksOut: 3, voluntarySwitches: 7, involuntarySwitches: 8 };
    return { userTime: 2_500_000, systemTime: 250_000, ...counts };
  }

  identity(): HostIdentity {
    const ids = { uid: 1000, effectiveUid: 1000, gid: 1000, effectiveGid: 1000, groups: [4, 24, 1000], nice: 0 };
    return { pid: 4242, parentPid: 4241, processGroup: 4242, session: 4200, ...ids };
  }

  system(): HostSystem {
    const memory = { totalMemory: 2 ** 33, freeMemory: 2 ** 32, bufferMemory: 4096, totalSwap: 0, freeSwap: 0 };
    const names = { nodeName: 'memory', release: '6.1.0', version: '#1', domainName: '(none)' };
    return { ...names, processors: 2, uptimeSeconds: 12.5, loads: [0.5, 1, 1.5], ...memory, processes: 3 };
  }

  limits(): HostLimits {
    return new Map([
      [3, [8388608n, -1n]],
      [7, [1024n, 4096n]],
    ]);
  }

  kill(pid: number, signal: number): void {
    if (pid === 1) throw new LinuxError(Errno.EPERM);
    this.kills.push([pid, signal]);
  }

  isTerminal(handle: HostHandle): boolean {
    return handle <= 2 && this.terminal !== undefined;
  }

  terminalSettings(): TerminalSettings {
    if (this.terminal === undefined) throw new LinuxError(Errno.ENOTTY);
    return this.terminal;
  }

  setTerminalSettings(_handle: HostHandle, settings: TerminalSettings): void {
    this.terminal = settings;
  }

  windowSize(): { rows: number; columns: number } {
    return this.size;
  }

  setWindowSize(_handle: HostHandle, size: { rows: number; columns: number }): void {
    this.size = size;
  }
}
