import type { ByteString } from './byteString.ts';

/** A file, directory or device that the host has open. Never a guest's descriptor. */
export type HostHandle = number;

/** How to open a file; the host's own flag numbers stay with the host. */
export interface HostOpen {
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  /** Fail with EEXIST if it exists (with `create`). */
  readonly exclusive: boolean;
  readonly truncate: boolean;
  readonly append: boolean;
  /** Fail with ENOTDIR if it is no directory. */
  readonly directory: boolean;
  /** Fail with ELOOP if it is a symbolic link. */
  readonly noFollow: boolean;
  readonly nonBlocking: boolean;
  /** Writes reach the disk before they return. */
  readonly sync: boolean;
  /** O_PATH: names the file only. */
  readonly pathOnly: boolean;
  /** O_TMPFILE: a file without a name, in the directory that the path names. */
  readonly temporary: boolean;
  /** Permission bits of a file that is made, before the umask. */
  readonly mode: number;
}

/** What stat tells; times in nanoseconds since 1970. */
export interface HostStat {
  readonly device: bigint;
  readonly inode: bigint;
  /** Type and permission bits, as Linux's st_mode. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: bigint;
  readonly size: bigint;
  readonly blockSize: number;
  /** In units of 512 bytes. */
  readonly blocks: bigint;
  readonly accessTime: bigint;
  readonly modifyTime: bigint;
  readonly changeTime: bigint;
  readonly birthTime: bigint;
}

/** One entry of a directory. */
export interface HostDirectoryEntry {
  readonly name: ByteString;
  readonly inode: bigint;
  /** DT_*: the type bits of st_mode shifted right by 12; 0 if not known. */
  readonly type: number;
}

export interface HostFileSystemStat {
  readonly type: bigint;
  readonly blockSize: bigint;
  readonly blocks: bigint;
  readonly blocksFree: bigint;
  readonly blocksAvailable: bigint;
  readonly files: bigint;
  readonly filesFree: bigint;
  readonly readOnly: boolean;
}

/** A file system or a part of one, where the guest sees it. */
export interface HostMount {
  readonly path: ByteString;
  /** What it is of, as /proc/mounts names it. */
  readonly source: string;
  /** Its type's name. */
  readonly type: string;
  readonly device: bigint;
  readonly readOnly: boolean;
}

export interface HostIdentity {
  readonly pid: number;
  readonly parentPid: number;
  readonly processGroup: number;
  readonly session: number;
  readonly uid: number;
  readonly effectiveUid: number;
  readonly gid: number;
  readonly effectiveGid: number;
  readonly groups: readonly number[];
  /** -20 to 19 */
  readonly nice: number;
}

/** Answers uname, sysinfo and sched_getaffinity. Sizes in bytes, loads as averages. */
export interface HostSystem {
  readonly nodeName: string;
  readonly release: string;
  readonly version: string;
  readonly domainName: string;
  readonly processors: number;
  readonly uptimeSeconds: number;
  readonly loads: readonly [number, number, number];
  readonly totalMemory: number;
  readonly freeMemory: number;
  readonly bufferMemory: number;
  readonly totalSwap: number;
  readonly freeSwap: number;
  readonly processes: number;
}

/** Resource use of the process; times in microseconds. */
export interface HostUsage {
  readonly userTime: number;
  readonly systemTime: number;
  /** In KiB. */
  readonly maxResidentSize: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly blocksIn: number;
  readonly blocksOut: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

/** Soft and hard limits by RLIMIT_* number; -1 is no limit. */
export type HostLimits = ReadonlyMap<number, readonly [soft: bigint, hard: bigint]>;

/** A terminal's settings as Linux's struct termios holds them. */
export interface TerminalSettings {
  readonly inputFlags: number;
  readonly outputFlags: number;
  readonly controlFlags: number;
  readonly localFlags: number;
  /** c_cc: 19 bytes. */
  readonly controlCharacters: Uint8Array;
}

/** A place in the host's network: as Node writes it, or a socket of its file system's. */
export type NetworkAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** What the host's network is asked to do. `id` is a number that the one who opens something chooses: above 0 for guests. */
export type NetworkRequest =
  /** Makes a connection. */
  | { readonly kind: 'connect'; readonly id: number; readonly to: NetworkAddress }
  /** Waits for connections. */
  | { readonly kind: 'listen'; readonly id: number; readonly at: NetworkAddress; readonly backlog: number; readonly onlyIpv6: boolean }
  /** Opens a socket for datagrams. */
  | { readonly kind: 'open'; readonly id: number; readonly at: NetworkAddress; readonly family: 4 | 6; readonly reuse: boolean; readonly onlyIpv6: boolean }
  /** Sends bytes of a connection, or a datagram. */
  | { readonly kind: 'send'; readonly id: number; readonly data: Uint8Array; readonly to?: NetworkAddress }
  /** So many bytes of a connection have been read: as many more may come. */
  | { readonly kind: 'taken'; readonly id: number; readonly count: number }
  /** Nothing more will be sent. */
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number; readonly reset: boolean };

