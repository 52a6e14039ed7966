/** Bytes of siginfo_t, on every architecture. */
export const SIGINFO_BYTES = 128;

/** struct sigaltstack (stack_t). */
export interface AlternateStack {
  readonly address: bigint;
  readonly flags: number;
  readonly size: bigint;
}

/** The registers of a thread, as far as frames are made of them. */
export interface FrameRegisters {
  getByName(name: string): bigint;
  /** N Z C V in bits 3..0. */
  readonly nzcv: number;
}

/** A signal and the handler that is to be called for it. */
export interface HandlerCall {
  readonly signal: number;
  /** siginfo_t, whole; undefined if the handler does not want it (no SA_SIGINFO). */
  readonly info: Uint8Array | undefined;
  /** Where the thread goes on after the handler. */
  readonly pc: bigint;
  /** The frame goes below: the thread's stack pointer, or the end of its alternate stack. */
  readonly stackTop: bigint;
  /** What the handler's return restores: the blocked signals, and the alternate stack as sigaltstack tells it. */
  readonly mask: bigint;
  readonly alternateStack: AlternateStack;
  /** The address of the thread's last fault; 0 if that was none of memory. */
  readonly faultAddress: bigint;
  readonly handler: bigint;
  /** Whether code there must be made for indirect branches (see BranchTargets), as the handler's call is one. */
  readonly tracksBranches: boolean;
  /** Where the handler returns to: code that calls rt_sigreturn. */
  readonly returnAddress: bigint;
}

/** What is to be changed so that a thread runs a signal's handler. */
export interface SignalFrame {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly registers: readonly (readonly [name: string, value: bigint])[];
  readonly pc: bigint;
}

/** What a thread that returns from a handler goes on with. */
export interface FrameContext {
  readonly registers: readonly (readonly [name: string, value: bigint])[];
  readonly nzcv: number;
  readonly pc: bigint;
  readonly mask: bigint;
  readonly alternateStack: AlternateStack;
}

/** How Linux calls signal handlers on an architecture: what it puts on the stack, and what rt_sigreturn takes from there. */
export interface SignalFrames {
  /** Least bytes of an alternate stack (MINSIGSTKSZ). */
  readonly smallestStack: bigint;
  /** Bytes from the stack pointer on that rt_sigreturn reads. */
  readonly size: number;
  push(registers: FrameRegisters, call: HandlerCall): SignalFrame;
  /**
   * The context in the frame at the stack pointer.
   * @param bytes `size` of them
   * @returns undefined if it is no frame: Linux answers with SIGSEGV
   */
  restore(stackPointer: bigint, bytes: Uint8Array): FrameContext | undefined;
}
