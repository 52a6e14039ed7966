import type { AlternateStack } from '../../guest/index.ts';
import { signalBit, UNBLOCKABLE } from './numbers.ts';
import { PendingSignals } from './pendingSignals.ts';

/** Flags of struct sigaltstack. */
export const StackFlag = { onStack: 1, disable: 2, autoDisarm: 0x8000_0000 | 0 } as const;

const NO_STACK: AlternateStack = { address: 0n, flags: StackFlag.disable, size: 0n };

/** A thread's side of signals. */
export class ThreadSignals {
  readonly pending = new PendingSignals();
  /** sigaltstack */
  alternateStack = NO_STACK;
  /** Signals that rt_sigtimedwait waits for: they come to it rather than to their handlers. */
  awaited = 0n;
  /** The address of the last fault, if that was one of memory. */
  faultAddress = 0n;
  private blockedSet = 0n;
  private savedSet: bigint | undefined;

  /** The signals that wait until they are unblocked. */
  get blocked(): bigint {
    return this.blockedSet;
  }

  set blocked(set: bigint) {
    this.blockedSet = set & ~UNBLOCKABLE;
  }

  blocks(signal: number): boolean {
    return (this.blockedSet & signalBit(signal)) !== 0n;
  }

  /** Blocks other signals during a system call that waits (sigsuspend, ppoll); does nothing in later attempts of the call. */
  blockDuringCall(set: bigint): void {
    if (this.savedSet !== undefined) return;
    this.savedSet = this.blockedSet;
    this.blocked = set;
  }

  /** The signals that are blocked once a handler returns, or the present system call is over. */
  get blockedAfterwards(): bigint {
    return this.savedSet ?? this.blockedSet;
  }

  /** A handler has been called whose return restores what was blocked before the system call. */
  keepBlocked(): void {
    this.savedSet = undefined;
  }

  /** The system call that `blockDuringCall` was for is over. */
  unblockAfterCall(): void {
    if (this.savedSet === undefined) return;
    this.blockedSet = this.savedSet;
    this.savedSet = undefined;
  }

  /** Whether a stack pointer is on the alternate stack. */
  isOnStack(stackPointer: bigint): boolean {
    const { address, size, flags } = this.alternateStack;
    return (flags & StackFlag.autoDisarm) === 0 && size > 0n && stackPointer > address && stackPointer - address <= size;
  }

  /** The alternate stack as sigaltstack tells it. */
  stackSeenFrom(stackPointer: bigint): AlternateStack {
    const { address, flags, size } = this.alternateStack;
    return { address, flags: this.isOnStack(stackPointer) ? StackFlag.onStack : flags & ~StackFlag.onStack, size };
  }

  /** There is no alternate stack: after exec, and in the handler where the stack asks for it. */
  disarm(): void {
    this.alternateStack = NO_STACK;
  }

  /** A new thread or process begins with what its maker blocks. @param stack whether it has its alternate stack as well */
  inherit(from: ThreadSignals, stack: boolean): void {
    this.blockedSet = from.blockedAfterwards;
    this.faultAddress = from.faultAddress;
    if (stack) this.alternateStack = from.alternateStack;
  }
}
