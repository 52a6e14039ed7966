import fs from 'node:fs';
import {
  type ByteString,
  byteString,
  Errno,
  encodeText,
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
  LinuxError,
  type TerminalSettings,
} from '@everystep/core';
import { Clock } from './clock.ts';
import { asLinux, errnoOf } from './nodeErrors.ts';
import { NETWORK_HANDLE, NodeNetwork } from './nodeNetwork.ts';
import { descriptorFact, OpenHandle } from './openHandle.ts';
import { makeFifo, nameOpenFile } from './pathCommand.ts';
import { makeSocket } from './socketNode.ts';
import { resourceLimits, schedulingFacts, supplementaryGroups, systemFacts } from './systemFacts.ts';
import { readTerminal, setTerminalSize, terminalSize, writeTerminal } from './terminal.ts';

const onLinux = process.platform === 'linux';

/** Linux's open flags that Node does not name. */
const O_PATH = 0o10000000;
const O_TMPFILE = 0o20000000;

/** Flags as /proc/self/fdinfo tells them. */
const ACCESS_MODE = 3;
const APPEND = 0o2000;
const NON_BLOCK = 0o4000;

const bytes = (path: ByteString): Buffer => Buffer.from(path, 'latin1');
const text = (path: Buffer): ByteString => byteString(path);

/** Flags of the host's open for a wish. */
export function openFlags(how: HostOpen): number {
  const { constants: c } = fs;
  let flags = how.write ? (how.read ? c.O_RDWR : c.O_WRONLY) : c.O_RDONLY;
  if (how.create) flags |= c.O_CREAT;
  if (how.exclusive) flags |= c.O_EXCL;
  if (how.truncate) flags |= c.O_TRUNC;
  if (how.append) flags |= c.O_APPEND;
  if (how.directory) flags |= c.O_DIRECTORY;
  if (how.noFollow) flags |= c.O_NOFOLLOW;
  if (how.nonBlocking) flags |= c.O_NONBLOCK;
  if (how.sync) flags |= c.O_SYNC;
  if (onLinux && how.pathOnly) flags |= O_PATH;
  if (onLinux && how.temporary) flags |= O_TMPFILE;
  // The guest's terminal is never to become everystep's controlling one.
  return flags | c.O_NOCTTY;
}

/** What stat tells, from what Node does. */
export const hostStat = (s: fs.BigIntStats): HostStat => ({
  device: s.dev,
  inode: s.ino,
  mode: Number(s.mode),
  links: Number(s.nlink),
  uid: Number(s.uid),
  gid: Number(s.gid),
  rdev: s.rdev,
  size: s.size,
  blockSize: Number(s.blksize),
  blocks: s.blocks,
  accessTime: s.atimeNs,
  modifyTime: s.mtimeNs,
  changeTime: s.ctimeNs,
  birthTime: s.birthtimeNs,
});

/** Type bits of an entry's mode, shifted as DT_* are. */
function entryType(entry: fs.Dirent<Buffer>): number {
  if (entry.isFile()) return 8;
  if (entry.isDirectory()) return 4;
  if (entry.isSymbolicLink()) return 10;
  if (entry.isFIFO()) return 1;
  if (entry.isCharacterDevice()) return 2;
  if (entry.isBlockDevice()) return 6;
  return entry.isSocket() ? 12 : 0;
}

/** Node takes times in seconds and cuts them off behind the microsecond; half of one more keeps rounding out of it. */
export const seconds = (nanoseconds: bigint): number => (Number(nanoseconds / 1000n) + 0.5) / 1e6;

/** Of stat: undefined instead of an exception where nothing is there. */
const MAYBE = { throwIfNoEntry: false } as const;

/** The system that Node runs on. Handles are its file descriptors; 0, 1 and 2 are open from the start. */
export class NodeHost implements Host {
  private readonly handles = new Map<HostHandle, OpenHandle>();
  private readonly clock = new Clock();

