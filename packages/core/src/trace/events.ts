import { AssertionError, assert, ByteWriter, fromHalves, high32, utf8Bytes, utf8Text } from '../base/index.ts';

/** Block numbers from here on are no blocks but events: code, bytes of what follows (u32, a multiple of 4), payload. */
export const FIRST_EVENT = 0xffff_ff00;
export const EVENT_HEADER = 8;
/** Bytes of a cut event. */
export const CUT_BYTES = EVENT_HEADER + 8;
/** Most bytes of an event with its header; longer kernel writes are split. */
export const MAX_EVENT_BYTES = 0x1_0000;

/** A value given to a register by its number in the state layout, as 32-bit words, least significant first. */
export interface RegisterChange {
  readonly register: number;
  readonly words: readonly number[];
}

/** What a trace tells besides executed instructions. Addresses and steps are numbers below 2^53, 64-bit values bigints. */
export type TraceEvent =
  /** The next block's record: only so many of its instructions completed, and so many of those are wanted. */
  | { readonly kind: 'cut'; readonly completed: number; readonly wanted: number }
  /** The next block's record: of its wanted instructions only those are in the trace whose bits are set in these words. Behind a cut. */
  | { readonly kind: 'part'; readonly wanted: number; readonly mask: readonly number[] }
  /** Tracing starts or goes on: the whole CPU state, bytes as in the state layout. */
  | { readonly kind: 'snapshot'; readonly step: number; readonly pc: number; readonly state: Uint8Array }
  /** The system call instruction before has completed and the kernel takes over. */
  | { readonly kind: 'syscall'; readonly number: number; readonly args: readonly bigint[] }
  /** The kernel is done: its result, where the guest goes on, and the registers that changed, the result's included. */
  | { readonly kind: 'syscallResult'; readonly result: bigint; readonly pc: number; readonly changes: readonly RegisterChange[] }
  /** The kernel wrote to guest memory. */
  | { readonly kind: 'kernelWrite'; readonly address: number; readonly data: Uint8Array }
  /** The instruction at `pc` did not complete; what Linux makes of it. `word`: its bytes, undefined where they cannot be fetched. */
  | {
      readonly kind: 'signal';
      readonly signal: number;
      readonly code: number;
      readonly address: bigint;
      readonly pc: number;
      readonly word: number | undefined;
      readonly text: string;
    }
  | { readonly kind: 'exit'; readonly status: number }
  /** From here on another thread runs, or the same in a signal handler or behind one; a snapshot follows. */
  | { readonly kind: 'thread'; readonly pid: number; readonly tid: number }
  /** From here on the process runs this program, a file of the host's: what was told of its mappings holds no more. */
  | { readonly kind: 'program'; readonly pid: number; readonly tid: number; readonly path: string }
  /**
   * The process has part of a file at these addresses, in place of what it had there.
   * `path`: the file; empty: none, or nothing any more. `offset`: in the file, of `start`. `buildId`: the file's, in hexadecimal, or empty.
   */
  | {
      readonly kind: 'mapping';
      readonly pid: number;
      readonly start: number;
      readonly end: number;
      readonly offset: number;
      readonly path: string;
      readonly buildId: string;
    }
  /** The machine is at this step, and none of the instructions since the last record is wanted: steps of records wrap at 2^32. */
  | { readonly kind: 'step'; readonly step: number }
  /** Tracing ends here, or pauses until the next snapshot. */
  | { readonly kind: 'pause'; readonly step: number; readonly pc: number };

/** Event codes, counted from FIRST_EVENT. */
export const EventCode = {
  cut: 0,
  snapshot: 1,
  syscall: 2,
  syscallResult: 3,
  kernelWrite: 4,
  signal: 5,
  exit: 6,
  step: 7,
  pause: 8,
  thread: 9,
  part: 12,
  program: 16,
  mapping: 17,
} as const;

/** Appends an event with its header. */
export function writeEvent(out: ByteWriter, event: TraceEvent): void {
  const payload = new ByteWriter(64);
  writePayload(payload, event);
  while (payload.length % 4 !== 0) payload.byte(0);
  assert(EVENT_HEADER + payload.length <= MAX_EVENT_BYTES, `a ${event.kind} event takes ${payload.length} bytes`);
  out.fixed32(FIRST_EVENT + EventCode[event.kind]);
  out.fixed32(payload.length);
  out.append(payload);
}

