import { assert, ByteWriter, putFixed32 } from '../base/index.ts';
import {
  type AddressSpace,
  type Instrument,
  type LinearMemory,
  type Machine,
  type MachineOptions,
  type RunEvent,
  StateCopy,
  type SyscallOutcome,
} from '../engine/index.ts';
import { encodeSiginfo, type Kernel, type LinuxProcess, type Thread } from '../linux/index.ts';
import { Checks } from './checks.ts';
import { FileHistoryRecorder } from './fileHistoryRecorder.ts';
import { type CallSums, EntryKind, Op, Outcome } from './journal/entries.ts';
import type { WrittenBytes } from './journal/entryContents.ts';
import { LONGEST, RESULT_OP } from './journal/entryModel.ts';
import type { RunEnd } from './journal/format.ts';
import type { JournalWriter } from './journal/journalWriter.ts';
import { mappingRecorder } from './mappingRecorder.ts';
import { writesFromMemory } from './replayedOutput.ts';
import { differencesTo, writeStateChanges } from './stateChanges.ts';

/** What the kernel writes at once and has fewer bytes stands in its entry; more is contents, which are stored once. */
const LEAST_CONTENTS = 4096;
/** Of so many calls, one has sums of its registers, and the clock is looked at: programs that call all the time run hardly any code. */
const CALLS_A_LOOK = 256;
/** Behind so many calls, it is one of so many, and fewer have sums: those take longer than a call. */
const MANY_CALLS = 0x1_0000;
const MANY_CALLS_A_LOOK = 1024;
const MANY_CALLS_A_SUM = 4096;
/** Milliseconds after which what has been written down is in the file. */
const FLUSH_TIME = 500;

export interface RecorderOptions {
  /** @param memory the machine's, which the journal is made with */
  readonly journal: (memory: LinearMemory) => JournalWriter;
  /** Milliseconds of some clock, that tells how often memory can be summed up. */
  readonly now: () => number;
}

/**
 * A machine that writes down all that comes to its guest from outside: what happens in system calls and between runs, and the
 * values of `input` ops. The kernel is its outside: it changes registers, memory and what is mapped where, by the machine's
 * and its address spaces' methods alone.
 */
export class RecordingMachine implements Machine {
  private readonly machine: Machine;
  private readonly journal: JournalWriter;
  private readonly now: () => number;
  private readonly perform: MachineOptions['syscall'];
  /** The CPU state, and, where it is kept, what it was when code was left last. */
  private readonly state: StateCopy;
  /** `state` has a copy, and `pcBefore` is right: before they change for the first time since code was left. */
  private isKept = false;
  /** Somebody has changed registers since code was left; only where that is looked at (`lookedCall`). */
  private isChanged = false;
  /** `state`'s words. */
  private readonly words: Int32Array;
  /** Word of the CPU state that has the number of the system call. */
  private readonly numberWord: number;
  /** The first of its result register. */
  private readonly resultWord: number;
  private pcBefore = 0;
  private kernel: Kernel | undefined;
  private files: FileHistoryRecorder | undefined;
  /** Ops since code was left; behind a byte for the outcome, in a system call. Who appends gets it from `ops`. */
  private readonly changes: ByteWriter;
  /** Guest code is in a system call. */
  private isCalling = false;
  /** The first bytes of `changes`, if a call began with a write of few bytes to this place: they are still there when the next one does. */
  private readonly head: { bytes: number; address: number; length: number; space: AddressSpace | undefined } = {
    bytes: 0,
    address: 0,
    length: 0,
    space: undefined,
  };
  /**
   * What the call that guest code is in has written there, if that is all that came of it so far: it is compared, or copied, where it
   * is. Its linear offset is -1 otherwise.
   */
  private readonly written: WrittenBytes = { head: 0, at: -1, length: 0 };
  /** Linear offsets from here on are too near the memory's end to be copied in pieces. */
  private readonly lastLent: number;
  private readonly rest = new ByteWriter(4096);
  private readonly spaces: (AddressSpace | undefined)[];
  /** The address space of `numberOf` before, and its number: nearly always the same. */
  private lastSpace: AddressSpace | undefined;
  private lastNumber = 0;
  private readonly checks: Checks;
  /** Registers of threads that do not run, as they were when they ran last. */
  private readonly saved = new Map<number, Int32Array>();
  /** The thread that runs; 0: none does any more. */
  private tid = 0;
  private calls = 0;
  /** The call that is looked at next. */
  private nextLook = 0;
  /** When it was; never no whole number, as the engine's representation of it would change in the midst of the run. */
  private flushed = Number.NEGATIVE_INFINITY;
  /** Nothing is written down any more. */
  isOver = false;

