import { type CallText, callTextOf, type Probe, type ReplayObserver } from '@everystep/core';
import type { RecordingView } from './recordingView.ts';

/** A system call of a recorded run. */
export interface SystemCall {
  /** Of the instruction that made it. */
  readonly step: number;
  /** When its result was there: it may have waited while others ran. undefined: it had not returned. */
  readonly end: number | undefined;
  /** Of the instruction. */
  readonly pc: number;
  readonly pid: number;
  readonly tid: number;
  /** undefined: no call has this number. */
  readonly name: string | undefined;
  /** See CallText. */
  readonly text: string;
  /** As `-strace` shows it; undefined: there is none, as with exit. */
  readonly result: string | undefined;
  readonly value: bigint | undefined;
}

/** Told of calls in the order in which they end, and of signals. */
export interface CallListener {
  call(call: SystemCall): void;
  signal(step: number, pid: number, signal: number): void;
}

const SVC_BYTES = 4;

/** Calls that have no result. */
const ENDING: ReadonlySet<string> = new Set(['exit', 'exit_group', 'rt_sigreturn']);

interface Open {
  readonly call: Omit<SystemCall, 'end' | 'result' | 'value'>;
  readonly describe: CallText['result'];
}

/** Which calls are wanted. */
interface CallsRange {
  readonly from: number;
  readonly to: number;
  /** Calls with these numbers, and no signals; undefined: all, and signals. */
  readonly numbers?: ReadonlySet<number>;
  /** Most calls and signals that are told of; default: all. */
  readonly limit?: number;
}

/** Goes through a part of a run, and tells of its system calls. The timeline is moved. */
export function forEachCall({ timeline }: RecordingView, { from, to, numbers, limit = Number.POSITIVE_INFINITY }: CallsRange, listener: CallListener): void {
  const { replayer } = timeline;
  const { machine } = replayer;
  const { guest, cpu } = machine;
  /** Calls that wait, by thread. */
  const open = new Map<number, Open>();
  /** The call that is being made. */
  let present: Open | undefined;
  let presentTid = 0;
  let told = 0;
  const isTold = (): boolean => told++ < limit;

  const finish = (tid: number, { call, describe }: Open, isOver: boolean): void => {
    open.delete(tid);
    const value = isOver && !ENDING.has(call.name ?? '') ? BigInt.asIntN(64, cpu.getByName(guest.linux.syscallResult)) : undefined;
    if (isTold()) listener.call({ ...call, end: isOver ? replayer.steps : undefined, result: value === undefined ? undefined : describe(value), value });
  };
  const observer: ReplayObserver = {
    enterCall(number) {
      if (numbers !== undefined && !numbers.has(number)) return;
      const { name, text, result } = callTextOf(machine);
      const { pid, tid, pc, steps } = replayer;
      present = { call: { step: steps - 1, pc: pc - SVC_BYTES, pid, tid, name, text }, describe: result };
      presentTid = tid;
    },
    leaveCall() {
      if (present === undefined) return;
      if (replayer.tid === presentTid || ENDING.has(present.call.name ?? '')) finish(presentTid, present, true);
      else open.set(presentTid, present);
      present = undefined;
    },
    afterChanges() {
      // Whoever runs again has got its result.
      const waited = open.get(replayer.tid);
      if (waited !== undefined && present === undefined) finish(replayer.tid, waited, true);
    },
    threadEnd: (tid) => void open.delete(tid),
    signal: (pid, signal) => void (numbers === undefined && isTold() && listener.signal(replayer.steps, pid, signal)),
  };
  const probes: readonly Probe[] =
    numbers === undefined ? [{ kind: 'syscall' }, { kind: 'signal' }] : [...numbers].map((number) => ({ kind: 'syscall', number }));
  // Calls that wait end where their threads run again.
  timeline.goThrough(from, to, {
    observer,
    sought: () => (told >= limit ? [] : [...probes, ...[...open.keys()].map((tid): Probe => ({ kind: 'thread', tid }))]),
  });
  for (const [tid, waiting] of open) finish(tid, waiting, false);
}