  constructor(private readonly nodeNetwork = new NodeNetwork()) {}

  get network(): HostNetwork | undefined {
    return this.nodeNetwork;
  }

  private handle(handle: HostHandle): OpenHandle {
    let open = this.handles.get(handle);
    if (open === undefined) {
      if (handle > 2) throw new LinuxError(Errno.EBADF);
      open = new OpenHandle(
        handle,
        `/dev/fd/${handle}`,
        (ns) => this.sleep(ns),
        true,
        this.openMode(handle).append,
        () => this.nodeNetwork.input(handle),
      );
      this.handles.set(handle, open);
    }
    return open;
  }

  open(path: ByteString, how: HostOpen): HostHandle {
    const fd = asLinux(() => fs.openSync(bytes(path), openFlags(how), how.mode));
    this.adopt(fd, path, how);
    return fd;
  }

  /** Makes a handle of a descriptor that has just been opened. */
  protected adopt(fd: number, path: ByteString, how: HostOpen): void {
    const open = new OpenHandle(fd, path, (ns) => this.sleep(ns), false, how.append);
    open.nonBlocking = how.nonBlocking;
    this.handles.set(fd, open);
  }

  close(handle: HostHandle): void {
    const open = this.handle(handle);
    this.handles.delete(handle);
    open.close();
  }

  read(handle: HostHandle, into: Uint8Array): number {
    return this.handle(handle).read(into);
  }

  write(handle: HostHandle, data: Uint8Array): number {
    return this.handle(handle).write(data);
  }

  readAt(handle: HostHandle, into: Uint8Array, position: number): number {
    return this.handle(handle).readAt(into, position);
  }

  /** Where the next write goes. */
  protected writePosition(handle: HostHandle): number {
    return this.handle(handle).writePosition();
  }

  writeAt(handle: HostHandle, data: Uint8Array, position: number): number {
    return this.handle(handle).writeAt(data, position);
  }

  seek(handle: HostHandle, offset: number, whence: number): number {
    return this.handle(handle).seek(offset, whence);
  }

  stat(handle: HostHandle): HostStat {
    return hostStat(asLinux(() => fs.fstatSync(handle, { bigint: true })));
  }

  truncate(handle: HostHandle, size: number): void {
    asLinux(() => fs.ftruncateSync(handle, size));
  }

  sync(handle: HostHandle, dataOnly: boolean): void {
    asLinux(() => (dataOnly ? fs.fdatasyncSync(handle) : fs.fsyncSync(handle)));
  }

  changeMode(handle: HostHandle, mode: number): void {
    asLinux(() => fs.fchmodSync(handle, mode));
  }

  changeOwner(handle: HostHandle, uid: number, gid: number): void {
    asLinux(() => fs.fchownSync(handle, uid, gid));
  }

  setTimes(handle: HostHandle, accessTime: bigint, modifyTime: bigint): void {
    asLinux(() => fs.futimesSync(handle, seconds(accessTime), seconds(modifyTime)));
  }

  readable(handle: HostHandle, timeout: bigint | undefined): number | undefined {
    if (handle === NETWORK_HANDLE) return this.nodeNetwork.readable(timeout);
    return this.handle(handle).readable(timeout);
  }

  setNonBlocking(handle: HostHandle, nonBlocking: boolean): void {
    this.handle(handle).nonBlocking = nonBlocking;
  }

  openMode(handle: HostHandle): { read: boolean; write: boolean; append: boolean; nonBlocking: boolean } {
    asLinux(() => fs.fstatSync(handle));
    const flags = descriptorFact(handle, 'flags') ?? (handle === 0 ? 0 : 1);
    const access = flags & ACCESS_MODE;
    return { read: access !== 1, write: access !== 0, append: (flags & APPEND) !== 0, nonBlocking: (flags & NON_BLOCK) !== 0 };
  }

