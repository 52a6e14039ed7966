import { Errno, LinuxError } from '../errno.ts';
import { Blocked } from '../kernel/waiting.ts';
import type { LinuxProcess } from '../process.ts';
import { Msg } from '../sockets/constants.ts';
import { type ControlData, dropRights, readControl, writeControl } from '../sockets/control.ts';
import type { Received } from '../sockets/receiveQueue.ts';
import type { Socket } from '../sockets/socket.ts';
import { StructWriter, words } from '../structs.ts';
import { address, int, size, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { readName, socketAt, writeName } from './sockets.ts';
import { readTime } from './time.ts';
import { gather, repeatedly, vector, writing } from './transfer.ts';

/** Bytes of struct mmsghdr, and where the length of what was moved is in it. */
const MMSG_SIZE = 64;
const MMSG_LENGTH = 56;
/** Most messages of one call. */
const MOST_MESSAGES = 1024;

/** struct msghdr: name (8), its length (4), padding, parts (8), their number (8), control data (8), its length (8), flags (4). */
interface MessageHeader {
  readonly name: number;
  readonly nameLength: number;
  readonly parts: number;
  readonly partCount: number;
  readonly control: number;
  readonly controlLength: number;
}
const HEADER_SIZE = 56;
const NAME_LENGTH = 8;
const CONTROL_LENGTH = 40;

function readHeader(process: LinuxProcess, at: number): MessageHeader {
  const view = process.view(at, HEADER_SIZE);
  const pointer = (offset: number): number => Number(view.getBigUint64(offset, true) & 0xf_ffff_ffff_ffffn);
  const partCount = pointer(24);
  if (partCount > 1024) throw new LinuxError(Errno.EMSGSIZE);
  const nameLength = view.getInt32(NAME_LENGTH, true);
  if (nameLength < 0) throw new LinuxError(Errno.EINVAL);
  return { name: pointer(0), nameLength: pointer(0) === 0 ? 0 : nameLength, parts: pointer(16), partCount, control: pointer(32), controlLength: pointer(40) };
}

/** Sends data; a stream that may wait takes all of it. */
function send(process: LinuxProcess, socket: Socket, data: Uint8Array, to: Uint8Array | undefined, flags: number, control?: ControlData): number {
  if ((flags & Msg.outOfBand) !== 0) throw new LinuxError(Errno.EOPNOTSUPP);
  const nonBlocking = socket.nonBlocking || (flags & Msg.doNotWait) !== 0;
  const { identity } = process;
  const credentials = control?.credentials ?? { pid: identity.pid, uid: identity.effectiveUid, gid: identity.effectiveGid };
  const step = (done: number): number => {
    const rights = done === 0 ? control?.rights : undefined;
    return socket.send({ data: done === 0 ? data : data.subarray(done), to, rights, credentials }, nonBlocking);
  };
  const all = (): number => (socket.keepsRecords || nonBlocking ? step(0) : data.length === 0 ? step(0) : repeatedly(process, data.length, step));
  return (flags & Msg.noSignal) === 0 ? writing(process, all) : all();
}

function sendTo(process: LinuxProcess, fd: number, at: number, length: number, flags: number, nameAt: number, nameLength: number): number {
  const socket = socketAt(process, fd);
  const to = nameAt === 0 ? undefined : readName(process, nameAt, nameLength);
  return send(process, socket, process.outgoing(at, length), to, flags);
}

function sendMessage(process: LinuxProcess, socket: Socket, at: number, flags: number): number {
  const header = readHeader(process, at);
  const to = header.nameLength === 0 ? undefined : readName(process, header.name, header.nameLength);
  const data = gather(process, vector(process, header.parts, header.partCount));
  const { call } = process.thread;
  // On another attempt, the files are on their way already where something has been sent.
  const control = readControl(process, header.control, header.control === 0 ? 0 : header.controlLength);
  const hadBegun = call.done > 0;
  try {
    const sent = send(process, socket, data, to, flags, control);
    if (hadBegun || (sent === 0 && !socket.keepsRecords)) dropRights(control);
    return sent;
  } catch (error) {
    if (hadBegun || call.done === 0) dropRights(control);
    throw error;
  }
}

/** What a receive needs to know, and where what it gets goes. */
interface Receiving {
  readonly socket: Socket;
  readonly flags: number;
  readonly length: number;
  /** Stores bytes behind the first `done`. */
  store(bytes: Uint8Array, done: number): void;
}

/** Receives, as the flags say. @returns what came last, and how much in all. @throws Blocked */
function receive(process: LinuxProcess, { socket, flags, length, store }: Receiving): { readonly received: Received; readonly count: number } {
  if ((flags & Msg.outOfBand) !== 0) throw new LinuxError(Errno.EINVAL);
  const { call } = process.thread;
  const nonBlocking = socket.nonBlocking || (flags & Msg.doNotWait) !== 0;
  const peek = (flags & Msg.peek) !== 0;
  const once = (): Received => {
    // Not more room than can be needed.
    const into = new Uint8Array(Math.min(length - (peek ? 0 : call.done), Math.max(1, socket.pendingBytes)));
    const received = socket.receive(length === 0 ? into.subarray(0, 0) : into, peek, nonBlocking);
    store(into.subarray(0, received.count), call.done);
    return received;
  };
  if ((flags & Msg.waitAll) === 0 || socket.keepsRecords || peek || length === 0) {
    const received = once();
    return { received, count: received.count };
  }
  let received: Received = { count: 0, length: 0 };
  try {
    while (call.done < length) {
      received = once();
      if (received.count === 0) break;
      call.done += received.count;
    }
  } catch (error) {
    if (error instanceof Blocked && call.done > 0) throw new Blocked({ ...error.wait, interrupted: () => call.done });
    if (!(error instanceof LinuxError) || call.done === 0) throw error;
  }
  return { received, count: call.done };
}

/** What the call gives: with MSG_TRUNC, the length that there was. */
const told = (socket: Socket, flags: number, { received, count }: { readonly received: Received; readonly count: number }): number =>
  (flags & Msg.truncated) !== 0 && socket.keepsRecords ? received.length : count;

function receiveFrom(process: LinuxProcess, fd: number, at: number, length: number, flags: number, nameAt: number, lengthAt: number): number {
  const socket = socketAt(process, fd);
  const result = receive(process, { socket, flags, length, store: (bytes, done) => process.write(at + done, bytes) });
  const { received } = result;
  if (nameAt !== 0) {
    if (received.from !== undefined) writeName(process, received.from, nameAt, lengthAt);
    else process.write(lengthAt, words(0));
  }
  writeControl(process, { ...received, credentials: undefined }, 0, 0, { wantsCredentials: false, peek: (flags & Msg.peek) !== 0, closeOnExec: false });
  return told(socket, flags, result);
}

function receiveMessage(process: LinuxProcess, socket: Socket, at: number, flags: number): number {
  const header = readHeader(process, at);
  const parts = vector(process, header.parts, header.partCount);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const store = (bytes: Uint8Array, done: number): void => {
    let at = -done;
    for (const part of parts) {
      const from = Math.max(0, at);
      const to = Math.min(bytes.length, at + part.length);
      if (from < to) process.write(part.base + (from - at), bytes.subarray(from, to));
      at += part.length;
    }
  };
  const result = receive(process, { socket, flags, length, store });
  const { received } = result;
  if (header.name !== 0) {
    const name = received.from ?? new Uint8Array(0);
    process.write(header.name, name.subarray(0, header.nameLength));
    process.write(at + NAME_LENGTH, words(name.length));
  }
  const how = { wantsCredentials: socket.options.passCredentials, peek: (flags & Msg.peek) !== 0, closeOnExec: (flags & Msg.closeOnExec) !== 0 };
  const control = writeControl(process, received, header.control, header.control === 0 ? 0 : header.controlLength, how);
  const isCut = socket.keepsRecords && received.length > received.count;
  const found = control.flags | (isCut ? Msg.truncated : 0) | (flags & Msg.closeOnExec);
  process.write(at + CONTROL_LENGTH, new StructWriter(12).u64(control.length).u32(found).bytes);
  return told(socket, flags, result);
}

/** Does several messages, until one fails or would wait: what was done before counts. */
function several(process: LinuxProcess, at: number, count: number, one: (header: number, i: number) => number): number {
  const most = Math.min(count, MOST_MESSAGES);
  const { call } = process.thread;
  const state = { done: call.messages ?? 0 };
  for (; state.done < most; state.done++) {
    const header = at + MMSG_SIZE * state.done;
    try {
      process.write(header + MMSG_LENGTH, words(one(header, state.done)));
      call.done = 0;
    } catch (error) {
      if (error instanceof LinuxError && state.done > 0) break;
      call.messages = state.done;
      throw error;
    }
  }
  return state.done;
}

function receiveSeveral(process: LinuxProcess, fd: number, at: number, count: number, flags: number, timeoutAt: number): number {
  const socket = socketAt(process, fd);
  const { host, thread } = process;
  const timeout = timeoutAt === 0 ? undefined : readTime(process, timeoutAt);
  const { call } = thread;
  if (timeout !== undefined) call.end ??= host.monotonicTime() + timeout;
  return several(process, at, count, (header, i) => {
    // The time is looked at between messages only.
    if (i > 0 && call.end !== undefined && host.monotonicTime() >= call.end) throw new LinuxError(Errno.EAGAIN);
    const rest = flags & ~Msg.waitForOne;
    return receiveMessage(process, socket, header, i > 0 && (flags & Msg.waitForOne) !== 0 ? rest | Msg.doNotWait : rest);
  });
}

export const socketMessageRows: readonly SyscallRow[] = [
  row('sendto', [int, address, size, int, address, int], sendTo),
  row('recvfrom', [int, address, size, int, address, address], receiveFrom),
  row('sendmsg', [int, address, int], (process, fd, at, flags) => sendMessage(process, socketAt(process, fd), at, flags)),
  row('recvmsg', [int, address, int], (process, fd, at, flags) => receiveMessage(process, socketAt(process, fd), at, flags)),

  row('sendmmsg', [int, address, unsigned, int], (process, fd, at, count, flags) => {
    const socket = socketAt(process, fd);
    return several(process, at, count, (header) => sendMessage(process, socket, header, flags));
  }),

  row('recvmmsg', [int, address, unsigned, int, address], receiveSeveral),
];
