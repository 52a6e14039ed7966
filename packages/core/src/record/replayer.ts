import { AssertionError, assert, type ByteReader } from '../base/index.ts';
import {
  type AddressSpace,
  createMachine,
  type Instrument,
  type Machine,
  type MachineHooks,
  type MachineOptions,
  type SyscallOutcome,
} from '../engine/index.ts';
import type { Guest } from '../guest/index.ts';
import { causeOf } from '../linux/index.ts';
import { FileHistory } from './fileHistory.ts';
import { type CallSums, type Entry, EntryCursor, EntryKind, Op, readCallSums } from './journal/entries.ts';
import type { JournalReader } from './journal/journalReader.ts';
import { skipOperands } from './journal/operands.ts';
import { lastSumsBefore, type Summed } from './lastSums.ts';
import { MemorySum } from './memorySum.ts';
import { RegisterSums } from './registerSums.ts';
import { SharedHistory } from './sharedHistory.ts';
import { applyStateChanges, stateWords } from './stateChanges.ts';

/** A replay does not do what the recorded run did: a bug of everystep's, never the guest's. */
export class ReplayDivergence extends AssertionError {}

/** Is told of what the journal says has happened, at its step. */
export interface ReplayObserver {
  /** A system call is going to have its effects; registers are as the guest left them. */
  enterCall?(number: number): void;
  /** It has had them. */
  leaveCall?(number: number): void;
  /** The registers are this thread's now. */
  thread?(pid: number, tid: number): void;
  /** Recordings of version 1 do not tell of it. */
  threadStart?(pid: number, tid: number): void;
  threadEnd?(tid: number): void;
  /**
   * The present call has written bytes to the run's standard output (1) or error (2).
   * @param data undefined: they stand in memory, see outputObserver
   */
  output?(stream: number, bytes: number, data: Uint8Array | undefined): void;
  /** A signal has reached a process. @param code si_code; 0 in recordings of version 1 @param address si_addr of a fault */
  signal?(pid: number, signal: number, code: number, address: bigint | undefined): void;
  /** Registers and memory are going to change, by a system call or between two instructions. */
  beforeChanges?(): void;
  /** They have. */
  afterChanges?(): void;
  /** The present thread's call has ended. @param result what its result register is about to get; undefined: registers are final */
  returned?(result: bigint | undefined): void;
  /** The registers are another thread's, all of them, or a signal's handler is going to run. */
  switched?(): void;
  /** Pages of an address space are going to be the same as others, of another one or its own (MAP_SHARED). */
  mappedSame?(space: AddressSpace, start: number, length: number, other: AddressSpace, address: number): void;
  /** The kernel has written to memory. */
  wrote?(space: AddressSpace, address: number, bytes: number, data: Uint8Array): void;
}

export interface ReplayOptions {
  readonly guest: Guest;
  readonly journal: JournalReader;
  /** Of the machine: observers, optimisations to leave out. */
  readonly machine?: Omit<MachineOptions, 'guest' | 'syscall'>;
}

/** Where a replay is in its journal. */
export interface JournalPlace {
  readonly frame: number;
  readonly position: number;
  /** Of the entry before. */
  readonly step: number;
}

/** Registers of a thread that does not run, and where its memory is. */
export interface SavedThread {
  readonly pid: number;
  /** Number of its address space. */
  readonly space: number;
  readonly state: Int32Array;
  readonly pc: number;
}

/** Registers that a divergence names, with their values. */
const MOST_NAMED = 8;

/** Ops between which registers and memory of a step are of interest: behind them, a replay can pause. Numbered from 0 in each step. */
const PAUSES: ReadonlySet<number> = new Set<number>([Op.signal, Op.returned, Op.processEnd, Op.vforkDone]);
export const isPause = (op: number): boolean => PAUSES.has(op);

const MAPPING_OPS: ReadonlySet<number> = new Set<number>([Op.map, Op.mapSame, Op.unmap, Op.protect, Op.create, Op.fork, Op.release]);

/** Why a replay has stopped. */
export type ReplayStop = 'step' | 'end' | 'stop';

/**
 * Runs a recorded guest again: it executes every instruction, and gets from the journal what the recorded run got from outside.
 * Nothing of the host is used.
 */
