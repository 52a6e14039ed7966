import { assert } from '../../base/index.ts';
import type { AddressSpace, Machine, RunEvent, SyscallOutcome } from '../../engine/index.ts';
import { Errno } from '../errno.ts';
import type { KernelFiles } from '../files/kernelFiles.ts';
import { TerminalModes } from '../files/terminalModes.ts';
import type { Host, HostHandle } from '../host.ts';
import { Inotify } from '../inotify/index.ts';
import { LibraryPlaces } from '../memory/libraryPlaces.ts';
import type { LinuxProcess, RaisedSignal, SyscallCall, SyscallObserver, Termination } from '../process.ts';
import { actOnSignal, deliverSignals, hasDeliverable, interruptCall, Signal, type SignalInfo, takeFault } from '../signals/index.ts';
import { senderOf } from '../signals/siginfo.ts';
import type { SyscallResult } from '../syscalls/row.ts';
import { FutexTable } from './futexes.ts';
import type { StartHostProgram } from './hostProgram.ts';
import type { FaultEvent, KernelDebugger, KernelEvents } from './kernelEvents.ts';
import { resetCall, Thread } from './thread.ts';
import { Blocked, type Wait } from './waiting.ts';

/** Instructions until another thread that could run gets its turn: a few milliseconds. */
const QUANTUM = 4_000_000;
/** Instructions that a thread has at least before one that it wakes comes first: about a tenth of a millisecond. */
const GRANULARITY = 50_000;
/** Longest sleep of the machine while all threads wait, in nanoseconds: then the host gets its turn. */
const IDLE = 50_000_000n;
/** As long while some of them wait for several of the host's files, or programs, which nothing tells at once. */
const LOOK = 2_000_000n;

/** Bytes of the instruction that makes a system call: SVC on AArch64, ECALL on RISC-V. */
const SYSCALL_BYTES = 4;

/** Signals and the like change a thread's state in between. */
const isReady = ({ state }: Thread): boolean => state === 'ready';

/** Something that happens at a time. */
export interface KernelTimer {
  /** In nanoseconds of Host.monotonicTime. */
  readonly at: bigint;
  fire(): void;
}

/** si_code of SIGBUS: there is no such place. */
const BUS_ADRERR = 2;

/**
 * The virtual kernel of one machine: all processes and threads, of which one at a time runs. Threads are switched when they
 * wait, and at exact counts of instructions, so that a run depends on its inputs alone.
 */
export class Kernel {
  readonly processes = new Map<number, LinuxProcess>();
  readonly futexes = new FutexTable();
  readonly timers = new Set<KernelTimer>();
  readonly libraries: LibraryPlaces;
  readonly terminals: TerminalModes;
  readonly observers: SyscallObserver[] = [];
  events: KernelEvents = {};
  debugger: KernelDebugger | undefined;
  /** The group of processes that the terminal's signals go to. */
  foregroundGroup = 0;
  /** Starts programs of the host's; undefined where guests may not become any. */
  startHostProgram: StartHostProgram | undefined;
  /** Whether `run` should come back now and then while all threads wait. */
  wantsTurns = false;
  /** Bytes of memory that guests may have all together, where that is less than the host's. */
  memoryLimit: number | undefined;
  private watcher: Inotify | undefined;
  private readonly threads = new Set<Thread>();
  private readonly ready: Thread[] = [];
  /** The thread whose registers the machine has. */
  private loaded: Thread | undefined;
  /** The machine has been stopped to run another thread. */
  private rescheduling = false;
  /** The run is to be left, whoever else could run. */
  private leaving = false;
  /** The machine is running, or in a system call. */
  private running = false;
  /** It will stop soon by itself, so that others have their turn. */
  private inSlices = false;
  /** The thread whose turn it is, and where that began: who stops the machine from outside does not lengthen it. */
  private turnOf: Thread | undefined;
  private turnStart = 0;
  /** The thread that runs has woken another, and goes behind it. */
  private yielding = false;
  private lastId: number;
  /** The process that the machine was made for, the thread of it that ran last, and how it ended. */
  private first: LinuxProcess | undefined;
  private firstThread: Thread | undefined;
  private firstEnd: RunEvent | undefined;
  /** Address spaces to be released once another one runs. */
  private readonly abandoned: AddressSpace[] = [];
  private hostUmask: number;

  constructor(
    readonly machine: Machine,
    readonly host: Host,
    private readonly firstId: number,
    readonly files: KernelFiles,
  ) {
    this.lastId = firstId;
    this.terminals = new TerminalModes(host);
    this.libraries = new LibraryPlaces(machine.guest.linux.mmapBase);
    this.hostUmask = host.setUmask(0);
    host.setUmask(this.hostUmask);
  }

