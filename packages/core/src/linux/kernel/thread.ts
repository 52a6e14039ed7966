import type { LinuxProcess } from '../process.ts';
import { ThreadSignals } from '../signals/threadSignals.ts';
import type { Kernel } from './kernel.ts';
import type { Wait, Waiter, WaitQueue } from './waiting.ts';

/** What a system call remembers between its attempts. */
export interface CallState {
  /** When it stops waiting, in nanoseconds of Host.monotonicTime, once it has found out. */
  deadline?: bigint | undefined;
  /** How much it has done so far. */
  done: number;
  /** Messages that a call for several has done. */
  messages?: number;
  /** When a call for several messages begins no other one. */
  end?: bigint;
  /** A queue that it waited in has woken it. */
  woken: boolean;
  /** Which futex wakes concern it (FUTEX_WAIT_BITSET). */
  bits: number;
}

/** A system call that has begun and waits. */
export interface PendingCall {
  readonly number: number;
  readonly wait: Wait;
}

/**
 * `ready`: runs, or would if it were its turn. `waiting`: in a system call. `suspended`: until a child made by vfork has a
 * program of its own. `stopped`: by a signal.
 */
export type ThreadState = 'ready' | 'waiting' | 'suspended' | 'stopped' | 'ended';

/** A thread of the guest's. */
export class Thread implements Waiter {
  state: ThreadState = 'ready';
  /** Registers and pc while another thread is loaded. */
  saved: Uint8Array;
  pc: number;
  /** Of the present system call. */
  call: CallState = freshCall();
  pending: PendingCall | undefined;
  readonly signals = new ThreadSignals();
  /** Where the kernel writes 0 and wakes a futex when the thread ends; 0: nowhere (set_tid_address). */
  clearChildTid = 0;
  /** struct robust_list_head, 0 if there is none. */
  robustList = 0;
  /** Queues that it is in. */
  readonly queues = new Set<WaitQueue>();

  constructor(
    readonly kernel: Kernel,
    readonly process: LinuxProcess,
    readonly tid: number,
    start: { readonly saved: Uint8Array; readonly pc: number },
  ) {
    this.saved = start.saved;
    this.pc = start.pc;
  }

  awake(queue: WaitQueue): void {
    this.queues.delete(queue);
    this.call.woken = true;
    this.kernel.wake(this);
  }

  /** Waits in the queues. */
  waitIn(queues: Iterable<WaitQueue>): void {
    for (const queue of queues) {
      queue.add(this);
      this.queues.add(queue);
    }
  }

  leaveQueues(): void {
    for (const queue of this.queues) queue.remove(this);
    this.queues.clear();
  }
}

const freshCall = (): CallState => ({ deadline: undefined, done: 0, woken: false, bits: -1 });

/** A new call has nothing to remember. */
export function resetCall(call: CallState): void {
  call.deadline = undefined;
  call.done = 0;
  call.woken = false;
  call.bits = -1;
}
