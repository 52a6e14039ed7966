import { Errno, LinuxError } from '../errno.ts';
import type { NetworkAddress } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ANY4, ANY6, canonicalInet, familyOf, type InetAddress, isAny, isLoopback, LOOPBACK4, LOOPBACK6, readInet } from './address.ts';
import { AF } from './constants.ts';
import { FIRST_UNPRIVILEGED } from './ports.ts';
import type { SocketKind } from './socket.ts';
import type { SocketOptions } from './socketOptions.ts';

/** The address of a socket that has none yet. */
export const unbound = ({ family }: SocketKind): InetAddress => ({ family: family === AF.inet ? 4 : 6, host: family === AF.inet ? ANY4 : ANY6, port: 0 });

/** The address that a socket is to have. @throws LinuxError EADDRNOTAVAIL, EACCES, EAFNOSUPPORT, EINVAL */
export function placeToBind(kernel: Kernel, { family }: SocketKind, { onlyIpv6 }: SocketOptions, bytes: Uint8Array): InetAddress {
  const isUnspecified = family === AF.inet && bytes.length >= 16 && familyOf(bytes) === AF.unspecified;
  const known = isUnspecified ? Uint8Array.from([AF.inet, 0, ...bytes.subarray(2)]) : bytes;
  const place = readInet(known, family);
  if (isUnspecified && !isAny(place.host)) throw new LinuxError(Errno.EAFNOSUPPORT);
  if (place.family === 4 && family === AF.inet6 && onlyIpv6) throw new LinuxError(Errno.EINVAL);
  if (!isAny(place.host) && !isLoopback(place.host) && kernel.files.sockets.network === undefined) throw new LinuxError(Errno.EADDRNOTAVAIL);
  if (place.port !== 0 && place.port < FIRST_UNPRIVILEGED && kernel.current.process.identity.effectiveUid !== 0) throw new LinuxError(Errno.EACCES);
  return place;
}

/** Where something is to be sent: the wildcard means this machine. @throws LinuxError EAFNOSUPPORT, EINVAL, ENETUNREACH */
export function placeToReach(kernel: Kernel, { family }: SocketKind, bytes: Uint8Array): InetAddress {
  const place = readInet(bytes, family);
  const target = isAny(place.host) ? { ...place, host: place.family === 4 ? LOOPBACK4 : LOOPBACK6 } : place;
  if (!isLoopback(target.host) && kernel.files.sockets.network === undefined) throw new LinuxError(Errno.ENETUNREACH);
  return target;
}

/** The address that this machine shows to whom is sent something. */
export const localFor = ({ family, host }: InetAddress, port: number): InetAddress => {
  const own = isLoopback(host) ? host : family === 4 ? ANY4 : ANY6;
  return { family, host: own, port };
};

export const fromHost = (address: NetworkAddress): InetAddress =>
  'host' in address ? canonicalInet(address.host, address.port) : { family: 4, host: ANY4, port: 0 };
