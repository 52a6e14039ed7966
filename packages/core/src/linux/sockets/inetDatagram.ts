import { Errno, LinuxError } from '../errno.ts';
import type { Readiness } from '../files/openFile.ts';
import { Change } from '../files/readiness.ts';
import type { HostHandle, NetworkEvent } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { familyOf, type InetAddress, isAny, isLoopback, writeInet } from './address.ts';
import { AF, Shut } from './constants.ts';
import { fromHost, localFor, placeToBind, placeToReach, unbound } from './inetPlace.ts';
import type { NetworkHub, RemoteEnd } from './networkHub.ts';
import type { PortUser } from './ports.ts';
import { NOTHING, type Received, ReceiveQueue } from './receiveQueue.ts';
import { type Outgoing, Socket, type SocketKind } from './socket.ts';
import { SocketOptions } from './socketOptions.ts';

/** Bytes of the buffers (net.core.wmem_default), and of the longest datagram. */
const BUFFER = 212_992;
const LONGEST = 65_507;

/** What a datagram takes of a buffer besides its bytes. */
const OVERHEAD = 768;

/** The host's socket behind one of a guest's. */
class RemoteDatagrams implements RemoteEnd {
  private readonly id: number;
  /** Undefined until the host has answered. */
  result: number | undefined;

  constructor(
    readonly hub: NetworkHub,
    private readonly socket: InetDatagram,
    at: InetAddress,
  ) {
    const { options } = socket;
    this.id = hub.add(this);
    hub.post({ kind: 'open', id: this.id, at, family: socket.kind.family === AF.inet ? 4 : 6, reuse: options.reuseAddress, onlyIpv6: options.onlyIpv6 });
  }

  happened(event: NetworkEvent): void {
    if (event.kind === 'opened') this.result = 0;
    else if (event.kind === 'failed') this.result = event.errno;
    else if (event.kind === 'data' && event.from !== undefined) this.socket.deliver(event.data, fromHost(event.from));
    else if (event.kind === 'closed') this.socket.fail(event.errno);
  }

  send(data: Uint8Array, { host, port }: InetAddress): void {
    this.hub.post({ kind: 'send', id: this.id, data, to: { host, port } });
  }

  close(): void {
    this.hub.remove(this.id);
    this.hub.post({ kind: 'close', id: this.id, reset: false });
  }
}

/** A UDP socket. What a guest's port does not take goes to the host's network. */
export class InetDatagram extends Socket implements PortUser {
  readonly isListening = false;
  local: InetAddress;
  private isBound = false;
  private peer: InetAddress | undefined;
  private readonly inbox = new ReceiveQueue();
  private readShut = false;
  private writeShut = false;
  private remote: RemoteDatagrams | undefined;

  constructor(kernel: Kernel, kind: SocketKind, status: number) {
    super(kernel, kind, new SocketOptions(BUFFER, BUFFER), status);
    this.local = unbound(kind);
  }

  get keepsRecords(): boolean {
    return true;
  }

  get pendingBytes(): number {
    this.remote?.hub.look();
    return this.inbox.firstLength;
  }

  bind(address: Uint8Array): void {
    if (this.isBound) throw new LinuxError(Errno.EINVAL);
    const place = placeToBind(this.kernel, this.kind, this.options, address);
    this.claim(place);
    const { network } = this.kernel.files.sockets;
    // Others of the host's can only know of a port that was chosen.
    if (place.port === 0 || network === undefined) return;
    const errno = this.openOnHost(network, place);
    if (errno === 0) return;
    this.kernel.files.sockets.udp.release(this);
    this.isBound = false;
    this.local = unbound(this.kind);
    throw new LinuxError(errno);
  }

  private claim(place: InetAddress): void {
    const { udp } = this.kernel.files.sockets;
    const before = this.local;
    this.local = place.port === 0 ? { ...place, port: udp.unused() } : place;
    try {
      udp.claim(this);
    } catch (error) {
      this.local = before;
      throw error;
    }
    this.isBound = true;
  }

  /** @returns an error number, or 0 */
  private openOnHost(network: NetworkHub, at: InetAddress): number {
    const remote = new RemoteDatagrams(network, this, at);
    network.until(() => remote.result !== undefined);
    const errno = remote.result ?? 0;
    if (errno === 0) this.remote = remote;
    else remote.close();
    return errno;
  }

