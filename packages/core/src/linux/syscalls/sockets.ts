import { Errno, LinuxError } from '../errno.ts';
import { O } from '../files/openFlags.ts';
import type { LinuxProcess } from '../process.ts';
import { AF, Shut, Sock } from '../sockets/constants.ts';
import { createSocket, createUnix } from '../sockets/createSocket.ts';
import { getOption, setOption } from '../sockets/getSetOption.ts';
import { hostSocketName, hostSocketOption, isHostSocket } from '../sockets/hostSocket.ts';
import { Socket } from '../sockets/socket.ts';
import { UnixDatagram, UnixStream } from '../sockets/unixSocket.ts';
import { words } from '../structs.ts';
import { address, int, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { opened } from './transfer.ts';

/** Most bytes of an address (struct sockaddr_storage). */
const LARGEST_NAME = 128;

/** Most bytes that an option has here. */
const LARGEST_OPTION = 4096;

/** @throws LinuxError EBADF, ENOTSOCK */
export function socketAt(process: LinuxProcess, fd: number): Socket {
  const file = opened(process, fd);
  if (!(file instanceof Socket)) throw new LinuxError(Errno.ENOTSOCK);
  return file;
}

/** An address in guest memory. @throws LinuxError EINVAL, EFAULT */
export function readName(process: LinuxProcess, at: number, length: number): Uint8Array {
  if (length < 0 || length > LARGEST_NAME) throw new LinuxError(Errno.EINVAL);
  return length === 0 ? new Uint8Array(0) : process.read(at, length);
}

/** Stores an address, or what there is room for, and its full length. */
export function writeName(process: LinuxProcess, name: Uint8Array, at: number, lengthAt: number): void {
  const room = process.view(lengthAt, 4).getInt32(0, true);
  if (room < 0) throw new LinuxError(Errno.EINVAL);
  process.write(at, name.subarray(0, Math.min(room, name.length)));
  process.write(lengthAt, words(name.length));
}

const typeOf = (type: number): number => type & Sock.typeMask;

/** @throws LinuxError EINVAL */
function checkFlags(flags: number): void {
  if ((flags & ~(Sock.nonBlock | Sock.closeOnExec)) !== 0) throw new LinuxError(Errno.EINVAL);
}

function accept(process: LinuxProcess, fd: number, at: number, lengthAt: number, flags: number): number {
  checkFlags(flags);
  const listener = socketAt(process, fd);
  const socket = listener.accept(listener.nonBlocking);
  socket.status |= flags & O.nonBlock;
  const number = process.files.add(socket, (flags & Sock.closeOnExec) !== 0);
  try {
    if (at !== 0) writeName(process, peerOf(socket), at, lengthAt);
  } catch (error) {
    process.files.close(number);
    throw error;
  }
  return number;
}

/** The peer's name, which may be closed already. */
function peerOf(socket: Socket): Uint8Array {
  try {
    return socket.peerName();
  } catch (error) {
    if (error instanceof LinuxError) throw new LinuxError(Errno.ECONNABORTED);
    throw error;
  }
}

function pair(process: LinuxProcess, family: number, type: number, protocol: number, at: number): number {
  checkFlags(type & ~Sock.typeMask);
  const { kernel, files } = process;
  if (family !== AF.unix) {
    createSocket(kernel, family, typeOf(type), protocol, 0);
    throw new LinuxError(Errno.EOPNOTSUPP);
  }
  const [one, other] = [0, 1].map(() => createUnix(kernel, typeOf(type), protocol, type & O.nonBlock));
  if (one instanceof UnixStream && other instanceof UnixStream) one.pairWith(other);
  else if (one instanceof UnixDatagram && other instanceof UnixDatagram) one.pairWith(other);
  const numbers: number[] = [];
  try {
    for (const socket of [one, other]) numbers.push(files.add(socket, (type & Sock.closeOnExec) !== 0));
    process.write(at, words(...numbers));
  } catch (error) {
    for (const number of numbers) files.close(number);
    throw error;
  }
  return 0;
}

export const socketRows: readonly SyscallRow[] = [
  row('socket', [int, int, int], (process, family, type, protocol) => {
    checkFlags(type & ~Sock.typeMask);
    const socket = createSocket(process.kernel, family, typeOf(type), protocol, type & O.nonBlock);
    return process.files.add(socket, (type & Sock.closeOnExec) !== 0);
  }),

  row('socketpair', [int, int, int, address], pair),

  row('bind', [int, address, int], (process, fd, at, length) => {
    const socket = socketAt(process, fd);
    socket.bind(readName(process, at, length));
    return 0;
  }),

  row('listen', [int, int], (process, fd, backlog) => {
    socketAt(process, fd).listen(backlog);
    return 0;
  }),

  row('accept', [int, address, address], (process, fd, at, lengthAt) => accept(process, fd, at, lengthAt, 0)),
  row('accept4', [int, address, address, int], accept),

  row('connect', [int, address, int], (process, fd, at, length) => {
    const socket = socketAt(process, fd);
    socket.connect(readName(process, at, length));
    return 0;
  }),

  row('getsockname', [int, address, address], (process, fd, at, lengthAt) => {
    writeName(process, isHostSocket(opened(process, fd)) ? hostSocketName() : socketAt(process, fd).localName(), at, lengthAt);
    return 0;
  }),

  row('getpeername', [int, address, address], (process, fd, at, lengthAt) => {
    writeName(process, isHostSocket(opened(process, fd)) ? hostSocketName() : socketAt(process, fd).peerName(), at, lengthAt);
    return 0;
  }),

  row('setsockopt', [int, int, int, address, int], (process, fd, level, name, at, length) => {
    const socket = socketAt(process, fd);
    if (length < 0) throw new LinuxError(Errno.EINVAL);
    setOption(socket, level, name, process.read(at, Math.min(length, LARGEST_OPTION)));
    return 0;
  }),

  row('getsockopt', [int, int, int, address, address], (process, fd, level, name, at, lengthAt) => {
    const socket = isHostSocket(opened(process, fd)) ? undefined : socketAt(process, fd);
    const room = process.view(lengthAt, 4).getInt32(0, true);
    if (room < 0) throw new LinuxError(Errno.EINVAL);
    const value = (socket === undefined ? hostSocketOption(level, name) : getOption(socket, level, name)).subarray(0, room);
    process.write(at, value);
    process.write(lengthAt, words(value.length));
    return 0;
  }),

  row('shutdown', [int, unsigned], (process, fd, how) => {
    const socket = socketAt(process, fd);
    if (how > Shut.both) throw new LinuxError(Errno.EINVAL);
    socket.shutdown(how);
    return 0;
  }),
];
