import { Errno, LinuxError } from '../errno.ts';
import { AF } from './constants.ts';

/** An end of a connection of the Internet's. `host` is `127.0.0.1`, or eight groups of hexadecimal digits. */
export interface InetAddress {
  readonly family: 4 | 6;
  readonly host: string;
  readonly port: number;
}

/** Bytes of struct sockaddr_in and sockaddr_in6, and least that the latter may have. */
const INET_SIZE = 16;
const INET6_SIZE = 28;
const INET6_LEAST = 24;

export const ANY4 = '0.0.0.0';
export const ANY6 = '0:0:0:0:0:0:0:0';
export const LOOPBACK4 = '127.0.0.1';
export const LOOPBACK6 = '0:0:0:0:0:0:0:1';
/** What IPv6 sockets call IPv4 addresses. */
const MAPPED = '0:0:0:0:0:ffff:';

export const isAny = (host: string): boolean => host === ANY4 || host === ANY6;
export const isLoopback = (host: string): boolean => host.startsWith('127.') || host === LOOPBACK6;

/** The family that a sockaddr names. @throws LinuxError EINVAL */
export function familyOf(bytes: Uint8Array): number {
  if (bytes.length < 2) throw new LinuxError(Errno.EINVAL);
  return bytes[0] | (bytes[1] << 8);
}

/**
 * Reads struct sockaddr_in or sockaddr_in6; an IPv4 address inside the latter becomes one.
 * @param family AF_INET or AF_INET6: the socket's
 * @throws LinuxError EINVAL, EAFNOSUPPORT
 */
export function readInet(bytes: Uint8Array, family: number): InetAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = familyOf(bytes);
  if (bytes.length < (family === AF.inet ? INET_SIZE : INET6_LEAST)) throw new LinuxError(Errno.EINVAL);
  if (found !== family) throw new LinuxError(Errno.EAFNOSUPPORT);
  const port = view.getUint16(2);
  if (family === AF.inet) return { family: 4, host: bytes.subarray(4, 8).join('.'), port };
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i).toString(16));
  if (groups.slice(0, 6).join(':') === MAPPED.slice(0, -1)) return { family: 4, host: bytes.subarray(20, 24).join('.'), port };
  return { family: 6, host: groups.join(':'), port };
}

/** The address as a socket of `family` (AF_INET or AF_INET6) has it. */
export function writeInet({ family: kind, host, port }: InetAddress, family: number): Uint8Array {
  const bytes = new Uint8Array(family === AF.inet ? INET_SIZE : INET6_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port);
  if (kind === 6) for (const [i, group] of host.split(':').entries()) view.setUint16(8 + 2 * i, Number.parseInt(group, 16));
  else {
    const at = family === AF.inet ? 4 : 20;
    // The wildcard is that of its own family.
    if (family === AF.inet6 && host !== ANY4) view.setUint16(18, 0xffff);
    for (const [i, part] of host.split('.').entries()) view.setUint8(at + i, Number(part));
  }
  return bytes;
}

/** An address as Node writes it, in the form that is used here. */
export function canonicalInet(host: string, port: number): InetAddress {
  const [plain] = host.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain);
  if (mapped !== null) return { family: 4, host: mapped[1], port };
  if (!plain.includes(':')) return { family: 4, host: plain, port };
  const [head, tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...new Array<string>(zeros).fill('0'), ...after];
  return { family: 6, host: groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':'), port };
}
