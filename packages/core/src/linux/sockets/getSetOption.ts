import { Errno, LinuxError } from '../errno.ts';
import { StructWriter, timeval, words } from '../structs.ts';
import { AF, IPPROTO, SO, SOL_SOCKET, Sock } from './constants.ts';
import type { Socket } from './socket.ts';

/** Options that are remembered, and what they are before: they have no effect on sockets that stay in one machine. */
const REMEMBERED: ReadonlyMap<string, number> = new Map(
  (
    [
      [SOL_SOCKET, SO.debug, 0],
      [SOL_SOCKET, SO.doNotRoute, 0],
      [SOL_SOCKET, SO.broadcast, 0],
      [SOL_SOCKET, SO.keepAlive, 0],
      [SOL_SOCKET, SO.outOfBandInline, 0],
      [SOL_SOCKET, SO.noCheck, 0],
      [SOL_SOCKET, SO.priority, 0],
      [SOL_SOCKET, SO.receiveLowWater, 1],
      [SOL_SOCKET, SO.timestamp, 0],
      [SOL_SOCKET, SO.timestampNs, 0],
      [SOL_SOCKET, SO.mark, 0],
      [SOL_SOCKET, SO.busyPoll, 0],
      [SOL_SOCKET, SO.zeroCopy, 0],
      // TCP: NODELAY, MAXSEG, CORK, KEEPIDLE, KEEPINTVL, KEEPCNT, SYNCNT, LINGER2, DEFER_ACCEPT, WINDOW_CLAMP, QUICKACK, USER_TIMEOUT, FASTOPEN
      [IPPROTO.tcp, 1, 0],
      [IPPROTO.tcp, 2, 536],
      [IPPROTO.tcp, 3, 0],
      [IPPROTO.tcp, 4, 7200],
      [IPPROTO.tcp, 5, 75],
      [IPPROTO.tcp, 6, 9],
      [IPPROTO.tcp, 7, 6],
      [IPPROTO.tcp, 8, 60],
      [IPPROTO.tcp, 9, 0],
      [IPPROTO.tcp, 10, 0],
      [IPPROTO.tcp, 12, 1],
      [IPPROTO.tcp, 18, 0],
      [IPPROTO.tcp, 23, 0],
      // IP: TOS, TTL, PKTINFO, MTU_DISCOVER, RECVERR, RECVTTL, RECVTOS, FREEBIND, MULTICAST_TTL, MULTICAST_LOOP, BIND_ADDRESS_NO_PORT
      [IPPROTO.ip, 1, 0],
      [IPPROTO.ip, 2, 64],
      [IPPROTO.ip, 8, 0],
      [IPPROTO.ip, 10, 1],
      [IPPROTO.ip, 11, 0],
      [IPPROTO.ip, 12, 0],
      [IPPROTO.ip, 13, 0],
      [IPPROTO.ip, 15, 0],
      [IPPROTO.ip, 24, 0],
      [IPPROTO.ip, 33, 1],
      [IPPROTO.ip, 34, 1],
      // IPv6: UNICAST_HOPS, MULTICAST_HOPS, MULTICAST_LOOP, MTU_DISCOVER, RECVERR, RECVPKTINFO, TCLASS
      [IPPROTO.ipv6, 16, 64],
      [IPPROTO.ipv6, 18, 1],
      [IPPROTO.ipv6, 19, 1],
      [IPPROTO.ipv6, 23, 1],
      [IPPROTO.ipv6, 25, 0],
      [IPPROTO.ipv6, 49, 0],
      [IPPROTO.ipv6, 67, 0],
    ] as const
  ).map(([level, name, value]) => [`${level}:${name}`, value]),
);

const IPV6_V6ONLY = 26;
const TCP_INFO = 11;
const TCP_CONGESTION = 13;
/** Bytes of struct tcp_info, and the state of a connection that works. */
const TCP_INFO_SIZE = 232;
const TCP_ESTABLISHED = 1;
const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

/** Whether a socket has options of the level. @throws LinuxError EOPNOTSUPP, ENOPROTOOPT */
function checkLevel({ kind }: Socket, level: number): void {
  if (level === SOL_SOCKET) return;
  const { family, type } = kind;
  if (family === AF.unix) throw new LinuxError(Errno.EOPNOTSUPP);
  const isKnown =
    family === AF.inet || family === AF.inet6
      ? (level === IPPROTO.tcp && type === Sock.stream) || level === IPPROTO.ip || (level === IPPROTO.ipv6 && family === AF.inet6)
      : true;
  if (!isKnown) throw new LinuxError(Errno.ENOPROTOOPT);
}

/** A struct timeval, in nanoseconds. @throws LinuxError EDOM */
function readTimeout(bytes: Uint8Array): bigint {
  if (bytes.length < 16) throw new LinuxError(Errno.EINVAL);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const micros = view.getBigInt64(8, true);
  if (micros < 0n || micros >= 1_000_000n) throw new LinuxError(Errno.EDOM);
  const seconds = view.getBigInt64(0, true);
  return seconds < 0n ? 1n : seconds * 1_000_000_000n + micros * 1000n;
}

