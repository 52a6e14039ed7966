import fs from 'node:fs';
import { Errno, LinuxError } from '@everystep/core';
import { asLinux, errnoOf } from './nodeErrors.ts';
import type { SocketInput } from './socketInput.ts';

/** Most that is read ahead to find out whether something can be read. */
const AHEAD = 65536;

const TYPE_MASK = fs.constants.S_IFMT;
const REGULAR = fs.constants.S_IFREG;
const SOCKET = fs.constants.S_IFSOCK;

/** Waits between two attempts at a descriptor that somebody made non-blocking, in nanoseconds. */
const FIRST_WAIT = 200_000n;
const LONGEST_WAIT = 10_000_000n;

const onLinux = process.platform === 'linux';

/** Number behind `name:` in /proc/self/fdinfo/N, which is decimal for pos and octal for flags. */
export function descriptorFact(fd: number, name: 'pos' | 'flags'): number | undefined {
  if (!onLinux) return undefined;
  const text = fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  const digits = new RegExp(`^${name}:\\s*(\\d+)$`, 'm').exec(text)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, name === 'flags' ? 8 : 10);
}

/** Major number of Linux's /dev/null and its like. */
const MEMORY_DEVICES = 1;

/** Whether it is worth loading node:tty, which takes milliseconds: every program asks about its standard output. */
function mayBeTerminal(fd: number): boolean {
  const stat = fs.fstatSync(fd);
  return stat.isCharacterDevice() && !(onLinux && stat.rdev >>> 8 === MEMORY_DEVICES);
}

/**
 * A descriptor of Node's with what Node has no calls for: a position that can be set, reads that do not wait, and the
 * question whether something can be read.
 */
export class OpenHandle {
  nonBlocking = false;
  /** Where the next read or write goes; undefined where the kernel's own position does, as of inherited files. */
  private position: number | undefined;
  private readonly regular: boolean;
  private readonly isSocket: boolean;
  /** Reads a socket ahead, once somebody has asked for that. */
  private input: SocketInput | undefined;
  /** Data read ahead, which the next read takes first. */
  private ahead: Uint8Array = new Uint8Array(0);
  private aheadBuffer: Uint8Array | undefined;
  private atEnd = false;
  /** A second, non-blocking descriptor of the same pipe or terminal. */
  private probe: number | undefined;

  constructor(
    readonly fd: number,
    /** The path by which it was opened. */
    readonly path: string,
    private readonly sleep: (nanoseconds: bigint) => void,
    inherited: boolean,
    private readonly append: boolean,
    /** Reads the descriptor, where it is a socket. */
    private readonly socketInput?: () => SocketInput,
  ) {
    const type = asLinux(() => fs.fstatSync(fd)).mode & TYPE_MASK;
    this.regular = type === REGULAR;
    this.isSocket = type === SOCKET && socketInput !== undefined;
    if (this.regular && !inherited) this.position = 0;
  }

