import type { Hit, Probe, RecordedEvents, Timeline } from '../../record/index.ts';
import type { Breakpoint, ThreadId } from '../target.ts';
import type { RecordedStop, RecordedStops } from './recordedStops.ts';
import { comparePlaces, isWhole, placeOf, type StopPlace, Told } from './stopPlace.ts';

/** A breakpoint of one process. */
export interface PlacedBreakpoint {
  readonly pid: number;
  readonly breakpoint: Breakpoint;
}

/** Where a debugger stops next in a recording, forwards and backwards. Searches leave the timeline anywhere. */
export class StopSearch {
  /** Breakpoints come before watchpoints: of two at one instruction they are met first. */
  private readonly placed: PlacedBreakpoint[] = [];

  constructor(
    private readonly timeline: Timeline,
    private readonly events: RecordedEvents,
    private readonly stops: RecordedStops,
  ) {}

  get count(): number {
    return this.placed.length;
  }

  insert(placed: PlacedBreakpoint): void {
    if (this.indexOf(placed) >= 0) return;
    if (placed.breakpoint.kind === 'code') this.placed.unshift(placed);
    else this.placed.push(placed);
  }

  remove(placed: PlacedBreakpoint): void {
    const at = this.indexOf(placed);
    if (at >= 0) this.placed.splice(at, 1);
  }

  /** A forked process has its parent's breakpoints. */
  fork(parent: number, child: number): void {
    for (const { pid, breakpoint } of [...this.placed]) if (pid === parent) this.insert({ pid: child, breakpoint });
  }

  /** A process has no breakpoints any more. */
  forget(owner: number): void {
    for (const each of this.placed.filter(({ pid }) => pid === owner)) this.remove(each);
  }

  private indexOf({ pid, breakpoint: { kind, address, length } }: PlacedBreakpoint): number {
    return this.placed.findIndex(
      ({ pid: owner, breakpoint: each }) => owner === pid && each.kind === kind && each.address === address && each.length === length,
    );
  }

  isBreakpoint(pid: number, pc: number): boolean {
    return this.placed.some(({ pid: owner, breakpoint: { kind, address } }) => kind === 'code' && address === pc && owner === pid);
  }

  /**
   * The first stop behind a moment.
   * @param limit the last moment of interest; undefined: the run's end
   * @param isMoved whether a stop of a thread is one
   */
  next(from: StopPlace, limit: StopPlace | undefined, isMoved: (thread: ThreadId) => boolean): RecordedStop | undefined {
    let found = this.nextEvent(from, limit, isMoved);
    const end = found?.moment ?? limit ?? placeOf(this.timeline.lastStep);
    let to = end.step + Number(isWhole(end) && end !== limit);
    for (const { pid, breakpoint } of this.placed) {
      const isTold = isWhole(from) && (breakpoint.kind === 'code' || from.told >= Told.access);
      const hit = this.nextHit({ pid, breakpoint }, from.step + Number(isTold), to, isMoved);
      if (hit === undefined) continue;
      found = stopAt(hit, breakpoint, placeOf(hit.step, breakpoint.kind === 'code' ? Told.breakpoint : Told.access));
      to = hit.step;
    }
    return found;
  }

  private nextEvent(from: StopPlace, limit: StopPlace | undefined, isMoved: (thread: ThreadId) => boolean): RecordedStop | undefined {
    for (const event of this.events.after(from, this.stops.kinds)) {
      // A call is told of at the step before.
      if (limit !== undefined && event.step > limit.step + 1) return undefined;
      for (const stop of this.stops.of(event, 'forwards')) {
        const isEnd = stop.event.kind === 'history';
        if (isEnd && limit === undefined) return comparePlaces(stop.moment, from) < 0 ? { ...stop, moment: from } : stop;
        if (isEnd || comparePlaces(stop.moment, from) <= 0 || ('thread' in stop.event && !isMoved(stop.event.thread))) continue;
        return limit === undefined || comparePlaces(stop.moment, limit) <= 0 ? stop : undefined;
      }
    }
    return undefined;
  }

  private nextHit({ pid, breakpoint }: PlacedBreakpoint, start: number, to: number, isMoved: (thread: ThreadId) => boolean): Hit | undefined {
    for (let from = start; from < to; ) {
      const hit = this.timeline.next(probeOf(breakpoint), { from, to, pid });
      if (hit === undefined || isMoved(hit)) return hit;
      from = hit.step + 1;
    }
    return undefined;
  }

