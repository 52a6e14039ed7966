import type { TracedFunction } from './functionTable.ts';

/** How a function came onto the stack. */
export type EntryKind =
  /** It was running when the trace began, or the thread did. */
  | 'start'
  | 'call'
  /** The function below has jumped to it, and will not be gone back to. */
  | 'tail'
  | 'signal';

/** Told of a stack's changes. */
export interface StackListener {
  /**
   * A function begins.
   * @param site address of the instruction that went there, in the process; -1 where there is none
   */
  enter(fn: TracedFunction, site: number, kind: EntryKind): void;
  /** The function on top ends. */
  leave(): void;
}

interface Frame {
  readonly fn: TracedFunction;
  readonly kind: EntryKind;
  readonly site: number;
  /** Where a return from it goes; -1 where that is not known. */
  readonly returnAddress: number;
  /** The stack pointer when it began, above all that it pushes itself; Infinity where that is not known. */
  readonly sp: number;
  /** For a signal's handler: what the caller keeps of the interrupted code. */
  readonly interrupted: unknown;
  /** It looks up the function that it then goes on to. */
  readonly isResolver: boolean;
}

const UNKNOWN = -1;

/**
 * The functions that a thread is in, followed by what its instructions do. Frames are recognised by return address and
 * stack pointer; the stack grows down:
 *
 *     main      returnAddress …   sp 0x1000
 *     f         returnAddress in main   sp 0xfe0     (main has pushed 0x20 bytes)
 *     g         tail of f: same returnAddress and sp
 *     handler   signal
 *
 * - A return goes to the frame whose return address and stack pointer it has, whatever lies above.
 * - A jump to another function is a tail call, or, where the stack pointer says that the frame is gone, an unwinding:
 *   longjmp, an exception, or a switch of stacks. It then ends all frames above the function that it goes to.
 * - A handler's frame ends with sigreturn, or by an unwinding.
 *
 * Where stack pointers are unknown (NaN), functions alone decide.
 */
export class CallStack {
  private readonly frames: Frame[] = [];

  constructor(private readonly listener: StackListener) {}

  get depth(): number {
    return this.frames.length;
  }

  get top(): TracedFunction | undefined {
    return this.frames.at(-1)?.fn;
  }

  /** The stack pointer when the function on top began. */
  get topSp(): number {
    return this.frames.at(-1)?.sp ?? Number.POSITIVE_INFINITY;
  }

  /** A call's first instruction is next. */
  call(fn: TracedFunction, site: number, returnAddress: number, sp: number): void {
    this.push({ fn, kind: 'call', site, returnAddress, sp, interrupted: undefined, isResolver: false });
  }

  /** A return goes to `pc`, in `fn`. */
  return(fn: TracedFunction, site: number, pc: number, sp: number): void {
    const { frames } = this;
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i];
      if (frame.returnAddress !== pc || (frame.sp !== sp && !Number.isNaN(sp))) continue;
      // Those that it was tail-called by end with it.
      let base = i;
      while (base > 0 && frames[base].kind === 'tail') base--;
      return this.cut(base);
    }
    this.unwind(fn, site, sp);
  }

  /**
   * Something else than a call or a return has gone to `fn`, which is not the function on top, or above the top's stack.
   * @param isEntry whether it has gone to the function's first instruction
   */
  jump(fn: TracedFunction, site: number, isEntry: boolean, sp: number): void {
    const { frames } = this;
    const top = frames.at(-1);
    if (top === undefined) return this.start(fn);
    if (sp > top.sp) return this.unwind(fn, site, sp);
    const base = isEntry ? -1 : this.frameOf(fn, sp);
    if (base >= 0) this.cut(base + 1);
    else this.tailCall(fn, site);
  }

  /** The thread goes on in `fn`, and what it did before is not known. */
  resume(fn: TracedFunction, sp: number): void {
    const top = this.frames.at(-1);
    if (top === undefined) this.start(fn);
    else if (top.fn !== fn || sp > top.sp) this.unwind(fn, UNKNOWN, sp);
  }

  /** A signal's handler begins. */
  signal(fn: TracedFunction, sp: number, interrupted: unknown): void {
    this.push({ fn, kind: 'signal', site: UNKNOWN, returnAddress: UNKNOWN, sp, interrupted, isResolver: false });
  }

  /** The innermost handler is over. @returns what `signal` was given for it; undefined if there is none */
  signalReturn(): unknown {
    const { frames } = this;
    for (let i = frames.length - 1; i >= 0; i--) {
      if (frames[i].kind !== 'signal') continue;
      const { interrupted } = frames[i];
      this.cut(i);
      return interrupted;
    }
    return undefined;
  }

  /** All functions end. */
  clear(): void {
    this.cut(0);
  }

  /** Takes over the functions of another stack: the thread is a copy of the other's. */
  copy(frames: readonly Frame[]): void {
    for (const frame of frames) this.push({ ...frame, kind: frame.kind === 'call' ? 'start' : frame.kind });
  }

  /** For `copy`, later. */
  snapshot(): readonly Frame[] {
    return [...this.frames];
  }

  private push(frame: Frame): void {
    this.frames.push(frame);
    this.listener.enter(frame.fn, frame.site, frame.kind);
  }

  /** Ends the frames from `base` on. */
  private cut(base: number): void {
    while (this.frames.length > base) {
      this.frames.pop();
      this.listener.leave();
    }
  }

  private start(fn: TracedFunction): void {
    this.push({ fn, kind: 'start', site: UNKNOWN, returnAddress: UNKNOWN, sp: Number.POSITIVE_INFINITY, interrupted: undefined, isResolver: false });
  }

  private tailCall(fn: TracedFunction, site: number): void {
    const { frames } = this;
    // Functions that jump to each other in turn would pile up: the one that is there already goes on.
    for (let i = frames.length - 1; i >= 0; i--) {
      if (frames[i].fn === fn) return this.cut(i + 1);
      if (frames[i].kind !== 'tail') break;
    }
    const top = frames[frames.length - 1];
    if ((top.fn.isTrampoline || top.isResolver) && top.kind !== 'start') {
      this.cut(frames.length - 1);
      this.push({ ...top, fn, isResolver: top.fn.leadsToResolver });
    } else this.push({ ...top, fn, site, kind: 'tail', isResolver: false });
  }

  /** The innermost frame of a function that can have this stack pointer: at or below its own first, and not within what it called. */
  private frameOf(fn: TracedFunction, sp: number): number {
    const { frames } = this;
    for (let i = frames.length - 1; i >= 0; i--) {
      if (frames[i].fn !== fn || frames[i].sp < sp) continue;
      // Those that it jumped to have its own stack pointer, and not the one that they had when they began.
      let next = i + 1;
      while (frames[next]?.kind === 'tail') next++;
      const above = frames[next];
      // A handler may run on a stack of its own.
      if (above === undefined || above.kind === 'signal' || !(above.sp > sp)) return i;
    }
    return -1;
  }

  /** Ends what lies above the function that the thread is in now. */
  private unwind(fn: TracedFunction, site: number, sp: number): void {
    const { frames } = this;
    const base = this.frameOf(fn, sp);
    if (base >= 0) return this.cut(base + 1);
    let keep = frames.length;
    while (keep > 0 && frames[keep - 1].sp < sp) keep--;
    this.cut(keep);
    if (keep === 0) return this.start(fn);
    if (keep === 1 && frames[0].kind === 'start') {
      // It was running when the trace began, and has gone back to a caller that nobody has seen.
      this.cut(0);
      return this.start(fn);
    }
    if (frames[keep - 1].fn !== fn) this.tailCall(fn, site);
  }
}
