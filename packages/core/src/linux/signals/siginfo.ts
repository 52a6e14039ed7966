import { SIGINFO_BYTES } from '../../guest/index.ts';

/** si_code of signals that do not come from an instruction (include/uapi/asm-generic/siginfo.h). */
export const SignalCode = {
  user: 0,
  kernel: 0x80,
  queue: -1,
  timer: -2,
  tkill: -6,
  childExited: 1,
  childKilled: 2,
  childStopped: 5,
  childContinued: 6,
} as const;

/** What siginfo_t tells besides number and code. */
export type SignalOrigin =
  /** Sent by a process: kill, tgkill; with a value: sigqueue. */
  | { readonly kind: 'sender'; readonly pid: number; readonly uid: number; readonly value?: bigint }
  /** An instruction failed. */
  | { readonly kind: 'fault'; readonly address: bigint }
  /** A timer of timer_create's ran out; `overrun` times more than it has been told. */
  | { readonly kind: 'timer'; readonly timer: { readonly id: number; overrun: number }; readonly value: bigint }
  /** A child ended, stopped or went on. `status`: exit status, or signal. */
  | { readonly kind: 'child'; readonly pid: number; readonly uid: number; readonly status: number }
  /** A file became ready (SIGIO). */
  | { readonly kind: 'file'; readonly band: number; readonly fd: number }
  /** As rt_sigqueueinfo was given it, whole. */
  | { readonly kind: 'raw'; readonly bytes: Uint8Array };

/** A signal on its way to a process or thread. */
export interface SignalInfo {
  readonly signal: number;
  /** si_code. */
  readonly code: number;
  readonly origin: SignalOrigin;
  /** Called when the signal has been taken from those that wait. */
  readonly taken?: () => void;
}

/**
 * siginfo_t as 64-bit architectures have it:
 *
 *     0 si_signo   4 si_errno   8 si_code   12 -
 *    16 sender: pid (4), uid (4), value (8)
 *       timer:  id (4), overrun (4), value (8)
 *       child:  pid (4), uid (4), status (4), -, user time (8), system time (8)
 *       fault:  address (8)
 *       file:   band (8), descriptor (4)
 */
export function encodeSiginfo({ signal, code, origin }: SignalInfo): Uint8Array {
  const bytes = new Uint8Array(SIGINFO_BYTES);
  if (origin.kind === 'raw') bytes.set(origin.bytes);
  const view = new DataView(bytes.buffer);
  const words = (at: number, ...values: readonly number[]): void => {
    for (const [i, value] of values.entries()) view.setInt32(at + 4 * i, value, true);
  };
  words(0, signal);
  words(8, code);
  switch (origin.kind) {
    case 'sender':
      words(16, origin.pid, origin.uid);
      view.setBigUint64(24, origin.value ?? 0n, true);
      break;
    case 'fault':
      view.setBigUint64(16, origin.address, true);
      break;
    case 'timer':
      words(16, origin.timer.id, origin.timer.overrun);
      view.setBigUint64(24, origin.value, true);
      break;
    case 'child':
      words(16, origin.pid, origin.uid, origin.status);
      break;
    case 'file':
      view.setBigInt64(16, BigInt(origin.band), true);
      words(24, origin.fd);
      break;
    case 'raw':
      break;
  }
  return bytes;
}

/** Signals that a failed instruction raises: SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV. */
const FAULTS: ReadonlySet<number> = new Set([4, 5, 7, 8, 11]);

/** si_code, and si_addr of a failed instruction, of what `encodeSiginfo` gave: it may lack zeros at its end. */
export function causeOf(encoded: Uint8Array): { readonly code: number; readonly address: bigint | undefined } {
  const bytes = new Uint8Array(SIGINFO_BYTES);
  bytes.set(encoded.subarray(0, SIGINFO_BYTES));
  const view = new DataView(bytes.buffer);
  const code = view.getInt32(8, true);
  const isFault = FAULTS.has(view.getInt32(0, true)) && code > 0 && code < SignalCode.kernel;
  return { code, address: isFault ? view.getBigUint64(16, true) : undefined };
}

/** A siginfo_t that a process made itself. */
export function decodeSiginfo(signal: number, bytes: Uint8Array): SignalInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { signal, code: view.getInt32(8, true), origin: { kind: 'raw', bytes: bytes.slice() } };
}

/** Who sent a signal, as si_pid and si_uid name them, and what goes with it. */
export interface SignalSender {
  readonly pid: number;
  readonly uid: number;
  readonly value?: bigint;
  /** Of a child. */
  readonly status?: number;
}

export function senderOf({ origin }: SignalInfo): SignalSender {
  switch (origin.kind) {
    case 'sender':
      return origin.value === undefined ? { pid: origin.pid, uid: origin.uid } : { pid: origin.pid, uid: origin.uid, value: origin.value };
    case 'child':
      return { pid: origin.pid, uid: origin.uid, status: origin.status };
    case 'raw': {
      const view = new DataView(origin.bytes.buffer);
      return { pid: view.getInt32(16, true), uid: view.getUint32(20, true), value: view.getBigUint64(24, true) };
    }
    case 'timer':
      return { pid: 0, uid: 0, value: origin.value };
    default:
      return { pid: 0, uid: 0 };
  }
}

/** struct signalfd_siginfo: what a read of a signalfd gives for a signal. */
export function encodeSignalfd(info: SignalInfo): Uint8Array {
  const { signal, code, origin } = info;
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  const word = (at: number, value: number): void => view.setInt32(at, value, true);
  const value = (wide: bigint): void => {
    word(44, Number(BigInt.asIntN(32, wide)));
    view.setBigUint64(48, BigInt.asUintN(64, wide), true);
  };
  const { pid, uid } = senderOf(info);
  word(0, signal);
  word(8, code);
  word(12, pid);
  word(16, uid);
  switch (origin.kind) {
    case 'sender':
      value(origin.value ?? 0n);
      break;
    case 'raw':
      value(new DataView(origin.bytes.buffer).getBigUint64(24, true));
      break;
    case 'fault':
      view.setBigUint64(72, origin.address, true);
      break;
    case 'timer':
      word(24, origin.timer.id);
      word(32, origin.timer.overrun);
      value(origin.value);
      break;
    case 'child':
      word(40, origin.status);
      break;
    case 'file':
      word(20, origin.fd);
      word(28, origin.band);
      break;
  }
  return bytes;
}
