import { Errno, LinuxError } from '../errno.ts';
import type { Readiness } from '../files/openFile.ts';
import { Change } from '../files/readiness.ts';
import type { HostHandle, NetworkAddress, NetworkEvent } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { familyOf, type InetAddress, writeInet } from './address.ts';
import { AF, Shut } from './constants.ts';
import { fromHost, localFor, placeToBind, placeToReach, unbound } from './inetPlace.ts';
import type { NetworkHub, RemoteEnd } from './networkHub.ts';
import type { PortUser } from './ports.ts';
import type { Received } from './receiveQueue.ts';
import { RemoteStream } from './remoteStream.ts';
import type { Outgoing, SocketKind } from './socket.ts';
import { SocketOptions } from './socketOptions.ts';
import { StreamSocket } from './streamSocket.ts';

/** Bytes of the buffers (net.ipv4.tcp_wmem and tcp_rmem). */
const SEND_BUFFER = 16_384;
const RECEIVE_BUFFER = 131_072;

/** A listener's counterpart on the host. */
class RemoteListener implements RemoteEnd {
  private readonly id: number;
  /** Undefined until the host has answered. */
  result: number | undefined;

  constructor(
    readonly hub: NetworkHub,
    private readonly accepted: (connection: number, local: NetworkAddress, peer: NetworkAddress) => void,
    at: NetworkAddress,
    backlog: number,
    onlyIpv6: boolean,
  ) {
    this.id = hub.add(this);
    hub.post({ kind: 'listen', id: this.id, at, backlog, onlyIpv6 });
  }

  happened(event: NetworkEvent): void {
    if (event.kind === 'opened') this.result = 0;
    else if (event.kind === 'failed') this.result = event.errno;
    else if (event.kind === 'accepted') this.accepted(event.connection, event.local, event.peer);
  }

  close(): void {
    this.hub.remove(this.id);
    this.hub.post({ kind: 'close', id: this.id, reset: false });
  }
}

/** A TCP socket. Connections to a port that a guest listens at stay in the virtual kernel, others go by way of the host. */
export class InetStream extends StreamSocket implements PortUser {
  local: InetAddress;
  private isBound = false;
  /** The port was asked for, not found. */
  private hasChosenPort = false;
  /** The address is from `bind`, and stays if a connection fails. */
  private isPlaced = false;
  private peerAddress: InetAddress | undefined;
  /** A connection has been made of which `connect` has told nothing yet. */
  private isUntold = false;
  /** Connections that wait for room in the backlog. */
  private readonly overflow = new Set<InetStream>();
  private remoteListener: RemoteListener | undefined;
  private remote: RemoteStream | undefined;

  constructor(kernel: Kernel, kind: SocketKind, status: number) {
    super(kernel, kind, new SocketOptions(SEND_BUFFER, RECEIVE_BUFFER), status);
    this.local = unbound(kind);
  }

  private get ports() {
    return this.kernel.files.sockets.tcp;
  }

  bind(address: Uint8Array): void {
    if (this.isBound || this.state !== 'idle') throw new LinuxError(Errno.EINVAL);
    const place = placeToBind(this.kernel, this.kind, this.options, address);
    this.hasChosenPort = place.port !== 0;
    this.claim(place);
    this.isPlaced = true;
  }

  private claim(place: InetAddress): void {
    const before = this.local;
    this.local = place.port === 0 ? { ...place, port: this.ports.unused() } : place;
    try {
      this.ports.claim(this);
    } catch (error) {
      this.local = before;
      throw error;
    }
    this.isBound = true;
  }

  // Listening

  override listen(backlog: number): void {
    if (!this.isBound) this.claim(this.local);
    if (this.state === 'idle' && this.ports.isListenedTo(this)) throw new LinuxError(Errno.EADDRINUSE);
    const before = this.state;
    this.startListening(backlog);
    if (before === 'idle') this.listenOnHost();
  }