  /** From when on it is first asked for, it looks at all system calls. */
  get inotify(): Inotify {
    this.watcher ??= new Inotify(this);
    return this.watcher;
  }

  /** The thread that runs. */
  get current(): Thread {
    const { loaded } = this;
    assert(loaded !== undefined, 'no thread runs');
    return loaded;
  }

  /** Whether there is more than the thread that runs. */
  get isConcurrent(): boolean {
    return this.threads.size > 1 || this.timers.size > 0 || this.wantsTurns;
  }

  /** Threads of all processes. */
  get threadCount(): number {
    return this.threads.size;
  }

  /** A number for a new process or thread. */
  nextId(): number {
    return ++this.lastId;
  }

  /** Whether a number is, or was, one of the guest's processes or threads, whoever has it on the host. */
  hasGivenId(id: number): boolean {
    return id >= this.firstId && id <= this.lastId;
  }

  /** The first process's thread, whose registers are the machine's. */
  start(process: LinuxProcess): void {
    this.processes.set(process.pid, process);
    this.first = process;
    this.foregroundGroup = process.identity.processGroup;
    const thread = new Thread(this, process, process.pid, { saved: this.machine.cpu.save(), pc: this.machine.pc });
    process.threads.push(thread);
    this.threads.add(thread);
    this.ready.push(thread);
    this.loaded = thread;
    this.firstThread = thread;
  }

  addProcess(process: LinuxProcess): void {
    this.processes.set(process.pid, process);
    this.events.processStarted?.(process);
  }

  addThread(thread: Thread): void {
    thread.process.threads.push(thread);
    this.threads.add(thread);
    this.ready.push(thread);
    this.events.threadStarted?.(thread);
    this.runInSlices();
  }

  addTimer(timer: KernelTimer): void {
    this.timers.add(timer);
    this.runInSlices();
  }

  /** From now on there is more than the thread that runs. */
  private runInSlices(): void {
    if (!this.inSlices) this.reschedule();
  }

  // Running

  /**
   * Runs all threads until `untilStep` instructions are done in all, or something stops the machine, or the last process
   * has ended: then the event tells how the first one did.
   */
  run(untilStep = Number.POSITIVE_INFINITY): RunEvent {
    const { machine } = this;
    for (;;) {
      if (this.leaving) {
        this.leaving = false;
        return { kind: 'stop' };
      }
      const thread = this.next();
      if (thread === 'turn') return { kind: 'stop' };
      if (thread === undefined) return this.allEnded();
      this.load(thread);
      if (thread.pending !== undefined && !this.retry(thread)) continue;
      if (thread.state !== 'ready') continue;
      deliverSignals(thread);
      if (thread.state !== 'ready') continue;
      this.running = true;
      this.inSlices = this.threads.size > 1 || this.timers.size > 0;
      if (thread !== this.turnOf || machine.steps >= this.turnStart + QUANTUM) this.turnStart = machine.steps;
      this.turnOf = thread;
      this.yielding = false;
      const turnEnd = this.turnStart + QUANTUM;
      const event = machine.run(this.inSlices ? Math.min(untilStep, turnEnd) : untilStep);
      this.running = false;
      if (event.kind === 'fault') {
        this.fault(thread, event);
        continue;
      }
      if (thread.state === 'ready') {
        const isOver = (this.inSlices && machine.steps >= turnEnd) || (this.yielding && this.rescheduling);
        if (isOver) this.turnOf = undefined;
        if (isOver) this.ready.push(thread);
        else this.ready.unshift(thread);
      }
      if (thread.state !== 'ready') this.turnOf = undefined;
      if (event.kind === 'stop' && this.rescheduling) {
        this.rescheduling = false;
        continue;
      }
      if (event.kind !== 'budget' || machine.steps >= untilStep) return event;
    }
  }

  /** Makes `run` return 'stop' before any thread executes another instruction. */
  leave(): void {
    this.leaving = true;
    this.machine.requestStop();
  }

  /** The machine has the first process's memory and registers as they were at its end, for those who look. */
  private allEnded(): RunEvent {
    const { first, firstEnd, machine } = this;
    assert(first !== undefined && firstEnd !== undefined, 'no process was ever run');
    if (this.loaded !== this.firstThread && this.firstThread !== undefined) {
      machine.enter(first.space);
      machine.cpu.load(this.firstThread.saved);
      machine.pc = this.firstThread.pc;
      this.loaded = this.firstThread;
    }
    return firstEnd;
  }

