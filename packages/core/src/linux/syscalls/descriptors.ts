import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { changeableFlags, O } from '../files/openFlags.ts';
import { REGULAR, TYPE_MASK } from '../files/pathLookup.ts';
import { createPipe } from '../files/pipe.ts';
import type { LinuxProcess } from '../process.ts';
import { Signal } from '../signals.ts';
import { longs, words } from '../structs.ts';
import { address, int, long, pointerIn, signed, size, unsigned } from './arguments.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';
import { SI_USER } from './signals.ts';

const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_GETLK = 5;
const F_SETLK = 6;
const F_SETLKW = 7;
const F_SETOWN = 8;
const F_GETOWN = 9;
const F_DUPFD_CLOEXEC = 1030;
const F_GETPIPE_SZ = 1032;
const FD_CLOEXEC = 1;
/** struct flock's l_type of a region that nobody locks. */
const F_UNLCK = 2;

/** Most parts that readv and writev take. */
const IOV_LIMIT = 1024;

/** Bytes that one step of sendfile moves. */
const COPY_STEP = 1 << 20;

export function readable(process: LinuxProcess, fd: number): OpenFile {
  const file = process.files.get(fd);
  if (!file.canRead) throw new LinuxError(Errno.EBADF);
  return file;
}

function writable(process: LinuxProcess, fd: number): OpenFile {
  const file = process.files.get(fd);
  if (!file.canWrite) throw new LinuxError(Errno.EBADF);
  return file;
}

/** A write, with the signal that one to a closed pipe brings. */
function writeTo(process: LinuxProcess, write: () => number): SyscallResult {
  try {
    return write();
  } catch (error) {
    if (error instanceof LinuxError && error.errno === Errno.EPIPE) {
      process.raise(Signal.SIGPIPE, SI_USER);
    }
    throw error;
  }
}

interface Part {
  readonly base: number;
  readonly length: number;
}

function vector(process: LinuxProcess, at: number, count: number): Part[] {
  if (count < 0 || count > IOV_LIMIT) throw new LinuxError(Errno.EINVAL);
  const view = process.view(at, 16 * count);
  return Array.from({ length: count }, (_, i) => {
    const length = view.getBigInt64(16 * i + 8, true);
    if (length < 0n) throw new LinuxError(Errno.EINVAL);
    return { base: Number(view.getBigUint64(16 * i, true) & 0xf_ffff_ffff_ffffn), length: Number(length) };
  });
}

/** Reads into the parts one after the other, until one is not filled. */
function readParts(process: LinuxProcess, parts: readonly Part[], read: (into: Uint8Array, done: number) => number): number {
  let done = 0;
  for (const part of parts) {
    if (part.length === 0) continue;
    const count = process.fill(part.base, part.length, (into) => read(into, done));
    done += count;
    if (count < part.length) break;
  }
  return done;
}

/** The parts as one piece, so that a pipe or terminal gets them as one. */
function gather(process: LinuxProcess, parts: readonly Part[]): Uint8Array {
  const pieces = parts.map((part) => process.outgoing(part.base, part.length));
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function control(process: LinuxProcess, fd: number, command: number, argument: bigint, pointer: number): SyscallResult {
  const { files } = process;
  const file = files.get(fd);
  const value = Number(BigInt.asIntN(32, argument));
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      if (value < 0 || value >= files.limit) throw new LinuxError(Errno.EINVAL);
      return files.add(file, command === F_DUPFD_CLOEXEC, value);
    case F_GETFD:
      return files.closesOnExec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
      files.setCloseOnExec(fd, (value & FD_CLOEXEC) !== 0);
      return 0;
    case F_GETFL:
      return file.status;
    case F_SETFL: {
      const changeable = changeableFlags(process.guest.linux);
      file.setStatus((file.status & ~changeable) | (value & changeable));
      return 0;
    }
    case F_GETLK:
      // No other guest process can hold a lock.
      process.write(pointer, Uint8Array.of(F_UNLCK, 0));
      return 0;
    case F_SETLK:
    case F_SETLKW:
      process.read(pointer, 32);
      return 0;
    case F_SETOWN:
    case F_GETOWN:
      return 0;
    case F_GETPIPE_SZ:
      if (file.handle !== undefined) throw new LinuxError(Errno.EBADF);
      return 65536;
    default:
      throw new LinuxError(Errno.EINVAL);
  }
}

