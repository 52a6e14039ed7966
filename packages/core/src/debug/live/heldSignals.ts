import { encodeSiginfo, type FaultEvent, type Kernel, SignalCode, type SignalInfo, sendToThread, type Thread } from '../../linux/index.ts';

type Held = { readonly kind: 'signal'; readonly info: SignalInfo } | { readonly kind: 'fault'; readonly event: FaultEvent };

const numberOf = (held: Held): number => (held.kind === 'signal' ? held.info.signal : held.event.signal);

/** Signals that threads have stopped for, which the debugger decides about. */
export class HeldSignals {
  private readonly held = new Map<Thread, Held>();
  /** Signals that the debugger sends: no thread stops for them. */
  private readonly sent = new WeakSet<SignalInfo>();

  constructor(private readonly kernel: Kernel) {}

  hold(thread: Thread, held: Held): void {
    this.held.set(thread, held);
  }

  isSent(info: SignalInfo): boolean {
    return this.sent.has(info);
  }

  /** siginfo_t of the signal that a thread has stopped for. */
  infoOf(thread: Thread): Uint8Array | undefined {
    const held = this.held.get(thread);
    if (held === undefined) return undefined;
    if (held.kind === 'signal') return encodeSiginfo(held.info);
    const { signal, code, address } = held.event;
    return encodeSiginfo({ signal, code, origin: { kind: 'fault', address } });
  }

  /** The thread goes on, with a signal or, 0, without one. */
  release(thread: Thread, signal: number): void {
    const held = this.held.get(thread);
    this.held.delete(thread);
    if (thread.state === 'ended') return;
    if (held === undefined || numberOf(held) !== signal) this.send(thread, signal);
    else if (held.kind === 'signal') this.kernel.act(thread, held.info);
    else this.kernel.actOnFault(thread, held.event);
  }

  /** Nobody decides about a process's signals any more: they have their effect. */
  releaseAll(threads: readonly Thread[]): void {
    for (const [thread, held] of this.held) if (threads.includes(thread)) this.release(thread, numberOf(held));
  }

  private send(thread: Thread, signal: number): void {
    if (signal === 0) return;
    const { pid, identity } = thread.process;
    const info: SignalInfo = { signal, code: SignalCode.user, origin: { kind: 'sender', pid, uid: identity.uid } };
    this.sent.add(info);
    sendToThread(thread, info);
  }
}