  /** The host makes new files as the process that runs wants them. */
  useUmask(umask: number): void {
    if (umask !== this.hostUmask) this.host.setUmask(umask);
    this.hostUmask = umask;
  }

  private load(thread: Thread): void {
    const { machine, loaded } = this;
    if (loaded === thread) return;
    if (loaded !== undefined && (loaded.state !== 'ended' || loaded === this.firstThread)) {
      loaded.saved = machine.cpu.save();
      loaded.pc = machine.pc;
    }
    machine.enter(thread.process.space);
    machine.cpu.load(thread.saved);
    machine.pc = thread.pc;
    this.loaded = thread;
    for (const space of this.abandoned.splice(0)) this.release(space);
    this.useUmask(thread.process.umask);
    this.events.switched?.(thread);
  }

  /** The thread whose turn it is; 'turn' for the host's, undefined if there is none. Waits if all threads do. */
  private next(): Thread | 'turn' | undefined {
    for (;;) {
      if (this.isConcurrent || this.ready.length === 0) this.lookAround();
      const thread = this.takeReady();
      if (thread !== undefined) return thread;
      if (this.threads.size === 0) return undefined;
      this.idle();
      // Also where somebody is ready now: who sleeps often, and works little, would never let it turn.
      if (this.wantsTurns) return 'turn';
    }
  }

  private takeReady(): Thread | undefined {
    if (this.debugger === undefined) return this.ready.shift();
    const at = this.debugger.choose(this.ready);
    return at < 0 ? undefined : this.ready.splice(at, 1)[0];
  }

  private waits(): { readonly thread: Thread; readonly wait: Wait }[] {
    return [...this.threads].flatMap((thread) => (thread.state === 'waiting' && thread.pending !== undefined ? [{ thread, wait: thread.pending.wait }] : []));
  }

  /** Lets go on whose time or data has come. */
  private lookAround(): void {
    const { host } = this;
    let now: bigint | undefined;
    const isOver = (at: bigint): boolean => {
      now ??= host.monotonicTime();
      return at <= now;
    };
    for (const timer of [...this.timers]) {
      if (!isOver(timer.at)) continue;
      this.timers.delete(timer);
      timer.fire();
    }
    const readable = new Map<HostHandle, boolean>();
    const isReadable = (handle: HostHandle): boolean => {
      const known = readable.get(handle) ?? host.readable(handle, 0n) !== 0;
      readable.set(handle, known);
      return known;
    };
    for (const { thread, wait } of this.waits()) {
      if ((wait.until !== undefined && isOver(wait.until)) || wait.handles?.some(isReadable)) this.wake(thread);
    }
  }

  /** Sleeps until something can have happened. */
  private idle(): void {
    const { host } = this;
    const waits = this.waits();
    const handles = new Set(waits.flatMap(({ wait }) => wait.handles ?? []));
    const times = [...[...this.timers].map(({ at }) => at), ...waits.flatMap(({ wait }) => (wait.until === undefined ? [] : [wait.until]))];
    const earliest = times.reduce<bigint | undefined>((least, at) => (least === undefined || at < least ? at : least), undefined);
    const isWithHost = this.startHostProgram !== undefined && [...this.processes.values()].some(({ hostProgram }) => hostProgram !== undefined);
    let most = handles.size > 1 || isWithHost ? LOOK : IDLE;
    if (earliest !== undefined) {
      const left = earliest - host.monotonicTime();
      if (left < most) most = left > 0n ? left : 0n;
    }
    const [only] = handles;
    if (handles.size === 1 && only !== undefined) host.readable(only, most);
    else if (most > 0n) host.sleep(most);
  }

  /** Makes the machine leave the thread that runs, which waits or has ended, or which others come before. */
  reschedule(): void {
    if (!this.running) return;
    this.rescheduling = true;
    this.machine.requestStop();
  }

  /** A waiting thread's call is to be attempted again. */
  wake(thread: Thread): void {
    if (thread.state !== 'waiting') return;
    thread.leaveQueues();
    thread.state = 'ready';
    this.ready.push(thread);
    // As on Linux, who has slept comes before who works: else two threads that pass a lock back and forth (Python's do)
    // would find it taken again whenever their turn comes.
    if (!this.running || thread === this.loaded || this.machine.steps - this.turnStart < GRANULARITY) return;
    this.yielding = true;
    this.reschedule();
  }

