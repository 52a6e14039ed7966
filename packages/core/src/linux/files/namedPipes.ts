import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import type { CallState } from '../kernel/thread.ts';
import { Blocked, WaitQueue } from '../kernel/waiting.ts';
import { O } from './openFlags.ts';
import { PipeBuffer, PipeEnd, type PipePlace } from './pipe.ts';

/** Those who wait in open for one to open the other end. Once woken they count as if they had the pipe open already. */
class OpeningQueue extends WaitQueue {
  constructor(private readonly count: (woken: number) => void) {
    super();
  }

  override wake(most?: number): number {
    const woken = super.wake(most);
    this.count(woken);
    return woken;
  }
}

/** A FIFO of the host's file system, whose contents stay inside the virtual kernel: only guests meet in it. */
class NamedPipe {
  readonly buffer = new PipeBuffer();
  readonly readers = new OpeningQueue((woken) => {
    this.buffer.readers += woken;
  });
  readonly writers = new OpeningQueue((woken) => {
    this.buffer.writers += woken;
  });

  get isUsed(): boolean {
    return this.buffer.readers + this.buffer.writers + this.readers.length + this.writers.length > 0;
  }
}

/** The named pipes that guests have open, by the file that names them. */
export class NamedPipes {
  private readonly pipes = new Map<string, NamedPipe>();

  /**
   * Opens a FIFO. Who opens it for reading waits for a writer, and the other way round.
   * @param file what stat tells of it
   * @param call of the thread that opens it
   * @throws Blocked, LinuxError ENXIO for a writer that does not want to wait for a reader
   */
  open(name: ByteString, status: number, place: PipePlace, file: HostStat, call: CallState): PipeEnd {
    const key = `${file.device}:${file.inode}`;
    for (const [other, pipe] of this.pipes) if (!pipe.isUsed) this.pipes.delete(other);
    const pipe = this.pipes.get(key) ?? new NamedPipe();
    this.pipes.set(key, pipe);
    const { buffer } = pipe;
    const access = status & O.accessMode;
    if (access !== O.readWrite) {
      const isReader = access !== O.writeOnly;
      const met = call.woken || (isReader ? pipe.writers.length + buffer.writers : pipe.readers.length + buffer.readers) > 0;
      if (!met && (status & O.nonBlock) === 0) throw new Blocked({ on: [isReader ? pipe.readers : pipe.writers] });
      if (!met && !isReader) throw new LinuxError(Errno.ENXIO);
      if (call.woken && isReader) buffer.readers--;
      if (call.woken && !isReader) buffer.writers--;
    }
    const end = new PipeEnd(name, status, buffer, place);
    if (end.canRead) pipe.writers.wake();
    if (end.canWrite) pipe.readers.wake();
    return end;
  }
}
