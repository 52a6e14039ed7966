import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { Host, HostHandle, HostStat } from '../host.ts';
import type { WaitQueue } from '../kernel/waiting.ts';
import type { MappedFile } from '../memory/mappedFile.ts';
import type { FileLocks } from './fileLocks.ts';
import { O } from './openFlags.ts';
import { DIRECTORY, REGULAR, TYPE_MASK } from './pathLookup.ts';

/** What poll can tell of a file. */
export interface Readiness {
  /** A read does not wait, or nobody can tell. */
  readonly readable: boolean;
  /** True where nobody can tell. */
  readonly uncertain?: boolean;
  readonly writable: boolean;
  /** The other end is closed. */
  readonly hangUp: boolean;
  /** An error waits to be told, or nobody reads what is written. */
  readonly error?: boolean;
  /** The other end writes no more. */
  readonly endOfData?: boolean;
}

/** Who wants to know that a file is closed for good. */
export interface FileWatch {
  fileClosed(): void;
}

/**
 * An open file description: what descriptors refer to, with its position and status flags. Operations throw LinuxError;
 * what a kind of file does not have fails as Linux says.
 */
export abstract class OpenFile {
  /** Descriptors that refer to it. */
  references = 0;
  /** Where the locks are that it has as an open file description, once it has one. */
  locks: FileLocks | undefined;
  /** F_SETOWN: a process, or minus a process group; 0 if there is none. */
  owner = 0;
  /** F_SETSIG; 0: SIGIO. */
  ownerSignal = 0;
  private mappedFile: MappedFile | undefined;
  private watches: Set<FileWatch> | undefined;

  /**
   * @param name the path by which it can be found, as /proc/self/fd shows it
   * @param status access mode and status flags, as fcntl(F_GETFL) tells them
   */
  constructor(
    readonly name: ByteString,
    public status: number,
  ) {}

  /** Shared mappings of the file, if guests have any. */
  get mapped(): MappedFile | undefined {
    return this.mappedFile;
  }

  set mapped(mapped: MappedFile | undefined) {
    this.mappedFile = mapped;
  }

  get canRead(): boolean {
    return (this.status & O.accessMode) !== O.writeOnly && (this.status & O.path) === 0;
  }

  get canWrite(): boolean {
    return (this.status & O.accessMode) !== 0 && (this.status & O.path) === 0;
  }

  get nonBlocking(): boolean {
    return (this.status & O.nonBlock) !== 0;
  }

  /** @returns bytes read, 0 at the end */
  abstract read(into: Uint8Array): number;
  /** The data is the caller's again then: who keeps it makes a copy, here and in `writeAt`. */
  abstract write(data: Uint8Array): number;
  abstract stat(): HostStat;
  abstract readiness(): Readiness;

  readAt(_into: Uint8Array, _position: number): number {
    throw new LinuxError(Errno.ESPIPE);
  }

  writeAt(_data: Uint8Array, _position: number): number {
    throw new LinuxError(Errno.ESPIPE);
  }

  /** As readAt, of the file itself, whatever mappings of it hold. */
  fetch(into: Uint8Array, position: number): number {
    return this.readAt(into, position);
  }

  /** As writeAt, to the file itself, whatever mappings of it hold. */
  store(data: Uint8Array, position: number): number {
    return this.writeAt(data, position);
  }

  /** @param whence 0 from the start, 1 from the position, 2 from the end. @returns the new position */
  seek(_offset: number, _whence: number): number {
    throw new LinuxError(Errno.ESPIPE);
  }

  truncate(_size: number): void {
    throw new LinuxError(Errno.EINVAL);
  }

  sync(_dataOnly: boolean): void {
    throw new LinuxError(Errno.EINVAL);
  }

  /** Bytes that can be read without waiting, for ioctl(FIONREAD). */
  bytesReadable(): number {
    throw new LinuxError(Errno.ENOTTY);
  }

  /** The host's handle, for what only the host's files have. */
  get handle(): HostHandle | undefined {
    return undefined;
  }

  /** Whether a read may have to wait for data: not from regular files. */
  get mayWait(): boolean {
    return true;
  }

  /** Woken whenever the readiness of a file inside the virtual kernel may have changed; undefined for the host's files. */
  get changes(): WaitQueue | undefined {
    return undefined;
  }

  /** Handles of the host whose becoming readable may change the file's readiness. */
  get pollHandles(): readonly HostHandle[] {
    return this.handle === undefined ? [] : [this.handle];
  }

  /** Whether epoll takes it: regular files and directories are always ready. */
  get canBePolled(): boolean {
    return this.changes !== undefined;
  }

  watch(watch: FileWatch): void {
    this.watches ??= new Set();
    this.watches.add(watch);
  }

  unwatch(watch: FileWatch): void {
    this.watches?.delete(watch);
  }

  /** The last descriptor is gone: those who watch are told, and the file is closed. */
  release(): void {
    this.locks?.fileClosed(this);
    if (this.watches !== undefined) for (const watch of [...this.watches]) watch.fileClosed();
    this.close();
  }

