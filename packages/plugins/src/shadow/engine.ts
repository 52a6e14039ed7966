import {
  type Batch,
  BYTES_EACH,
  LOADED_BYTE,
  type MemoryOperand,
  type PluginApi,
  type PluginBlock,
  type PluginInsn,
  type PluginThread,
  RowKind,
} from '@everystep/core';
import { LabelSets } from './labelSets.ts';
import { ShadowMemory } from './shadowMemory.ts';

/** Accesses of an instruction at most. */
const MOST_ACCESSES = 64;

/** An instruction's results, and the bytes that they are made of. */
interface Flows {
  readonly insn: PluginInsn;
  readonly accesses: readonly MemoryOperand[];
  /** Number of the register times BYTES_EACH, and what each of its bytes is made of. */
  readonly registers: readonly { readonly at: number; readonly from: readonly (readonly number[])[] }[];
  readonly stores: readonly { readonly access: number; readonly from: readonly (readonly number[])[] }[];
  readonly addresses: readonly { readonly access: number; readonly from: readonly number[] }[];
  readonly branch: readonly number[];
}

/** Accesses that an instruction has made, in order. */
export interface MadeAccesses {
  length: number;
  readonly addresses: Float64Array;
  readonly bytes: Uint8Array;
  /** 1 for stores */
  readonly stores: Uint8Array;
}

/** Told of what runs, in order. Labels are ids of LabelSets; nobody is told of empty ones. */
export interface ShadowListener {
  /** What else is wanted of a block's instructions. Values of registers are to be recorded here, before the engine's own rows. */
  block?(block: PluginBlock): void;
  /** An instruction has run; its labels have not been handed on yet. */
  insn?(insn: PluginInsn, thread: PluginThread, made: MadeAccesses): void;
  /** True where the instruction's loads give nothing labelled. */
  forgets?(insn: PluginInsn, thread: PluginThread): boolean;
  /** Where an access is depends on labelled bytes. */
  address?(insn: PluginInsn, thread: PluginThread, label: number): void;
  /** Where a branch goes depends on labelled bytes. */
  branch?(insn: PluginInsn, thread: PluginThread, label: number): void;
  /** The kernel has written. */
  kernelWrote?(pid: number, address: number, length: number): void;
}

interface ThreadLabels {
  readonly registers: Uint32Array;
  /** Bytes of registers that have a label. */
  live: number;
  /** Registers of what handlers have interrupted. */
  readonly interrupted: Uint32Array[];
}

/**
 * Follows labels on bytes through registers and memory, by what each instruction's results are made of (PluginInsn.dataFlow).
 * A byte's label is a set of numbers, whatever they stand for.
 */
export class ShadowEngine {
  readonly sets = new LabelSets();
  /** Values of registers that the listener has recorded of the instruction that is told, by number of the register. */
  readonly values: bigint[] = [];
  /** Whether some of them have been recorded of it. */
  hasValues = false;
  /** The tag that they have been recorded with. */
  tag = 0;
  /** The thread that has run last. */
  private thread: PluginThread = { index: 0, pid: 0, tid: 0 };
  private readonly memories = new Map<number, ShadowMemory>();
  private readonly threads: ThreadLabels[] = [];
  private readonly flows: Flows[] = [];
  private readonly made: MadeAccesses = {
    length: 0,
    addresses: new Float64Array(MOST_ACCESSES),
    bytes: new Uint8Array(MOST_ACCESSES),
    stores: new Uint8Array(MOST_ACCESSES),
  };
  /** Of the accesses that an instruction may make, which have been made: their place in `made`, or -1. */
  private readonly places = new Int32Array(MOST_ACCESSES);
  private readonly loaded = new Uint32Array(MOST_ACCESSES * BYTES_EACH);
  private readonly results: number[] = [];

