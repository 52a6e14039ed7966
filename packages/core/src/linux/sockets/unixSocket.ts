import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile, Readiness } from '../files/openFile.ts';
import { Change } from '../files/readiness.ts';
import type { HostHandle } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { AF, Shut } from './constants.ts';
import { type Credentials, NOTHING, type Piece, type Received, ReceiveQueue } from './receiveQueue.ts';
import { RemoteStream } from './remoteStream.ts';
import { type Outgoing, Socket, type SocketKind } from './socket.ts';
import { SocketOptions } from './socketOptions.ts';
import { StreamSocket } from './streamSocket.ts';
import { checkUnixName, claimUnixName, findUnixName, isUnixPathTaken, UNNAMED, type UnixKey } from './unixName.ts';

/** Bytes of a buffer (net.core.wmem_default), and messages that wait for one socket (net.unix.max_dgram_qlen). */
const BUFFER = 212_992;
const MOST_MESSAGES = 10;

/** The name that a socket of AF_UNIX has. */
class UnixName {
  bytes: Uint8Array = UNNAMED;
  private key: UnixKey | undefined;

  constructor(
    private readonly kernel: Kernel,
    private readonly socket: Socket,
  ) {}

  get isBound(): boolean {
    return this.key !== undefined;
  }

  bind(address: Uint8Array): void {
    checkUnixName(address);
    const { process } = this.kernel.current;
    // That the name is taken is found out first.
    if (this.key !== undefined) throw new LinuxError(isUnixPathTaken(process, address) ? Errno.EADDRINUSE : Errno.EINVAL);
    const { key, name } = claimUnixName(process, this.kernel.files.sockets.unix, address, this.socket);
    this.key = key;
    this.bytes = name;
  }

  leave(): void {
    const { unix } = this.kernel.files.sockets;
    if (this.key !== undefined && unix.find(this.key) === this.socket) unix.remove(this.key);
  }
}

/** A stream or packet socket of AF_UNIX. */
export class UnixStream extends StreamSocket {
  private readonly place = new UnixName(this.kernel, this);
  /** The peer's name. */
  private peerAddress: Uint8Array | undefined;
  private remote: RemoteStream | undefined;

  constructor(kernel: Kernel, kind: SocketKind, status: number) {
    super(kernel, kind, new SocketOptions(BUFFER, BUFFER), status);
  }

  bind(address: Uint8Array): void {
    this.place.bind(address);
  }

  override listen(backlog: number): void {
    if (!this.place.isBound) throw new LinuxError(Errno.EINVAL);
    this.startListening(backlog);
  }

  /** Makes two sockets each other's peers. */
  pairWith(other: UnixStream): void {
    this.meet(other);
    other.meet(this);
    this.peer = this.caller;
    other.peer = this.caller;
    this.peerAddress = other.place.bytes;
    other.peerAddress = this.place.bytes;
  }

  connect(address: Uint8Array): void {
    const { kernel } = this;
    if (this.remote !== undefined) return this.finishRemote(this.remote);
    checkUnixName(address);
    if (this.state === 'connected') throw new LinuxError(Errno.EISCONN);
    if (this.state === 'listening') throw new LinuxError(Errno.EINVAL);
    const found = findUnixName(kernel.current.process, kernel.files.sockets.unix, address);
    if (typeof found === 'string') return this.connectRemote(found, address);
    if (found.kind.type !== this.kind.type) throw new LinuxError(Errno.EPROTOTYPE);
    if (!(found instanceof UnixStream) || !found.isListening) throw new LinuxError(Errno.ECONNREFUSED);
    if (found.isFull) this.wait(this.nonBlocking, this.options.sendTimeout, found.changes);
    const end = new UnixStream(kernel, this.kind, 0);
    end.place.bytes = found.place.bytes;
    end.pairWith(this);
    this.peer = found.peer;
    end.options.passCredentials = found.options.passCredentials;
    found.arrive(end);
  }

  /** A socket of another process's of the host. */
  private connectRemote(path: string, address: Uint8Array): void {
    const { network } = this.kernel.files.sockets;
    if (network === undefined || !network.reachesPaths || this.keepsRecords) throw new LinuxError(Errno.ECONNREFUSED);
    this.peerAddress = address.slice();
    this.remote = new RemoteStream(network, this);
    this.remote.connect({ path });
    this.finishRemote(this.remote);
  }

  private finishRemote(remote: RemoteStream): void {
    remote.look();
    if (remote.isOpening) this.wait(false, this.options.sendTimeout);
    this.remote = undefined;
    this.throwError();
    this.meet(remote);
    this.peer = this.caller;
  }

  override get pollHandles(): readonly HostHandle[] {
    return this.other instanceof RemoteStream ? this.other.handles : (this.remote?.handles ?? []);
  }

  override readiness(): Readiness {
    if (this.other instanceof RemoteStream) this.other.look();
    return super.readiness();
  }

  override otherReadsNoMore(): void {
    this.writeShut = true;
    this.changes.signal(Change.any);
  }

  override otherClosed(reset: boolean): void {
    this.writeShut = true;
    super.otherClosed(reset);
  }

  protected checkSend({ to }: Outgoing): void {
    if (to !== undefined && !this.keepsRecords) throw new LinuxError(this.state === 'connected' ? Errno.EISCONN : Errno.EOPNOTSUPP);
    if (this.state !== 'connected') throw new LinuxError(Errno.ENOTCONN);
  }

