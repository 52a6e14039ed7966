import type { AddressSpace } from '../engine/index.ts';
import type { OpenDescription } from './descriptorCalls.ts';

/** Bytes of struct msghdr, and where in it are name, its length, control data and its length. */
const MESSAGE = { bytes: 56, name: 0, nameLength: 8, control: 32, controlLength: 40 } as const;
/** Bytes of struct mmsghdr: a msghdr and a length. */
export const MESSAGE_OF_MANY = 64;
/** Bytes of struct cmsghdr: length (8), level (4), type (4). */
const CONTROL_HEADER = 16;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** Most bytes of a message's control data that are looked at. */
const MOST_CONTROL = 20_480;
const MOST_ADDRESS = 128;
const AF_UNIX = 1;
const SOCK_TYPE = 0xf;
const SOCK_DGRAM = 2;

/** A message's address and the descriptors in its control data. */
export interface MessageView {
  /** Of a Unix socket; undefined: there is none. */
  readonly address: string | undefined;
  readonly descriptors: readonly number[];
}

/** Reads a message as sendmsg is given it, or recvmsg has left it. @param at of its struct msghdr */
export function readMessage(space: AddressSpace, at: number): MessageView {
  const head = viewOf(space, at, MESSAGE.bytes);
  if (head === undefined) return { address: undefined, descriptors: [] };
  const address = socketAddress(space, Number(head.getBigUint64(MESSAGE.name, true)), head.getUint32(MESSAGE.nameLength, true));
  const length = Math.min(MOST_CONTROL, Number(head.getBigUint64(MESSAGE.controlLength, true)));
  const control = viewOf(space, Number(head.getBigUint64(MESSAGE.control, true)), length);
  const descriptors: number[] = [];
  for (let offset = 0; control !== undefined && offset + CONTROL_HEADER <= length; ) {
    const size = Math.min(length - offset, Number(control.getBigUint64(offset, true)));
    if (size < CONTROL_HEADER) break;
    const isRights = control.getInt32(offset + 8, true) === SOL_SOCKET && control.getInt32(offset + 12, true) === SCM_RIGHTS;
    for (let each = offset + CONTROL_HEADER; isRights && each + 4 <= offset + size; each += 4) descriptors.push(control.getInt32(each, true));
    offset += (size + 7) & -8;
  }
  return { address, descriptors };
}

/** A Unix socket's address, by its bytes; undefined: it is none. */
export function socketAddress(space: AddressSpace, at: number, length: number): string | undefined {
  if (at === 0 || length <= 2) return undefined;
  const bytes = viewOf(space, at, Math.min(MOST_ADDRESS, length));
  if (bytes === undefined || bytes.getUint16(0, true) !== AF_UNIX) return undefined;
  const text = String.fromCharCode(...new Uint8Array(bytes.buffer, bytes.byteOffset + 2, bytes.byteLength - 2));
  // A path ends at its first zero, a name that no file has (it begins with one) where its length says.
  return text.startsWith('\0') ? text : text.split('\0')[0];
}

function viewOf(space: AddressSpace, at: number, length: number): DataView | undefined {
  const bytes = length === 0 ? undefined : space.kernelRead(at, length);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What goes with a message; undefined: nobody knows what the descriptor stands for. */
type Passed = readonly (OpenDescription | undefined)[];

/**
 * Follows descriptors through messages between Unix sockets (SCM_RIGHTS), to know what is received by what was sent. Sockets have
 * numbers here, from 1: whoever has a copy of a socket has its number.
 */
export class PassedDescriptors {
  private last = 0;
  /** Where what is sent arrives. */
  private readonly peers = new Map<number, number>();
  private readonly bound = new Map<string, number>();
  /** Of listening sockets, the other ends of connections that nobody has accepted yet. */
  private readonly waiting = new Map<number, number[]>();
  private readonly datagrams = new Set<number>();
  /** By where they arrive: what goes with messages that nobody has received yet. */
  private readonly underWay = new Map<number, Passed[]>();

  /** @param type of the socket, as socket(2) is given it */
  create(type: number): number {
    this.last++;
    if ((type & SOCK_TYPE) === SOCK_DGRAM) this.datagrams.add(this.last);
    return this.last;
  }

  createPair(): readonly [number, number] {
    const [a, b] = [++this.last, ++this.last];
    this.peers.set(a, b);
    this.peers.set(b, a);
    return [a, b];
  }

  bind(socket: number, address: string): void {
    this.bound.set(address, socket);
  }

  connect(socket: number, address: string): void {
    const other = this.bound.get(address);
    if (other === undefined) return;
    if (this.datagrams.has(socket)) {
      this.peers.set(socket, other);
      return;
    }
    const end = ++this.last;
    this.peers.set(socket, end);
    this.peers.set(end, socket);
    this.waiting.set(other, [...(this.waiting.get(other) ?? []), end]);
  }

  /** @returns the socket that a listening one has accepted */
  accept(socket: number): number {
    return this.waiting.get(socket)?.shift() ?? ++this.last;
  }

  /** @param passed what goes with the message */
  send(socket: number, address: string | undefined, passed: Passed): void {
    const to = address === undefined ? this.peers.get(socket) : this.bound.get(address);
    if (to === undefined || passed.length === 0) return;
    this.underWay.set(to, [...(this.underWay.get(to) ?? []), passed]);
  }

  /**
   * What received descriptors stand for; undefined where that is not known.
   * @param stays the message was only looked at (MSG_PEEK)
   */
  receive(socket: number, count: number, stays: boolean): Passed | undefined {
    const messages = this.underWay.get(socket) ?? [];
    // Those before were dropped: whoever got them had no room for descriptors.
    const at = messages.findIndex(({ length }) => length >= count);
    return stays ? messages[at] : messages.splice(0, at + 1).at(-1);
  }
}
