import { assert } from '../../base/index.ts';
import type { AddressSpace, MachineHooks } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import {
  type ByteString,
  decodeText,
  type FaultEvent,
  type Kernel,
  type LinuxProcess,
  type SignalInfo,
  type SyscallObserver,
  type Thread,
} from '../../linux/index.ts';
import { presentPart } from '../memory.ts';
import type {
  Breakpoint,
  DebugTarget,
  DebugThread,
  DebugWishes,
  RegisterFile,
  ResumeControl,
  ResumeRequest,
  StopEvent,
  ThreadAction,
  ThreadId,
} from '../target.ts';
import { BreakpointTable } from './breakpointTable.ts';
import { BREAKPOINT, SYSCALL, watchedOf } from './debugPass.ts';
import { GuestFiles } from './guestFiles.ts';
import { HeldSignals } from './heldSignals.ts';
import { ThreadRegisters } from './threadRegisters.ts';

/** Instructions after which a run comes back, so that the host has its turn. */
const SLICE = 4_000_000;
/** While the thread that steps waits: those of others until it is looked whether it still does. */
const WAITING_SLICE = 50_000;
/** Steps of a thread after which the host has its turn. */
const STEPS_PER_TURN = 1000;

/** What a live target needs of who runs it. */
export interface LiveSurroundings {
  /** How far to run at most, if `step` is wanted. */
  until(step: number): number;
  /** Lets the host do what waits. @returns false if the run must end here */
  turn(): Promise<boolean>;
}

/** Where a stop was reported: there, none of the same kind is again. */
interface Reported {
  readonly thread: Thread;
  readonly pc: number;
  readonly step: number;
  readonly kind: StopEvent['kind'];
}

/** How threads move during a resume. */
interface Plan {
  readonly request: ResumeRequest;
  /** It runs alone until it has stepped, or waits. */
  stepper: Thread | undefined;
  readonly range: ThreadAction['range'];
  /** The stepper is in a system call whose end is its step. */
  isInCall: boolean;
}

const idOf = ({ process, tid }: Thread): ThreadId => ({ pid: process.pid, tid });

/** A guest that runs, for a debugger. */
export class LiveTarget implements DebugTarget {
  readonly guest: Guest;
  readonly files: GuestFiles;
  private readonly attached = new Set<LinuxProcess>();
  private readonly breakpoints: BreakpointTable;
  private readonly signals: HeldSignals;
  private readonly events: StopEvent[] = [];
  private readonly interruptedCalls = new Map<Thread, number>();
  private readonly observer: SyscallObserver;
  private wishes: DebugWishes = { passedSignals: new Set(), syscalls: undefined, forks: false, vforks: false, execs: false };
  private stopped: Thread | undefined;
  private reported: Reported | undefined;
  private plan: Plan | undefined;
  private control: ResumeControl | undefined;
  /** Who else is told of what the kernel writes. */
  private readonly toldOfWrites: AddressSpace['family']['onKernelWrite'];

  /** @param kernel whose first process has not run yet */
  constructor(
    private readonly kernel: Kernel,
    private readonly surroundings: LiveSurroundings,
  ) {
    const { machine } = kernel;
    this.guest = machine.guest;
    this.stopped = kernel.current;
    const { process } = kernel.current;
    this.attached.add(process);
    this.files = new GuestFiles(kernel.host, process);
    this.breakpoints = new BreakpointTable(machine);
    this.signals = new HeldSignals(kernel);
    this.observer = { leave: ({ number }, _result, restarts) => this.left(number, restarts) };
    // For ^C while all threads wait. It stays so: others may want it by the end.
    kernel.wantsTurns = true;
    kernel.debugger = {
      choose: (ready) => this.choose(ready),
      holdsSignal: (thread, info) => this.holdsSignal(thread, info),
      holdsFault: (thread, event) => this.holdsFault(thread, event),
    };
    kernel.events.processStarted = (child) => this.forked(child);
    kernel.events.processEnded = (each) => this.processEnded(each);
    kernel.events.executed = (each) => this.executed(each);
    kernel.events.vforkDone = (parent) => this.tell(parent, this.wishes.vforks, { kind: 'vforkDone', thread: idOf(parent) });
    const { family } = machine.space;
    this.toldOfWrites = family.onKernelWrite;
    family.onKernelWrite = (address, data, space) => {
      this.toldOfWrites?.(address, data, space);
      this.written(address, data.length, space);
    };
  }

