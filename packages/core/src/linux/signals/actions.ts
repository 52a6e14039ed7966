import { signalDefault } from './numbers.ts';

/** sa_handler */
export const SIG_DFL = 0n;
export const SIG_IGN = 1n;

/** sa_flags (include/uapi/asm-generic/signal-defs.h). */
export const SignalFlag = {
  noChildStop: 1n,
  noChildWait: 2n,
  signalInfo: 4n,
  restorer: 0x0400_0000n,
  onStack: 0x0800_0000n,
  restart: 0x1000_0000n,
  noDefer: 0x4000_0000n,
  resetHandler: 0x8000_0000n,
} as const;

/** What rt_sigaction sets. */
export interface SignalAction {
  readonly handler: bigint;
  readonly flags: bigint;
  readonly restorer: bigint;
  readonly mask: bigint;
}

const DEFAULT_ACTION: SignalAction = { handler: SIG_DFL, flags: 0n, restorer: 0n, mask: 0n };

/** What a process, or several that share it (CLONE_SIGHAND), does with each signal. */
export class SignalActions {
  private readonly actions = new Map<number, SignalAction>();

  fork(): SignalActions {
    const copy = new SignalActions();
    for (const [signal, action] of this.actions) copy.actions.set(signal, action);
    return copy;
  }

  /** A new program has no handlers. */
  exec(): void {
    for (const [signal, { handler }] of this.actions) if (handler !== SIG_IGN) this.actions.delete(signal);
  }

  get(signal: number): SignalAction {
    return this.actions.get(signal) ?? DEFAULT_ACTION;
  }

  set(signal: number, action: SignalAction): void {
    this.actions.set(signal, action);
  }

  /** Whether the signal has a handler. */
  handles(signal: number): boolean {
    const { handler } = this.get(signal);
    return handler !== SIG_DFL && handler !== SIG_IGN;
  }

  /** Whether the signal, if it is not blocked, has no effect on a running process. */
  ignores(signal: number): boolean {
    const { handler } = this.get(signal);
    if (handler !== SIG_DFL) return handler === SIG_IGN;
    const effect = signalDefault(signal);
    return effect === 'ignore' || effect === 'continue';
  }
}
