import { assert, ByteWriter } from '../base/index.ts';
import type { Instrument, MachineHooks, RunEvent } from '../engine/index.ts';
import { Cell, type LinearMemory, type Machine, STATE } from '../engine/index.ts';
import type { LinuxAbi } from '../guest/index.ts';
import type { StateLayout } from '../ir/index.ts';
import type { EndReason } from './chunks/header.ts';
import { CodeMappings, type TracedProcess } from './codeMappings.ts';
import { type SymbolSpan, writeDefinition } from './definition.ts';
import { CUT_BYTES, EVENT_HEADER, EventCode, FIRST_EVENT, type TraceEvent, writeEvent } from './events.ts';
import type { BlockLayout } from './layout.ts';
import { createTracePass } from './pass.ts';
import { CHUNKS_BESIDE_PLUGINS, RingWriter } from './ring.ts';
import { SyscallEvents } from './syscallEvents.ts';
import { createWatchPass } from './watchPass.ts';
import { type Wish, wholeWish } from './wish.ts';

/** Steps after which the trace tells the whole of one, of whose low 32 bits records have. */
const STEPS_UNTOLD = 2 ** 31;
/** Bytes of a system call's instruction, on AArch64 and RISC-V. */
const SYSCALL_BYTES = 4;

/** The symbol whose code an address is in. */
export type Symbolize = (pc: number) => { readonly name: string; readonly offset: number } | undefined;

export interface TracerOptions {
  readonly state: StateLayout;
  /** See Guest; default 0. */
  readonly ignoredTopBits?: number;
  /** Names of the registers of system calls. */
  readonly abi: Pick<LinuxAbi, 'syscallNumber' | 'syscallArguments' | 'syscallResult'>;
  /** Of the ring, from createRingControl. */
  readonly control: Int32Array;
  /** Sends block definitions to the drain. They arrive before the chunks published after the call. */
  readonly send: (definitions: Uint8Array<ArrayBuffer>) => void;
  /** See RingWriter. */
  readonly wait: (consumed: number) => void;
  /** The trace goes nowhere: nothing is sent, and there is no drain. */
  readonly discards?: boolean;
  /** See RingOptions. */
  readonly chunkBytes?: number | undefined;
  readonly symbolize?: Symbolize | undefined;
  /** The process that runs, for events `program` and `mapping`; undefined: there are none. */
  readonly process?: (() => TracedProcess) | undefined;
  /** Told of each `program` and `mapping` event that has been written, as in the ring. The bytes are the callee's. */
  readonly onMapping?: ((event: Uint8Array<ArrayBuffer>) => void) | undefined;
  /** Plugins run beside the tracer: it has the first chunks of the ring, see plugin/memoryLayout.ts. */
  readonly hasPlugins?: boolean;
  /** What is wanted at first; default everything, with all values. */
  readonly wish?: Wish | undefined;
  /** Steps of the run when the machine had counted none, for a wish for everything: a replay may begin anywhere; default 0. */
  readonly stepBase?: (() => number) | undefined;
  /** Called when a chunk goes out, while the guest runs. */
  readonly onChunk?: (() => void) | undefined;
}

/**
 * Traces a machine into its ring: makes the instrumentation and the hooks, and writes the events that generated code
 * cannot know of. Between `open` and `pause`, all that the machine does is in the trace.
 */
export class Tracer {
  /** For the machine's options. */
  readonly hooks: Pick<MachineHooks, 'ringFull' | 'blockCutShort' | 'budget'>;
  private wish: Wish;
  private instrument: Instrument;
  private readonly definitions = new ByteWriter(0x1_0000);
  private readonly eventBytes = new ByteWriter(0x1000);
  /** What a cut needs to know of each block, by number. */
  private readonly blocks: { readonly recordBytes: number; readonly insns: number; readonly insnsWanted: readonly boolean[] | undefined }[] = [];
  private machine: Machine | undefined;
  private memory: LinearMemory | undefined;
  private ring: RingWriter | undefined;
  private isOpen = false;
  /** See `watch`. */
  watchedPcs: readonly number[] = [];
  private addedPass: ((inner: Instrument | undefined) => Instrument) | undefined;
  /** The thread that runs is left out. */
  private isMuted = false;
  /** The system call of the thread that runs has begun, and is in the trace. */
  private isInCall = false;
  /** Other threads of which that holds: they wait. */
  private readonly inCall = new Set<number>();
  /** The thread that runs. */
  private tid = 0;
  /** The last step that the trace tells of in full. */
  private toldStep = 0;
  private openedAt = 0;
  /** Instructions that ran while the tracer was open, of the threads that are traced. */
  covered = 0;
  /** Made when there is the first call. */
  private calls: SyscallEvents | undefined;
  private readonly mappings: CodeMappings | undefined;