export class Replayer {
  readonly machine: Machine;
  /** By number; undefined: there is none any more. */
  readonly spaces: (AddressSpace | undefined)[];
  /** Threads that do not run: registers as they were when they ran last, or as they will be when they first run. */
  readonly threads = new Map<number, SavedThread>();
  /** Of files, what processes have mapped, up to where the run has been gone through. */
  readonly files = new FileHistory();
  /** Of memory that has been mapped as the same as other memory, likewise. */
  readonly shared = new SharedHistory();
  /** Is another number once mappings of any address space have changed, or there are others. */
  mappingChanges = 0;
  pid = 0;
  tid = 0;
  observer: ReplayObserver = {};
  private readonly journal: JournalReader;
  private readonly words: Int32Array;
  private readonly sum: MemorySum;
  private sums: RegisterSums | undefined;
  private frame = 0;
  private cursor: EntryCursor;
  /** What `nextStop` found; of no use once it is reached. */
  private stopAhead = 0;
  /** siginfo_t of the signal that is told next, but for zeros at its end. */
  private signalInfo: Uint8Array | undefined;
  /** What is still to be done of the entry that the replay has paused in. */
  private rest: ByteReader | undefined;
  /** Where it is to pause. */
  private wanted: { readonly step: number; readonly pause: number } | undefined;
  /** How many pauses of a step have been passed. */
  private passed = { step: -1, pauses: 0 };
  /** The address space that was left when the present one was entered, since code was left. */
  private leftSpace: AddressSpace | undefined;
  /** Steps of the run when the machine had done none: it may have been put elsewhere. */
  private stepBase = 0;

  /** @throws UserError if the journal is damaged */
  constructor({ guest, journal, machine = {} }: ReplayOptions) {
    this.journal = journal;
    const hooks: MachineHooks = { ...machine.hooks, input: (kind) => this.input(kind) };
    const { memoryLimit } = journal.header;
    this.machine = createMachine({ ...machine, hooks, guest, syscall: () => this.syscall() });
    if (memoryLimit !== undefined) this.machine.space.limitMemory(memoryLimit);
    this.words = stateWords(this.machine.space.memory, guest.state);
    this.sum = new MemorySum(this.machine.space.memory);
    this.spaces = [this.machine.space];
    this.cursor = this.openFrame(0);
    this.applyStops();
  }

  /** Instructions of the run so far. */
  get steps(): number {
    return this.machine.steps + this.stepBase;
  }

  /** Of the machine's own count. */
  set steps(steps: number) {
    this.stepBase = steps - this.machine.steps;
  }

  get pc(): number {
    return this.machine.pc;
  }

  /** Up to which step the journal goes. */
  get lastStep(): number {
    return this.journal.lastStep;
  }

  get place(): JournalPlace {
    return { frame: this.frame, position: this.cursor.position, step: this.cursor.step };
  }

  /** Goes on from another place of the journal; all else must be made as it was there. */
  set place({ frame, position, step }: JournalPlace) {
    this.frame = frame;
    this.stopAhead = 0;
    this.cursor = new EntryCursor(this.entriesOf(frame), { position, step });
    this.rest = undefined;
    this.leftSpace = undefined;
    this.passed = { step: -1, pauses: 0 };
  }

  /** Whether not all has happened that happens at this step: the next run does what is left of it first. */
  get isPaused(): boolean {
    return this.rest !== undefined;
  }

  setInstrument(instrument: Instrument | undefined): void {
    this.machine.setInstrument(instrument);
  }

  /**
   * Runs until `untilStep` instructions of the run are done, and all that happened there besides.
   * @returns 'end' if the journal goes no further; 'stop' if somebody asked the machine to
   * @throws ReplayDivergence if it does something else than the recorded run
   */
  run(untilStep = Number.POSITIVE_INFINITY): ReplayStop {
    const { machine } = this;
    const until = Math.min(untilStep, this.lastStep);
    const { rest } = this;
    this.rest = undefined;
    if (rest !== undefined) this.apply(rest);
    for (;;) {
      if (this.rest === undefined) this.applyStops();
      if (this.rest !== undefined) return 'stop';
      if (this.steps >= until) return until < untilStep || this.lastStep === until ? 'end' : 'step';
      const target = Math.min(until, this.nextStop());
      const event = machine.run(target - this.stepBase);
      if (event.kind === 'stop') return 'stop';
      // A jump to where no code is fails as soon as it is done: the journal tells what came of it.
      if (event.kind === 'fault' && this.steps === target) continue;
      if (event.kind !== 'budget' && event.kind !== 'exit') throw this.diverged(`has a fault (${event.text}) that the recorded run did not have`);
    }
  }

