import { createAArch64, NOWHERE, ReplayReader, SIZE_OF, type TraceEvent } from '../../packages/core/src/index.ts';
import { openJournal, type RecordedProgram } from './recordedProgram.ts';

/** An access to memory: by an instruction, or, in a system call or when a signal comes, by the kernel. */
export interface TracedAccess {
  readonly step: number;
  readonly pid: number;
  readonly tid: number;
  readonly kind: 'read' | 'write' | 'kernel';
  readonly address: number;
  readonly data: Uint8Array;
}

/** Indexes of registers in the state layout; FLAGS for N Z C V. */
export const FLAGS = -1;

/** Addresses without their tag. */
const UNTAGGED_BITS = 56;

/**
 * A run as its trace tells of it, instruction by instruction, from the first to the last: what questions to a timeline are compared
 * with. Nothing of it comes from snapshots, marks or probes.
 */
export class BruteForceTrace {
  readonly pcs: number[] = [];
  readonly pids: number[] = [];
  readonly tids: number[] = [];
  /** The registers before each instruction, as words of the state layout. */
  readonly states: Int32Array[] = [];
  /** Registers that each instruction writes, and those of them to which it gives another value. */
  readonly written: (readonly number[])[] = [];
  readonly changed: (readonly number[])[] = [];
  /** Steps of instructions that call functions, and of those that return. */
  readonly branches: { readonly call: number[]; readonly return: number[] } = { call: [], return: [] };
  readonly accesses: TracedAccess[] = [];
  /** System calls: the step of the instruction that made each. */
  readonly calls: { readonly step: number; readonly pid: number; readonly tid: number; readonly number: number }[] = [];
  private readonly replay: ReplayReader;

  constructor(recorded: RecordedProgram) {
    this.replay = new ReplayReader({ guest: createAArch64('max'), journal: openJournal(recorded.bytes), now: () => 0 });
    const { reader, timeline } = this.replay;
    const { registers, flags } = reader.layout;
    let { pid, tid } = timeline.replayer;
    const wide = (words: Int32Array, at: number): bigint => (BigInt(words[at + 1] >>> 0) << 32n) | BigInt(words[at] >>> 0);
    this.replay.read(0, this.replay.lastStep, {
      insn: ({ pc, outputs, flagsOut, accesses }) => {
        const { step, values } = reader;
        this.pcs[step] = pc;
        this.pids[step] = pid;
        this.tids[step] = tid;
        this.states[step] = reader.state.slice();
        this.written[step] = [...outputs.map(({ register }) => register), ...(flagsOut === NOWHERE ? [] : [FLAGS])];
        const isOther = (at: number, from: number, count: number): boolean =>
          Array.from({ length: count }, (_, i) => values[at + i] !== reader.state[from + i]).includes(true);
        this.changed[step] = [
          ...outputs
            .filter(({ register, at }) => isOther(at, registers[register].offset >> 2, SIZE_OF[registers[register].type] >> 2))
            .map((each) => each.register),
          ...(flagsOut !== NOWHERE && values[flagsOut] >>> 28 !== reader.state[flags.a.offset >> 2] >>> 28 ? [FLAGS] : []),
        ];
        for (const { store, bytes, address, datum, condition } of accesses) {
          if (condition !== NOWHERE && values[condition] === 0) continue;
          const data = new Uint8Array(values.slice(datum, datum + ((bytes + 3) >> 2)).buffer, 0, bytes);
          const at = Number(BigInt.asUintN(UNTAGGED_BITS, wide(values, address)));
          this.accesses.push({ step, pid, tid, kind: store ? 'write' : 'read', address: at, data });
        }
      },
      block: ({ end, shapes }, completed) => {
        if (completed < shapes.length) return;
        const step = reader.step + completed - 1;
        if (end.kind === 'call' || end.kind === 'callIndirect') this.branches.call.push(step);
        if (end.kind === 'return') this.branches.return.push(step);
      },
      event: (event: TraceEvent) => {
        // What the kernel does comes behind an instruction.
        const step = reader.step - 1;
        if (event.kind === 'thread') ({ pid, tid } = event);
        else if (event.kind === 'syscall') this.calls.push({ step, pid, tid, number: event.number });
        else if (event.kind === 'kernelWrite') this.accesses.push({ step, pid, tid, kind: 'kernel', address: event.address, data: event.data.slice() });
      },
    });
  }

  get steps(): number {
    return this.pcs.length;
  }
}