  connect(address: Uint8Array): void {
    if (familyOf(address) === AF.unspecified) {
      this.peer = undefined;
      return;
    }
    const peer = placeToReach(this.kernel, this.kind, address);
    if (!this.isBound) this.claim(this.local);
    if (isAny(this.local.host)) this.local = localFor(peer, this.local.port);
    this.peer = peer;
  }

  /** A datagram has come. One that there is no room for is lost. */
  deliver(data: Uint8Array, from: InetAddress): void {
    if (this.peer !== undefined && !same(this.peer, from)) return;
    if (this.inbox.length + OVERHEAD * this.inbox.count > this.options.receiveBuffer || this.readShut) return;
    this.inbox.push({ bytes: data, from: writeInet(from, this.kind.family) });
    this.changes.signal(Change.data);
  }

  /** Something that was sent did not arrive. */
  fail(errno: number): void {
    this.error = errno;
    this.changes.signal(Change.any);
  }

  send({ data, to }: Outgoing): number {
    this.remote?.hub.look();
    this.throwError();
    if (data.length > LONGEST) throw new LinuxError(Errno.EMSGSIZE);
    const target = to === undefined ? this.peer : placeToReach(this.kernel, this.kind, to);
    if (target === undefined) throw new LinuxError(Errno.EDESTADDRREQ);
    if (target.port === 0) throw new LinuxError(Errno.EINVAL);
    if (this.writeShut) throw new LinuxError(Errno.EPIPE);
    if (!this.isBound) this.claim(this.local);
    const { udp, network } = this.kernel.files.sockets;
    const from = isAny(this.local.host) ? localFor(target, this.local.port) : this.local;
    const receivers = udp.at(target).filter(({ peer }) => peer === undefined || same(peer, from));
    const receiver = receivers.find(({ peer }) => peer !== undefined) ?? receivers[0];
    if (receiver !== undefined) receiver.deliver(data.slice(), from);
    else if (network !== undefined) this.sendByHost(network, data, target);
    // As the answer from this machine says.
    else if (this.peer !== undefined && isLoopback(target.host)) this.fail(Errno.ECONNREFUSED);
    return data.length;
  }

  private sendByHost(network: NetworkHub, data: Uint8Array, target: InetAddress): void {
    if (this.remote === undefined) {
      const errno = this.openOnHost(network, { ...unbound(this.kind), port: 0 });
      if (errno !== 0) throw new LinuxError(errno);
    }
    this.remote?.send(data.slice(), target);
  }

  receive(into: Uint8Array, peek: boolean, nonBlocking: boolean): Received {
    this.remote?.hub.look();
    if (this.inbox.count === 0) {
      this.throwError();
      if (this.readShut && !nonBlocking) return NOTHING;
      this.wait(nonBlocking, this.options.receiveTimeout);
    }
    return this.inbox.takeRecord(into, peek);
  }

  shutdown(how: number): void {
    if (this.peer === undefined) throw new LinuxError(Errno.ENOTCONN);
    if (how !== Shut.write) this.readShut = true;
    if (how !== Shut.read) this.writeShut = true;
    this.changes.signal(Change.any);
  }

  override get pollHandles(): readonly HostHandle[] {
    return this.remote === undefined ? [] : [this.remote.hub.handle];
  }

  readiness(): Readiness {
    this.remote?.hub.look();
    return {
      readable: this.inbox.count > 0 || this.readShut,
      writable: true,
      hangUp: this.readShut && this.writeShut,
      error: this.error !== 0,
      endOfData: this.readShut,
    };
  }

  localName(): Uint8Array {
    return writeInet(this.local, this.kind.family);
  }

  peerName(): Uint8Array {
    if (this.peer === undefined) throw new LinuxError(Errno.ENOTCONN);
    return writeInet(this.peer, this.kind.family);
  }

  override close(): void {
    if (this.isBound) this.kernel.files.sockets.udp.release(this);
    this.remote?.close();
    this.inbox.clear();
  }
}

const same = (a: InetAddress, b: InetAddress): boolean => a.host === b.host && a.port === b.port;
