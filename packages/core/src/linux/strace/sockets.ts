import type { AddressSpace } from '../../engine/index.ts';
import { byteString, decodeText } from '../byteString.ts';
import { d, type Printer, pointer } from './printers.ts';
import { hexAddress, structure } from './structures.ts';

const FAMILIES: ReadonlyMap<number, string> = new Map([
  [1, 'PF_UNIX'],
  [2, 'PF_INET'],
  [16, 'PF_NETLINK'],
  [17, 'PF_PACKET'],
]);

const AF_UNIX = 1;
const AF_INET = 2;
const AF_NETLINK = 16;
const AF_PACKET = 17;

const TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'SOCK_STREAM'],
  [2, 'SOCK_DGRAM'],
  [3, 'SOCK_RAW'],
  [4, 'SOCK_RDM'],
  [5, 'SOCK_SEQPACKET'],
  [10, 'SOCK_PACKET'],
]);
const SOCK_CLOEXEC = 0x8_0000;
const SOCK_NONBLOCK = 0x800;

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [0, 'IPPROTO_IP'],
  [6, 'IPPROTO_TCP'],
  [17, 'IPPROTO_UDP'],
  [255, 'IPPROTO_RAW'],
]);
const NETLINK_PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [0, 'NETLINK_ROUTE'],
  [9, 'NETLINK_AUDIT'],
  [12, 'NETLINK_NETFILTER'],
  [15, 'NETLINK_KOBJECT_UEVENT'],
  [20, 'NETLINK_RDMA'],
  [21, 'NETLINK_CRYPTO'],
]);

const PACKET_TYPES = ['PACKET_HOST', 'PACKET_BROADCAST', 'PACKET_MULTICAST', 'PACKET_OTHERHOST', 'PACKET_OUTGOING'];

export const socketFamily: Printer = (given, i, space) => FAMILIES.get(given.int(i)) ?? d(given, i, space);

/** An unknown type has no name, not even a number. */
export const socketType: Printer = (given, i) => {
  const type = given.int(i);
  const marks = `${type & SOCK_CLOEXEC ? '|SOCK_CLOEXEC' : ''}${type & SOCK_NONBLOCK ? '|SOCK_NONBLOCK' : ''}`;
  return `${TYPES.get(type & 0xf) ?? ''}${marks}`;
};

/** The protocol, which means something else in each family. */
export const socketProtocol: Printer = (given, i, space) => {
  const protocol = given.int(i);
  const family = given.int(0);
  if (family === AF_PACKET) return `${protocol & 0xffff}`;
  return (family === AF_NETLINK ? NETLINK_PROTOCOLS : PROTOCOLS).get(protocol) ?? d(given, i, space);
};

const hex2 = (byte: number): string => byte.toString(16).padStart(2, '0');

function addressText(v: DataView): string {
  const family = v.getUint16(0, true);
  const bytes = new Uint8Array(v.buffer);
  switch (family) {
    case AF_UNIX: {
      const path = bytes.subarray(2);
      const end = path.indexOf(0);
      return `{sun_family=AF_UNIX,sun_path="${decodeText(byteString(end < 0 ? path : path.subarray(0, end)))}"}`;
    }
    case AF_INET:
      return `{sin_family=AF_INET,sin_port=htons(${v.getUint16(2)}),sin_addr=inet_addr("${bytes.subarray(4, 8).join('.')}")}`;
    case AF_NETLINK:
      return `{nl_family=AF_NETLINK,nl_pid=${v.getUint32(4, true)},nl_groups=${v.getUint32(8, true)}}`;
    case AF_PACKET: {
      const type = PACKET_TYPES[v.getUint8(10)] ?? `${v.getUint8(10)}`;
      const address = [...bytes.subarray(12, 20)].map(hex2).join(':');
      const protocol = v.getUint16(2).toString(16).padStart(4, '0');
      return `{sll_family=AF_PACKET,sll_protocol=htons(0x${protocol}),if${v.getInt32(4, true)},pkttype=${type},sll_addr=${address}}`;
    }
    default:
      return `{sa_family=${family}, sa_data={${[...bytes.subarray(2, 16)].map(hex2).join(', ')}}}`;
  }
}

/** Bytes that an address must have to be shown by fields. */
const LEAST: ReadonlyMap<number, number> = new Map([
  [AF_INET, 8],
  [AF_NETLINK, 12],
  [AF_PACKET, 20],
]);

/** A socket's address and its length; where it cannot be read, its own address with a comma too many. */
export const socketAddress: Printer = (given, i, space) => {
  const length = given.int(i + 1);
  const at = given.long(i);
  return `${socketAddressText(space, at, length)}, ${length}`;
};

function socketAddressText(space: AddressSpace, at: bigint, length: number): string {
  const family = structure(space, at, 2, (v) => `${v.getUint16(0, true)}`);
  const size = Math.max(length, LEAST.get(Number(family)) ?? 16);
  if (at === 0n || length < 2) return `${hexAddress(at)},`;
  const text = structure(space, at, Number(family) === AF_UNIX ? length : size, addressText);
  return text.startsWith('{') ? text : `${hexAddress(at)},`;
}

/** Where accept stores the length of an address: what is there now. */
export const lengthThere: Printer = (given, i, space) =>
  given.long(i) === 0n ? pointer(given, i, space) : `[${structure(space, given.long(i), 4, (v) => `${v.getUint32(0, true)}`).replace(/^0x.*/, '0')}]`;