  /**
   * The last stop before a moment.
   * @param limit the first moment of interest; undefined: the run's start. Between it and a step there are only accesses.
   */
  previous(from: StopPlace, limit: StopPlace | undefined): RecordedStop | undefined {
    let found = limit === undefined ? this.previousEvent(from) : undefined;
    for (const { pid, breakpoint } of this.placed) {
      const isCode = breakpoint.kind === 'code';
      if (isCode && limit !== undefined) continue;
      const low = found?.moment ?? limit;
      const start = low === undefined ? 0 : isCode ? low.step + Number(isWhole(low)) : Math.max(0, low.step - Number(!isWhole(low)));
      for (let to = this.behind(from, isCode); to > start; ) {
        const hit = this.timeline.previous(probeOf(breakpoint), { from: start, to, pid });
        if (hit === undefined) break;
        const stop = stopAt(hit, breakpoint, isCode ? placeOf(hit.step) : this.momentBehind(hit));
        if (comparePlaces(stop.moment, from) < 0) {
          if (found === undefined || comparePlaces(stop.moment, found.moment) > 0) found = stop;
          break;
        }
        // The kernel's, in what happened at the present step.
        to = hit.step;
      }
    }
    return found;
  }

  /** Behind an access: what instructions do comes before all else of a step, what calls write before they return; a signal's frame comes last. */
  private momentBehind(hit: Hit): StopPlace {
    const moment: StopPlace = { step: hit.step + 1, order: -1, told: Told.accessBehind };
    if (hit.kind !== 'kernel') return moment;
    for (const event of this.events.after(moment)) {
      if (event.step !== moment.step) break;
      if (event.kind === 'returned') return moment;
    }
    return placeOf(moment.step, Told.accessBehind);
  }

  /** The first step whose instruction is not before a moment. */
  private behind(from: StopPlace, isCode: boolean): number {
    if (isCode) return from.step + Number(isWhole(from) && from.told > Told.breakpoint);
    return from.step - Number(from.told === Told.accessBehind && !isWhole(from));
  }

  private previousEvent(from: StopPlace): RecordedStop | undefined {
    // What is at the present place may not have been told, and a call is told of at the step before.
    const place = isWhole(from) ? { step: from.step + 1, order: 0 } : { step: from.step, order: from.order + 0.25 };
    for (const event of this.events.before(place, this.stops.kinds)) {
      for (const stop of [...this.stops.of(event, 'backwards')].reverse()) {
        if (comparePlaces(stop.moment, from) < 0) return stop;
        // A process's first moment, which is the present one.
        if (stop.event.kind === 'history' && event.step <= from.step) return { ...stop, moment: from };
      }
    }
    return undefined;
  }

  /**
   * Where a thread will have completed one instruction more; one that makes a system call with the call.
   * @param running the thread that runs at `from`; 0: none
   * @returns undefined if it never does
   */
  stepEnd(tid: number, from: StopPlace, running: number): StopPlace | undefined {
    let runner = running;
    let { step } = from;
    let isInCall = false;
    for (const event of this.events.after(from)) {
      if (!isInCall && runner === tid && event.step > step) {
        if (event.kind !== 'call' || event.step !== step + 1) return { step: step + 1, order: -1, told: Told.breakpoint };
        isInCall = true;
      }
      ({ step } = event);
      if (event.kind === 'thread') runner = event.tid;
      if (event.kind === 'returned' && event.tid === tid) return { step, order: event.order, told: Told.event };
      if (event.kind === 'threadEnd' && event.ended === tid) return undefined;
    }
    return !isInCall && runner === tid && step < this.timeline.lastStep ? { step: step + 1, order: -1, told: Told.breakpoint } : undefined;
  }

  /** Where the last instruction that a thread completed before `from` comes next. @returns undefined if there is none */
  stepStart(tid: number, from: StopPlace, running: number): StopPlace | undefined {
    let end = from.step;
    const isAlone = running === tid && end > 0 && !this.wasSwitched(from);
    if (isAlone) return placeOf(end - 1);
    for (const event of this.events.before(from, ['thread', 'threadStart'])) {
      if (event.kind === 'threadStart' && event.started.tid === tid) return undefined;
      if (event.kind !== 'thread') continue;
      if (event.tid === tid && event.step < end) return placeOf(end - 1);
      end = Math.min(end, event.step);
    }
    return this.timeline.stretchAround(0)?.tid === tid && end > 0 ? placeOf(end - 1) : undefined;
  }

  /** Whether another thread ran before this one at the moment's step. */
  private wasSwitched(moment: StopPlace): boolean {
    for (const event of this.events.before(moment)) {
      if (event.step !== moment.step) return false;
      if (event.kind === 'thread') return true;
    }
    return false;
  }
}

function stopAt(hit: Hit, { kind, address }: Breakpoint, moment: StopPlace): RecordedStop {
  const thread = { pid: hit.pid, tid: hit.tid };
  if (kind === 'code') return { moment, event: { kind: 'breakpoint', thread } };
  const access = kind === 'access' ? 'access' : hit.kind === 'read' ? 'read' : 'write';
  return { moment, event: { kind: 'watchpoint', thread, access, address } };
}

/** What is looked for. */
function probeOf({ kind, address, length }: Breakpoint): Probe {
  if (kind === 'code') return { kind: 'execute', pc: address };
  return { kind: 'access', address, bytes: length, reads: kind !== 'write', writes: kind !== 'read' };
}