/** Copies between files, from where `from` tells and to where `to` does. */
function copy(count: number, from: (into: Uint8Array, done: number) => number, to: (data: Uint8Array, done: number) => number): number {
  const buffer = new Uint8Array(Math.min(count, COPY_STEP));
  let done = 0;
  while (done < count) {
    const got = from(buffer.subarray(0, Math.min(buffer.length, count - done)), done);
    if (got === 0) break;
    const put = to(buffer.subarray(0, got), done);
    done += put;
    if (put < got) break;
  }
  return done;
}

/** A position that a call takes from guest memory and writes back there; undefined where it uses the file's own. */
class PositionInMemory {
  readonly start: number;

  constructor(
    private readonly process: LinuxProcess,
    private readonly at: number,
  ) {
    this.start = Number(process.view(at, 8).getBigInt64(0, true));
    if (this.start < 0) throw new LinuxError(Errno.EINVAL);
  }

  advance(count: number): void {
    this.process.write(this.at, longs(this.start + count));
  }
}

const positionAt = (process: LinuxProcess, at: number): PositionInMemory | undefined => (at === 0 ? undefined : new PositionInMemory(process, at));

function checkPosition(position: number): void {
  if (position < 0) throw new LinuxError(Errno.EINVAL);
}

function checkRegular(file: OpenFile, otherwise: number): void {
  if ((file.stat().mode & TYPE_MASK) !== REGULAR) throw new LinuxError(otherwise);
}

