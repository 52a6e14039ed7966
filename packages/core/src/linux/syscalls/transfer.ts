import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import { REGULAR, TYPE_MASK } from '../files/pathLookup.ts';
import { PipeEnd } from '../files/pipe.ts';
import { Blocked } from '../kernel/waiting.ts';
import { sizeLimit } from '../limits.ts';
import type { LinuxProcess } from '../process.ts';
import { Signal } from '../signals/index.ts';
import { address, int, signed, size } from './arguments.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';

/** Most parts that readv and writev take. */
const IOV_LIMIT = 1024;

/** Flags of preadv2 and pwritev2 (include/uapi/linux/fs.h). */
const Rwf = { highPriority: 1, dataSync: 2, sync: 4, noWait: 8, append: 0x10 } as const;
const RWF_READ = Rwf.highPriority | Rwf.noWait;
const RWF_WRITE = Rwf.highPriority | Rwf.dataSync | Rwf.sync | Rwf.append;

/** An open file for more than to name it. @throws LinuxError EBADF */
export function opened(process: LinuxProcess, fd: number): OpenFile {
  const file = process.files.get(fd);
  if ((file.status & O.path) !== 0) throw new LinuxError(Errno.EBADF);
  return file;
}

/** @throws LinuxError EBADF */
export function readable(process: LinuxProcess, fd: number): OpenFile {
  const file = process.files.get(fd);
  if (!file.canRead) throw new LinuxError(Errno.EBADF);
  return file;
}

/** @throws LinuxError EBADF */
export function writable(process: LinuxProcess, fd: number): OpenFile {
  const file = process.files.get(fd);
  if (!file.canWrite) throw new LinuxError(Errno.EBADF);
  return file;
}

export const isRegular = (file: OpenFile): boolean => (file.stat().mode & TYPE_MASK) === REGULAR;

/** @throws LinuxError EINVAL where a position is negative */
export function checkPosition(position: number): void {
  if (position < 0) throw new LinuxError(Errno.EINVAL);
}

/** Reads from a file. A terminal or pipe of the host's is waited for without keeping other threads from running. */
export function readFrom(process: LinuxProcess, file: OpenFile, into: Uint8Array): number {
  const { handle } = file;
  if (handle !== undefined && !file.nonBlocking && process.kernel.isConcurrent && into.length > 0 && file.mayWait) {
    if (process.host.readable(handle, 0n) === 0) throw new Blocked({ handles: [handle] });
  }
  return file.read(into);
}

/**
 * What of a write to a regular file RLIMIT_FSIZE permits.
 * @param position undefined: the file's own
 * @throws LinuxError EFBIG where that is nothing; then SIGXFSZ comes, too
 */
function permitted(process: LinuxProcess, file: OpenFile, data: Uint8Array, position?: number): Uint8Array {
  const limit = sizeLimit(process.limits);
  if (limit === undefined || file.mayWait || data.length === 0) return data;
  const appends = (file.status & O.append) !== 0;
  const begin = appends ? Number(file.stat().size) : (position ?? file.seek(0, 1));
  if (begin >= limit) refuseSize(process);
  return data.subarray(0, limit - begin);
}

/** A file would become longer than RLIMIT_FSIZE permits. */
export function refuseSize(process: LinuxProcess): never {
  process.raise(Signal.SIGXFSZ);
  throw new LinuxError(Errno.EFBIG);
}

/** Does a write, with the signal that one to a closed pipe brings. */
export function writing<T>(process: LinuxProcess, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof LinuxError && error.errno === Errno.EPIPE) process.raise(Signal.SIGPIPE);
    throw error;
  }
}

/** Repeats `step`, which tells how many bytes it moved, until `length` are moved, none are left, or it fails; what was moved before counts. */
export function repeatedly(process: LinuxProcess, length: number, step: (done: number) => number): number {
  const { call } = process.thread;
  try {
    while (call.done < length) {
      const count = step(call.done);
      if (count === 0) break;
      call.done += count;
    }
  } catch (error) {
    if (call.done === 0) throw error;
    if (error instanceof Blocked) throw new Blocked({ ...error.wait, interrupted: () => call.done });
    if (!(error instanceof LinuxError)) throw error;
  }
  return call.done;
}

/** Writes to a file; where that is a pipe or the like, and may wait, all of it. */
export function writeTo(process: LinuxProcess, file: OpenFile, data: Uint8Array): number {
  if (data.length === 0 || file.changes === undefined || file.nonBlocking) return writing(process, () => file.write(permitted(process, file, data)));
  if (file instanceof PipeEnd && data.length <= file.buffer.room) return writing(process, () => file.write(data));
  return repeatedly(process, data.length, (done) => writing(process, () => file.write(done === 0 ? data : data.subarray(done))));
}

