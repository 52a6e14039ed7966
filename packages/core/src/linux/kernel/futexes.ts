import type { LinuxProcess } from '../process.ts';
import type { Image } from './image.ts';
import type { Thread } from './thread.ts';
import { WaitQueue } from './waiting.ts';

/** Futexes that threads wait for. A word that processes share is known by its place in storage, another by its address. */
export class FutexTable {
  private readonly shared = new Map<number, WaitQueue>();
  private readonly private = new WeakMap<Image, Map<number, WaitQueue>>();

  /** The queue of the futex at `address`. */
  queue(process: LinuxProcess, address: number): WaitQueue {
    const { queues, key } = this.place(process, address);
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = new WaitQueue();
      queues.set(key, queue);
    }
    return queue;
  }

  /** Wakes up to `most` waiters that one of `bits` concerns. @returns how many */
  wake(process: LinuxProcess, address: number, most: number, bits = -1): number {
    const { queues, key } = this.place(process, address);
    const queue = queues.get(key);
    if (queue === undefined) return 0;
    let woken = 0;
    for (const waiter of queue.waiting()) {
      if (woken >= most) break;
      const thread = waiter as Thread;
      if ((thread.call.bits & bits) === 0) continue;
      queue.remove(thread);
      thread.awake(queue);
      woken++;
    }
    if (queue.length === 0) queues.delete(key);
    return woken;
  }

  /** Moves up to `most` waiters to another futex. @returns how many */
  requeue(process: LinuxProcess, from: number, to: number, most: number): number {
    const source = this.queue(process, from);
    const target = this.queue(process, to);
    const moved = source.take(most) as Thread[];
    for (const thread of moved) {
      thread.queues.delete(source);
      thread.waitIn([target]);
    }
    return moved.length;
  }

  private place(process: LinuxProcess, address: number): { readonly queues: Map<number, WaitQueue>; readonly key: number } {
    const storage = process.space.sharedStorage(address);
    if (storage !== undefined) return { queues: this.shared, key: storage };
    let queues = this.private.get(process.image);
    if (queues === undefined) {
      queues = new Map();
      this.private.set(process.image, queues);
    }
    return { queues, key: address };
  }
}
