import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import { DIRECTORY, TYPE_MASK } from '../files/pathLookup.ts';
import { ATOMIC, PipeEnd } from '../files/pipe.ts';
import type { LinuxProcess } from '../process.ts';
import { longs } from '../structs.ts';
import { address, int, size, unsigned } from './arguments.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';
import { gather, isRegular, readable, readFrom, repeatedly, scatter, vector, writable, writeTo, writing } from './transfer.ts';

/** Bytes that one step moves, where both files are the host's. */
const COPY_STEP = 1 << 20;
/** The same, where one of them may have to be waited for. */
const PIPE_STEP = 65536;

/** S_IFIFO and S_IFSOCK. */
const FIFO = 0o010000;
const SOCKET = 0o140000;

/** SPLICE_F_*; moving pages, or telling that more follows, changes nothing that a guest sees. */
const SPLICE_NONBLOCK = 2;
const SPLICE_KNOWN = 0xf;

/** Where a call reads or writes: a position in guest memory, which it writes back there, or the file's own. */
class Place {
  private readonly start: number;

  constructor(
    private readonly process: LinuxProcess,
    readonly file: OpenFile,
    private readonly at: number,
  ) {
    this.start = at === 0 ? file.seek(0, 1) : Number(process.view(at, 8).getBigInt64(0, true));
    if (this.start < 0) throw new LinuxError(Errno.EINVAL);
  }

  get position(): number {
    return this.start;
  }

  /** Has moved on by `count` bytes. */
  advance(count: number): void {
    if (this.at === 0) this.file.seek(this.start + count, 0);
    else this.process.write(this.at, longs(this.start + count));
  }
}

const typeOf = (file: OpenFile): number => file.stat().mode & TYPE_MASK;
const isPipe = (file: OpenFile): boolean => typeOf(file) === FIFO;

/** Copies from a file with positions to anything, in steps of which each is complete. */
function sendfile(process: LinuxProcess, to: number, from: number, at: number, count: number): SyscallResult {
  const source = readable(process, from);
  const target = writable(process, to);
  if ([FIFO, SOCKET, DIRECTORY].includes(typeOf(source))) throw new LinuxError(at === 0 ? Errno.EINVAL : Errno.ESPIPE);
  if ((target.status & O.append) !== 0) throw new LinuxError(Errno.EINVAL);
  return writing(process, () =>
    repeatedly(process, count, (done) => {
      const buffer = new Uint8Array(Math.min(count - done, target.handle === undefined ? PIPE_STEP : COPY_STEP));
      // Reading moves the position of a file that others have, too, which seeking does not; but what was read must then be written.
      if (at === 0 && target.handle !== undefined) return target.write(buffer.subarray(0, source.read(buffer)));
      const place = new Place(process, source, at);
      const data = buffer.subarray(0, source.readAt(buffer, place.position));
      const put = data.length === 0 ? 0 : target.write(data);
      if (put > 0) place.advance(put);
      return put;
    }),
  );
}

function copyFileRange(process: LinuxProcess, from: number, fromAt: number, to: number, toAt: number, count: number, flags: number): SyscallResult {
  const source = readable(process, from);
  const target = writable(process, to);
  if ((target.status & O.append) !== 0) throw new LinuxError(Errno.EBADF);
  if (typeOf(source) === DIRECTORY || typeOf(target) === DIRECTORY) throw new LinuxError(Errno.EISDIR);
  if (flags !== 0 || !isRegular(source) || !isRegular(target)) throw new LinuxError(Errno.EINVAL);
  const [begin, end] = [new Place(process, source, fromAt), new Place(process, target, toAt)];
  const [a, b] = [source.stat(), target.stat()];
  const isOne = a.device === b.device && a.inode === b.inode;
  if (isOne && begin.position < end.position + count && end.position < begin.position + count) throw new LinuxError(Errno.EINVAL);
  let done = 0;
  const buffer = new Uint8Array(Math.min(count, COPY_STEP));
  while (done < count) {
    const part = buffer.subarray(0, Math.min(buffer.length, count - done));
    const got = fromAt === 0 ? source.read(part) : source.readAt(part, begin.position + done);
    if (got === 0) break;
    const data = part.subarray(0, got);
    done += toAt === 0 ? target.write(data) : target.writeAt(data, end.position + done);
  }
  if (fromAt !== 0) begin.advance(done);
  if (toAt !== 0) end.advance(done);
  return done;
}

/** Moves what is in a pipe to a file that is no pipe of the guest's. */
function drainPipe(process: LinuxProcess, source: PipeEnd, target: OpenFile, at: number, count: number, nonBlocking: boolean): number {
  if ((target.status & O.append) !== 0) throw new LinuxError(Errno.EINVAL);
  if (!source.awaitData(nonBlocking || source.nonBlocking)) return 0;
  const place = at === 0 ? undefined : new Place(process, target, at);
  let done = 0;
  while (done < count && source.buffer.length > 0) {
    const { store, start, end } = source.buffer.pieces[0];
    const data = store.subarray(start, Math.min(end, start + count - done));
    const put = place === undefined ? target.write(data) : target.writeAt(data, place.position + done);
    source.buffer.takePiece(put);
    done += put;
    if (put < data.length) break;
  }
  place?.advance(done);
  return done;
}