  constructor(
    private readonly api: PluginApi,
    private readonly listener: ShadowListener,
  ) {
    const resultRegister = api.registers.findIndex(({ name }) => name === 'x0');
    api.onBlock((block) => this.translated(block));
    api.onBatch((batch) => this.ran(batch));
    api.onKernelWrite((address, data) => {
      const { pid } = this.thread;
      this.memoryOf(pid).fill(address, data.length, 0);
      listener.kernelWrote?.(pid, address, data.length);
    });
    api.onThreadStart((thread) => {
      if (this.threads.length === 0) this.thread = thread;
    });
    api.onSyscall((thread, { name }) => {
      this.thread = thread;
      const labels = this.threadOf(thread);
      const before = name === 'rt_sigreturn' ? labels.interrupted.pop() : undefined;
      if (before !== undefined) this.setRegisters(labels, before);
    });
    api.onSyscallReturn((thread, { name }, result) => {
      this.thread = thread;
      if (result !== undefined) this.clear(this.threadOf(thread), resultRegister * BYTES_EACH);
      else if (name?.startsWith('execve')) this.memories.delete(thread.pid);
    });
    api.onHandler((thread) => {
      const labels = this.threadOf(thread);
      labels.interrupted.push(labels.registers.slice());
      this.setRegisters(labels, new Uint32Array(labels.registers.length));
    });
    // A process that is forked has a copy of the memory of the one that runs.
    api.onProcessStart(({ pid }) => void this.memories.set(pid, this.memoryOf(this.thread.pid).copy()));
  }

  /** Labels of a process's memory. */
  memoryOf(pid: number): ShadowMemory {
    let memory = this.memories.get(pid);
    if (memory === undefined) {
      memory = new ShadowMemory();
      this.memories.set(pid, memory);
    }
    return memory;
  }

  /** The labels of a register's bytes. */
  registerLabels(thread: PluginThread, register: number): readonly number[] {
    const { registers } = this.threadOf(thread);
    return [...registers.subarray(register * BYTES_EACH, (register + 1) * BYTES_EACH)];
  }

  /** The label of a range of memory. */
  memoryLabel(pid: number, address: number, length: number): number {
    const memory = this.memoryOf(pid);
    let label = 0;
    for (let i = 0; i < length; i++) label = this.sets.union(label, memory.get(address + i));
    return label;
  }

  private translated(block: PluginBlock): void {
    this.listener.block?.(block);
    for (const insn of block.insns) {
      const flows = insn.dataFlow();
      this.flows[insn.index] = {
        insn,
        accesses: insn.accesses,
        registers: flows.filter(({ to }) => to === 'register').map(({ index, from }) => ({ at: index * BYTES_EACH, from })),
        stores: flows.filter(({ to }) => to === 'store').map(({ index, from }) => ({ access: index, from })),
        addresses: flows.filter(({ to, from }) => to === 'address' && from[0].length > 0).map(({ index, from }) => ({ access: index, from: from[0] })),
        branch: flows.find(({ to }) => to === 'branch')?.from[0] ?? [],
      };
      insn.record({ exec: true, accesses: 'rw' });
    }
  }

  private ran(batch: Batch): void {
    const { made, values } = this;
    const { thread } = batch;
    this.thread = thread;
    const labels = this.threadOf(thread);
    const memory = this.memoryOf(thread.pid);
    let running = -1;
    let hasValues = false;
    for (let i = 0; i < batch.length; i++) {
      const kind = batch.kind(i);
      if (kind === RowKind.exec) {
        if (running >= 0) this.run(this.flows[running], thread, labels, memory);
        running = -1;
        if (batch.bytes(i) > 0) {
          values[batch.register(i)] = batch.value(i);
          hasValues = true;
          this.tag = batch.tag(i);
          continue;
        }
        running = batch.insn(i);
        made.length = 0;
        this.hasValues = hasValues;
        hasValues = false;
      } else if (kind !== RowKind.none && made.length < MOST_ACCESSES) {
        const at = made.length++;
        made.addresses[at] = batch.address(i);
        made.bytes[at] = batch.bytes(i);
        made.stores[at] = kind === RowKind.store ? 1 : 0;
      }
    }
    if (running >= 0) this.run(this.flows[running], thread, labels, memory);
  }