  /** A thread waits no longer for a child that has its memory. */
  resume(thread: Thread): void {
    if (thread.state !== 'suspended' && thread.state !== 'stopped') return;
    thread.state = thread.pending === undefined ? 'ready' : 'waiting';
    if (thread.state === 'ready') this.ready.push(thread);
    // Something may have happened meanwhile.
    else this.wake(thread);
  }

  /** Takes a thread that is not the current one from those that could run. */
  setAside(thread: Thread, state: 'stopped' | 'suspended'): void {
    const at = this.ready.indexOf(thread);
    if (at >= 0) this.ready.splice(at, 1);
    thread.leaveQueues();
    thread.state = state;
    if (thread === this.loaded) this.reschedule();
  }

  // System calls

  /** Does the system call that the registers ask for. Registers and memory are exact when the engine calls this. */
  syscall(): SyscallOutcome {
    const thread = this.current;
    const { process } = thread;
    const number = process.syscallNumber;
    process.given.load();
    resetCall(thread.call);
    let call: SyscallCall | undefined;
    for (const observer of this.observers) {
      if (observer.enter === undefined) continue;
      call ??= process.describeCall(number);
      observer.enter(call);
    }
    return this.attempt(thread, number, true) ?? 'changed';
  }

  /** @param isFirst the thread's code has been left for the call, and not for others meanwhile @returns undefined if the thread waits */
  private attempt(thread: Thread, number: number, isFirst: boolean): SyscallOutcome | undefined {
    const { process } = thread;
    let result: SyscallResult;
    try {
      result = process.perform(number);
    } catch (error) {
      if (!(error instanceof Blocked)) throw error;
      this.sleep(thread, number, error.wait);
      return undefined;
    }
    thread.pending = undefined;
    return this.finish(thread, number, result, isFirst);
  }

  private sleep(thread: Thread, number: number, wait: Wait): void {
    thread.pending = { number, wait };
    thread.state = 'waiting';
    thread.waitIn(wait.on ?? []);
    if (thread.signals.blocked !== 0n) this.events.dispositions?.();
    // A signal may have come before.
    if (hasDeliverable(thread)) this.wake(thread);
    this.reschedule();
  }

  private finish(thread: Thread, number: number, result: SyscallResult, isFirst = false, restarts = false): SyscallOutcome {
    const { process } = thread;
    if (this.observers.length > 0) {
      const call = process.describeCall(number);
      const value = typeof result === 'string' ? undefined : BigInt(result);
      for (const observer of this.observers) observer.leave?.(call, value, restarts);
    }
    if (typeof result !== 'string') process.setResult(result);
    if (result !== 'ended' && result !== -Errno.EINTR) thread.signals.unblockAfterCall();
    const isInterrupted = result !== 'ended' && hasDeliverable(thread);
    if (result !== 'ended' && !isInterrupted) thread.signals.unblockAfterCall();
    // That tells of the result, too.
    if (typeof result !== 'string' && !isInterrupted && isFirst) return 'done';
    this.events.returned?.(process, number, result);
    if (result === 'ended') {
      this.reschedule();
      return 'changed';
    }
    if (!isInterrupted) return result === 'changed' ? 'changed' : 'done';
    deliverSignals(thread);
    if (thread.state !== 'ready') this.reschedule();
    return 'changed';
  }

  /** Attempts a waiting call again, with the thread's registers loaded. @returns false if the thread still waits, or has ended */
  private retry(thread: Thread): boolean {
    const { pending, process } = thread;
    assert(pending !== undefined, 'no system call waits');
    thread.state = 'ready';
    process.given.load();
    if (hasDeliverable(thread) && this.interrupt(thread)) return isReady(thread);
    // A signal may have stopped or ended it.
    if (!isReady(thread)) return false;
    const outcome = this.attempt(thread, pending.number, false);
    thread.call.woken = false;
    return outcome !== undefined && isReady(thread);
  }

  /** A signal ends the wait. @returns false if the call should be attempted all the same */
  private interrupt(thread: Thread): boolean {
    const { pending } = thread;
    assert(pending !== undefined, 'no system call waits');
    const result = interruptCall(thread, pending.wait);
    if (result === undefined) return false;
    thread.pending = undefined;
    if (result === 'restart') this.machine.pc -= SYSCALL_BYTES;
    this.finish(thread, pending.number, result === 'restart' ? 'changed' : result, false, result === 'restart');
    return true;
  }

  // Ends

  /** The run ends here, whoever is left: files get what was written where they are mapped, terminals are as they were. */
  close(): void {
    for (const { termination, mappings, hostProgram } of this.processes.values()) {
      if (termination !== undefined) continue;
      mappings.writeBackAll();
      hostProgram?.kill(Signal.SIGKILL);
    }
    this.terminals.restore();
  }

