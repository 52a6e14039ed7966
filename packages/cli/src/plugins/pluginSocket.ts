import { readSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type PluginSocket, UserError } from '@everystep/core';
import { hostErrorCode } from '../log/hostError.ts';
import { Meeting, type MeetTask } from './meetTask.ts';

/** Milliseconds between looks at a connection that has nothing. */
const PAUSE = 0.1;

/** File of the worker. The bundle has its workers beside it; sources run with the bundle's. */
const workerFile = (): string => fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/meetWorker.cjs' : './meetWorker.cjs', import.meta.url));

/** See PluginApi.meet. @throws UserError */
export function meetAtSocket(path: string): PluginSocket {
  const task: MeetTask = { path, result: new Int32Array(new SharedArrayBuffer(12)) };
  const worker = new Worker(workerFile(), { workerData: task });
  worker.unref();
  Atomics.wait(task.result, 0, Meeting.pending);
  if (task.result[0] === Meeting.failed) {
    throw new UserError(`${path}: nobody can be met there: no socket can be made, or one is left over of a run that has ended: remove it`);
  }
  return new DescriptorSocket(task.result[1], task.result[2] === 1);
}

/** A descriptor that does not wait itself. */
class DescriptorSocket implements PluginSocket {
  private readonly sleeper = new Int32Array(new SharedArrayBuffer(4));

  constructor(
    private readonly fd: number,
    readonly isFirst: boolean,
  ) {}

  write(bytes: Uint8Array): boolean {
    return this.all(bytes.length, (done) => writeSync(this.fd, bytes, done));
  }

  read(into: Uint8Array): boolean {
    return this.all(into.length, (done) => readSync(this.fd, into, done, into.length - done, null));
  }

  /** Moves so many bytes. @returns false if the other end is gone */
  private all(length: number, move: (done: number) => number): boolean {
    for (let done = 0; done < length; ) {
      try {
        const moved = move(done);
        if (moved === 0) return false;
        done += moved;
      } catch (error) {
        if (hostErrorCode(error) !== 'EAGAIN') return false;
        Atomics.wait(this.sleeper, 0, 0, PAUSE);
      }
    }
    return true;
  }
}