  /** Repeats what would wait, unless the guest wants to be told. */
  private patiently<T>(operation: () => T): T {
    for (let wait = FIRST_WAIT; ; wait = wait * 2n > LONGEST_WAIT ? LONGEST_WAIT : wait * 2n) {
      try {
        return operation();
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === undefined) throw error;
        if (errno !== Errno.EAGAIN || this.nonBlocking) throw new LinuxError(errno);
        this.sleep(wait);
      }
    }
  }

  read(into: Uint8Array): number {
    if (this.ahead.length > 0) {
      const count = Math.min(into.length, this.ahead.length);
      into.set(this.ahead.subarray(0, count));
      this.ahead = this.ahead.subarray(count);
      return count;
    }
    if (this.atEnd) {
      this.atEnd = false;
      return 0;
    }
    if (this.nonBlocking && !this.regular && this.readable(0n) === 0) throw new LinuxError(Errno.EAGAIN);
    // Another thread reads the socket.
    if (this.input !== undefined) this.readable(undefined);
    if (this.ahead.length > 0 || this.atEnd) return this.read(into);
    const count = this.patiently(() => fs.readSync(this.fd, into, 0, into.length, this.position ?? null));
    if (this.position !== undefined) this.position += count;
    return count;
  }

  write(data: Uint8Array): number {
    const count = this.patiently(() => fs.writeSync(this.fd, data, 0, data.length, this.append ? null : (this.position ?? null)));
    if (this.position !== undefined) this.position = this.append ? this.size() : this.position + count;
    return count;
  }

  /** Where the next write goes; of regular files. */
  writePosition(): number {
    return this.append ? this.size() : (this.position ?? descriptorFact(this.fd, 'pos') ?? 0);
  }

  readAt(into: Uint8Array, position: number): number {
    this.checkSeekable();
    return this.patiently(() => fs.readSync(this.fd, into, 0, into.length, position));
  }

  writeAt(data: Uint8Array, position: number): number {
    this.checkSeekable();
    return this.patiently(() => fs.writeSync(this.fd, data, 0, data.length, position));
  }

  private size(): number {
    return asLinux(() => fs.fstatSync(this.fd)).size;
  }

  private checkSeekable(): void {
    const stat = asLinux(() => fs.fstatSync(this.fd));
    if (stat.isFIFO() || stat.isSocket()) throw new LinuxError(Errno.ESPIPE);
  }

  seek(offset: number, whence: number): number {
    if (!this.regular) {
      const stat = asLinux(() => fs.fstatSync(this.fd));
      // Devices such as /dev/null take any position and have none.
      if (stat.isCharacterDevice() && !this.isTerminal()) return 0;
      if (!stat.isBlockDevice()) throw new LinuxError(Errno.ESPIPE);
    }
    const current = this.position ?? descriptorFact(this.fd, 'pos') ?? 0;
    const target = (whence === 0 ? 0 : whence === 1 ? current : this.size()) + offset;
    if (target < 0) throw new LinuxError(Errno.EINVAL);
    if (target !== current) this.position = target;
    return target;
  }

  isTerminal(): boolean {
    return mayBeTerminal(this.fd) && process.getBuiltinModule('node:tty').isatty(this.fd);
  }

  /** See Host.readable. */
  readable(timeout: bigint | undefined): number | undefined {
    if (this.regular) {
      const left = this.size() - (this.position ?? descriptorFact(this.fd, 'pos') ?? 0);
      return left > 0 ? left : -1;
    }
    if (this.isSocket) return this.readableSocket(timeout);
    const end = timeout === undefined ? undefined : process.hrtime.bigint() + timeout;
    for (let wait = FIRST_WAIT; ; wait = wait * 2n > LONGEST_WAIT ? LONGEST_WAIT : wait * 2n) {
      if (this.ahead.length > 0) return this.ahead.length;
      if (this.atEnd) return -1;
      if (!this.readAhead()) return undefined;
      if (this.ahead.length > 0 || this.atEnd) continue;
      const left = end === undefined ? wait : end - process.hrtime.bigint();
      if (left <= 0n) return 0;
      this.sleep(left < wait ? left : wait);
    }
  }

  private readableSocket(timeout: bigint | undefined): number | undefined {
    if (this.ahead.length > 0) return this.ahead.length;
    if (this.atEnd) return -1;
    this.input ??= this.socketInput?.();
    const piece = this.input?.next(timeout);
    if (piece === 'refused') return undefined;
    if (piece === undefined) return 0;
    this.ahead = piece;
    this.atEnd = piece.length === 0;
    return this.atEnd ? -1 : piece.length;
  }

  /** @returns false where it cannot be found out */
  private readAhead(): boolean {
    if (!onLinux) return false;
    try {
      this.probe ??= fs.openSync(`/proc/self/fd/${this.fd}`, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
    } catch {
      return false;
    }
    // All that was in it has been taken.
    this.aheadBuffer ??= new Uint8Array(AHEAD);
    try {
      this.ahead = this.aheadBuffer.subarray(0, fs.readSync(this.probe, this.aheadBuffer));
      this.atEnd = this.ahead.length === 0;
      return true;
    } catch (error) {
      return errnoOf(error) === Errno.EAGAIN;
    }
  }

  close(): void {
    if (this.probe !== undefined) fs.closeSync(this.probe);
    asLinux(() => fs.closeSync(this.fd));
  }
}