  /** Those that the machine must be made with. */
  get hooks(): Required<Pick<MachineHooks, 'callback' | 'budget'>> {
    return {
      callback: (number) => this.callback(number),
      budget: () => {
        if (this.control?.interrupted()) this.kernel.machine.requestStop();
      },
    };
  }

  /** The debugger has gone: what is left of the run is as without it. */
  release(): void {
    const { kernel } = this;
    for (const { pid } of [...this.attached]) this.detach(pid);
    kernel.debugger = undefined;
    for (const event of ['processStarted', 'processEnded', 'executed', 'vforkDone'] as const) delete kernel.events[event];
    kernel.machine.space.family.onKernelWrite = this.toldOfWrites;
    kernel.machine.setInstrument(undefined);
    this.want({ ...this.wishes, syscalls: undefined });
    this.files.closeAll();
  }

  // What there is

  private get all(): readonly Thread[] {
    return [...this.attached].flatMap(({ threads }) => threads);
  }

  private find({ pid, tid }: ThreadId): Thread {
    const thread = this.all.find((each) => each.tid === tid && each.process.pid === pid);
    assert(thread !== undefined, `there is no thread ${pid}.${tid}`);
    return thread;
  }

  private process(pid: number): LinuxProcess {
    const process = [...this.attached].find((each) => each.pid === pid);
    assert(process !== undefined, `process ${pid} is not debugged`);
    return process;
  }

  threads(): readonly DebugThread[] {
    return this.all.map((thread) => ({ ...idOf(thread), name: decodeText(thread.process.threadName), state: this.stateOf(thread) }));
  }

  private stateOf({ state, pending, process }: Thread): string {
    if (pending === undefined) return state === 'ready' ? '' : state;
    return `waits in ${process.describeCall(pending.number).name ?? `system call ${pending.number}`}`;
  }

  get current(): ThreadId | undefined {
    const { all } = this;
    const thread = this.stopped !== undefined && all.includes(this.stopped) ? this.stopped : all[0];
    return thread === undefined ? undefined : idOf(thread);
  }

  get step(): number {
    return this.kernel.machine.steps;
  }

  registers(thread: ThreadId): RegisterFile {
    return this.registersOf(this.find(thread));
  }

  private registersOf(thread: Thread): ThreadRegisters {
    return new ThreadRegisters(this.kernel, thread, this.interruptedCalls);
  }

  readMemory(pid: number, address: number, length: number): Uint8Array {
    return presentPart(this.process(pid).space, address, length);
  }

  writeMemory(pid: number, address: number, data: Uint8Array): boolean {
    return this.process(pid).space.pokeBytes(address, data);
  }

  insertBreakpoint(pid: number, breakpoint: Breakpoint): boolean {
    return this.breakpoints.insert(pid, breakpoint);
  }

  removeBreakpoint(pid: number, breakpoint: Breakpoint): void {
    this.breakpoints.remove(pid, breakpoint);
  }

  executable(pid: number): ByteString {
    return this.process(pid).programPath;
  }

  auxiliaryVector(pid: number): Uint8Array {
    return this.process(pid).program.stack.auxiliaryBytes;
  }

  signalInfo(thread: ThreadId): Uint8Array | undefined {
    return this.signals.infoOf(this.find(thread));
  }

  want(wishes: DebugWishes): void {
    this.wishes = wishes;
    const { observers } = this.kernel;
    const at = observers.indexOf(this.observer);
    if (wishes.syscalls !== undefined && at < 0) observers.push(this.observer);
    else if (wishes.syscalls === undefined && at >= 0) observers.splice(at, 1);
  }

  detach(pid: number): void {
    const process = this.process(pid);
    this.signals.releaseAll(process.threads);
    this.leave(process);
  }

  kill(pid: number): void {
    const process = this.process(pid);
    this.leave(process);
    process.terminate({ kind: 'signal', signal: 9 });
  }

  private leave(process: LinuxProcess): void {
    this.attached.delete(process);
    this.breakpoints.forget(process.pid);
  }

  // Going on

  async resume(request: ResumeRequest, control: ResumeControl): Promise<StopEvent> {
    this.control = control;
    this.plan = this.planFor(request);
    const at = this.plan.stepper === undefined ? undefined : this.registersOf(this.plan.stepper).pc;
    for (const thread of this.all) {
      const action = request.actionOf(idOf(thread));
      if (action !== undefined) this.signals.release(thread, action.signal);
    }
    const { stepper } = this.plan;
    // A step that begins with a signal's handler ends there.
    const isInHandler = stepper?.state === 'ready' && this.registersOf(stepper).pc !== at;
    const event = isInHandler && this.events.length === 0 ? ({ kind: 'stepped', thread: idOf(stepper) } as const) : await this.go(this.plan, control);
    this.plan = undefined;
    this.control = undefined;
    return this.report(event);
  }

