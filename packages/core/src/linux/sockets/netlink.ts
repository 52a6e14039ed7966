import { ascii, bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { Readiness } from '../files/openFile.ts';
import { Change } from '../files/readiness.ts';
import type { NetworkInterface } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { StructWriter } from '../structs.ts';
import { canonicalInet, familyOf, isLoopback, LOOPBACK4, LOOPBACK6, writeInet } from './address.ts';
import { AF } from './constants.ts';
import { type Received, ReceiveQueue } from './receiveQueue.ts';
import { type Outgoing, Socket, type SocketKind } from './socket.ts';
import { SocketOptions } from './socketOptions.ts';

const BUFFER = 212_992;
/** Bytes of struct sockaddr_nl, nlmsghdr, ifinfomsg and ifaddrmsg. */
const NAME = 12;
const HEADER = 16;
const LINK_INFO = 16;
const ADDRESS_INFO = 8;

/** Types and flags of messages (include/uapi/linux/netlink.h, rtnetlink.h). */
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const NLM_F_MULTI = 2;
const NLM_F_ACK = 4;
const NLM_F_DUMP = 0x300;

/** Kinds of hardware, and IFF_* of an interface that works. */
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const UP = 0x1_0001 | 0x40;
const LOOPBACK_FLAG = 8;
const BROADCAST_MULTICAST = 0x1002;
const LOOPBACK_MTU = 65_536;
const MTU = 1500;

const RT_SCOPE_LINK = 253;
const RT_SCOPE_HOST = 254;

/** All there is where guests may not use the host's network. */
const LOOPBACK_ONLY: readonly NetworkInterface[] = [
  {
    name: 'lo',
    index: 1,
    hardware: new Uint8Array(6),
    addresses: [
      { host: LOOPBACK4, prefix: 8 },
      { host: LOOPBACK6, prefix: 128 },
    ],
  },
];

/** An attribute: length, type, value, padded to four bytes. */
function attribute(type: number, value: Uint8Array): Uint8Array {
  const w = new StructWriter((4 + value.length + 3) & -4);
  return w
    .u16(4 + value.length)
    .u16(type)
    .raw(value).bytes;
}

const text = (name: string): Uint8Array => Uint8Array.of(...bytesOf(ascii(name)), 0);
const number = (value: number): Uint8Array => new StructWriter(4).u32(value).bytes;

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new StructWriter(parts.reduce((sum, { length }) => sum + length, 0));
  for (const part of parts) all.raw(part);
  return all.bytes;
}

/** ifinfomsg with its attributes: hardware address, broadcast address, name, MTU. */
function linkMessage({ name, index, hardware, addresses }: NetworkInterface): Uint8Array {
  const isLoop = addresses.some(({ host }) => isLoopback(canonicalInet(host, 0).host));
  const w = new StructWriter(LINK_INFO)
    .u16(0)
    .u16(isLoop ? ARPHRD_LOOPBACK : ARPHRD_ETHER)
    .u32(index);
  w.u32(UP | (isLoop ? LOOPBACK_FLAG : BROADCAST_MULTICAST)).u32(0);
  const broadcast = new Uint8Array(6).fill(isLoop ? 0 : 0xff);
  return joined(w.bytes, attribute(1, hardware), attribute(2, broadcast), attribute(3, text(name)), attribute(4, number(isLoop ? LOOPBACK_MTU : MTU)));
}

/** ifaddrmsg with its attributes: address, and for IPv4 that of this end, and the interface's name. */
function addressMessages({ name, index, addresses }: NetworkInterface, family: number): Uint8Array[] {
  return addresses.flatMap(({ host, prefix }) => {
    const place = canonicalInet(host, 0);
    const kind = place.family === 4 ? AF.inet : AF.inet6;
    if (family !== AF.unspecified && family !== kind) return [];
    const scope = isLoopback(place.host) ? RT_SCOPE_HOST : place.host.startsWith('fe80:') ? RT_SCOPE_LINK : 0;
    const info = new StructWriter(ADDRESS_INFO).u8(kind).u8(prefix).u8(0x80).u8(scope).u32(index).bytes;
    const raw = writeInet(place, kind).subarray(kind === AF.inet ? 4 : 8, kind === AF.inet ? 8 : 24);
    if (kind === AF.inet6) return [joined(info, attribute(1, raw))];
    return [joined(info, attribute(1, raw), attribute(2, raw), attribute(3, text(name)))];
  });
}

