import type { BlockEnd } from '../layout.ts';
import { CallStack, type StackListener } from './callStack.ts';
import type { TracedFunction } from './functionTable.ts';

/** What of a block decides what it does to a stack. */
export interface FollowedBlock {
  readonly fn: TracedFunction;
  /** Whether it begins the function. */
  readonly isEntry: boolean;
  /** Address of its last instruction. */
  readonly lastPc: number;
  readonly program: { readonly pc: number; readonly end: BlockEnd };
}

/** Follows the functions that a thread is in by the blocks that it runs. */
export class ThreadCalls<B extends FollowedBlock> {
  readonly stack: CallStack;
  /** The block that has run to its end, and where it goes from there is to be seen; undefined: anywhere. */
  last: B | undefined;
  /** Signals' handlers that are about to begin: `last` of what each interrupts. */
  private readonly handlers: (B | undefined)[] = [];

  constructor(listener: StackListener) {
    this.stack = new CallStack(listener);
  }

  /** A block begins. @param sp the stack pointer then; NaN where that is not known */
  arrive(block: B, sp: number): void {
    const { stack, last, handlers } = this;
    const { fn, program } = block;
    if (handlers.length > 0) {
      for (const interrupted of handlers.splice(0)) stack.signal(fn, sp, interrupted);
      return;
    }
    if (last === undefined) return stack.resume(fn, sp);
    const { kind, next } = last.program.end;
    if (kind === 'return') return stack.return(fn, last.lastPc, program.pc, sp);
    // A call of the next instruction asks for its address.
    if ((kind === 'call' || kind === 'callIndirect') && program.pc !== next) return stack.call(fn, last.lastPc, next, sp);
    if (fn !== stack.top || sp > stack.topSp) stack.jump(fn, last.lastPc, block.isEntry, sp);
  }

  /** A signal's handler runs next. */
  handlerBegins(): void {
    this.handlers.push(this.last);
    this.last = undefined;
  }

  /** The innermost handler is over: what it interrupted goes on. */
  handlerEnds(): void {
    this.last = this.stack.signalReturn() as B | undefined;
  }
}