  constructor(private readonly options: TracerOptions) {
    const { wish = wholeWish() } = options;
    this.wish = wish;
    this.instrument = this.passFor(wish);
    this.hooks = { ringFull: () => this.nextChunk(), blockCutShort: (completed) => this.cutShort(completed), budget: () => this.tellStep() };
    this.mappings = options.process && new CodeMappings(options.process, (event) => this.mapped(event));
  }

  /** Once, after the machine has been made with this tracer's hooks. */
  attach(machine: Machine): void {
    const { memory } = machine.space;
    this.machine = machine;
    this.memory = memory;
    const { control, wait, discards, hasPlugins, chunkBytes } = this.options;
    this.ring = new RingWriter(memory, control, wait, { discards, chunkBytes, chunks: hasPlugins === true ? CHUNKS_BESIDE_PLUGINS : undefined });
    this.ring.next();
    const { family } = machine.space;
    const told = family.onKernelWrite;
    family.onKernelWrite = (address, data, space) => {
      told?.(address, data, space);
      if (space === machine.space) this.kernelWrote(address, data);
    };
  }

  /** True once the drain wants no more: the trace should be closed. */
  get enough(): boolean {
    return this.ring?.enough === true;
  }

  /** True once the drain cannot go on: the run should end. */
  get failed(): boolean {
    return this.ring?.failed === true;
  }

  /** Bytes of all records so far. */
  get recordBytes(): number {
    return this.attached().ring.bytes;
  }

  /** Wants something else from the next block on. Only between runs. */
  setWish(wish: Wish): void {
    this.wish = wish;
    this.instrument = this.passFor(wish);
    if (!this.isActive) return;
    this.apply();
    this.snapshot();
  }

  /** Undefined: the machine itself counts what is wanted. */
  private get wanting(): Instrument | undefined {
    return this.wish.isWhole && this.wish.level === 'count' ? undefined : this.instrument;
  }

  /** Level `count`: the wanted instructions that ran while the tracer was open. */
  get counted(): number {
    const { machine, memory } = this.attached();
    if (!this.wish.isWhole) return Number(memory.view.getBigUint64(Cell.counted, true));
    return this.covered + (this.isActive ? machine.steps - this.openedAt : 0);
  }

  private passFor(wish: Wish): Instrument {
    const { state, ignoredTopBits = 0 } = this.options;
    return createTracePass({ state, ignoredTopBits, wish, define: (layout) => this.define(layout) });
  }

  /** Starts tracing, or goes on. Only between runs. */
  open(): void {
    const { machine } = this.attached();
    this.isOpen = true;
    this.openedAt = machine.steps;
    this.apply();
    if (!this.isActive) return;
    this.mappings?.tell();
    this.snapshot();
  }

  private get stepBase(): number {
    return this.options.stepBase?.() ?? 0;
  }

  private snapshot(): void {
    const { machine, memory } = this.attached();
    this.toldStep = machine.steps;
    this.calls?.told();
    this.event({ kind: 'snapshot', step: machine.steps + this.stepBase, pc: machine.pc, state: memory.bytes.slice(STATE, STATE + this.options.state.size) });
  }

  /** Records have the low half of their step: the trace must tell the whole of one in time. */
  private tellStep(atLeast = STEPS_UNTOLD): void {
    if (!this.isActive || this.wish.isWhole) return;
    const { steps } = this.attached().machine;
    if (steps - this.toldStep < atLeast) return;
    this.toldStep = steps;
    this.event({ kind: 'step', step: steps });
  }

  /**
   * Another thread's registers are the machine's now, or the kernel has set those of the one that runs. Not in a system call.
   * @param isWanted whether the thread is traced
   */
  switched(pid: number, tid: number, isWanted = true): void {
    if (tid !== this.tid) {
      if (this.isInCall) this.inCall.add(this.tid);
      this.isInCall = this.inCall.delete(tid);
      this.tid = tid;
    }
    this.select(isWanted);
    if (!this.isActive) return;
    this.event({ kind: 'thread', pid, tid });
    this.mappings?.tellOnce();
    this.snapshot();
  }