  /**
   * Runs into the midst of what happens at `step`, a later one: behind the op of number `pause`, see isPause. If that is a call's
   * return, its result is in its register.
   */
  runInto(step: number, pause: number): void {
    this.wanted = { step, pause };
    try {
      while (!this.isPaused && this.steps < step) this.run(step);
    } finally {
      this.wanted = undefined;
    }
    assert(this.isPaused, `nothing of number ${pause} happens at step ${step}`);
  }

  // Journal

  private entriesOf(frame: number): Uint8Array {
    return frame < this.journal.frameCount ? this.journal.entries(frame) : new Uint8Array();
  }

  private openFrame(frame: number): EntryCursor {
    return new EntryCursor(this.entriesOf(frame), { step: frame < this.journal.frameCount ? this.journal.stepOf(frame) : this.lastStep, position: 0 });
  }

  /** The next entry, without taking it; undefined at the end. */
  private peek(): Entry | undefined {
    while (this.cursor.atEnd && this.frame < this.journal.frameCount) this.cursor = this.openFrame(++this.frame);
    return this.cursor.atEnd ? undefined : this.cursor.copy().next();
  }

  /** Up to where code can run: no entry that it must be left for is before. */
  private nextStop(): number {
    if (this.stopAhead <= this.steps) this.stopAhead = this.findStop();
    return this.stopAhead;
  }

  private findStop(): number {
    let ahead = this.cursor.copy();
    for (let { frame } = this; ; ahead = this.openFrame(++frame)) {
      while (!ahead.atEnd) {
        const { kind, step } = ahead.next();
        if (kind === EntryKind.stop || kind === EntryKind.check) return step;
      }
      if (frame >= this.journal.frameCount) return this.lastStep;
      // Inputs have the step of the entry before them: whole frames of them may tell nothing of how far it is.
      if (ahead.step > this.steps) return ahead.step;
    }
  }

  /** Takes the entries that are due between two instructions. */
  private applyStops(): void {
    for (;;) {
      const entry = this.peek();
      if (entry === undefined || entry.step > this.steps || (entry.kind !== EntryKind.stop && entry.kind !== EntryKind.check)) return;
      if (entry.step < this.steps) throw this.diverged(`has gone past step ${entry.step}, where the recorded run was interrupted`);
      this.cursor.next();
      this.stopAhead = 0;
      if (entry.kind === EntryKind.stop) this.apply(entry.rest);
      else this.check(entry.rest);
      if (this.rest !== undefined) return;
    }
  }

  private syscall(): SyscallOutcome {
    const { cpu, guest } = this.machine;
    const number = Number(cpu.getByName(guest.linux.syscallNumber) & 0xffff_ffffn);
    const entry = this.peek();
    if (entry?.kind !== EntryKind.call || entry.step !== this.steps) throw this.diverged(`makes system call ${number}, which the recorded run did not`);
    this.cursor.next();
    const { rest } = entry;
    const recorded = rest.u32();
    const outcome = rest.byte();
    const status = outcome === 2 ? rest.u32() : 0;
    const sums = readCallSums(rest);
    if (recorded !== number) throw this.diverged(`makes system call ${number}, where the recorded run made ${recorded}: it has other ${this.otherThan(sums)}`);
    if (sums !== undefined) this.checkRegisters(sums, ` at system call ${number}`);
    this.observer.enterCall?.(number);
    this.apply(rest);
    if (this.isPaused) {
      this.machine.requestStop();
      return 'changed';
    }
    this.observer.leaveCall?.(number);
    return outcome === 0 ? 'done' : outcome === 1 ? 'changed' : { exit: status };
  }

  private input(kind: number): bigint {
    const entry = this.peek();
    if (entry?.kind !== EntryKind.input) throw this.diverged('reads an input that the recorded run did not');
    this.cursor.next();
    const recorded = entry.rest.u32();
    if (recorded !== kind) throw this.diverged(`reads input ${kind}, where the recorded run read ${recorded}`);
    return BigInt.asUintN(64, entry.rest.fixed64());
  }

  private check(rest: ByteReader): void {
    const all = rest.fixed32();
    const memory = rest.byte() === 1 ? rest.fixed32() : undefined;
    this.checkRegisters({ all, single: rest.bytes(rest.left) });
    if (memory !== undefined && memory !== this.sum.of(this.spaces)) throw this.diverged('has other memory than the recorded run', 'memory');
  }

  private get registerSums(): RegisterSums {
    const { space, guest } = this.machine;
    this.sums ??= new RegisterSums(space.memory, guest.state);
    return this.sums;
  }