  /** Lets the host's other processes connect, too. A port that was not asked for may be taken there. */
  private listenOnHost(): void {
    const { network } = this.kernel.files.sockets;
    if (network === undefined) return;
    const { host, port } = this.local;
    const listener = new RemoteListener(
      network,
      (...accepted) => this.arriveFromHost(network, ...accepted),
      { host, port },
      this.backlog,
      this.options.onlyIpv6,
    );
    network.until(() => listener.result !== undefined);
    const errno = listener.result ?? 0;
    if (errno === 0) this.remoteListener = listener;
    else {
      listener.close();
      if (!this.hasChosenPort) return;
      this.state = 'idle';
      throw new LinuxError(errno);
    }
  }

  private arriveFromHost(network: NetworkHub, connection: number, local: NetworkAddress, peer: NetworkAddress): void {
    const end = new InetStream(this.kernel, this.kind, 0);
    end.remote = new RemoteStream(network, end, connection);
    end.become(end.remote, fromHost(local), fromHost(peer));
    end.options.inherit(this.options);
    this.arrive(end);
  }

  override accept(nonBlocking: boolean): InetStream {
    this.lookAtHost();
    const socket = super.accept(nonBlocking) as InetStream;
    socket.isUntold = false;
    return socket;
  }

  protected override admit(): void {
    const [waiting] = this.overflow;
    if (waiting === undefined) return;
    this.overflow.delete(waiting);
    this.takeIn(waiting);
  }

  /** Makes a connection from `client` to this listener. */
  private takeIn(client: InetStream): void {
    const end = new InetStream(this.kernel, this.kind, 0);
    end.options.inherit(this.options);
    end.become(client, client.peerAddress as InetAddress, client.local);
    client.become(end, client.local, client.peerAddress as InetAddress);
    this.arrive(end);
  }

  /** Is connected from now on. */
  private become(other: StreamSocket | RemoteStream, local: InetAddress, peer: InetAddress): void {
    this.meet(other);
    this.local = local;
    this.peerAddress = peer;
    this.isUntold = true;
    this.changes.signal(Change.any);
  }

  // Connecting

  connect(address: Uint8Array): void {
    this.lookAtHost();
    if (familyOf(address) === AF.unspecified) return this.disconnect();
    switch (this.state) {
      case 'listening':
        throw new LinuxError(Errno.EISCONN);
      case 'connected':
        if (!this.isUntold) throw new LinuxError(Errno.EISCONN);
        this.isUntold = false;
        return;
      case 'connecting':
        if (this.nonBlocking) throw new LinuxError(Errno.EALREADY);
        return this.wait(false, this.options.sendTimeout, this.changes, Errno.EINPROGRESS);
      case 'idle':
        this.throwError();
        this.begin(placeToReach(this.kernel, this.kind, address));
    }
  }

  private begin(target: InetAddress): void {
    this.ended = false;
    this.writeShut = false;
    this.isAlone = false;
    if (!this.isBound) this.claim(this.local);
    this.local = this.local.host === unbound(this.kind).host ? localFor(target, this.local.port) : this.local;
    this.peerAddress = target;
    this.state = 'connecting';
    const listener = this.ports.at(target).find(({ isListening }) => isListening);
    const { network } = this.kernel.files.sockets;
    if (listener !== undefined) listener.meetClient(this);
    else if (network !== undefined) {
      this.remote = new RemoteStream(network, this);
      this.remote.connect({ host: target.host, port: target.port });
    } else this.opened(Errno.ECONNREFUSED);
    // What has happened already is told by the next call.
    if (this.nonBlocking) throw new LinuxError(Errno.EINPROGRESS);
    this.finish();
  }

  private finish(): void {
    if (this.state === 'connecting') this.wait(false, this.options.sendTimeout, this.changes, Errno.EINPROGRESS);
    this.isUntold = false;
    this.throwError();
  }

  private meetClient(client: InetStream): void {
    if (this.isFull) this.overflow.add(client);
    else this.takeIn(client);
  }

