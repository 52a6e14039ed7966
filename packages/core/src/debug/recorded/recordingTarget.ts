import { UserError } from '../../base/index.ts';
import { CpuState } from '../../engine/index.ts';
import { type Guest, SIGINFO_BYTES } from '../../guest/index.ts';
import { type ByteString, encodeText } from '../../linux/index.ts';
import { type JournalReader, RecordedEvents, type SavedThread, type Timeline } from '../../record/index.ts';
import { presentPart } from '../memory.ts';
import type {
  Breakpoint,
  DebugFiles,
  DebugHistory,
  DebugTarget,
  DebugThread,
  DebugWishes,
  RegisterFile,
  ResumeControl,
  ResumeRequest,
  StopEvent,
  ThreadId,
} from '../target.ts';
import { readAuxiliaryVector } from './auxiliaryVector.ts';
import { RecordedProcesses } from './recordedProcesses.ts';
import { type RecordedStop, RecordedStops } from './recordedStops.ts';
import { RecordedSystemFiles } from './recordedSystemFiles.ts';
import { SavedRegisters } from './savedRegisters.ts';
import { comparePlaces, isWhole, placeOf, type StopPlace, Told } from './stopPlace.ts';
import { StopSearch } from './stopSearch.ts';

/** Most breakpoints at a time: each is a search of its own. */
const MOST_BREAKPOINTS = 64;

/** The debugger has interrupted a search. */
class Interrupted extends Error {}

/** A recording, for a debugger: it moves forwards and backwards, and cannot be changed. */
export class RecordingTarget implements DebugTarget {
  readonly guest: Guest;
  readonly history: DebugHistory = {
    reverseStep: (thread, control) => this.moving(control, () => this.stepBack(thread)),
    reverseContinue: (control) => this.moving(control, () => this.stopOr(this.search.previous(this.moment, undefined), 'begin')),
    goTo: async (step) => this.goTo(step),
    findWrite: async (pid, address) => {
      const { step } = this;
      const hit = this.timeline.previous({ kind: 'access', address, bytes: 1, reads: false, writes: true }, { to: step, memoryOf: pid });
      this.moveTo(hit === undefined ? this.moment : placeOf(hit.step));
      return hit?.step;
    },
  };
  readonly files: DebugFiles;
  private readonly events: RecordedEvents;
  private readonly processes: RecordedProcesses;
  private readonly stops: RecordedStops;
  private readonly search: StopSearch;
  private moment = placeOf(0);
  /** What the last stop was about; undefined once the recording has been moved otherwise. */
  private stopped: RecordedStop | undefined;
  /** A thread that is debugged, to be shown where none is. */
  private last: ThreadId;
  private control: ResumeControl | undefined;
  /** Paths of files that processes have mapped at any time, once somebody has asked. */
  private mapped: readonly string[] | undefined;
  /** The debugger has gone. */
  private isLeft = false;

  /**
   * @param journal of the timeline
   * @param program the path of the recorded program, as the guest saw it
   * @param readFile reads a file of the recorded system; undefined: it cannot be had
   */
  constructor(
    private readonly timeline: Timeline,
    journal: JournalReader,
    program: ByteString,
    readFile: (path: string) => Uint8Array | undefined,
  ) {
    this.files = new RecordedSystemFiles(program, readFile, () => this.staying(() => this.mappedFiles()));
    const { replayer } = timeline;
    this.guest = replayer.machine.guest;
    timeline.seek(0);
    const { pid, tid } = replayer;
    this.last = { pid, tid };
    this.events = new RecordedEvents(timeline, journal);
    this.processes = new RecordedProcesses(this.events, pid, program, readAuxiliaryVector(replayer.machine));
    this.stops = new RecordedStops(this.events, this.processes);
    this.search = new StopSearch(timeline, this.events, this.stops);
  }

  private mappedFiles(): readonly string[] {
    if (this.mapped !== undefined) return this.mapped;
    const { isComplete, replayer } = this.timeline;
    const paths = new Set(replayer.files.paths);
    for (const event of this.events.after(placeOf(0), ['files'])) {
      // Of what comes later, nobody asks yet, and looking for it may take long.
      if (!isComplete && event.step > this.step) break;
      if (event.kind === 'files') for (const path of event.paths) paths.add(path);
    }
    if (isComplete) this.mapped = [...paths];
    return [...paths];
  }

  /** To be called now and then while the timeline searches. Throws to end a search that the debugger has interrupted. */
  look(): void {
    if (this.control?.interrupted()) throw new Interrupted();
  }

  // What there is

  get step(): number {
    return this.moment.step;
  }