interface Part {
  readonly base: number;
  readonly length: number;
}

/** The parts that an array of struct iovec names. */
export function vector(process: LinuxProcess, at: number, count: number): Part[] {
  if (count < 0 || count > IOV_LIMIT) throw new LinuxError(Errno.EINVAL);
  const view = process.view(at, 16 * count);
  return Array.from({ length: count }, (_, i) => {
    const length = view.getBigInt64(16 * i + 8, true);
    if (length < 0n) throw new LinuxError(Errno.EINVAL);
    return { base: Number(view.getBigUint64(16 * i, true) & 0xf_ffff_ffff_ffffn), length: Number(length) };
  });
}

/** Reads into the parts one after the other, until one is not filled. */
export function scatter(process: LinuxProcess, parts: readonly Part[], read: (into: Uint8Array, done: number) => number): number {
  let done = 0;
  for (const part of parts) {
    if (part.length === 0) continue;
    let count: number;
    try {
      count = process.fill(part.base, part.length, (into) => read(into, done));
    } catch (error) {
      // What was read before counts.
      if (done > 0 && (error instanceof LinuxError || error instanceof Blocked)) break;
      throw error;
    }
    done += count;
    if (count < part.length) break;
  }
  return done;
}

/** The parts as one piece, so that a pipe or terminal gets them as one. */
export function gather(process: LinuxProcess, parts: readonly Part[]): Uint8Array {
  const pieces = parts.map((part) => process.outgoing(part.base, part.length));
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function readParts(process: LinuxProcess, fd: number, partsAt: number, count: number, position: number | undefined): SyscallResult {
  const file = readable(process, fd);
  const parts = vector(process, partsAt, count);
  if (position === undefined) return scatter(process, parts, (into) => readFrom(process, file, into));
  checkPosition(position);
  return scatter(process, parts, (into, done) => file.readAt(into, position + done));
}

function writeParts(process: LinuxProcess, fd: number, partsAt: number, count: number, position: number | undefined): SyscallResult {
  const file = writable(process, fd);
  const data = gather(process, vector(process, partsAt, count));
  if (position === undefined) return writeTo(process, file, data);
  checkPosition(position);
  return writing(process, () => file.writeAt(permitted(process, file, data, position), position));
}

/** The position of preadv2 and pwritev2: -1 is the file's own. */
const ownOr = (position: number): number | undefined => (position === -1 ? undefined : position);

function checkFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) throw new LinuxError(Errno.EOPNOTSUPP);
}

export const transferRows: readonly SyscallRow[] = [
  row('read', [int, address, size], (process, fd, buffer, count) => {
    const file = readable(process, fd);
    return process.fill(buffer, count, (into) => readFrom(process, file, into));
  }),

  row('write', [int, address, size], (process, fd, buffer, count) => {
    const file = writable(process, fd);
    return writeTo(process, file, process.lent(buffer, count));
  }),

  row('readv', [int, address, int], (process, fd, parts, count) => readParts(process, fd, parts, count, undefined)),
  row('writev', [int, address, int], (process, fd, parts, count) => writeParts(process, fd, parts, count, undefined)),

  row('pread64', [int, address, size, signed], (process, fd, buffer, count, position) => {
    const file = readable(process, fd);
    checkPosition(position);
    return process.fill(buffer, count, (into) => file.readAt(into, position));
  }),

  row('pwrite64', [int, address, size, signed], (process, fd, buffer, count, position) => {
    const file = writable(process, fd);
    checkPosition(position);
    const data = process.lent(buffer, count);
    return writing(process, () => file.writeAt(permitted(process, file, data, position), position));
  }),

  row('preadv', [int, address, int, signed], readParts),
  row('pwritev', [int, address, int, signed], writeParts),

  // The fifth register is the position's upper half on 32-bit machines, and nothing here.
  row('preadv2', [int, address, int, signed, int, int], (process, fd, parts, count, position, _high, flags) => {
    checkFlags(flags, RWF_READ);
    return readParts(process, fd, parts, count, ownOr(position));
  }),

  row('pwritev2', [int, address, int, signed, int, int], (process, fd, parts, count, position, _high, flags) => {
    checkFlags(flags, RWF_WRITE);
    const file = writable(process, fd);
    const end = (flags & Rwf.append) !== 0 && isRegular(file) ? Number(file.stat().size) : undefined;
    if (end !== undefined && position === -1) file.seek(end, 0);
    const result = writeParts(process, fd, parts, count, position === -1 ? undefined : (end ?? position));
    if ((flags & (Rwf.dataSync | Rwf.sync)) !== 0) file.sync((flags & Rwf.sync) === 0);
    return result;
  }),
];