  /** An access behind the end of a mapped file is a bus error, or, where the file has grown meanwhile, done again. */
  private explainFault(thread: Thread, event: FaultEvent): FaultEvent | undefined {
    const meaning = thread.process.mappings.explain(Number(event.address));
    if (meaning === undefined) return event;
    if (meaning === 'bus') return { ...event, signal: Signal.SIGBUS, code: BUS_ADRERR };
    this.ready.unshift(thread);
    return undefined;
  }

  /** The process may write what there is no memory for: as on Linux, it is killed. */
  outOfMemory(process: LinuxProcess): 'ended' {
    process.space.exhausted = false;
    this.events.outOfMemory?.(process);
    return process.terminate({ kind: 'signal', signal: Signal.SIGKILL });
  }

  /** An instruction of a thread's failed: what a machine's run told of it. */
  fault(thread: Thread, found: FaultEvent): void {
    const { process } = thread;
    if (process.space.exhausted) {
      this.outOfMemory(process);
      return;
    }
    // The guest may handle it, so that nobody else tells.
    if (found.signal === Signal.SIGILL) process.unimplemented(`Unsupported ${found.text} at 0x${found.pc.toString(16)}`);
    const event = found.signal === Signal.SIGSEGV ? this.explainFault(thread, found) : found;
    if (event === undefined) return;
    if (this.debugger?.holdsFault(thread, event)) this.ready.unshift(thread);
    else this.raiseFault(thread, event);
  }

  private raiseFault(thread: Thread, event: FaultEvent): void {
    const { process } = thread;
    if (takeFault(thread, event)) {
      if (thread.state === 'ready') this.ready.unshift(thread);
      return;
    }
    this.tellSignal(process, { signal: event.signal, code: event.code, origin: { kind: 'fault', address: event.address } });
    if (process === this.first) this.firstEnd = event;
    process.terminate({ kind: 'signal', signal: event.signal });
  }

  /** A fault that the debugger held has its effect. Only between runs. */
  actOnFault(thread: Thread, event: FaultEvent): void {
    this.load(thread);
    this.ready.splice(this.ready.indexOf(thread), 1);
    this.raiseFault(thread, event);
  }

  /** A thread acts on a signal that the debugger held. Only between runs. */
  act(thread: Thread, info: SignalInfo): void {
    this.load(thread);
    actOnSignal(thread, info);
  }

  /** A thread waits no longer: what it called has not been done. Only between runs. */
  giveUpCall(thread: Thread): void {
    thread.pending = undefined;
    this.wake(thread);
  }

  /** A signal's handler is going to run: registers and pc of the loaded thread have changed. */
  registersChanged(thread: Thread): void {
    this.events.switched?.(thread);
  }

  tellSignal(process: LinuxProcess, info: SignalInfo): void {
    this.events.signal?.(process, info);
    if (this.observers.length === 0) return;
    const { signal, code, origin } = info;
    const raised: RaisedSignal = { signal, code, origin: origin.kind === 'fault' ? { address: origin.address } : senderOf(info) };
    for (const observer of this.observers) observer.signal?.(raised, process, info);
  }

  /** One thread of a process that goes on, or has been told to end as a whole, is no more. */
  threadEnded(thread: Thread): void {
    thread.leaveQueues();
    const at = this.ready.indexOf(thread);
    if (at >= 0) this.ready.splice(at, 1);
    thread.state = 'ended';
    thread.pending = undefined;
    this.threads.delete(thread);
    const { threads } = thread.process;
    threads.splice(threads.indexOf(thread), 1);
    this.events.threadEnded?.(thread);
    if (thread === this.loaded) this.reschedule();
  }

  /** A process has ended. */
  processEnded(process: LinuxProcess, termination: Termination): void {
    if (process === this.first) {
      this.firstEnd ??= { kind: 'exit', status: termination.kind === 'exit' ? termination.status : 128 + termination.signal };
      if (this.loaded?.process === process) this.firstThread = this.loaded;
    }
    this.events.processEnded?.(process);
  }

  /** Whether it is the process that the machine was made for. */
  isFirst(process: LinuxProcess): boolean {
    return process === this.first;
  }

  /** Nobody asks for the process any more. */
  forget(process: LinuxProcess): void {
    this.processes.delete(process.pid);
  }

  /** An address space that nobody has any more. */
  release(space: AddressSpace): void {
    if (this.machine.space === space) this.abandoned.push(space);
    else this.machine.releaseSpace(space);
  }
}
