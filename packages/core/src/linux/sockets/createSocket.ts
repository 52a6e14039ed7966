import { Errno, LinuxError } from '../errno.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { AF, IPPROTO, Sock } from './constants.ts';
import { InetDatagram } from './inetDatagram.ts';
import { InetStream } from './inetStream.ts';
import { NetlinkSocket } from './netlink.ts';
import type { Socket } from './socket.ts';
import { UnixDatagram, UnixStream } from './unixSocket.ts';

/** NETLINK_ROUTE */
const ROUTE = 0;

/**
 * Makes a socket.
 * @param status O_NONBLOCK or 0
 * @throws LinuxError EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EPERM for raw ones
 */
export function createSocket(kernel: Kernel, family: number, type: number, protocol: number, status: number): Socket {
  switch (family) {
    case AF.unix:
      return createUnix(kernel, type, protocol, status);
    case AF.inet:
    case AF.inet6:
      return createInet(kernel, family, type, protocol, status);
    case AF.netlink:
      if (type !== Sock.raw && type !== Sock.datagram) throw new LinuxError(Errno.ESOCKTNOSUPPORT);
      if (protocol !== ROUTE) throw new LinuxError(Errno.EPROTONOSUPPORT);
      return new NetlinkSocket(kernel, { family, type, protocol }, status);
    case AF.packet:
      throw new LinuxError(Errno.EPERM);
    default:
      throw new LinuxError(Errno.EAFNOSUPPORT);
  }
}

export function createUnix(kernel: Kernel, type: number, protocol: number, status: number): UnixStream | UnixDatagram {
  if (protocol !== 0 && protocol !== AF.unix) throw new LinuxError(Errno.EPROTONOSUPPORT);
  switch (type) {
    case Sock.stream:
    case Sock.packets:
      return new UnixStream(kernel, { family: AF.unix, type, protocol: 0 }, status);
    case Sock.datagram:
    case Sock.raw:
      return new UnixDatagram(kernel, { family: AF.unix, type: Sock.datagram, protocol: 0 }, status);
    default:
      throw new LinuxError(Errno.ESOCKTNOSUPPORT);
  }
}

function createInet(kernel: Kernel, family: number, type: number, protocol: number, status: number): Socket {
  switch (type) {
    case Sock.stream:
      if (protocol !== 0 && protocol !== IPPROTO.tcp) throw new LinuxError(Errno.EPROTONOSUPPORT);
      return new InetStream(kernel, { family, type, protocol: IPPROTO.tcp }, status);
    case Sock.datagram:
      // Pings without rights are for groups that the administrator names: nobody.
      if (protocol === IPPROTO.icmp) throw new LinuxError(Errno.EACCES);
      if (protocol !== 0 && protocol !== IPPROTO.udp) throw new LinuxError(Errno.EPROTONOSUPPORT);
      return new InetDatagram(kernel, { family, type, protocol: IPPROTO.udp }, status);
    case Sock.raw:
      throw new LinuxError(protocol === 0 ? Errno.EPROTONOSUPPORT : Errno.EPERM);
    default:
      throw new LinuxError(Errno.ESOCKTNOSUPPORT);
  }
}