  /** @param create makes the machine that runs the guest */
  constructor(create: (options: MachineOptions) => Machine, options: MachineOptions, recorder: RecorderOptions) {
    this.perform = options.syscall;
    this.now = recorder.now;
    const input = options.hooks?.input;
    this.machine = create({
      ...options,
      hooks: { ...options.hooks, ...(input === undefined ? {} : { input: (kind) => this.input(kind, input(kind)) }) },
      syscall: () => this.syscall(),
    });
    const { memory, family } = this.machine.space;
    this.journal = recorder.journal(memory);
    this.lastLent = memory.bytes.length - 2 * LONGEST;
    this.changes = this.journal.entryContents.writer();
    const { guest } = this.machine;
    const { engineModule } = options.hooks ?? {};
    this.state = new StateCopy(memory, guest.state, 'recorder', engineModule);
    this.words = this.state.words;
    this.numberWord = guest.state.get(guest.linux.syscallNumber).offset >> 2;
    this.resultWord = guest.state.get(guest.linux.syscallResult).offset >> 2;
    this.spaces = [this.machine.space];
    this.checks = new Checks(this.machine, this.now, engineModule);
    this.machine.cpu.beforeChange = () => {
      this.isChanged = true;
      this.keep();
    };
    family.onMapping = mappingRecorder(
      () => this.ops,
      (space) => this.numberOf(space),
    );
    family.onKernelWrite = (address, data, space, at) => this.wrote(address, data, space, at ?? -1);
  }

  /** Has threads, signals and output in the journal, too. Once, before the guest runs. */
  attach(kernel: Kernel): void {
    const { events } = kernel;
    const { switched, threadStarted, threadEnded, processEnded, executed, vforkDone, returned, signal } = events;
    assert(returned === undefined, 'somebody else is told of each call');
    const files = new FileHistoryRecorder(() => this.ops, this.guest.linux.syscalls);
    this.kernel = kernel;
    this.files = files;
    files.of(kernel.current.process);
    this.switchTo(kernel.current);
    events.switched = (thread) => {
      files.of(thread.process);
      this.switchTo(thread);
      switched?.(thread);
    };
    events.threadStarted = (thread) => {
      threadStarted?.(thread);
      this.startThread(thread, kernel.current.process);
    };
    events.threadEnded = (thread) => {
      threadEnded?.(thread);
      if (this.isOver) return;
      this.ops.byte(Op.threadEnd);
      this.ops.u32(thread.tid);
      this.saved.delete(thread.tid);
      if (thread.tid === this.tid) this.tid = 0;
    };
    events.processEnded = (process) => {
      processEnded?.(process);
      const { pid, termination } = process;
      if (this.isOver) return;
      this.ops.byte(Op.processEnd);
      this.ops.u32(pid);
      this.ops.byte(Number(termination?.kind === 'signal'));
      this.ops.u32(termination?.kind === 'signal' ? termination.signal : (termination?.status ?? 0));
    };
    events.executed = (process) => {
      executed?.(process);
      if (this.isOver) return;
      this.ops.byte(Op.execute);
      this.ops.u32(process.pid);
      this.sized(process.program.stack.auxiliaryBytes);
    };
    events.vforkDone = (parent) => {
      vforkDone?.(parent);
      if (this.isOver) return;
      this.ops.byte(Op.vforkDone);
      this.ops.u32(parent.process.pid);
      this.ops.u32(parent.tid);
    };
    events.returned = (process, number, result) => {
      if (this.isOver) return;
      if (files.concerns(number)) files.behind(process, number, result);
      if (typeof result === 'string') this.returnedOtherwise();
      else this.returned(this.ops);
    };
    events.signal = (process, info) => {
      signal?.(process, info);
      if (this.isOver) return;
      this.flushState();
      this.ops.byte(Op.signalInfo);
      this.sized(withoutLastZeros(encodeSiginfo(info)));
      this.ops.byte(Op.signal);
      this.ops.u32(process.pid);
      this.ops.u32(info.signal);
    };
  }