  /** Compares sums of all registers; those of single ones only where that differs. */
  private checkRegisters(recorded: CallSums, where = ''): void {
    const { cpu, pc } = this.machine;
    if (recorded.all === this.registerSums.of(cpu, pc).all) return;
    const names = this.differing(recorded);
    throw this.diverged(`has other ${names.length === 0 ? 'registers' : this.named(names)}${where} than the recorded run`);
  }

  private differing({ single }: CallSums): readonly string[] {
    const { cpu, pc } = this.machine;
    this.registerSums.of(cpu, pc);
    return this.registerSums.differing(single);
  }

  /** Registers that the recorded run had otherwise, as it made another call here. */
  private otherThan(recorded: CallSums | undefined): string {
    const { syscallNumber } = this.machine.guest.linux;
    return this.named([...new Set([syscallNumber, ...(recorded === undefined ? [] : this.differing(recorded))])]);
  }

  private named(registers: readonly string[]): string {
    const values = registers.slice(0, MOST_NAMED).map((name) => `${name} (0x${this.valueOf(name).toString(16)})`);
    return values.join(', ') + (registers.length > MOST_NAMED ? ` and ${registers.length - MOST_NAMED} others` : '');
  }

  private valueOf(register: string): bigint {
    const { cpu, pc } = this.machine;
    return register === 'pc' ? BigInt(pc) : register === 'nzcv' ? BigInt(cpu.nzcv) : cpu.getByName(register);
  }

  /** @param of what has gone another way somewhere behind the last sums that were as recorded */
  private diverged(what: string, of: Summed = 'registers'): ReplayDivergence {
    const { steps, machine, tid } = this;
    const same = lastSumsBefore(this.journal, this.frame, steps, of);
    const since = same === undefined ? `its ${of} have not been compared before` : `its ${of} were as recorded at step ${same}`;
    return new ReplayDivergence(`the replay ${what} (step ${steps}, pc 0x${machine.pc.toString(16)}, thread ${tid}; ${since}): this is a bug of everystep`);
  }

  // Changes

  private apply(ops: ByteReader): void {
    this.observer.beforeChanges?.();
    while (!ops.atEnd) {
      const op = ops.byte();
      this.applyOp(op, ops);
      if (!isPause(op) || !this.pausesHere()) continue;
      this.rest = ops;
      return;
    }
    this.leftSpace = undefined;
    this.observer.afterChanges?.();
  }

  private pausesHere(): boolean {
    const { steps, passed, wanted } = this;
    const number = passed.step === steps ? passed.pauses : 0;
    this.passed = { step: steps, pauses: number + 1 };
    return wanted?.step === steps && wanted.pause === number;
  }

  private applyOp(op: number, ops: ByteReader): void {
    const { machine, observer } = this;
    if (MAPPING_OPS.has(op)) this.mappingChanges++;
    switch (op) {
      case Op.state:
        return applyStateChanges(ops, this.words);
      case Op.pc:
        machine.pc = ops.u53();
        return;
      case Op.map: {
        const space = this.spaceOf(ops);
        const [start, length, prot, shared] = [ops.u53(), ops.u53(), ops.u32(), ops.byte()];
        this.endShared(space, start, length);
        return this.must(space.map(start, length, prot, ops.utf8(), shared === 1), 'has no room for a mapping');
      }
      case Op.mapSame: {
        const space = this.spaceOf(ops);
        const [start, length, prot, name] = [ops.u53(), ops.u53(), ops.u32(), ops.utf8()];
        const [other, address] = [this.spaceOf(ops), ops.u53()];
        const [pid, otherPid] = [this.processWith(space), this.processWith(other)];
        if (pid !== undefined && otherPid !== undefined) this.shared.same(this.steps, { pid, address: start }, length, { pid: otherPid, address });
        observer.mappedSame?.(space, start, length, other, address);
        return this.must(space.mapSame(start, length, prot, name, other, address), 'lacks shared memory');
      }
      case Op.unmap: {
        const [space, start, length] = [this.spaceOf(ops), ops.u53(), ops.u53()];
        this.endShared(space, start, length);
        return space.unmap(start, length);
      }
      case Op.protect: {
        this.spaceOf(ops).protect(ops.u53(), ops.u53(), ops.u32());
        return;
      }
      case Op.write:
        return this.write(this.spaceOf(ops), ops.u53(), ops.bytes(ops.u53()));
      case Op.contents:
        return this.write(this.spaceOf(ops), ops.u53(), this.journal.contents(ops.u32()));
      case Op.create:
        this.spaces.push(machine.createSpace());
        return;
      case Op.fork:
        this.spaces.push(machine.forkSpace());
        return;
      case Op.release: {
        const number = ops.u32();
        const space = this.spaces[number];
        if (space !== undefined) machine.releaseSpace(space);
        this.spaces[number] = undefined;
        return;
      }
      case Op.enter:
        this.leftSpace = machine.space;
        return machine.enter(this.spaceOf(ops));
      case Op.thread:
        return this.switchTo(ops.u32(), ops.u32());
      case Op.threadEnd: {
        const tid = ops.u32();
        this.threads.delete(tid);
        if (tid === this.tid) this.tid = 0;
        return observer.threadEnd?.(tid);
      }
      case Op.output: {
        const [stream, bytes] = [ops.u32(), ops.u53()];
        return observer.output?.(stream, bytes, undefined);
      }
      case Op.outputOf: {
        const stream = ops.u32();
        const data = ops.bytes(ops.u53());
        return observer.output?.(stream, data.length, data);
      }
      case Op.signal: {
        const [pid, signal] = [ops.u32(), ops.u32()];
        // Journals of version 1 have none.
        const { code, address } = causeOf(this.signalInfo ?? new Uint8Array(0));
        this.signalInfo = undefined;
        return observer.signal?.(pid, signal, code, address);
      }
      case Op.returned: {
        const result = ops.byte() === 1 ? ops.fixed64() : undefined;
        if (result !== undefined) machine.cpu.setByName(machine.guest.linux.syscallResult, result);
        return observer.returned?.(result);
      }
      case Op.switched:
        return observer.switched?.();
      case Op.files:
        return this.files.tell(ops, this.steps);
      case Op.threadStart:
        return this.startThread(ops);
      case Op.signalInfo:
        this.signalInfo = ops.bytes(ops.u53());
        return;
      case Op.processEnd:
      case Op.execute:
      case Op.vforkDone:
        return skipOperands(op, ops);
      default:
        throw new AssertionError(`there is no op ${op} in a journal`);
    }
  }