  /** The attempt to connect has ended. @param errno 0: well */
  opened(errno: number, local?: NetworkAddress): void {
    if (errno === 0 && this.remote !== undefined) {
      this.become(this.remote, local === undefined ? this.local : fromHost(local), this.peerAddress as InetAddress);
      return;
    }
    this.state = 'idle';
    this.error = errno;
    this.remote = undefined;
    this.leavePort();
    this.ended = true;
    this.writeShut = true;
    this.changes.signal(Change.any);
  }

  private disconnect(): void {
    if (this.state === 'listening') this.stopListening();
    if (!this.isAlone) this.other?.otherClosed(true);
    this.other = undefined;
    this.remote = undefined;
    this.peerAddress = undefined;
    this.state = 'idle';
    this.leavePort();
  }

  /** Gives up a port that was not asked for. */
  private leavePort(): void {
    if (!this.isBound || this.isPlaced) return;
    this.ports.release(this);
    this.isBound = false;
    this.local = unbound(this.kind);
  }

  // The host

  private lookAtHost(): void {
    this.remote?.look();
    this.remoteListener?.hub.look();
  }

  override get pollHandles(): readonly HostHandle[] {
    if (this.remoteListener !== undefined) return [this.remoteListener.hub.handle];
    return this.remote?.handles ?? [];
  }

  // Data

  override roomFor(sendBuffer: number): number {
    return sendBuffer + this.options.receiveBuffer - this.inbox.length;
  }

  protected checkSend(): void {
    this.lookAtHost();
    if (this.state === 'connecting') this.wait(this.nonBlocking, this.options.sendTimeout);
    if (this.state !== 'connected') throw new LinuxError(Errno.EPIPE);
  }

  override send(message: Outgoing, nonBlocking: boolean): number {
    // Where it goes is known already.
    return super.send({ ...message, to: undefined }, nonBlocking);
  }

  /** What nobody takes is answered by a reset. */
  protected override sendToNobody(count: number): number {
    this.error = Errno.EPIPE;
    this.ended = true;
    this.writeShut = true;
    this.changes.signal(Change.any);
    return count;
  }

  override otherClosed(reset: boolean): void {
    if (reset) this.writeShut = true;
    super.otherClosed(reset);
  }

  override receive(into: Uint8Array, peek: boolean, nonBlocking: boolean): Received {
    this.lookAtHost();
    if (this.inbox.count === 0 && this.error === Errno.EPIPE) return { count: 0, length: 0 };
    return super.receive(into, peek, nonBlocking);
  }

  protected checkReceive(): void {
    if (this.state === 'idle' || this.state === 'listening') throw new LinuxError(Errno.ENOTCONN);
  }

  override shutdown(how: number): void {
    if (this.state === 'listening') {
      if (how !== Shut.write) this.stopListening();
      return;
    }
    if (this.state !== 'connected') throw new LinuxError(Errno.ENOTCONN);
    super.shutdown(how);
  }

  protected get isOver(): boolean {
    return this.state === 'idle' || (this.ended && this.writeShut);
  }

  override readiness(): Readiness {
    this.lookAtHost();
    return super.readiness();
  }

  localName(): Uint8Array {
    return writeInet(this.local, this.kind.family);
  }

  peerName(): Uint8Array {
    if (this.state !== 'connected' || this.peerAddress === undefined) throw new LinuxError(Errno.ENOTCONN);
    return writeInet(this.peerAddress, this.kind.family);
  }

  private stopListening(): void {
    this.remoteListener?.close();
    this.remoteListener = undefined;
    for (const client of this.overflow) client.opened(Errno.ECONNREFUSED);
    this.overflow.clear();
    for (const socket of this.accepted.splice(0)) socket.reset();
    this.state = 'idle';
    this.changes.signal(Change.any);
  }

  override close(): void {
    if (this.state === 'listening') this.stopListening();
    if (this.isBound) this.ports.release(this);
    if (this.state === 'connecting') this.remote?.otherClosed(true);
    super.close();
  }
}