/** setsockopt. @throws LinuxError */
export function setOption(socket: Socket, level: number, name: number, bytes: Uint8Array): void {
  checkLevel(socket, level);
  const { options } = socket;
  if (level === IPPROTO.tcp && name === TCP_CONGESTION) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isByte = bytes.length < 4 && bytes.length > 0 && level === IPPROTO.ip;
  if (bytes.length < 4 && !isByte) throw new LinuxError(Errno.EINVAL);
  const value = isByte ? view.getUint8(0) : view.getInt32(0, true);
  if (level === IPPROTO.ipv6 && name === IPV6_V6ONLY) {
    options.onlyIpv6 = value !== 0;
    return;
  }
  if (level === SOL_SOCKET && setSocketOption(socket, name, value, bytes, view)) return;
  if (!REMEMBERED.has(`${level}:${name}`)) throw new LinuxError(Errno.ENOPROTOOPT);
  const isFlag = REMEMBERED.get(`${level}:${name}`) === 0 && level === SOL_SOCKET && name !== SO.priority && name !== SO.mark;
  options.values.set(`${level}:${name}`, isFlag && value !== 0 ? 1 : value);
}

/** @returns whether it is one of those that are more than remembered */
function setSocketOption({ options, kind }: Socket, name: number, value: number, bytes: Uint8Array, view: DataView): boolean {
  switch (name) {
    case SO.reuseAddress:
      options.reuseAddress = value !== 0;
      return true;
    case SO.reusePort:
      options.reusePort = value !== 0;
      return true;
    case SO.sendBuffer:
    case SO.sendBufferForce:
      options.setSendBuffer(value);
      return true;
    case SO.receiveBuffer:
    case SO.receiveBufferForce:
      options.setReceiveBuffer(value);
      return true;
    case SO.linger:
      if (bytes.length < 8) throw new LinuxError(Errno.EINVAL);
      options.linger = [value === 0 ? 0 : 1, view.getInt32(4, true)];
      return true;
    case SO.passCredentials:
      if (kind.family !== AF.unix && kind.family !== AF.netlink) throw new LinuxError(Errno.EOPNOTSUPP);
      options.passCredentials = value !== 0;
      return true;
    case SO.receiveTimeout:
    case SO.receiveTimeoutNew:
      options.receiveTimeout = readTimeout(bytes);
      return true;
    case SO.sendTimeout:
    case SO.sendTimeoutNew:
      options.sendTimeout = readTimeout(bytes);
      return true;
    case SO.bindToDevice:
      throw new LinuxError(Errno.EPERM);
    default:
      return false;
  }
}

/** getsockopt. @throws LinuxError */
export function getOption(socket: Socket, level: number, name: number): Uint8Array {
  checkLevel(socket, level);
  const { options } = socket;
  const own = level === SOL_SOCKET ? getSocketOption(socket, name) : undefined;
  if (own !== undefined) return own;
  if (level === IPPROTO.ipv6 && name === IPV6_V6ONLY) return words(options.onlyIpv6 ? 1 : 0);
  if (level === IPPROTO.tcp && name === TCP_CONGESTION) return Uint8Array.from([...'cubic'].map((c) => c.charCodeAt(0)).concat(new Array<number>(11).fill(0)));
  if (level === IPPROTO.tcp && name === TCP_INFO) return new StructWriter(TCP_INFO_SIZE).u8(tcpState(socket)).bytes;
  const value = options.values.get(`${level}:${name}`) ?? REMEMBERED.get(`${level}:${name}`);
  if (value === undefined) throw new LinuxError(Errno.ENOPROTOOPT);
  return words(value);
}

function tcpState(socket: Socket): number {
  if (socket.isListening) return TCP_LISTEN;
  try {
    socket.peerName();
    return TCP_ESTABLISHED;
  } catch (error) {
    if (error instanceof LinuxError) return TCP_CLOSE;
    throw error;
  }
}

function getSocketOption(socket: Socket, name: number): Uint8Array | undefined {
  const { options, kind } = socket;
  switch (name) {
    case SO.type:
      return words(kind.type);
    case SO.domain:
      return words(kind.family);
    case SO.protocol:
      return words(kind.protocol);
    case SO.accepts:
      return words(socket.isListening ? 1 : 0);
    case SO.error: {
      // What the host has to tell comes first.
      socket.readiness();
      const { error } = socket;
      socket.error = 0;
      return words(error);
    }
    case SO.reuseAddress:
      return words(options.reuseAddress ? 1 : 0);
    case SO.reusePort:
      return words(options.reusePort ? 1 : 0);
    case SO.sendBuffer:
      return words(options.sendBuffer);
    case SO.receiveBuffer:
      return words(options.receiveBuffer);
    case SO.linger:
      return words(...options.linger);
    case SO.passCredentials:
      return words(options.passCredentials ? 1 : 0);
    case SO.peerCredentials: {
      const { pid, uid, gid } = socket.peerCredentials;
      return words(pid, uid, gid);
    }
    case SO.sendLowWater:
      return words(1);
    case SO.receiveTimeout:
    case SO.receiveTimeoutNew:
      return timeval(options.receiveTimeout);
    case SO.sendTimeout:
    case SO.sendTimeoutNew:
      return timeval(options.sendTimeout);
    default:
      return undefined;
  }
}