  handlePath(handle: HostHandle): ByteString | undefined {
    return onLinux ? encodeText(`/proc/self/fd/${handle}`) : undefined;
  }

  handleName(handle: HostHandle): ByteString {
    const path = this.handlePath(handle);
    return path === undefined ? (this.handle(handle).path as ByteString) : this.readLink(path);
  }

  statPath(path: ByteString, follow: boolean): HostStat {
    return hostStat(asLinux(() => (follow ? fs.statSync(bytes(path), { bigint: true }) : fs.lstatSync(bytes(path), { bigint: true }))));
  }

  typeOf(path: ByteString, follow: boolean): number | undefined {
    try {
      const stat = follow ? fs.statSync(bytes(path), MAYBE) : fs.lstatSync(bytes(path), MAYBE);
      return stat === undefined ? undefined : stat.mode & fs.constants.S_IFMT;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return undefined;
    }
  }

  statFileSystem(path: ByteString): HostFileSystemStat {
    const s = asLinux(() => fs.statfsSync(bytes(path), { bigint: true }));
    return {
      type: s.type,
      blockSize: s.bsize,
      blocks: s.blocks,
      blocksFree: s.bfree,
      blocksAvailable: s.bavail,
      files: s.files,
      filesFree: s.ffree,
      readOnly: isReadOnly(path),
    };
  }

  /** The guest sees the host's /proc. */
  mounts(): readonly HostMount[] | undefined {
    return undefined;
  }

  readDirectory(path: ByteString): HostDirectoryEntry[] {
    return asLinux(() => {
      const entries: HostDirectoryEntry[] = [];
      // Unlike readdir, which sorts, this keeps the kernel's order. Its types do not know of buffers.
      const directory = fs.opendirSync(bytes(path) as unknown as string, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
      try {
        for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
          const { name } = entry as unknown as fs.Dirent<Buffer>;
          entries.push({ name: text(name), inode: inodeOf(path, name), type: entryType(entry as unknown as fs.Dirent<Buffer>) });
        }
      } finally {
        directory.closeSync();
      }
      return entries;
    });
  }

  readLink(path: ByteString): ByteString {
    return text(asLinux(() => fs.readlinkSync(bytes(path), { encoding: 'buffer' })));
  }

  realPath(path: ByteString): ByteString {
    return text(asLinux(() => fs.realpathSync.native(bytes(path), { encoding: 'buffer' })));
  }

  access(path: ByteString, mode: number): void {
    asLinux(() => fs.accessSync(bytes(path), mode));
  }

  makeDirectory(path: ByteString, mode: number): void {
    asLinux(() => fs.mkdirSync(bytes(path), { mode }));
  }

  makeFifo(path: ByteString, mode: number): void {
    makeFifo(path, mode);
  }

  makeSocket(path: ByteString, mode: number): void {
    makeSocket(path, mode);
  }

  removeDirectory(path: ByteString): void {
    asLinux(() => fs.rmdirSync(bytes(path)));
  }

  unlink(path: ByteString): void {
    asLinux(() => fs.unlinkSync(bytes(path)));
  }

  rename(from: ByteString, to: ByteString): void {
    asLinux(() => fs.renameSync(bytes(from), bytes(to)));
  }

  link(from: ByteString, to: ByteString): void {
    asLinux(() => fs.linkSync(bytes(from), bytes(to)));
  }

  linkOpen(handle: HostHandle, to: ByteString): void {
    nameOpenFile(handle, to);
  }

  symbolicLink(target: ByteString, path: ByteString): void {
    asLinux(() => fs.symlinkSync(bytes(target), bytes(path)));
  }

  truncatePath(path: ByteString, size: number): void {
    asLinux(() => fs.truncateSync(bytes(path), size));
  }

  changeModePath(path: ByteString, mode: number): void {
    asLinux(() => fs.chmodSync(bytes(path), mode));
  }