  /** A call has ended, and its result register has its result. */
  private returned(ops: ByteWriter): void {
    const { words, resultWord } = this;
    const at = ops.length;
    const into = ops.room(RESULT_OP);
    into[at] = Op.returned;
    into[at + 1] = 1;
    putFixed32(into, at + 2, words[resultWord]);
    putFixed32(into, at + 6, words[resultWord + 1]);
    ops.truncate(at + RESULT_OP);
    if (!this.isKept) return;
    // The op tells of it.
    const { copy } = this.state;
    copy[resultWord] = words[resultWord];
    copy[resultWord + 1] = words[resultWord + 1];
  }

  /** A call has ended without a result: the registers are final, or it does not return. */
  private returnedOtherwise(): void {
    this.flushState();
    const { ops } = this;
    ops.byte(Op.returned);
    ops.byte(0);
  }

  /** Where the next op goes: behind all that came before it. */
  private get ops(): ByteWriter {
    const { changes } = this;
    if (changes.length > 0) return changes;
    if (this.written.at >= 0) {
      this.journal.entryContents.gather(changes, this.written);
      this.written.at = -1;
      return changes;
    }
    this.head.bytes = 0;
    if (this.isCalling) changes.byte(Outcome.done);
    return changes;
  }

  /** A thread is going to run some time. @param caller the process that has made it */
  private startThread({ process, tid, saved, pc }: Thread, caller: LinuxProcess): void {
    if (this.isOver) return;
    const changes = this.ops;
    this.keep();
    this.flushState();
    const words = new Int32Array(saved.slice().buffer);
    changes.byte(Op.threadStart);
    changes.u32(process.pid);
    changes.u32(tid);
    changes.u32(this.numberOf(process.space));
    changes.byte(tid !== process.pid ? 0 : process.image === caller.image ? 2 : 1);
    changes.u53(pc);
    if (!writeStateChanges(changes, 1, differencesTo(this.state.copy, words))) changes.byte(0);
    this.saved.set(tid, words);
  }

  /** The registers are this thread's now. */
  private switchTo({ process: { pid }, tid }: Thread): void {
    if (this.isOver) return;
    if (tid !== this.tid) {
      this.keep();
      const { copy } = this.state;
      if (this.tid !== 0) this.saved.set(this.tid, copy.slice());
      copy.set(this.saved.get(tid) ?? new Int32Array(copy.length));
      this.ops.byte(Op.thread);
      this.ops.u32(pid);
      this.ops.u32(tid);
      this.tid = tid;
    }
    this.flushState();
    this.ops.byte(Op.switched);
  }

  /** A call has written this to the run's standard output (1) or error (2); its registers are as they were. */
  output(stream: number, data: Uint8Array): void {
    if (this.isOver) return;
    const changes = this.ops;
    const isInMemory = writesFromMemory(this.machine);
    changes.byte(isInMemory ? Op.output : Op.outputOf);
    changes.u32(stream);
    changes.u53(data.length);
    if (!isInMemory) changes.bytes(data);
  }

  /** The run, or what is wanted of it, is over: the journal is complete then, and nothing more is written down. Between runs; once counts. */
  end(end: RunEnd): void {
    if (this.isOver) return;
    this.writeStop();
    this.writeCheck(true);
    this.isOver = true;
    const { family } = this.space;
    family.onMapping = undefined;
    family.onKernelWrite = undefined;
    this.machine.cpu.beforeChange = undefined;
    this.journal.end(this.steps, end);
  }

  // Machine

  get guest(): Machine['guest'] {
    return this.machine.guest;
  }

  get space(): AddressSpace {
    return this.machine.space;
  }

  get cpu(): Machine['cpu'] {
    return this.machine.cpu;
  }

  get steps(): number {
    return this.machine.steps;
  }

  get statistics(): Machine['statistics'] {
    return this.machine.statistics;
  }

  get pc(): number {
    return this.machine.pc;
  }

  set pc(pc: number) {
    this.keep();
    this.machine.pc = pc;
  }

  createSpace(): AddressSpace {
    const space = this.machine.createSpace();
    this.ops.byte(Op.create);
    this.spaces.push(space);
    return space;
  }

  forkSpace(): AddressSpace {
    const space = this.machine.forkSpace();
    this.ops.byte(Op.fork);
    this.spaces.push(space);
    return space;
  }