  get current(): ThreadId | undefined {
    if (this.isLeft) return undefined;
    const listed = this.listed();
    const { stopped } = this;
    const wanted = stopped !== undefined && 'thread' in stopped.event ? stopped.event.thread : this.timeline.replayer;
    return listed.find(({ tid }) => tid === wanted.tid) ?? listed[0];
  }

  /** Threads of processes that are debugged. */
  private listed(): readonly ThreadId[] {
    const { replayer } = this.timeline;
    const all = [...replayer.threads].map(([tid, { pid }]) => ({ pid, tid }));
    if (replayer.tid !== 0) all.push({ pid: replayer.pid, tid: replayer.tid });
    const debugged = all.filter(({ pid }) => this.processes.isDebugged(pid)).sort((a, b) => a.pid - b.pid || a.tid - b.tid);
    return debugged.length === 0 ? [this.last] : debugged;
  }

  threads(): readonly DebugThread[] {
    if (this.isLeft) return [];
    return this.listed().map(({ pid, tid }) => {
      const path = this.executable(pid);
      return { pid, tid, name: path.slice(path.lastIndexOf('/') + 1), state: '' };
    });
  }

  /** undefined: it is the one whose registers the machine has, or is no more. */
  private saved({ tid }: ThreadId): SavedThread | undefined {
    const { replayer } = this.timeline;
    return tid === replayer.tid ? undefined : replayer.threads.get(tid);
  }

  registers(thread: ThreadId): RegisterFile {
    const { machine } = this.timeline.replayer;
    const saved = this.saved(thread);
    if (saved === undefined) return new SavedRegisters(this.guest, machine.cpu, machine.pc);
    const { buffer, byteOffset, byteLength } = saved.state;
    return new SavedRegisters(this.guest, CpuState.ofSaved(this.guest.state, new Uint8Array(buffer, byteOffset, byteLength)), saved.pc);
  }

  private pcOf(thread: ThreadId): number {
    return this.saved(thread)?.pc ?? this.timeline.replayer.pc;
  }

  readMemory(pid: number, address: number, length: number): Uint8Array {
    const space = this.timeline.replayer.memoryOf(pid);
    return space === undefined ? new Uint8Array() : presentPart(space, address, length);
  }

  /** What has happened cannot be changed. */
  writeMemory(): boolean {
    return false;
  }

  executable(pid: number): ByteString {
    return this.staying(() => this.processes.programAt(pid, this.moment));
  }

  auxiliaryVector(pid: number): Uint8Array {
    return this.staying(() => this.processes.auxiliaryAt(pid, this.moment));
  }

  signalInfo({ tid }: ThreadId): Uint8Array | undefined {
    const { stopped } = this;
    if (stopped?.info === undefined || stopped.event.kind !== 'signal' || stopped.event.thread.tid !== tid) return undefined;
    const info = new Uint8Array(SIGINFO_BYTES);
    info.set(stopped.info);
    return info;
  }

  want(wishes: DebugWishes): void {
    this.stops.wishes = wishes;
  }

  detach(pid: number): void {
    if (this.processes.debugged <= 1) this.isLeft = true;
    this.leave(pid);
  }

  private leave(pid: number): void {
    this.processes.detach(pid);
    this.search.forget(pid);
  }

  kill(pid: number): void {
    this.detach(pid);
  }

  insertBreakpoint(pid: number, breakpoint: Breakpoint): boolean {
    if (this.search.count >= MOST_BREAKPOINTS) return false;
    this.search.insert({ pid, breakpoint });
    return true;
  }

  removeBreakpoint(pid: number, breakpoint: Breakpoint): void {
    this.search.remove({ pid, breakpoint });
  }

  // Moving

  /** Looks at events: where the run has not been gone through so far, that moves the timeline, which is put back. */
  private staying<T>(look: () => T): T {
    const { timeline, stopped } = this;
    const { step } = timeline;
    const seen = look();
    if (timeline.step !== step) {
      this.moveTo(this.moment);
      this.stopped = stopped;
    }
    return seen;
  }

  /** Goes to a moment, of which nothing is told. */
  private moveTo(moment: StopPlace): void {
    this.stopped = undefined;
    const { timeline } = this;
    const pause = isWhole(moment) ? undefined : this.pauseAt(moment);
    if (pause === undefined) timeline.seek(moment.step);
    else timeline.seekInto(moment.step, pause);
    // Where nothing happens besides instructions, all has happened.
    this.moment = pause === undefined && moment.told >= Told.breakpoint ? placeOf(moment.step, moment.told) : moment;
    const { pid, tid } = timeline.replayer;
    if (this.processes.isDebugged(pid) && tid !== 0) this.last = { pid, tid };
  }

  /** Number of the pause that shows a moment; undefined where all of its step has happened. */
  private pauseAt({ step, order }: StopPlace): number | undefined {
    if (order >= 0) return order;
    for (const event of this.events.after({ step, order })) {
      if (event.step !== step) return undefined;
      if (Number.isInteger(event.order)) return event.order;
    }
    return undefined;
  }