  private planFor(request: ResumeRequest): Plan {
    const steps = (thread: Thread): boolean => request.actionOf(idOf(thread))?.kind === 'step';
    const { all, stopped } = this;
    const stepper = stopped !== undefined && all.includes(stopped) && steps(stopped) ? stopped : all.find(steps);
    return { request, stepper, range: stepper && request.actionOf(idOf(stepper))?.range, isInCall: stepper?.pending !== undefined };
  }

  private async go(plan: Plan, control: ResumeControl): Promise<StopEvent> {
    const { kernel, surroundings } = this;
    for (let i = 0; ; i++) {
      const event = this.nextEvent();
      if (event !== undefined) return event;
      const { stepper } = plan;
      if (stepper !== undefined && this.hasStepped(plan, stepper)) return { kind: 'stepped', thread: idOf(stepper) };
      if (stepper?.state === 'ended') plan.stepper = undefined;
      const { current } = this;
      if (current === undefined || !this.all.some((thread) => plan.request.actionOf(idOf(thread)) !== undefined)) return { kind: 'idle' };
      if (control.interrupted()) return { kind: 'interrupted', thread: this.loadedOr(current) };
      this.breakpoints.apply(this.wishes.syscalls !== undefined);
      const end = kernel.run(surroundings.until(this.step + this.sliceOf(plan)));
      if (this.events.length === 0 && (end.kind === 'exit' || end.kind === 'fault')) return { kind: 'idle' };
      const isTurn = plan.stepper === undefined || plan.isInCall || i % STEPS_PER_TURN === STEPS_PER_TURN - 1;
      if (isTurn && !(await surroundings.turn())) this.attached.clear();
    }
  }

  /** The first event that is still of interest. */
  private nextEvent(): StopEvent | undefined {
    for (;;) {
      const event = this.events.shift();
      if (event === undefined || !('thread' in event)) return event;
      const { pid, tid } = event.thread;
      if (this.all.some((thread) => thread.tid === tid && thread.process.pid === pid)) return event;
    }
  }

  /** Instructions until the run comes back. */
  private sliceOf({ stepper, isInCall }: Plan): number {
    if (stepper === undefined) return SLICE;
    if (!isInCall) return 1;
    // Its call is attempted again, and nothing else.
    return stepper.state === 'ready' ? 0 : WAITING_SLICE;
  }

  /** Looks what has become of the thread that steps, before and after each piece of a run. */
  private hasStepped(plan: Plan, stepper: Thread): boolean {
    const { begun } = this;
    if (begun === undefined || begun.thread !== stepper) {
      this.begun = { thread: stepper, step: this.step };
      return false;
    }
    if (stepper.pending !== undefined || stepper.state !== 'ready') {
      plan.isInCall = true;
      return false;
    }
    if (!plan.isInCall && this.step === begun.step) return false;
    plan.isInCall = false;
    this.begun = { thread: stepper, step: this.step };
    const { range } = plan;
    const { pc } = this.registersOf(stepper);
    return range === undefined || pc < range.start || pc >= range.end;
  }

  /** Where the present step began. */
  private begun: { readonly thread: Thread; readonly step: number } | undefined;

  private loadedOr(other: ThreadId): ThreadId {
    const { current } = this.kernel;
    return this.all.includes(current) ? idOf(current) : other;
  }

  private report(event: StopEvent): StopEvent {
    this.begun = undefined;
    if (!('thread' in event)) return event;
    const thread = this.find(event.thread);
    this.stopped = thread;
    this.reported = { thread, pc: this.registersOf(thread).pc, step: this.step, kind: event.kind };
    return event;
  }

  /** Whose turn it is: the thread that steps if it can, else any that may run. */
  private choose(ready: readonly Thread[]): number {
    const { plan } = this;
    if (plan === undefined) return -1;
    const { stepper } = plan;
    const at = stepper === undefined ? -1 : ready.indexOf(stepper);
    return at >= 0 ? at : ready.findIndex((thread) => !this.attached.has(thread.process) || plan.request.actionOf(idOf(thread)) !== undefined);
  }

  // What happens meanwhile