function writePayload(out: ByteWriter, event: TraceEvent): void {
  const number = (n: number): void => {
    out.fixed32(n | 0);
    out.fixed32(high32(n));
  };
  const wide = (n: bigint): void => {
    out.fixed32(Number(BigInt.asIntN(32, n)));
    out.fixed32(Number(BigInt.asIntN(32, n >> 32n)));
  };
  const data = (bytes: ArrayLike<number>): void => {
    out.fixed32(bytes.length);
    out.bytes(bytes);
  };
  switch (event.kind) {
    case 'cut':
      out.fixed32(event.completed);
      return out.fixed32(event.wanted);
    case 'part':
      out.fixed32(event.wanted);
      out.fixed32(event.mask.length);
      for (const word of event.mask) out.fixed32(word);
      return;
    case 'snapshot':
      number(event.step);
      number(event.pc);
      return data(event.state);
    case 'syscall':
      out.fixed32(event.number);
      out.fixed32(event.args.length);
      return event.args.forEach(wide);
    case 'syscallResult':
      wide(event.result);
      number(event.pc);
      out.fixed32(event.changes.length);
      for (const { register, words } of event.changes) {
        out.fixed32(register);
        out.fixed32(words.length);
        for (const word of words) out.fixed32(word);
      }
      return;
    case 'kernelWrite':
      number(event.address);
      return data(event.data);
    case 'signal':
      out.fixed32(event.signal);
      out.fixed32(event.code);
      wide(event.address);
      number(event.pc);
      out.fixed32(Number(event.word !== undefined));
      out.fixed32(event.word ?? 0);
      return data(utf8Bytes(event.text));
    case 'exit':
      return out.fixed32(event.status);
    case 'thread':
      out.fixed32(event.pid);
      return out.fixed32(event.tid);
    case 'program':
      out.fixed32(event.pid);
      out.fixed32(event.tid);
      return data(utf8Bytes(event.path));
    case 'mapping':
      out.fixed32(event.pid);
      number(event.start);
      number(event.end);
      number(event.offset);
      data(utf8Bytes(event.path));
      return data(utf8Bytes(event.buildId));
    case 'step':
      return number(event.step);
    case 'pause':
      number(event.step);
      return number(event.pc);
  }
}

/**
 * Reads an event.
 * @param code as in the record, FIRST_EVENT or above
 * @throws AssertionError if it is none that this version knows, or damaged
 */
export function readEvent(code: number, payload: Uint8Array): TraceEvent {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  let at = 0;
  const u32 = (): number => {
    assert(at + 4 <= payload.length, `damaged trace event ${code - FIRST_EVENT}`);
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const number = (): number => {
    const lo = u32();
    return fromHalves(lo, u32());
  };
  const wide = (): bigint => BigInt(u32()) | (BigInt(u32()) << 32n);
  const list = <T>(read: () => T): T[] => {
    const length = u32();
    assert(length * 4 <= payload.length - at, `damaged trace event ${code - FIRST_EVENT}`);
    return Array.from({ length }, read);
  };
  const optionalWord = (): number | undefined => {
    const isThere = u32() !== 0;
    const word = u32();
    return isThere ? word : undefined;
  };
  const data = (): Uint8Array => {
    const length = u32();
    assert(length <= payload.length - at, `damaged trace event ${code - FIRST_EVENT}`);
    at += length;
    return payload.slice(at - length, at);
  };
  switch (code - FIRST_EVENT) {
    case EventCode.cut:
      return { kind: 'cut', completed: u32(), wanted: u32() };
    case EventCode.part:
      return { kind: 'part', wanted: u32(), mask: list(() => u32() | 0) };
    case EventCode.snapshot:
      return { kind: 'snapshot', step: number(), pc: number(), state: data() };
    case EventCode.syscall:
      return { kind: 'syscall', number: u32(), args: list(wide) };
    case EventCode.syscallResult:
      return { kind: 'syscallResult', result: wide(), pc: number(), changes: list(() => ({ register: u32(), words: list(() => u32() | 0) })) };
    case EventCode.kernelWrite:
      return { kind: 'kernelWrite', address: number(), data: data() };
    case EventCode.signal:
      return { kind: 'signal', signal: u32(), code: u32() | 0, address: wide(), pc: number(), word: optionalWord(), text: utf8Text(data()) };
    case EventCode.exit:
      return { kind: 'exit', status: u32() };
    case EventCode.thread:
      return { kind: 'thread', pid: u32(), tid: u32() };
    case EventCode.program:
      return { kind: 'program', pid: u32(), tid: u32(), path: utf8Text(data()) };
    case EventCode.mapping:
      return { kind: 'mapping', pid: u32(), start: number(), end: number(), offset: number(), path: utf8Text(data()), buildId: utf8Text(data()) };
    case EventCode.step:
      return { kind: 'step', step: number() };
    case EventCode.pause:
      return { kind: 'pause', step: number(), pc: number() };
    default:
      throw new AssertionError(`unknown trace event ${code - FIRST_EVENT}`);
  }
}

/** The step of the snapshot that records begin with; undefined if they begin with something else. */
export function snapshotStep(records: Uint8Array): number | undefined {
  if (records.length < EVENT_HEADER + 8) return undefined;
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  if (view.getUint32(0, true) !== FIRST_EVENT + EventCode.snapshot) return undefined;
  return fromHalves(view.getUint32(EVENT_HEADER, true), view.getUint32(EVENT_HEADER + 4, true));
}