  private startThread(ops: ByteReader): void {
    const [pid, tid, space] = [ops.u32(), ops.u32(), ops.u32()];
    ops.byte();
    const pc = ops.u53();
    const state = this.words.slice();
    if (ops.byte() === 1) applyStateChanges(ops, state);
    this.threads.set(tid, { pid, space, state, pc });
    this.observer.threadStart?.(pid, tid);
  }

  private switchTo(pid: number, tid: number): void {
    const { threads, words, machine } = this;
    const space = this.spaces.indexOf(this.leftSpace ?? machine.space);
    this.leftSpace = undefined;
    if (this.tid !== 0) threads.set(this.tid, { pid: this.pid, space, state: words.slice(), pc: machine.pc });
    const saved = threads.get(tid);
    threads.delete(tid);
    if (saved === undefined) words.fill(0);
    else words.set(saved.state);
    this.pid = pid;
    this.tid = tid;
    this.observer.thread?.(pid, tid);
  }

  private write(space: AddressSpace, address: number, data: Uint8Array): void {
    this.must(space.pokeBytes(address, data), 'lacks memory that the recorded run had');
    this.observer.wrote?.(space, address, data.length, data);
  }

  private must(done: boolean, otherwise: string): void {
    if (!done) throw this.diverged(otherwise);
  }

  /** The memory of a process; undefined: it has no thread, any more or yet. */
  memoryOf(pid: number): AddressSpace | undefined {
    if (pid === this.pid && this.tid !== 0) return this.leftSpace ?? this.machine.space;
    for (const thread of this.threads.values()) if (thread.pid === pid) return this.spaces[thread.space];
    return undefined;
  }

  /** Processes that have this memory: none yet, or several, of which one was made by vfork. */
  processesWith(space: AddressSpace): readonly number[] {
    const pids = new Set([this.pid, ...[...this.threads.values()].map(({ pid }) => pid)]);
    return [...pids].filter((pid) => this.memoryOf(pid) === space);
  }

  /** The one that runs, if it is one of several. */
  private processWith(space: AddressSpace): number | undefined {
    return this.memoryOf(this.pid) === space ? this.pid : this.processesWith(space)[0];
  }

  private endShared(space: AddressSpace, start: number, length: number): void {
    const pid = this.shared.isEmpty ? undefined : this.processWith(space);
    if (pid !== undefined) this.shared.ended(this.steps, { pid, address: start }, length);
  }

  private spaceOf(ops: ByteReader): AddressSpace {
    const number = ops.u32();
    const space = this.spaces[number];
    assert(space !== undefined, `the journal names address space ${number}, which there is not`);
    return space;
  }
}