  releaseSpace(space: AddressSpace): void {
    const number = this.numberOf(space);
    this.machine.releaseSpace(space);
    this.ops.byte(Op.release);
    this.ops.u32(number);
    this.spaces[number] = undefined;
    this.head.bytes = 0;
    this.lastSpace = undefined;
  }

  enter(space: AddressSpace): void {
    if (space === this.machine.space) return;
    this.machine.enter(space);
    this.ops.byte(Op.enter);
    this.ops.u32(this.numberOf(space));
  }

  setInstrument(instrument: Instrument | undefined): void {
    this.machine.setInstrument(instrument);
  }

  retranslate(start: number, end: number): void {
    this.machine.retranslate(start, end);
  }

  get longestSlice(): number {
    return this.machine.longestSlice;
  }

  set longestSlice(insns: number) {
    this.machine.longestSlice = insns;
  }

  requestStop(): void {
    this.machine.requestStop();
  }

  saveTranslations(): boolean {
    return this.machine.saveTranslations();
  }

  run(untilStep = Number.POSITIVE_INFINITY): RunEvent {
    const { machine, checks } = this;
    for (;;) {
      if (this.isOver) return machine.run(untilStep);
      this.writeStop();
      const event = machine.run(Math.min(untilStep, checks.nextStep));
      this.leaveCode();
      if (machine.steps >= checks.nextStep) this.writeCheck(checks.passed());
      if (event.kind !== 'budget' || machine.steps >= untilStep) return event;
    }
  }

  // Journal

  /** What is rare is in functions of its own, so that engines put all of this into one. */
  private syscall(): SyscallOutcome {
    if (this.calls === this.nextLook || this.isOver) return this.lookedCall();
    this.calls++;
    this.isKept = false;
    this.isCalling = true;
    const number = this.words[this.numberWord] >>> 0;
    const outcome = this.perform(this);
    const { steps } = this.machine;
    const isPlain = outcome === 'done' && this.changes.length === 0 && !this.isKept && !this.isOfFiles(number);
    if (!isPlain || !this.isExpected(number, steps)) this.writeCall(number, steps, undefined, outcome);
    this.isCalling = false;
    return outcome;
  }

  /** Whether a call is as the journal expects, or nearly so, and told. */
  private isExpected(number: number, steps: number): boolean {
    const { journal, written } = this;
    const low = this.words[this.resultWord];
    const high = this.words[this.resultWord + 1];
    if (written.at < 0) return journal.expectedCall(number, steps, low, high);
    if (!journal.expectedWrite(number, steps, written, low, high)) return false;
    written.at = -1;
    return true;
  }

  /** As `syscall`, of one call in CALLS_A_LOOK: most of them have sums. */
  private lookedCall(): SyscallOutcome {
    if (this.isOver) return this.perform(this);
    this.leaveCode();
    const { words } = this;
    const number = words[this.numberWord] >>> 0;
    const call = this.calls++;
    this.nextLook = call + (call < MANY_CALLS ? CALLS_A_LOOK : MANY_CALLS_A_LOOK);
    const isSummed = call < MANY_CALLS || call % MANY_CALLS_A_SUM === 0;
    const sums = isSummed ? this.checks.registers() : undefined;
    assert(this.changes.length === 0, 'something came from outside while code ran');
    this.isCalling = true;
    this.keep();
    const outcome = this.perform(this);
    this.writeCall(number, this.machine.steps, sums, outcome);
    this.isCalling = false;
    this.flushIfDue();
    return outcome;
  }

  private writeCall(number: number, steps: number, sums: CallSums | undefined, outcome: SyscallOutcome): void {
    if (outcome === 'done') this.tellDone(number);
    this.flushState();
    const { ops } = this;
    if (typeof outcome === 'object') this.exited(number, sums, outcome.exit);
    else {
      if (outcome === 'changed') ops.put(0, Outcome.changed);
      this.journal.call(number, steps, sums, ops);
    }
    ops.reset();
  }

  /** A call is done: its result is all that is still to be told. */
  private tellDone(number: number): void {
    const { words, resultWord, state, kernel } = this;
    const result = words[resultWord + 1] * 0x1_0000_0000 + (words[resultWord] >>> 0);
    if (this.isOfFiles(number) && kernel !== undefined) this.files?.behind(kernel.current.process, number, result);
    this.returned(this.ops);
    if (this.isKept && !this.isChanged) assert(state.next(0) === words.length, `system call ${number} changed registers, and did not tell`);
  }

