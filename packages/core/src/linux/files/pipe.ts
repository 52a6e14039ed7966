import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import { Blocked } from '../kernel/waiting.ts';
import { virtualStat } from './memoryFile.ts';
import { OpenFile, type Readiness } from './openFile.ts';
import { O } from './openFlags.ts';
import { Change, ReadinessQueue } from './readiness.ts';

/** Bytes that a new pipe holds, and most that users may make it hold (/proc/sys/fs/pipe-max-size). */
const CAPACITY = 65536;
const LARGEST_CAPACITY = 1 << 20;
const PAGE = 4096;

/** Writes of up to so many bytes go in as one piece (PIPE_BUF); a packet is not longer. */
export const ATOMIC = 4096;

/** A FIFO that its user may read and write. */
const FIFO = 0o010600;

/** A piece of what is in a pipe, start..end of `store`. Its bytes are never changed, so that two pipes may hold the same (tee). */
export interface PipePiece {
  readonly store: Uint8Array;
  start: number;
  end: number;
  /** Written as a packet: one read takes it, or as much as it has room for. */
  readonly packet: boolean;
  /** No other piece is in `store`: what is written next may follow there, and it may be used again. */
  alone: boolean;
}

/** Up to so many bytes are copied one by one, which is faster than to make a view of them. */
const FEW = 128;

/** What is in a pipe, and how many have its ends open. */
export class PipeBuffer {
  pieces: PipePiece[] = [];
  length = 0;
  capacity = CAPACITY;
  readers = 0;
  writers = 0;
  /** Woken by every read, write, opening and closing. */
  readonly changes = new ReadinessQueue();
  /** A store of a page that has been read. */
  private spare: Uint8Array | undefined;

  get room(): number {
    return Math.max(0, this.capacity - this.length);
  }

  /** Copies from..to of `data`, at most ATOMIC bytes, behind what is there. */
  append(data: Uint8Array, from: number, to: number, packet: boolean): void {
    const count = to - from;
    const { pieces } = this;
    // Engines look for -1 as a name, which takes long.
    let last = pieces.length === 0 ? undefined : pieces[pieces.length - 1];
    if (last === undefined || packet || last.packet || !last.alone || last.store.length - last.end < count) {
      last = { store: this.spare ?? new Uint8Array(ATOMIC), start: 0, end: 0, packet, alone: true };
      this.spare = undefined;
      this.pieces.push(last);
    }
    copy(data, from, to, last.store, last.end);
    last.end += count;
    this.length += count;
    this.changes.signal(Change.data);
  }

  push(piece: PipePiece): void {
    this.pieces.push(piece);
    this.length += piece.end - piece.start;
    this.changes.signal(Change.data);
  }

  /** Takes bytes from the front into `into`. @returns how many */
  take(into: Uint8Array): number {
    let done = 0;
    while (done < into.length && this.pieces.length > 0) {
      const { store, start, end, packet } = this.pieces[0];
      const count = Math.min(end - start, into.length - done);
      copy(store, start, start + count, into, done);
      done += count;
      // What a read leaves of a packet is lost.
      this.dropFirst(packet ? end - start : count);
      if (packet) break;
    }
    if (done > 0) this.changes.signal(Change.room);
    return done;
  }

  /** A copy of at most `most` bytes of a piece, which stays. */
  share(piece: PipePiece, most: number): PipePiece {
    piece.alone = false;
    return { ...piece, end: Math.min(piece.end, piece.start + most) };
  }

  /** Takes a piece of at most `most` bytes from the front. */
  takePiece(most: number): PipePiece {
    const piece = this.share(this.pieces[0], most);
    this.dropFirst(piece.end - piece.start);
    this.changes.signal(Change.room);
    return piece;
  }

  private dropFirst(count: number): void {
    const piece = this.pieces[0];
    piece.start += count;
    this.length -= count;
    if (piece.start < piece.end) return;
    this.pieces.shift();
    if (piece.alone && piece.store.length === ATOMIC) this.spare = piece.store;
  }

