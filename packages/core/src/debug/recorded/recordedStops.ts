import type { EventKind, RecordedEvent, RecordedEvents } from '../../record/index.ts';
import type { DebugWishes, StopEvent, ThreadId } from '../target.ts';
import type { RecordedProcesses } from './recordedProcesses.ts';
import { placeOf, type StopPlace, Told } from './stopPlace.ts';

/** Something that a debugger is told of, and where. */
export interface RecordedStop {
  readonly moment: StopPlace;
  readonly event: StopEvent;
  /** siginfo_t of a signal. */
  readonly info?: Uint8Array | undefined;
}

const PROCESS_KINDS: readonly EventKind[] = ['signal', 'processEnd', 'threadStart', 'execute', 'vforkDone'];
const CALL_KINDS: readonly EventKind[] = ['call', 'returned'];

export type Direction = 'forwards' | 'backwards';

/** Says which of a recording's events a debugger wants to be told of, as a live program's kernel tells them. */
export class RecordedStops {
  wishes: DebugWishes = { passedSignals: new Set(), syscalls: undefined, forks: false, vforks: false, execs: false };

  constructor(
    private readonly events: RecordedEvents,
    private readonly processes: RecordedProcesses,
  ) {}

  /** What an event is to the debugger, in the order of the run. */
  of(event: RecordedEvent, direction: Direction): readonly RecordedStop[] {
    const { processes, wishes } = this;
    const { kind, step, order } = event;
    const thread: ThreadId = event;
    const isDebugged = processes.isDebugged(event.pid);
    const moment: StopPlace = { step, order, told: Told.event };
    switch (kind) {
      case 'signal':
        if (!isDebugged || wishes.passedSignals.has(event.signal)) return [];
        return [{ moment, event: { kind: 'signal', thread: idOf(thread), signal: event.signal }, info: event.info }];
      case 'call':
        if (!isDebugged || !this.catches(event.number)) return [];
        return [{ moment: placeOf(step - 1, Told.call), event: { kind: 'syscall', thread: idOf(thread), at: 'entry', number: event.number } }];
      case 'returned':
        return isDebugged && event.tid !== 0 ? [...(direction === 'forwards' ? this.madeBy(event, moment) : []), ...this.returnOf(event)] : [];
      case 'vforkDone':
        if (direction === 'backwards' || !processes.isDebugged(event.parent.pid) || !wishes.vforks) return [];
        return [{ moment, event: { kind: 'vforkDone', thread: event.parent } }];
      case 'processEnd':
        return direction === 'forwards' && processes.isDebugged(event.ended) ? [this.endOf(event, moment)] : [];
      case 'threadStart':
        return direction === 'backwards' && event.makes !== 'thread' && processes.isDebugged(event.started.pid) ? [this.birthOf(event)] : [];
      default:
        return [];
    }
  }

  /** Kinds of events of which one comes with all that a debugger is told of. */
  get kinds(): readonly EventKind[] {
    return [...PROCESS_KINDS, ...(this.wishes.syscalls === undefined ? [] : CALL_KINDS)];
  }

  private catches(number: number): boolean {
    const { syscalls } = this.wishes;
    return syscalls === 'all' || syscalls?.has(number) === true;
  }

  /** A new process, or another program, of a call that returns. */
  private madeBy(returned: RecordedEvent, moment: StopPlace): readonly RecordedStop[] {
    const { wishes } = this;
    if (!wishes.forks && !wishes.vforks && !wishes.execs) return [];
    const thread = idOf(returned);
    for (const event of this.events.before(returned)) {
      if (event.step !== returned.step) break;
      if (event.tid !== returned.tid) continue;
      if (event.kind === 'execute' && wishes.execs)
        return [{ moment, event: { kind: 'executed', thread, path: this.processes.programAt(thread.pid, returned) } }];
      if (event.kind !== 'threadStart' || event.makes === 'thread') continue;
      const isVfork = event.makes === 'vfork';
      return (isVfork ? wishes.vforks : wishes.forks) ? [{ moment, event: { kind: 'forked', thread, child: event.started, isVfork } }] : [];
    }
    return [];
  }

  private returnOf(returned: RecordedEvent): readonly RecordedStop[] {
    if (this.wishes.syscalls === undefined) return [];
    const number = this.callOf(returned);
    if (number === undefined || !this.catches(number)) return [];
    return [
      { moment: { step: returned.step, order: returned.order, told: Told.call }, event: { kind: 'syscall', thread: idOf(returned), at: 'return', number } },
    ];
  }

  /** The number of the call that returns. */
  private callOf(returned: RecordedEvent): number | undefined {
    for (const event of this.events.before(returned, CALL_KINDS)) if (event.kind === 'call' && event.tid === returned.tid) return event.number;
    return undefined;
  }

  private endOf(event: Extract<RecordedEvent, { kind: 'processEnd' }>, moment: StopPlace): RecordedStop {
    const { ended: pid, by, status } = event;
    if (this.processes.debugged > 1) return { moment, event: by === 'exit' ? { kind: 'exited', pid, status } : { kind: 'killed', pid, signal: status } };
    return this.endOfHistory(event);
  }

  /** The last moment at which the last process that is debugged was there. */
  private endOfHistory(event: Extract<RecordedEvent, { kind: 'processEnd' }>): RecordedStop {
    const { ended: pid, step } = event;
    let moment = placeOf(Math.max(0, step - 1), Told.end);
    let tid = pid;
    for (const each of this.events.before(event)) {
      if (each.step !== step) break;
      if (each.kind === 'call' && each.pid === pid) ({ tid } = each);
      if (each.kind !== 'signal' || each.pid !== pid) continue;
      moment = { step, order: each.order, told: Told.end };
      ({ tid } = each);
      break;
    }
    return { moment, event: { kind: 'history', thread: { pid, tid }, end: 'end' } };
  }

  /** Going backwards, a process ends where it began. */
  private birthOf(event: Extract<RecordedEvent, { kind: 'threadStart' }>): RecordedStop {
    const { started } = event;
    let moment: StopPlace = placeOf(event.step);
    for (const each of this.events.after(event)) {
      if (each.step !== event.step) break;
      if (each.kind !== 'returned') continue;
      moment = { step: each.step, order: each.order, told: Told.breakpoint };
      break;
    }
    if (this.processes.debugged > 1) return { moment, event: { kind: 'exited', pid: started.pid, status: 0 } };
    return { moment, event: { kind: 'history', thread: started, end: 'begin' } };
  }
}

const idOf = ({ pid, tid }: ThreadId): ThreadId => ({ pid, tid });