  /** Whether a call may have changed which files its process has mapped. */
  private isOfFiles(number: number): boolean {
    return this.files?.concerns(number) ?? false;
  }

  /** The last call of all. */
  private exited(number: number, sums: CallSums | undefined, status: number): void {
    const { rest, changes } = this;
    rest.reset();
    rest.byte(Outcome.exit);
    rest.u32(status);
    rest.append(changes, 1);
    this.journal.call(number, this.machine.steps, sums, rest);
  }

  /** Has what has been written down in the file, unless that was so a moment ago. */
  flushIfDue(): void {
    const now = this.now();
    if (now - this.flushed < FLUSH_TIME || this.isOver) return;
    this.flushed = now;
    this.journal.flush();
  }

  private input(kind: number, value: bigint): bigint {
    if (this.isOver) return value;
    this.rest.reset();
    this.rest.u32(kind);
    this.rest.fixed64(value);
    this.journal.entry(EntryKind.input, this.journal.lastStep, this.rest);
    return value;
  }

  /** What has happened since code was left, if anything has. */
  private writeStop(): void {
    this.flushState();
    if (this.changes.length > 0) this.journal.entry(EntryKind.stop, this.machine.steps, this.changes);
    this.changes.reset();
    this.leaveCode();
  }

  private writeCheck(withMemory: boolean): void {
    const { rest } = this;
    rest.reset();
    this.checks.put(rest, withMemory ? this.spaces : undefined);
    this.journal.entry(EntryKind.check, this.machine.steps, rest);
  }

  /** Appends to the ops so far what of registers and pc differs from what the ops so far tell. */
  private flushState(): void {
    if (!this.isKept) return;
    const { machine } = this;
    if (this.state.next(0) < this.state.words.length) {
      writeStateChanges(this.ops, Op.state, this.state);
      this.state.take();
    }
    if (machine.pc === this.pcBefore) return;
    this.ops.byte(Op.pc);
    this.ops.u53(machine.pc);
    this.pcBefore = machine.pc;
  }

  /** Code is left: what is different when it is entered again has come from outside. */
  private leaveCode(): void {
    this.isKept = false;
    this.isChanged = false;
  }

  /** Registers or pc may be going to change. */
  private keep(): void {
    if (this.isKept) return;
    this.isKept = true;
    this.state.take();
    this.pcBefore = this.machine.pc;
  }

  /** @param at linear offset, or -1 */
  private wrote(address: number, data: Uint8Array, space: AddressSpace, at: number): void {
    if (this.isOver) return;
    // Arrays of many kinds come here, whose lengths are looked up each time.
    const { length } = data;
    if (length >= LEAST_CONTENTS) return this.wroteContents(address, data, space);
    this.journal.inputBytes += length;
    const { changes, head, written } = this;
    const isFirst = this.isCalling && changes.length === 0 && written.at < 0;
    const isAgain = isFirst && head.bytes > 0 && head.address === address && head.length === length && head.space === space;
    if (isAgain && at >= 0 && at < this.lastLent && this.journal.entryContents.has(changes)) {
      written.head = head.bytes;
      written.at = at;
      written.length = length;
      return;
    }
    this.copyWritten(address, data, length, space, isFirst);
  }

  private copyWritten(address: number, data: Uint8Array, length: number, space: AddressSpace, isFirst: boolean): void {
    const { ops } = this;
    ops.byte(Op.write);
    ops.u32(this.numberOf(space));
    ops.u53(address);
    ops.u53(length);
    if (isFirst && length <= LONGEST) Object.assign(this.head, { bytes: ops.length, address, length, space });
    ops.bytes(data, length);
  }

  private wroteContents(address: number, data: Uint8Array, space: AddressSpace): void {
    const number = this.journal.contentsOf(data);
    const { ops } = this;
    ops.byte(Op.contents);
    ops.u32(this.numberOf(space));
    ops.u53(address);
    ops.u32(number);
  }

  private sized(bytes: Uint8Array): void {
    this.ops.u53(bytes.length);
    this.ops.bytes(bytes);
  }

  private numberOf(space: AddressSpace): number {
    if (space === this.lastSpace) return this.lastNumber;
    const number = this.spaces.indexOf(space);
    assert(number >= 0, 'an address space that nobody made');
    this.lastSpace = space;
    this.lastNumber = number;
    return number;
  }
}

function withoutLastZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}