  /** F_SETPIPE_SZ: whole pages, a power of two of them. @returns the new capacity */
  resize(size: number, privileged: boolean): number {
    if (size < 0) throw new LinuxError(Errno.EINVAL);
    let wish = PAGE;
    while (wish < size) wish *= 2;
    if (wish > LARGEST_CAPACITY && wish > this.capacity && !privileged) throw new LinuxError(Errno.EPERM);
    if (wish < this.length) throw new LinuxError(Errno.EBUSY);
    this.capacity = wish;
    this.changes.wake();
    return wish;
  }
}

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > FEW) to.set(from.subarray(start, end), at);
  else for (let i = start; i < end; i++) to[at + i - start] = from[i];
}

/** What the ends of a pipe have in common, besides what is in it. */
export interface PipePlace {
  describe(): HostStat;
  /** The architecture's O_DIRECT, which makes packets of writes. */
  readonly packetFlag: number;
}

/** An end of a pipe inside the guest, or, of a named pipe that was opened for both, both ends. */
export class PipeEnd extends OpenFile {
  constructor(
    name: ByteString,
    status: number,
    readonly buffer: PipeBuffer,
    private readonly place: PipePlace,
  ) {
    super(name, status);
    if (this.canRead) buffer.readers++;
    if (this.canWrite) buffer.writers++;
    buffer.changes.wake();
  }

  override get changes(): ReadinessQueue {
    return this.buffer.changes;
  }

  read(into: Uint8Array): number {
    if (into.length === 0 || !this.awaitData()) return 0;
    return this.buffer.take(into);
  }

  /** @returns false at the end. @throws Blocked while there is nothing, LinuxError EAGAIN where that is not to be waited for */
  awaitData(nonBlocking = this.nonBlocking): boolean {
    if (this.buffer.length > 0) return true;
    if (this.buffer.writers === 0) return false;
    if (nonBlocking) throw new LinuxError(Errno.EAGAIN);
    throw new Blocked({ on: [this.changes] });
  }

  /** As much as there is room for, but short writes wholly. */
  write(data: Uint8Array): number {
    if (data.length === 0) return 0;
    this.awaitRoom(data.length <= ATOMIC ? data.length : 1);
    const packet = (this.status & this.place.packetFlag) !== 0;
    const count = Math.min(data.length, this.buffer.room);
    for (let at = 0; at < count; at += ATOMIC) this.buffer.append(data, at, Math.min(count, at + ATOMIC), packet);
    return count;
  }

  /** @throws Blocked while there is not so much room, LinuxError EPIPE if nobody can read it, EAGAIN */
  awaitRoom(count: number, nonBlocking = this.nonBlocking): void {
    if (this.buffer.readers === 0) throw new LinuxError(Errno.EPIPE);
    if (this.buffer.room >= Math.min(count, this.buffer.capacity)) return;
    if (nonBlocking) throw new LinuxError(Errno.EAGAIN);
    throw new Blocked({ on: [this.changes] });
  }

  stat(): HostStat {
    return this.place.describe();
  }

  readiness(): Readiness {
    const { length, writers, readers, room } = this.buffer;
    return {
      readable: this.canRead && length > 0,
      writable: this.canWrite && room >= ATOMIC,
      hangUp: this.canRead && writers === 0,
      error: this.canWrite && readers === 0,
    };
  }

  override bytesReadable(): number {
    return this.buffer.length;
  }

  override again(status: number): PipeEnd {
    return new PipeEnd(this.name, status, this.buffer, this.place);
  }

  override close(): void {
    if (this.canRead) this.buffer.readers--;
    if (this.canWrite) this.buffer.writers--;
    if (this.buffer.readers + this.buffer.writers === 0) Object.assign(this.buffer, { pieces: [], length: 0 });
    this.buffer.changes.wake();
  }
}

/**
 * Makes a pipe.
 * @param status status flags of both ends
 * @param number its inode
 */
export function createPipe(status: number, number: number, time: bigint, packetFlag: number): { readonly read: PipeEnd; readonly write: PipeEnd } {
  const buffer = new PipeBuffer();
  const name = `pipe:[${number}]` as ByteString;
  const place = { describe: () => ({ ...virtualStat(FIFO, 0, time), inode: BigInt(number), blockSize: PAGE }), packetFlag };
  return { read: new PipeEnd(name, status & ~packetFlag, buffer, place), write: new PipeEnd(name, status | O.writeOnly, buffer, place) };
}