  private run(flows: Flows, thread: PluginThread, labels: ThreadLabels, memory: ShadowMemory): void {
    const { listener, made } = this;
    listener.insn?.(flows.insn, thread, made);
    const hasLoaded = flows.accesses.length > 0 && this.load(flows, thread, memory);
    if (labels.live === 0 && !hasLoaded) {
      for (let i = 0; i < made.length; i++) {
        if (made.stores[i] === 1 && memory.mayHave(made.addresses[i])) memory.fill(made.addresses[i], made.bytes[i], 0);
      }
      return;
    }
    const { registers } = labels;
    for (const { access, from } of flows.addresses) {
      const label = this.labelOf(from, registers);
      if (label !== 0 && this.places[access] >= 0) listener.address?.(flows.insn, thread, label);
    }
    if (flows.branch.length > 0) {
      const label = this.labelOf(flows.branch, registers);
      if (label !== 0) listener.branch?.(flows.insn, thread, label);
    }
    const { results } = this;
    results.length = 0;
    for (const { from } of flows.stores) for (const byte of from) results.push(byte.length === 0 ? 0 : this.labelOf(byte, registers));
    for (const { from } of flows.registers) for (const byte of from) results.push(byte.length === 0 ? 0 : this.labelOf(byte, registers));
    let next = 0;
    for (const { access, from } of flows.stores) {
      const place = this.places[access];
      for (let i = 0; i < from.length; i++, next++) {
        if (place < 0) continue;
        const address = made.addresses[place] + i;
        if (results[next] !== 0 || memory.mayHave(address)) memory.set(address, results[next]);
      }
    }
    for (const { at, from } of flows.registers) {
      this.clear(labels, at);
      for (let i = 0; i < from.length; i++, next++) {
        const label = results[next];
        registers[at + i] = label;
        if (label !== 0) labels.live++;
      }
    }
  }

  /** Fetches the labels of what has been loaded. @returns whether there are some */
  private load({ accesses, insn }: Flows, thread: PluginThread, memory: ShadowMemory): boolean {
    const { made, places, loaded } = this;
    let next = 0;
    let any = false;
    accesses.forEach((access, i) => {
      // One that was conditional and not made has no row.
      const isMade = next < made.length && (made.stores[next] === 1) === access.store;
      places[i] = isMade ? next++ : -1;
      if (access.store) return;
      const address = isMade ? made.addresses[places[i]] : 0;
      const mayHave = isMade && (memory.mayHave(address) || memory.mayHave(address + access.bytes - 1));
      const isKnown = mayHave && this.listener.forgets?.(insn, thread) !== true;
      for (let byte = 0; byte < access.bytes; byte++) {
        const label = isKnown ? memory.get(address + byte) : 0;
        loaded[i * BYTES_EACH + byte] = label;
        any ||= label !== 0;
      }
    });
    return any;
  }

  private labelOf(from: readonly number[], registers: Uint32Array): number {
    const { loaded, sets } = this;
    let label = 0;
    for (const byte of from) {
      const each = byte >= LOADED_BYTE ? loaded[byte - LOADED_BYTE] : registers[byte];
      if (each !== 0) label = sets.union(label, each);
    }
    return label;
  }

  private clear(labels: ThreadLabels, at: number): void {
    const { registers } = labels;
    if (labels.live === 0) return;
    for (let i = at; i < at + BYTES_EACH; i++) {
      if (registers[i] === 0) continue;
      registers[i] = 0;
      labels.live--;
    }
  }

  private setRegisters(labels: ThreadLabels, registers: Uint32Array): void {
    labels.registers.set(registers);
    labels.live = registers.filter((label) => label !== 0).length;
  }

  private threadOf({ index }: PluginThread): ThreadLabels {
    this.threads[index] ??= { registers: new Uint32Array(this.api.registers.length * BYTES_EACH), live: 0, interrupted: [] };
    return this.threads[index];
  }
}