  /** Takes the thread that runs into the trace, or leaves it out. Between runs, or in a system call that leaves all code; a snapshot is due then. */
  private select(isWanted: boolean): void {
    const isMuted = !isWanted;
    if (isMuted === this.isMuted) return;
    this.isMuted = isMuted;
    if (!this.isOpen) return;
    const { machine } = this.attached();
    if (isMuted) this.covered += machine.steps - this.openedAt;
    else this.openedAt = machine.steps;
    this.apply();
  }

  /** Asks `watched` before the instructions at these addresses, of whatever thread, whether or not the tracer is open. Only between runs. */
  watch(pcs: readonly number[]): void {
    this.watchedPcs = pcs;
    this.apply();
  }

  /** Has the blocks that run from now on do what is wanted. */
  private apply(): void {
    const wanting = this.isActive ? this.wanting : undefined;
    const inner = this.addedPass === undefined ? wanting : this.addedPass(wanting);
    this.attached().machine.setInstrument(this.watchedPcs.length === 0 ? inner : createWatchPass(this.watchedPcs, inner));
  }

  /** Has others' code in all blocks, whether or not the tracer is open. @param pass puts it around the tracer's. Only between runs. */
  addPass(pass: (inner: Instrument | undefined) => Instrument): void {
    this.addedPass = pass;
    this.apply();
  }

  /** Somebody has written registers, where code has been left before one of its instructions. */
  registersChanged(): void {
    if (this.isActive) this.snapshot();
  }

  /** True while what runs is traced. */
  get isActive(): boolean {
    return this.isOpen && !this.isMuted;
  }

  /** Stops tracing; the guest may run on. Only between runs. */
  pause(): void {
    if (!this.isOpen) return;
    const { machine } = this.attached();
    this.tellStep(1);
    this.event({ kind: 'pause', step: machine.steps + this.stepBase, pc: machine.pc });
    this.shut();
  }

  /** Tells what `Machine.run` ended with; the guest's end is the trace's. */
  ranUntil(event: RunEvent): void {
    if (!this.isOpen) return;
    if (event.kind === 'exit' || event.kind === 'fault') this.tellStep(1);
    if (event.kind === 'exit') this.event({ kind: 'exit', status: event.status });
    else if (event.kind === 'fault') this.event({ ...event, kind: 'signal', word: this.attached().machine.space.fetch32(event.pc) });
    else return;
    this.shut();
  }

  private shut(): void {
    const { machine } = this.attached();
    if (!this.isMuted) this.covered += machine.steps - this.openedAt;
    this.isOpen = false;
    this.apply();
  }

  /**
   * Hands what there is to the drain, and has the rest begin with all registers, so that it can be read without what came
   * before. Only between runs.
   */
  checkpoint(): void {
    if (!this.isActive) return;
    this.nextChunk();
    this.snapshot();
  }

  /** Hands what there is to the drain: the guest may be going to wait. */
  flush(): void {
    if (this.isOpen) this.nextChunk();
  }

  /** Hands the rest to the drain: the trace is complete. */
  close(reason: EndReason): void {
    this.pause();
    this.sendDefinitions();
    this.attached().ring.end(reason);
  }

  /** A system call begins: the registers hold its number and arguments. */
  enterSyscall(): void {
    this.isInCall = this.isActive && this.wantsCall();
    if (this.isInCall && this.wish.level !== 'count') this.syscalls.enter();
  }

  /**
   * A system call ends.
   * @param result what the result register is about to get; undefined where the registers are final already, or the process has ended
   */
  leaveSyscall(result: bigint | undefined): void {
    const isTold = this.isInCall || this.wish.isWhole;
    this.isInCall = false;
    if (isTold && this.isActive && this.wish.level !== 'count') this.syscalls.leave(result, this.attached().machine.pc);
  }

  private get syscalls(): SyscallEvents {
    const { state, abi } = this.options;
    const { memory, ring } = this.attached();
    this.calls ??= new SyscallEvents({ state, abi, memory, ring, makeRoom: () => this.nextChunk() });
    return this.calls;
  }

  /** The system call that has ended may have changed what is mapped where. */
  remapped(): void {
    if (this.isActive) this.mappings?.tell();
  }

