import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { virtualStat } from '../files/memoryFile.ts';
import { OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import { ReadinessQueue } from '../files/readiness.ts';
import type { HostStat } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Blocked, type WaitQueue } from '../kernel/waiting.ts';
import type { Credentials, Received } from './receiveQueue.ts';
import type { SocketOptions } from './socketOptions.ts';

/** S_IFSOCK that all may use. */
const SOCKET = 0o140777;

/** What a send carries. */
export interface Outgoing {
  readonly data: Uint8Array;
  /** A sockaddr; undefined: to the peer. */
  readonly to?: Uint8Array | undefined;
  /** Open files that go with it; they have been counted already. */
  readonly rights?: readonly OpenFile[] | undefined;
  /** What the sender says who it is. */
  readonly credentials?: Credentials | undefined;
}

/** What a socket is. */
export interface SocketKind {
  /** AF_* */
  readonly family: number;
  /** SOCK_* */
  readonly type: number;
  readonly protocol: number;
}

/** A socket inside the virtual kernel. What a kind of socket does not have fails as Linux says. */
export abstract class Socket extends OpenFile {
  readonly inode: number;
  private readonly queue = new ReadinessQueue();
  /** SO_ERROR: what happened while nobody asked; 0: nothing. */
  error = 0;

  constructor(
    readonly kernel: Kernel,
    readonly kind: SocketKind,
    readonly options: SocketOptions,
    status: number,
  ) {
    const inode = kernel.files.nextInode();
    super(`socket:[${inode}]` as ByteString, O.readWrite | status);
    this.inode = inode;
  }

  override get changes(): ReadinessQueue {
    return this.queue;
  }

  /** Whether reads take what one send sent, and lose the rest of it. */
  abstract get keepsRecords(): boolean;
  /** Bytes that a receive could give now. */
  abstract get pendingBytes(): number;
  abstract get isListening(): boolean;
  abstract bind(address: Uint8Array): void;
  abstract connect(address: Uint8Array): void;
  /** @throws Blocked */
  abstract send(message: Outgoing, nonBlocking: boolean): number;
  /** @throws Blocked */
  abstract receive(into: Uint8Array, peek: boolean, nonBlocking: boolean): Received;
  abstract shutdown(how: number): void;
  /** The socket's own address, as a sockaddr. */
  abstract localName(): Uint8Array;
  /** @throws LinuxError ENOTCONN */
  abstract peerName(): Uint8Array;

  listen(_backlog: number): void {
    throw new LinuxError(Errno.EOPNOTSUPP);
  }

  /** The next connection. @throws Blocked */
  accept(_nonBlocking: boolean): Socket {
    throw new LinuxError(Errno.EOPNOTSUPP);
  }

  /** SO_PEERCRED */
  get peerCredentials(): Credentials {
    return { pid: 0, uid: 0xffff_ffff, gid: 0xffff_ffff };
  }

  /** Who the thread that runs is. */
  protected get caller(): Credentials {
    const { identity } = this.kernel.current.process;
    return { pid: identity.pid, uid: identity.effectiveUid, gid: identity.effectiveGid };
  }

  /** Takes what happened while nobody asked. @throws LinuxError */
  protected throwError(): void {
    const { error } = this;
    this.error = 0;
    if (error !== 0) throw new LinuxError(error);
  }

  /**
   * Waits for a change.
   * @param timeout in nanoseconds; 0: for ever
   * @param errno of the failure when it is over
   */
  protected wait(nonBlocking: boolean, timeout: bigint, on: WaitQueue = this.changes, errno = Errno.EAGAIN): never {
    if (nonBlocking) throw new LinuxError(Errno.EAGAIN);
    const handles = this.pollHandles;
    if (timeout === 0n) throw new Blocked({ on: [on], handles });
    const { call } = this.kernel.current;
    const now = this.kernel.host.monotonicTime();
    call.deadline ??= now + timeout;
    if (now >= call.deadline) throw new LinuxError(errno);
    throw new Blocked({ on: [on], handles, until: call.deadline, restarts: false });
  }

  read(into: Uint8Array): number {
    return this.receive(into, false, this.nonBlocking).count;
  }

  write(data: Uint8Array): number {
    // What is sent waits for its receiver.
    return this.send({ data: data.slice(), credentials: this.caller }, this.nonBlocking);
  }

  override bytesReadable(): number {
    return this.pendingBytes;
  }

  stat(): HostStat {
    return { ...virtualStat(SOCKET, 0, 0n), inode: BigInt(this.inode), blockSize: 4096 };
  }
}
