import type { Readable, Writable } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import { Blocked, Errno, LinuxError, type OpenFile } from '@everystep/core';

/** Milliseconds after which a guest's end is looked at again. */
const AGAIN = 2;
const PIECE = 65536;

/** Moves bytes between a guest's open file and a stream of Node's, while the machine runs and in between. */
export class StreamPump {
  constructor(private readonly file: OpenFile) {}

  /** Gives the stream what can be read of the file, and ends it where the file does. */
  feed(to: Writable): void {
    // The program need not read all of it.
    to.on('error', () => to.destroy());
    void this.feedAll(to);
  }

  private async feedAll(to: Writable): Promise<void> {
    const buffer = new Uint8Array(PIECE);
    while (!to.destroyed) {
      const count = this.attempt(() => this.file.read(buffer));
      if (count === 'failed' || count === 0) break;
      if (count === undefined) await later(AGAIN);
      else if (!to.write(buffer.slice(0, count))) await new Promise<void>((resolve) => void to.once('drain', resolve).once('close', resolve));
    }
    to.end();
  }

  /** Writes all that comes from the stream to the file. Where nobody reads that any more, the program learns it. */
  async drain(from: Readable): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let done = 0; done < chunk.length; ) {
        const count = this.attempt(() => this.file.write(chunk.subarray(done)));
        if (count === 'failed') return void from.destroy();
        if (count === undefined) await later(AGAIN);
        else done += count;
      }
    }
  }

  /** @returns undefined where it would wait */
  private attempt(move: () => number): number | undefined | 'failed' {
    try {
      return move();
    } catch (error) {
      if (error instanceof Blocked) return undefined;
      if (error instanceof LinuxError) return error.errno === Errno.EAGAIN ? undefined : 'failed';
      throw error;
    }
  }
}