/** A socket of AF_NETLINK that tells of interfaces and their addresses, and changes nothing. */
export class NetlinkSocket extends Socket {
  readonly keepsRecords = true;
  readonly isListening = false;
  private readonly inbox = new ReceiveQueue();
  private port = 0;

  constructor(kernel: Kernel, kind: SocketKind, status: number) {
    super(kernel, kind, new SocketOptions(BUFFER, BUFFER), status);
  }

  get pendingBytes(): number {
    return this.inbox.firstLength;
  }

  bind(address: Uint8Array): void {
    if (address.length < NAME || familyOf(address) !== AF.netlink) throw new LinuxError(Errno.EINVAL);
    this.port = new DataView(address.buffer, address.byteOffset).getUint32(4, true);
    this.choosePort();
  }

  private choosePort(): void {
    if (this.port === 0) this.port = this.kernel.current.process.pid;
  }

  connect(address: Uint8Array): void {
    if (address.length < NAME) throw new LinuxError(Errno.EINVAL);
    this.choosePort();
  }

  send({ data }: Outgoing): number {
    this.choosePort();
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    for (let at = 0; at + HEADER <= data.length; ) {
      const length = view.getUint32(at, true);
      if (length < HEADER || at + length > data.length) break;
      this.answer(view, at, length);
      at += (length + 3) & -4;
    }
    return data.length;
  }

  /** nlmsghdr: length (4), type (2), flags (2), sequence number (4), port (4). */
  private message(type: number, flags: number, sequence: number, body: Uint8Array): Uint8Array {
    const length = HEADER + body.length;
    const w = new StructWriter((length + 3) & -4).u32(length).u16(type).u16(flags).u32(sequence).u32(this.port);
    return w.raw(body).bytes;
  }

  private answer(view: DataView, at: number, length: number): void {
    const type = view.getUint16(at + 4, true);
    const flags = view.getUint16(at + 6, true);
    const sequence = view.getUint32(at + 8, true);
    const family = length > HEADER ? view.getUint8(at + HEADER) : 0;
    const isDump = (flags & NLM_F_DUMP) === NLM_F_DUMP;
    if (isDump) {
      const parts = this.dump(type, family).map(([kind, body]) => this.message(kind, NLM_F_MULTI, sequence, body));
      if (parts.length > 0) this.tell(joined(...parts));
      this.tell(this.message(NLMSG_DONE, NLM_F_MULTI, sequence, number(0)));
      return;
    }
    // Single questions and changes are not for users.
    const original = new Uint8Array(view.buffer, view.byteOffset + at, HEADER);
    if (type >= RTM_NEWLINK || (flags & NLM_F_ACK) !== 0) this.tell(this.message(NLMSG_ERROR, 0, sequence, joined(number(-Errno.EPERM), original)));
  }

  private dump(type: number, family: number): (readonly [type: number, body: Uint8Array])[] {
    const interfaces = this.kernel.host.network?.interfaces() ?? LOOPBACK_ONLY;
    if (type === RTM_GETLINK) return interfaces.map((each) => [RTM_NEWLINK, linkMessage(each)] as const);
    if (type === RTM_GETADDR) return interfaces.flatMap((each) => addressMessages(each, family).map((body) => [RTM_NEWADDR, body] as const));
    return [];
  }

  private tell(bytes: Uint8Array): void {
    this.inbox.push({ bytes, from: new StructWriter(NAME).u16(AF.netlink).bytes });
    this.changes.signal(Change.data);
  }

  receive(into: Uint8Array, peek: boolean, nonBlocking: boolean): Received {
    if (this.inbox.count === 0) this.wait(nonBlocking, this.options.receiveTimeout);
    return this.inbox.takeRecord(into, peek);
  }

  shutdown(): void {
    throw new LinuxError(Errno.EOPNOTSUPP);
  }

  localName(): Uint8Array {
    return new StructWriter(NAME).u16(AF.netlink).u16(0).u32(this.port).bytes;
  }

  peerName(): Uint8Array {
    return new StructWriter(NAME).u16(AF.netlink).bytes;
  }

  readiness(): Readiness {
    return { readable: this.inbox.count > 0, writable: true, hangUp: false };
  }

  override close(): void {
    this.inbox.clear();
  }
}