export const descriptorRows: readonly SyscallRow[] = [
  row('read', [int, address, size], (process, fd, buffer, count) => {
    const file = readable(process, fd);
    return process.fill(buffer, count, (into) => file.read(into));
  }),

  row('write', [int, address, size], (process, fd, buffer, count) => {
    const file = writable(process, fd);
    const data = process.outgoing(buffer, count);
    return writeTo(process, () => file.write(data));
  }),

  row('readv', [int, address, int], (process, fd, parts, count) => {
    const file = readable(process, fd);
    return readParts(process, vector(process, parts, count), (into) => file.read(into));
  }),

  row('writev', [int, address, int], (process, fd, parts, count) => {
    const file = writable(process, fd);
    const data = gather(process, vector(process, parts, count));
    return writeTo(process, () => file.write(data));
  }),

  row('pread64', [int, address, size, signed], (process, fd, buffer, count, position) => {
    const file = readable(process, fd);
    checkPosition(position);
    return process.fill(buffer, count, (into) => file.readAt(into, position));
  }),

  row('pwrite64', [int, address, size, signed], (process, fd, buffer, count, position) => {
    const file = writable(process, fd);
    checkPosition(position);
    const data = process.outgoing(buffer, count);
    return writeTo(process, () => file.writeAt(data, position));
  }),

  row('preadv', [int, address, int, signed], (process, fd, parts, count, position) => {
    const file = readable(process, fd);
    checkPosition(position);
    return readParts(process, vector(process, parts, count), (into, done) => file.readAt(into, position + done));
  }),

  row('pwritev', [int, address, int, signed], (process, fd, parts, count, position) => {
    const file = writable(process, fd);
    checkPosition(position);
    const data = gather(process, vector(process, parts, count));
    return writeTo(process, () => file.writeAt(data, position));
  }),

  row('lseek', [int, signed, int], (process, fd, offset, whence) => {
    const file = process.files.get(fd);
    if (whence < 0 || whence > 4) throw new LinuxError(Errno.EINVAL);
    if (whence < 3) return file.seek(offset, whence);
    // SEEK_DATA and SEEK_HOLE: as on a file system that keeps no holes.
    const end = Number(file.stat().size);
    if (offset < 0 || offset >= end) throw new LinuxError(Errno.ENXIO);
    return file.seek(whence === 3 ? offset : end, 0);
  }),

  row('close', [int], (process, fd) => {
    process.files.close(fd);
    return 0;
  }),

  row('close_range', [unsigned, unsigned, unsigned], (process, first, last, flags) => {
    if (first > last || (flags & ~6) !== 0) throw new LinuxError(Errno.EINVAL);
    for (const fd of process.files.numbers()) {
      if (fd < first || fd > last) continue;
      if ((flags & 4) === 0) process.files.close(fd);
      else process.files.setCloseOnExec(fd, true);
    }
    return 0;
  }),

  row('dup', [int], (process, fd) => process.files.add(process.files.get(fd))),

  row('dup3', [int, int, int], (process, from, to, flags) => {
    if (from === to || (flags & ~O.closeOnExec) !== 0) throw new LinuxError(Errno.EINVAL);
    process.files.place(to, process.files.get(from), (flags & O.closeOnExec) !== 0);
    return to;
  }),

  row('fcntl', [int, int, long, pointerIn(2)], (process, fd, command, argument, pointer) => control(process, fd, command, argument, pointer)),

  row('pipe2', [address, int], (process, fds, flags) => {
    const direct = process.guest.linux.openFlags.direct;
    if ((flags & ~(O.closeOnExec | O.nonBlock | direct)) !== 0) throw new LinuxError(Errno.EINVAL);
    process.read(fds, 8);
    const pipe = createPipe(flags & (O.nonBlock | direct), ++process.pipes, process.host.realTime());
    const numbers = [process.files.add(pipe.read, (flags & O.closeOnExec) !== 0), process.files.add(pipe.write, (flags & O.closeOnExec) !== 0)];
    process.write(fds, words(...numbers));
    return 0;
  }),

  row('sendfile', [int, int, address, size], (process, to, from, at, count) => {
    const source = readable(process, from);
    const target = writable(process, to);
    const position = positionAt(process, at);
    return writeTo(process, () => {
      const done = copy(
        count,
        (into, sofar) => (position === undefined ? source.read(into) : source.readAt(into, position.start + sofar)),
        (data) => target.write(data),
      );
      position?.advance(done);
      return done;
    });
  }),

  row('copy_file_range', [int, address, int, address, size, unsigned], (process, from, fromAt, to, toAt, count, flags) => {
    if (flags !== 0) throw new LinuxError(Errno.EINVAL);
    const source = readable(process, from);
    const target = writable(process, to);
    checkRegular(source, Errno.EINVAL);
    checkRegular(target, Errno.EINVAL);
    const sourcePosition = positionAt(process, fromAt);
    const targetPosition = positionAt(process, toAt);
    const done = copy(
      count,
      (into, sofar) => (sourcePosition === undefined ? source.read(into) : source.readAt(into, sourcePosition.start + sofar)),
      (data, sofar) => (targetPosition === undefined ? target.write(data) : target.writeAt(data, targetPosition.start + sofar)),
    );
    sourcePosition?.advance(done);
    targetPosition?.advance(done);
    return done;
  }),

  row('fsync', [int], (process, fd) => {
    process.files.get(fd).sync(false);
    return 0;
  }),

  row('fdatasync', [int], (process, fd) => {
    process.files.get(fd).sync(true);
    return 0;
  }),

  row('sync', [], () => 0),
  row('syncfs', [int], (process, fd) => {
    process.files.get(fd);
    return 0;
  }),

  row('fadvise64', [int, signed, signed, int], (process, fd, _offset, _length, advice) => {
    process.files.get(fd);
    if (advice < 0 || advice > 5) throw new LinuxError(Errno.EINVAL);
    return 0;
  }),

  row('readahead', [int, signed, size], (process, fd) => {
    readable(process, fd);
    return 0;
  }),

  row('flock', [int, int], (process, fd, operation) => {
    process.files.get(fd);
    if (![1, 2, 8].includes(operation & ~4)) throw new LinuxError(Errno.EINVAL);
    return 0;
  }),

  row('fallocate', [int, int, signed, signed], (process, fd, mode, offset, length) => {
    const file = writable(process, fd);
    if (offset < 0 || length <= 0) throw new LinuxError(Errno.EINVAL);
    if (mode !== 0) throw new LinuxError(Errno.EOPNOTSUPP);
    checkRegular(file, Errno.ENODEV);
    if (Number(file.stat().size) < offset + length) file.truncate(offset + length);
    return 0;
  }),

  row('ftruncate', [int, signed], (process, fd, length) => {
    const file = process.files.get(fd);
    if (!file.canWrite || length < 0) throw new LinuxError(Errno.EINVAL);
    file.truncate(length);
    return 0;
  }),
];