  changeOwnerPath(path: ByteString, uid: number, gid: number, follow: boolean): void {
    asLinux(() => (follow ? fs.chownSync(bytes(path), uid, gid) : fs.lchownSync(bytes(path), uid, gid)));
  }

  setTimesPath(path: ByteString, accessTime: bigint, modifyTime: bigint, follow: boolean): void {
    const set = follow ? fs.utimesSync : fs.lutimesSync;
    asLinux(() => set(bytes(path), seconds(accessTime), seconds(modifyTime)));
  }

  readFile(path: ByteString): Uint8Array {
    return asLinux(() => fs.readFileSync(bytes(path)));
  }

  workingDirectory(): ByteString {
    return encodeText(asLinux(() => process.cwd()));
  }

  setUmask(mask: number): number {
    try {
      return process.umask(mask);
    } catch {
      // A worker may not set it.
      return process.umask();
    }
  }

  realTime(): bigint {
    return this.clock.realTime();
  }

  monotonicTime(): bigint {
    return this.clock.monotonicTime();
  }

  sleep(nanoseconds: bigint): void {
    this.clock.sleep(nanoseconds);
  }

  random(into: Uint8Array): void {
    // The kernel's file first: loading node:crypto takes milliseconds, and every program wants random bytes at its start.
    if (!readExactly('/dev/urandom', into)) process.getBuiltinModule('node:crypto').randomFillSync(into);
  }

  usage(): HostUsage {
    const u = process.resourceUsage();
    return {
      userTime: u.userCPUTime,
      systemTime: u.systemCPUTime,
      maxResidentSize: u.maxRSS,
      minorFaults: u.minorPageFault,
      majorFaults: u.majorPageFault,
      blocksIn: u.fsRead,
      blocksOut: u.fsWrite,
      voluntarySwitches: u.voluntaryContextSwitches,
      involuntarySwitches: u.involuntaryContextSwitches,
    };
  }

  identity(): HostIdentity {
    return {
      pid: process.pid,
      parentPid: process.ppid,
      ...schedulingFacts(),
      uid: process.getuid?.() ?? 0,
      effectiveUid: process.geteuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      effectiveGid: process.getegid?.() ?? 0,
      groups: supplementaryGroups(),
    };
  }

  system(): HostSystem {
    return systemFacts();
  }

  limits(): HostLimits {
    return resourceLimits();
  }

  kill(pid: number, signal: number): void {
    asLinux(() => process.kill(pid, signal));
  }

  isTerminal(handle: HostHandle): boolean {
    return this.handle(handle).isTerminal();
  }

  terminalSettings(handle: HostHandle): TerminalSettings {
    return readTerminal(handle);
  }

  setTerminalSettings(handle: HostHandle, settings: TerminalSettings): void {
    writeTerminal(handle, settings);
  }

  windowSize(handle: HostHandle): { rows: number; columns: number } {
    return terminalSize(handle);
  }

  setWindowSize(handle: HostHandle, size: { readonly rows: number; readonly columns: number }): void {
    setTerminalSize(handle, size);
  }
}

/** Whether something is on a file system that cannot be written, as far as that can be told: whoever has no right to write learns that first. */
function isReadOnly(path: ByteString): boolean {
  try {
    fs.accessSync(bytes(path), fs.constants.W_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === Errno.EROFS;
  }
}

/** The inode that an entry of a directory names; 1 where it cannot be asked. */
function inodeOf(directory: ByteString, name: Buffer): bigint {
  try {
    return fs.lstatSync(Buffer.concat([bytes(directory), Buffer.from('/'), name]), { bigint: true }).ino;
  } catch {
    return 1n;
  }
}

/** Fills `into` from a file. @returns false if that cannot be done */
function readExactly(path: string, into: Uint8Array): boolean {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, 'r');
    return fs.readSync(fd, into) === into.length;
  } catch {
    return false;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