/** Moves from a file that is no pipe of the guest's into a pipe. */
function fillPipe(process: LinuxProcess, source: OpenFile, at: number, target: PipeEnd, count: number, nonBlocking: boolean): number {
  target.awaitRoom(1, nonBlocking || target.nonBlocking);
  const buffer = new Uint8Array(Math.min(count, target.buffer.room));
  const place = at === 0 ? undefined : new Place(process, source, at);
  const got = place === undefined ? readFrom(process, source, buffer) : source.readAt(buffer, place.position);
  for (let start = 0; start < got; start += ATOMIC) {
    target.buffer.push({ store: buffer, start, end: Math.min(got, start + ATOMIC), packet: false, alone: false });
  }
  place?.advance(got);
  return got;
}

/** Moves, or (tee) copies, from pipe to pipe. */
function joinPipes(source: PipeEnd, target: PipeEnd, count: number, nonBlocking: boolean, keep: boolean): number {
  if (source.buffer === target.buffer) throw new LinuxError(Errno.EINVAL);
  if (!source.awaitData(nonBlocking || source.nonBlocking)) return 0;
  target.awaitRoom(1, nonBlocking || target.nonBlocking);
  let done = 0;
  for (let i = 0; done < count && target.buffer.room > 0; i++) {
    const piece = source.buffer.pieces[keep ? i : 0];
    if (piece === undefined) break;
    const length = Math.min(piece.end - piece.start, count - done, target.buffer.room);
    target.buffer.push(keep ? source.buffer.share(piece, length) : source.buffer.takePiece(length));
    done += length;
  }
  return done;
}

function splice(process: LinuxProcess, from: number, fromAt: number, to: number, toAt: number, count: number, flags: number): SyscallResult {
  if ((flags & ~SPLICE_KNOWN) !== 0) throw new LinuxError(Errno.EINVAL);
  if (count === 0) return 0;
  const source = readable(process, from);
  const target = writable(process, to);
  if ((isPipe(source) && fromAt !== 0) || (isPipe(target) && toAt !== 0)) throw new LinuxError(Errno.ESPIPE);
  if (!isPipe(source) && !isPipe(target)) throw new LinuxError(Errno.EINVAL);
  const nonBlocking = (flags & SPLICE_NONBLOCK) !== 0;
  return writing(process, () => {
    if (source instanceof PipeEnd && target instanceof PipeEnd) return joinPipes(source, target, count, nonBlocking, false);
    if (source instanceof PipeEnd) return drainPipe(process, source, target, toAt, count, nonBlocking);
    if (target instanceof PipeEnd) return fillPipe(process, source, fromAt, target, count, nonBlocking);
    // A pipe of the host's: what it holds is read and written.
    const buffer = new Uint8Array(Math.min(count, PIPE_STEP));
    const begin = fromAt === 0 ? undefined : new Place(process, source, fromAt);
    const end = toAt === 0 ? undefined : new Place(process, target, toAt);
    const data = buffer.subarray(0, begin === undefined ? readFrom(process, source, buffer) : source.readAt(buffer, begin.position));
    if (end === undefined) target.write(data);
    else target.writeAt(data, end.position);
    begin?.advance(data.length);
    end?.advance(data.length);
    return data.length;
  });
}

export const copyingRows: readonly SyscallRow[] = [
  row('sendfile', [int, int, address, size], sendfile),
  row('copy_file_range', [int, address, int, address, size, unsigned], copyFileRange),
  row('splice', [int, address, int, address, size, unsigned], splice),

  row('tee', [int, int, size, unsigned], (process, from, to, count, flags) => {
    if ((flags & ~SPLICE_KNOWN) !== 0) throw new LinuxError(Errno.EINVAL);
    if (count === 0) return 0;
    const source = readable(process, from);
    const target = writable(process, to);
    // What is in a pipe of the host's cannot be looked at without taking it.
    if (!(source instanceof PipeEnd && target instanceof PipeEnd)) throw new LinuxError(Errno.EINVAL);
    return writing(process, () => joinPipes(source, target, count, (flags & SPLICE_NONBLOCK) !== 0, true));
  }),

  row('vmsplice', [int, address, int, unsigned], (process, fd, partsAt, count, flags) => {
    if ((flags & ~SPLICE_KNOWN) !== 0) throw new LinuxError(Errno.EINVAL);
    const file = process.files.get(fd);
    if (!isPipe(file)) throw new LinuxError(Errno.EBADF);
    const parts = vector(process, partsAt, count);
    const nonBlocking = (flags & SPLICE_NONBLOCK) !== 0;
    if (file.canWrite) {
      const data = gather(process, parts);
      if (file instanceof PipeEnd && data.length > 0) writing(process, () => file.awaitRoom(1, nonBlocking || file.nonBlocking));
      const part = file instanceof PipeEnd && nonBlocking ? data.subarray(0, file.buffer.room) : data;
      return writeTo(process, file, part);
    }
    if (file instanceof PipeEnd && !file.awaitData(nonBlocking || file.nonBlocking)) return 0;
    return scatter(process, parts, (into) => readFrom(process, file, into));
  }),
];