  /** Something that the debugger is told when the machine has stopped. */
  private tell({ process }: Thread, isWanted: boolean, event: StopEvent): boolean {
    if (!isWanted || !this.attached.has(process)) return false;
    this.events.push(event);
    this.kernel.leave();
    return true;
  }

  /** Code asks before an instruction. @returns whether to stop there */
  private callback(number: number): boolean {
    const { kernel, breakpoints } = this;
    const { machine, current: thread } = kernel;
    const id = idOf(thread);
    if (number === BREAKPOINT) {
      if (this.isReported(thread) || !breakpoints.isAt(id.pid, machine.pc)) return false;
      return this.tell(thread, true, { kind: 'breakpoint', thread: id });
    }
    if (number === SYSCALL) {
      const { syscallNumber } = thread.process;
      if (this.isReported(thread, 'syscall') || !this.catches(syscallNumber)) return false;
      return this.tell(thread, true, { kind: 'syscall', thread: id, at: 'entry', number: syscallNumber });
    }
    const { index, isStore } = watchedOf(number);
    const found = breakpoints.watchpoint(id.pid, index);
    if (found === undefined || found.kind === 'code' || this.isReported(thread, 'watchpoint')) return false;
    const access = found.kind === 'access' ? 'access' : isStore ? 'write' : 'read';
    return this.tell(thread, true, { kind: 'watchpoint', thread: id, access, address: found.address });
  }

  /** Whether the thread is where it was when the last stop, of a kind, was reported. */
  private isReported(thread: Thread, kind?: StopEvent['kind']): boolean {
    const { reported, kernel } = this;
    const { machine } = kernel;
    if (reported === undefined || (kind !== undefined && reported.kind !== kind)) return false;
    return reported.thread === thread && reported.pc === machine.pc && reported.step === machine.steps;
  }

  private catches(number: number): boolean {
    const { syscalls } = this.wishes;
    return syscalls === 'all' || syscalls?.has(number) === true;
  }

  private left(number: number, restarts: boolean): void {
    const { current } = this.kernel;
    if (!restarts && this.plan !== undefined) this.tell(current, this.catches(number), { kind: 'syscall', thread: idOf(current), at: 'return', number });
  }

  private holdsSignal(thread: Thread, info: SignalInfo): boolean {
    const { signal } = info;
    const isWanted = !this.signals.isSent(info) && !this.wishes.passedSignals.has(signal);
    if (!this.tell(thread, isWanted, { kind: 'signal', thread: idOf(thread), signal })) return false;
    this.signals.hold(thread, { kind: 'signal', info });
    return true;
  }

  private holdsFault(thread: Thread, event: FaultEvent): boolean {
    const { signal } = event;
    if (!this.tell(thread, !this.wishes.passedSignals.has(signal), { kind: 'signal', thread: idOf(thread), signal })) return false;
    this.signals.hold(thread, { kind: 'fault', event });
    return true;
  }

  private written(address: number, length: number, space: AddressSpace): void {
    if (this.plan === undefined) return;
    const { current } = this.kernel;
    if (current.process.space !== space) return;
    const found = this.breakpoints.written(current.process.pid, address, length);
    if (found === undefined || found.kind === 'code') return;
    this.tell(current, true, { kind: 'watchpoint', thread: idOf(current), access: found.kind, address: found.address });
  }

  private forked(child: LinuxProcess): void {
    const { current } = this.kernel;
    // It still shares its parent's memory if its parent is going to wait for it.
    const isVfork = child.image === current.process.image;
    const isWanted = isVfork ? this.wishes.vforks : this.wishes.forks;
    if (!this.tell(current, isWanted, { kind: 'forked', thread: idOf(current), child: { pid: child.pid, tid: child.pid }, isVfork })) return;
    this.attached.add(child);
    this.breakpoints.fork(current.process.pid, child.pid);
  }

  private executed(process: LinuxProcess): void {
    if (!this.attached.has(process)) return;
    this.breakpoints.forget(process.pid);
    const thread = process.threads[0];
    this.tell(thread, this.wishes.execs, { kind: 'executed', thread: idOf(thread), path: process.programPath });
  }

  private processEnded(process: LinuxProcess): void {
    if (!this.attached.has(process)) return;
    const { pid, termination } = process;
    this.leave(process);
    if (termination?.kind === 'signal') this.events.push({ kind: 'killed', pid, signal: termination.signal });
    else this.events.push({ kind: 'exited', pid, status: termination?.status ?? 0 });
    this.kernel.leave();
  }
}