/** What has happened in the host's network. */
export type NetworkEvent =
  /** What was asked for is there. */
  | { readonly kind: 'opened'; readonly id: number; readonly local: NetworkAddress }
  /** It could not be done. */
  | { readonly kind: 'failed'; readonly id: number; readonly errno: number }
  /** Somebody has connected to a listener: `connection` is a number below 0. */
  | { readonly kind: 'accepted'; readonly id: number; readonly connection: number; readonly local: NetworkAddress; readonly peer: NetworkAddress }
  | { readonly kind: 'data'; readonly id: number; readonly data: Uint8Array; readonly from?: NetworkAddress }
  /** So many bytes have left: there is room for as many. */
  | { readonly kind: 'sent'; readonly id: number; readonly count: number }
  /** The other end sends nothing more. */
  | { readonly kind: 'ended'; readonly id: number }
  /** The connection is no more; an error unless `errno` is 0. */
  | { readonly kind: 'closed'; readonly id: number; readonly errno: number };

/** Addresses of the host's network interfaces. */
export interface NetworkInterface {
  readonly name: string;
  readonly index: number;
  readonly addresses: readonly { readonly host: string; readonly prefix: number }[];
  /** Six bytes. */
  readonly hardware: Uint8Array;
}

/** The host's network, which works while the guest does. Nothing here waits. */
export interface HostNetwork {
  /** For Host.readable: whether `take` has something. */
  readonly handle: HostHandle;
  /** Whether sockets of the host's file system can be reached: not where the guest sees another one. */
  readonly reachesPaths: boolean;
  post(request: NetworkRequest): void;
  /** What has happened, in order, each once. */
  take(): NetworkEvent | undefined;
  interfaces(): readonly NetworkInterface[];
}

/** Owner or group that stays as it is. */
export const UNCHANGED_ID = 0xffff_ffff;

/**
 * What a process needs of the system that it runs on. Paths are absolute. Every operation throws LinuxError with Linux's
 * error number if it fails; nothing else may be thrown. Operations that wait block their caller.
 */
export interface Host {
  open(path: ByteString, how: HostOpen): HostHandle;
  close(handle: HostHandle): void;
  /**
   * Reads at the file's position, which moves; waits for data unless the file is non-blocking (EAGAIN).
   * @returns bytes read; 0 at the end
   */
  read(handle: HostHandle, into: Uint8Array): number;
  /** The data is the caller's again then: a host that keeps it makes a copy, here and in `writeAt`. */
  write(handle: HostHandle, data: Uint8Array): number;
  readAt(handle: HostHandle, into: Uint8Array, position: number): number;
  writeAt(handle: HostHandle, data: Uint8Array, position: number): number;
  /** @param whence 0 from the start, 1 from the position, 2 from the end. @returns the new position */
  seek(handle: HostHandle, offset: number, whence: number): number;
  stat(handle: HostHandle): HostStat;
  truncate(handle: HostHandle, size: number): void;
  sync(handle: HostHandle, dataOnly: boolean): void;
  changeMode(handle: HostHandle, mode: number): void;
  changeOwner(handle: HostHandle, uid: number, gid: number): void;
  /** Sets times in nanoseconds since 1970. */
  setTimes(handle: HostHandle, accessTime: bigint, modifyTime: bigint): void;
  /**
   * Bytes that can be read without waiting, after at most `timeout` nanoseconds (undefined: for ever); 0 if none, -1 at
   * the end. undefined, at once, where the host cannot tell: then a read may wait.
   */
  readable(handle: HostHandle, timeout: bigint | undefined): number | undefined;
  setNonBlocking(handle: HostHandle, nonBlocking: boolean): void;
  /** How an open file that was not opened here can be used: standard input and output. */
  openMode(handle: HostHandle): { readonly read: boolean; readonly write: boolean; readonly append: boolean; readonly nonBlocking: boolean };
  /** A path that opens the same file again, as /proc/self/fd/N does; undefined if the host has none. */
  handlePath(handle: HostHandle): ByteString | undefined;
  /** The path by which the file was opened, or where it is now. */
  handleName(handle: HostHandle): ByteString;