  /** Whether the instruction that called the kernel is wanted. */
  private wantsCall(): boolean {
    if (this.wish.isWhole) return true;
    const { pc, space } = this.attached().machine;
    const word = space.fetch32(pc - SYSCALL_BYTES);
    return word !== undefined && this.wish.insn({ pc: pc - SYSCALL_BYTES, word, bytes: SYSCALL_BYTES }) !== undefined;
  }

  private attached(): { machine: Machine; memory: LinearMemory; ring: RingWriter } {
    const { machine, memory, ring } = this;
    assert(machine !== undefined && memory !== undefined && ring !== undefined, 'the tracer has no machine');
    return { machine, memory, ring };
  }

  private define(layout: BlockLayout): void {
    const known = this.blocks[layout.id];
    if (known !== undefined) {
      assert(known.recordBytes === layout.recordBytes, `block ${layout.id} has two layouts`);
      return;
    }
    const insnsWanted = layout.wanted === layout.insns.length ? undefined : layout.insns.map((insn) => insn.wanted);
    this.blocks[layout.id] = { recordBytes: layout.recordBytes, insns: layout.insns.length, insnsWanted };
    if (this.wish.level !== 'count' && this.options.discards !== true) writeDefinition(this.definitions, { layout, symbols: this.symbolsOf(layout) });
  }

  /** Where in the block each symbol begins or goes on. */
  private symbolsOf(layout: BlockLayout): SymbolSpan[] {
    const { symbolize } = this.options;
    const spans: SymbolSpan[] = [];
    if (symbolize === undefined) return spans;
    let pc = layout.pc;
    layout.insns.forEach((insn, index) => {
      const symbol = symbolize(pc);
      const last = spans.at(-1);
      if (symbol !== undefined && symbol.name !== last?.name) spans.push({ insn: index, ...symbol });
      else if (symbol === undefined && last !== undefined && last.name !== '') spans.push({ insn: index, name: '', offset: 0 });
      pc += insn.bytes;
    });
    return spans;
  }

  private sendDefinitions(): void {
    if (this.definitions.length === 0) return;
    this.options.send(this.definitions.copy());
    this.definitions.reset();
  }

  private nextChunk(): void {
    this.sendDefinitions();
    this.attached().ring.next();
    this.options.onChunk?.();
  }

  private event(event: TraceEvent): void {
    if (this.wish.level === 'count') return;
    const { memory, ring } = this.attached();
    if (ring.full) this.nextChunk();
    this.eventBytes.reset();
    writeEvent(this.eventBytes, event);
    memory.bytes.set(this.eventBytes.view(), ring.pointer);
    ring.pointer += this.eventBytes.length;
  }

  private mapped(event: TraceEvent): void {
    if (this.wish.level === 'count') return;
    this.event(event);
    this.options.onMapping?.(this.eventBytes.copy());
  }

  private kernelWrote(address: number, data: Uint8Array): void {
    if (!this.isActive || this.wish.level === 'count' || !(this.isInCall || this.wish.isWhole)) return;
    this.syscalls.wrote(address, data);
  }

  /** Takes back what a block counted of the instructions that it did not complete. */
  private uncount({ view }: LinearMemory, completed: number): void {
    const block = this.blocks[view.getUint32(Cell.countedBlock, true)];
    assert(block !== undefined, 'a block that was cut short has not been counted');
    const lost = block.insnsWanted === undefined ? block.insns - completed : block.insnsWanted.slice(completed).filter(Boolean).length;
    view.setBigUint64(Cell.counted, view.getBigUint64(Cell.counted, true) - BigInt(lost), true);
  }

  /** A fault in a block: what there is of its record stays, behind an event that says how much that is. */
  private cutShort(completed: number): void {
    if (!this.isActive || (completed === 0 && this.wish.level !== 'count')) return;
    const { memory } = this.attached();
    if (this.wish.level === 'count') return this.uncount(memory, completed);
    const start = memory.u32[Cell.ringPointer >> 2];
    const block = this.blocks[memory.u32[start >> 2]];
    assert(block !== undefined, 'the ring has no record of the block that was cut short');
    const wanted = block.insnsWanted?.slice(0, completed).filter(Boolean).length ?? completed;
    memory.bytes.copyWithin(start + CUT_BYTES, start, start + block.recordBytes);
    memory.u32.set([FIRST_EVENT + EventCode.cut, CUT_BYTES - EVENT_HEADER, completed, wanted], start >> 2);
    memory.u32[Cell.ringPointer >> 2] = start + CUT_BYTES + block.recordBytes;
  }
}