  protected checkReceive(): void {
    if (this.other instanceof RemoteStream) this.other.look();
    if (this.state !== 'connected') throw new LinuxError(this.keepsRecords ? Errno.ENOTCONN : Errno.EINVAL);
  }

  protected get isOver(): boolean {
    return (this.ended && this.writeShut) || this.state === 'idle';
  }

  localName(): Uint8Array {
    return this.place.bytes;
  }

  peerName(): Uint8Array {
    if (this.state !== 'connected' || this.peerAddress === undefined) throw new LinuxError(Errno.ENOTCONN);
    return this.peerAddress;
  }

  override close(): void {
    this.place.leave();
    super.close();
  }
}

/** A datagram; its sender's name is what it is when somebody asks. */
class UnixMessage implements Piece {
  constructor(
    private readonly sender: UnixName,
    public bytes: Uint8Array,
    public rights: readonly OpenFile[] | undefined,
    readonly credentials: Credentials | undefined,
  ) {}

  get from(): Uint8Array | undefined {
    return this.sender.isBound ? this.sender.bytes : undefined;
  }
}

/** A datagram socket of AF_UNIX, whose messages are never lost. */
export class UnixDatagram extends Socket {
  private readonly place = new UnixName(this.kernel, this);
  private readonly inbox = new ReceiveQueue();
  private peerSocket: UnixDatagram | undefined;
  private readShut = false;
  private writeShut = false;
  private isClosed = false;

  constructor(kernel: Kernel, kind: SocketKind, status: number) {
    super(kernel, kind, new SocketOptions(BUFFER, BUFFER), status);
  }

  get keepsRecords(): boolean {
    return true;
  }

  get pendingBytes(): number {
    return this.inbox.firstLength;
  }

  get isListening(): boolean {
    return false;
  }

  override get peerCredentials(): Credentials {
    return this.peerSocket === undefined ? super.peerCredentials : this.caller;
  }

  bind(address: Uint8Array): void {
    this.place.bind(address);
  }

  pairWith(other: UnixDatagram): void {
    this.peerSocket = other;
    other.peerSocket = this;
  }

  connect(address: Uint8Array): void {
    if (address.length >= 2 && (address[0] | (address[1] << 8)) === AF.unspecified) this.peerSocket = undefined;
    else this.peerSocket = this.find(address);
  }

  private find(address: Uint8Array): UnixDatagram {
    checkUnixName(address);
    const found = findUnixName(this.kernel.current.process, this.kernel.files.sockets.unix, address);
    if (typeof found === 'string') throw new LinuxError(Errno.ECONNREFUSED);
    if (!(found instanceof UnixDatagram)) throw new LinuxError(Errno.EPROTOTYPE);
    return found;
  }

  private deliver(piece: Piece): void {
    this.inbox.push(piece);
    this.changes.signal(Change.data);
  }

  send({ data, to, rights, credentials }: Outgoing, nonBlocking: boolean): number {
    this.throwError();
    if (to === undefined && this.peerSocket === undefined) throw new LinuxError(Errno.ENOTCONN);
    if (data.length > this.options.sendBuffer) throw new LinuxError(Errno.EMSGSIZE);
    const target = to === undefined ? (this.peerSocket as UnixDatagram) : this.find(to);
    // One that is connected takes messages of its peer's alone.
    if (target.peerSocket !== undefined && target.peerSocket !== this) throw new LinuxError(Errno.EPERM);
    if (target.isClosed) {
      if (to === undefined) this.peerSocket = undefined;
      throw new LinuxError(Errno.ECONNREFUSED);
    }
    if (this.writeShut || target.readShut) throw new LinuxError(Errno.EPIPE);
    if (target.inbox.count > MOST_MESSAGES) this.wait(nonBlocking, this.options.sendTimeout, target.changes);
    target.deliver(new UnixMessage(this.place, data.slice(), rights, credentials));
    return data.length;
  }

  receive(into: Uint8Array, peek: boolean, nonBlocking: boolean): Received {
    if (this.inbox.count === 0) {
      this.throwError();
      if (this.readShut && !nonBlocking) return NOTHING;
      this.wait(nonBlocking, this.options.receiveTimeout);
    }
    const received = this.inbox.takeRecord(into, peek);
    if (!peek) {
      this.changes.signal(Change.room);
      this.peerSocket?.changes.signal(Change.room);
    }
    return received;
  }

  shutdown(how: number): void {
    if (how !== Shut.write) this.readShut = true;
    if (how !== Shut.read) this.writeShut = true;
    this.changes.signal(Change.any);
  }

  localName(): Uint8Array {
    return this.place.bytes;
  }

  peerName(): Uint8Array {
    if (this.peerSocket === undefined) throw new LinuxError(Errno.ENOTCONN);
    return this.peerSocket.place.bytes;
  }

  readiness(): Readiness {
    const { peerSocket } = this;
    return {
      readable: this.inbox.count > 0 || this.readShut,
      writable: peerSocket === undefined || peerSocket.inbox.count <= MOST_MESSAGES,
      hangUp: this.readShut && this.writeShut,
      error: this.error !== 0,
      endOfData: this.readShut,
    };
  }

  override close(): void {
    this.isClosed = true;
    this.place.leave();
    const { peerSocket } = this;
    if (peerSocket?.peerSocket === this) {
      if (this.inbox.count > 0) peerSocket.error = Errno.ECONNRESET;
      peerSocket.changes.signal(Change.any);
    }
    this.inbox.clear();
    this.changes.signal(Change.any);
  }
}