  statPath(path: ByteString, follow: boolean): HostStat;
  /** The type bits of st_mode; undefined if nothing is there, or it cannot be found out. Cheaper than statPath. */
  typeOf(path: ByteString, follow: boolean): number | undefined;
  statFileSystem(path: ByteString): HostFileSystemStat;
  /** What is mounted, the root first; undefined where the guest sees the host's own /proc, which tells it. */
  mounts(): readonly HostMount[] | undefined;
  /** Entries without `.` and `..`, in the host's order. */
  readDirectory(path: ByteString): readonly HostDirectoryEntry[];
  readLink(path: ByteString): ByteString;
  /** The path without symbolic links. */
  realPath(path: ByteString): ByteString;
  /** @param mode R_OK 4, W_OK 2, X_OK 1, or 0 for existence */
  access(path: ByteString, mode: number): void;
  makeDirectory(path: ByteString, mode: number): void;
  /** Makes a FIFO with these permissions, whatever the umask. EPERM where the host has none. */
  makeFifo(path: ByteString, mode: number): void;
  /** Makes the name of a socket. EPERM where the host has none. */
  makeSocket(path: ByteString, mode: number): void;
  removeDirectory(path: ByteString): void;
  unlink(path: ByteString): void;
  rename(from: ByteString, to: ByteString): void;
  link(from: ByteString, to: ByteString): void;
  /** Gives an open file another name, or, where it was opened as `temporary`, its first. ENOENT where it has lost its last one. */
  linkOpen(handle: HostHandle, to: ByteString): void;
  symbolicLink(target: ByteString, path: ByteString): void;
  truncatePath(path: ByteString, size: number): void;
  changeModePath(path: ByteString, mode: number): void;
  changeOwnerPath(path: ByteString, uid: number, gid: number, follow: boolean): void;
  setTimesPath(path: ByteString, accessTime: bigint, modifyTime: bigint, follow: boolean): void;
  readFile(path: ByteString): Uint8Array;

  /** The process's working directory at its start. */
  workingDirectory(): ByteString;
  /** Sets the mask of permission bits that new files do not get. @returns the one before */
  setUmask(mask: number): number;
  /** Nanoseconds since 1970. */
  realTime(): bigint;
  /** Nanoseconds since some moment, never going back. */
  monotonicTime(): bigint;
  sleep(nanoseconds: bigint): void;
  random(into: Uint8Array): void;
  usage(): HostUsage;
  identity(): HostIdentity;
  system(): HostSystem;
  limits(): HostLimits;
  /** Sends a signal to another process (or tests, with 0, that there is one). */
  kill(pid: number, signal: number): void;

  /** The host's network; undefined where guests may not use it, but among each other. */
  readonly network: HostNetwork | undefined;

  isTerminal(handle: HostHandle): boolean;
  terminalSettings(handle: HostHandle): TerminalSettings;
  /** @param when 0 now, 1 after output is written, 2 and input is dropped */
  setTerminalSettings(handle: HostHandle, settings: TerminalSettings, when: number): void;
  windowSize(handle: HostHandle): { readonly rows: number; readonly columns: number };
  setWindowSize(handle: HostHandle, size: { readonly rows: number; readonly columns: number }): void;
}
