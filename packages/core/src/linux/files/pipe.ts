import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import { virtualStat } from './memoryFile.ts';
import { OpenFile, type Readiness } from './openFile.ts';
import { O } from './openFlags.ts';

/** Bytes that a pipe holds, as Linux's. */
const CAPACITY = 65536;

/** A FIFO that its user may read and write. */
const FIFO = 0o010600;

/** What both ends of a pipe share. */
class PipeBuffer {
  readonly bytes = new Uint8Array(CAPACITY);
  start = 0;
  length = 0;
  readers = 1;
  writers = 1;
}

/**
 * One end of a pipe inside the guest. The process that would have to make progress is the one that waits, so where Linux
 * would wait for ever, the operation fails with EDEADLK.
 */
class PipeEnd extends OpenFile {
  constructor(
    name: ByteString,
    status: number,
    private readonly buffer: PipeBuffer,
    private readonly time: bigint,
  ) {
    super(name, status);
  }

  read(into: Uint8Array): number {
    const buffer = this.buffer;
    if (buffer.length === 0) {
      if (buffer.writers === 0 || into.length === 0) return 0;
      throw new LinuxError(this.nonBlocking ? Errno.EAGAIN : Errno.EDEADLK);
    }
    const count = Math.min(into.length, buffer.length);
    for (let i = 0; i < count; i++) into[i] = buffer.bytes[(buffer.start + i) % CAPACITY];
    buffer.start = (buffer.start + count) % CAPACITY;
    buffer.length -= count;
    return count;
  }

  write(data: Uint8Array): number {
    const buffer = this.buffer;
    if (buffer.readers === 0) throw new LinuxError(Errno.EPIPE);
    const count = Math.min(data.length, CAPACITY - buffer.length);
    if (count === 0 && data.length > 0) throw new LinuxError(this.nonBlocking ? Errno.EAGAIN : Errno.EDEADLK);
    for (let i = 0; i < count; i++) buffer.bytes[(buffer.start + buffer.length + i) % CAPACITY] = data[i];
    buffer.length += count;
    return count;
  }

  stat(): HostStat {
    return virtualStat(FIFO, 0, this.time);
  }

  readiness(): Readiness {
    const { length, writers, readers } = this.buffer;
    return {
      readable: this.canRead && (length > 0 || writers === 0),
      writable: this.canWrite && (length < CAPACITY || readers === 0),
      hangUp: this.canRead ? writers === 0 : readers === 0,
    };
  }

  override bytesReadable(): number {
    return this.buffer.length;
  }

  override close(): void {
    if (this.canRead) this.buffer.readers--;
    else this.buffer.writers--;
  }
}

/** Makes a pipe. @param status status flags of both ends */
export function createPipe(status: number, number: number, time: bigint): { readonly read: OpenFile; readonly write: OpenFile } {
  const buffer = new PipeBuffer();
  const name = `pipe:[${number}]` as ByteString;
  return { read: new PipeEnd(name, status, buffer, time), write: new PipeEnd(name, status | O.writeOnly, buffer, time) };
}