  private goTo(step: number): void {
    const { lastStep } = this.timeline;
    if (!Number.isInteger(step) || step < 0 || step > lastStep) throw new UserError(`there is no step ${step}: the recording has ${lastStep}`);
    this.moveTo(placeOf(step));
  }

  /** Moves, unless the debugger interrupts that. */
  private async moving(control: ResumeControl, move: () => StopEvent): Promise<StopEvent> {
    const { moment, current } = this;
    this.control = control;
    try {
      return move();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      // Going back is not to be ended.
      this.control = undefined;
      this.moveTo(moment);
      return { kind: 'interrupted', thread: current ?? this.last };
    } finally {
      this.control = undefined;
    }
  }

  async resume(request: ResumeRequest, control: ResumeControl): Promise<StopEvent> {
    const { current } = this;
    const steps = (thread: ThreadId): boolean => request.actionOf(thread)?.kind === 'step';
    const stepper = current !== undefined && steps(current) ? current : this.listed().find(steps);
    const isMoved = (thread: ThreadId): boolean => request.actionOf(thread) !== undefined;
    return this.moving(control, () => {
      if (stepper === undefined) return this.stopOr(this.search.next(this.moment, undefined, isMoved), 'end');
      const range = request.actionOf(stepper)?.range;
      for (;;) {
        const stop = this.stepOne(stepper, isMoved);
        if (stop !== undefined) return stop;
        const pc = this.pcOf(stepper);
        if (range === undefined || pc < range.start || pc >= range.end) return { kind: 'stepped', thread: stepper };
        if (this.search.isBreakpoint(stepper.pid, pc)) return { kind: 'breakpoint', thread: stepper };
        if (control.interrupted()) return { kind: 'interrupted', thread: stepper };
      }
    });
  }

  /** One instruction of a thread. @returns why that stops elsewhere; undefined if it does not */
  private stepOne(thread: ThreadId, isMoved: (thread: ThreadId) => boolean): StopEvent | undefined {
    const { replayer } = this.timeline;
    if (this.isAtSignalOf(thread)) {
      // A step that begins with a signal's handler ends there.
      const [pc, all] = [this.pcOf(thread), placeOf(this.step)];
      const other = this.search.next(this.moment, all, isMoved);
      if (other !== undefined) return this.stopOr(other, 'end');
      this.moveTo(all);
      if (this.pcOf(thread) !== pc) return undefined;
    }
    const end = this.search.stepEnd(thread.tid, this.moment, replayer.tid);
    const stop = this.search.next(this.moment, end, isMoved);
    if (stop !== undefined || end === undefined) return this.stopOr(stop, 'end');
    this.moveTo(end);
    return undefined;
  }

  private isAtSignalOf({ tid }: ThreadId): boolean {
    const event = this.stopped?.event;
    return event?.kind === 'signal' && event.thread.tid === tid;
  }

  private stepBack(thread: ThreadId): StopEvent {
    const { replayer } = this.timeline;
    const start = this.search.stepStart(thread.tid, this.moment, replayer.tid);
    if (start === undefined) return this.stopOr(undefined, 'begin');
    const stop = this.search.previous(this.moment, start);
    if (stop !== undefined) return this.stopOr(stop, 'begin');
    this.moveTo(start);
    return { kind: 'stepped', thread };
  }

  /** Goes to where a search has stopped. @param end of the recording, where it has not */
  private stopOr(stop: RecordedStop | undefined, end: 'begin' | 'end'): StopEvent {
    if (stop === undefined) return this.endOf(end);
    this.moveTo(stop.moment);
    this.stopped = stop;
    const { event } = stop;
    if (event.kind === 'forked') {
      this.processes.attach(event.child.pid);
      this.search.fork(event.thread.pid, event.child.pid);
    }
    if (event.kind === 'exited' || event.kind === 'killed') this.leave(event.pid);
    if (event.kind === 'executed') this.search.forget(event.thread.pid);
    return event;
  }

  private endOf(end: 'begin' | 'end'): StopEvent {
    const step = end === 'begin' ? 0 : this.timeline.lastStep;
    const moment = placeOf(step);
    if (end === 'end' && comparePlaces(moment, this.moment) < 0) this.moveTo(this.moment);
    else this.moveTo(moment);
    return { kind: 'history', thread: this.current ?? this.last, end };
  }
}

/** The program's path as the guest's system has it. */
export const recordedProgram = ({ program, workingDirectory }: { readonly program: string; readonly workingDirectory: string }): ByteString =>
  encodeText(program.startsWith('/') ? program : `${workingDirectory}/${program}`);