  /** Another open file description of the same file, as opening /proc/self/fd/N makes it where the file has no path. */
  again(_status: number): OpenFile {
    throw new LinuxError(Errno.ENXIO);
  }

  /** Sets the changeable status flags. */
  setStatus(status: number): void {
    this.status = status;
  }

  /** The last descriptor is gone. */
  close(): void {}
}

/** A file of the host: regular, device, pipe or terminal. */
export class HostFile extends OpenFile {
  private isRegular: boolean | undefined;

  /** @param inherited standard input and output, which stay open for the host */
  constructor(
    protected readonly host: Host,
    private readonly open: HostHandle,
    name: ByteString,
    status: number,
    private readonly inherited = false,
  ) {
    super(name, status);
  }

  override get handle(): HostHandle {
    return this.open;
  }

  /** Where the host has no path that leads to it, it is opened only once. */
  override again(): this {
    return this;
  }

  override get mayWait(): boolean {
    this.isRegular ??= (this.stat().mode & TYPE_MASK) === REGULAR;
    return !this.isRegular;
  }

  read(into: Uint8Array): number {
    if (this.mapped !== undefined) {
      const position = this.host.seek(this.handle, 0, 1);
      this.mapped.beforeRead(position, position + into.length);
    }
    return this.host.read(this.handle, into);
  }

  write(data: Uint8Array): number {
    this.mapped?.writeBackAll();
    const count = this.host.write(this.handle, data);
    if (this.mapped !== undefined) {
      const position = this.host.seek(this.handle, 0, 1);
      this.mapped.afterWrite(this, position - count, position);
    }
    return count;
  }

  override readAt(into: Uint8Array, position: number): number {
    this.mapped?.beforeRead(position, position + into.length);
    return this.fetch(into, position);
  }

  override writeAt(data: Uint8Array, position: number): number {
    this.mapped?.writeBackAll();
    const count = this.store(data, position);
    this.mapped?.afterWrite(this, position, position + count);
    return count;
  }

  override fetch(into: Uint8Array, position: number): number {
    return this.host.readAt(this.handle, into, position);
  }

  override store(data: Uint8Array, position: number): number {
    return this.host.writeAt(this.handle, data, position);
  }

  override seek(offset: number, whence: number): number {
    return this.host.seek(this.handle, offset, whence);
  }

  stat(): HostStat {
    return this.host.stat(this.handle);
  }

  override truncate(size: number): void {
    this.mapped?.writeBackAll();
    this.host.truncate(this.handle, size);
    this.mapped?.resized(size);
  }

  override sync(dataOnly: boolean): void {
    this.host.sync(this.handle, dataOnly);
  }

  readiness(): Readiness {
    const bytes = this.canRead ? this.host.readable(this.handle, 0n) : 0;
    return { readable: bytes !== 0, uncertain: bytes === undefined, writable: this.canWrite, hangUp: false };
  }

  override get canBePolled(): boolean {
    const type = this.stat().mode & TYPE_MASK;
    return type !== REGULAR && type !== DIRECTORY;
  }

  override bytesReadable(): number {
    return Math.max(0, this.host.readable(this.handle, 0n) ?? 0);
  }

  override setStatus(status: number): void {
    if (((status ^ this.status) & O.nonBlock) !== 0) this.host.setNonBlocking(this.handle, (status & O.nonBlock) !== 0);
    super.setStatus(status);
  }

  override close(): void {
    if (!this.inherited) this.host.close(this.handle);
  }
}

/** One entry as getdents64 gives it. */
export interface DirectoryEntry {
  readonly name: ByteString;
  readonly inode: bigint;
  readonly type: number;
}

/** DT_DIR */
const DIRECTORY_TYPE = 4;

/** An open directory of the host. Its entries are listed when they are first read. */
export class DirectoryFile extends HostFile {
  private entries: readonly DirectoryEntry[] | undefined;
  private position = 0;

  /** The entry at the position; undefined at the end. Does not move. */
  peek(): { readonly entry: DirectoryEntry; readonly next: number } | undefined {
    this.entries ??= this.list();
    const entry = this.entries[this.position];
    return entry && { entry, next: this.position + 1 };
  }

  advance(): void {
    this.position++;
  }

  private list(): DirectoryEntry[] {
    const path = this.host.handlePath(this.handle) ?? this.name;
    const parent = this.host.statPath(`${path}/..` as ByteString, true);
    return [
      { name: '.' as ByteString, inode: this.stat().inode, type: DIRECTORY_TYPE },
      { name: '..' as ByteString, inode: parent.inode, type: DIRECTORY_TYPE },
      ...this.host.readDirectory(path),
    ];
  }

  override read(): number {
    throw new LinuxError(Errno.EISDIR);
  }

  override readAt(): number {
    throw new LinuxError(Errno.EISDIR);
  }

  /** Positions are those that getdents64 told, or 0, from where the directory is listed anew. */
  override seek(offset: number, whence: number): number {
    const position = whence === 1 ? this.position + offset : offset;
    if (whence > 1 || position < 0) throw new LinuxError(Errno.EINVAL);
    if (position === 0) this.entries = undefined;
    this.position = position;
    return position;
  }
}
