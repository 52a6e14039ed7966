import { type Instrument, RING } from '../../engine/index.ts';
import { OP, OP_TABLE, type Value } from '../../ir/index.ts';
import type { Replayer, ReplayObserver } from '../replayer.ts';
import { stateWords } from '../stateChanges.ts';
import { rewrite, UNTAGGED } from '../timeline/probes.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { SharedMemory } from './sharedMemory.ts';

/** Cell in which the address of an access is when its callback comes. Replays have no trace: its ring is free. */
const ADDRESS = RING + 16;

/** A callback's number: an instruction begins, or, from 1 on, its access number 0, 1, … */
const BEGINS = 0;

/** Which thread runs from an instruction on. */
interface Turn {
  /** Of the instruction, in the stretch. */
  readonly index: number;
  readonly pid: number;
  readonly tid: number;
  /** Number of its address space, see Replayer.spaces. */
  readonly space: number;
  /** What address spaces share with others, meanwhile. */
  readonly shared: SharedMemory;
}

/** A process has been made, with its parent's memory. */
export interface Fork {
  /** Of the instruction that did it. */
  readonly step: number;
  /** Numbers of address spaces. */
  readonly parent: number;
  readonly child: number;
}

/** A process has got memory that an address space, which may be its own, had already. */
export interface Sharing {
  /** Of the instruction that did it. */
  readonly step: number;
  /** Numbers of address spaces. */
  readonly space: number;
  readonly start: number;
  readonly end: number;
  readonly other: number;
  /** There, of `start`. */
  readonly address: number;
}

/** Memory that has been written. */
export interface WrittenMemory {
  /** Number of the address space. */
  readonly space: number;
  readonly address: number;
  readonly bytes: number;
  readonly shared: SharedMemory;
}

/** What the kernel did behind an instruction. */
export interface KernelWrite {
  readonly step: number;
  /** The system call's number; undefined: a signal came, or a call's end that others waited for. */
  readonly call: number | undefined;
  readonly pid: number;
  readonly tid: number;
  /** Memory, or registers of a thread. */
  readonly memory: WrittenMemory | undefined;
  /** Indexes in the state layout; -1: the flags. */
  readonly registers: readonly number[];
}

/** The code that tells of each instruction and each access with its address. */
const PASS: Instrument = {
  wish: 'stretch',
  mayBeCold: () => true,
  instrument: (from, block, _, to) => {
    let access = 0;
    return rewrite(
      from,
      block,
      to,
      (i, copy) => {
        const { kind } = OP_TABLE[from.op[i]];
        if (kind !== 'store' && kind !== 'load') return;
        to.counterSet(ADDRESS, to.i64_and(copy.value(from.a[i]) as Value<'i64'>, to.i64_const(UNTAGGED)));
        const condition = copy.value(from.c[i]);
        to.callback(++access, false, condition < 0 ? undefined : (condition as Value<'i32'>));
      },
      (i) => {
        if (from.op[i] !== OP.insn) return;
        access = 0;
        to.callback(BEGINS, false);
      },
    );
  },
};

/** What a stretch of a run did: every instruction's pc and accesses, threads, and what the kernel wrote. */
export class Stretch {
  readonly kernel: KernelWrite[] = [];
  readonly forks: Fork[] = [];
  readonly sharings: Sharing[] = [];
  private readonly pcs: Float64Array;
  /** Of each instruction, where its accesses begin in the lists. */
  private readonly firsts: Int32Array;
  private readonly numbers: number[] = [];
  private readonly addresses: number[] = [];
  private readonly turns: Turn[] = [];
  /** As the replay has it, and after how many changes of mappings. */
  private shared = new SharedMemory([]);
  private sharedAt = -1;
  /** Code that ran, by address space and pc: the address space may be no more at the end. */
  private readonly code = new Map<number, Map<number, number | undefined>>();
  /** Of the address space that runs. */
  private words = new Map<number, number | undefined>();

  /** Goes through the run from step `from` to `to`; the timeline is at `to` then. */
  constructor(
    timeline: Timeline,
    readonly from: number,
    readonly to: number,
  ) {
    this.pcs = new Float64Array(to - from);
    this.firsts = new Int32Array(to - from + 1);
    const { replayer } = timeline;
    timeline.seek(from);
    this.turn(replayer);
    const { view } = replayer.machine.space.memory;
    const called = (number: number): boolean => {
      const index = replayer.steps - from;
      if (number === BEGINS) {
        // One that is begun again, after a fault, has its accesses again.
        if (this.pcs[index] !== 0) this.addresses.length = this.numbers.length = this.firsts[index];
        this.pcs[index] = replayer.pc;
        if (!this.words.has(replayer.pc)) this.words.set(replayer.pc, replayer.machine.space.fetch32(replayer.pc));
        this.firsts[index] = this.numbers.length;
      } else {
        this.numbers.push(number - 1);
        this.addresses.push(Number(view.getBigUint64(ADDRESS, true)));
      }
      return false;
    };
    timeline.goThrough(from, to, { observer: this.observer(replayer), instrument: PASS, called });
    this.firsts[to - from] = this.numbers.length;
  }

  pcOf(step: number): number {
    return this.pcs[step - this.from];
  }

  /** The bytes of its instruction. */
  wordOf(step: number): number | undefined {
    return this.code.get(this.turnOf(step).space)?.get(this.pcOf(step));
  }

  /** Calls `visit` with each access: its number in the instruction, and its address. */
  accesses(step: number, visit: (access: number, address: number) => void): void {
    const index = step - this.from;
    for (let i = this.firsts[index]; i < this.firsts[index + 1]; i++) visit(this.numbers[i], this.addresses[i]);
  }

  /** The address of one of its accesses; undefined if it did not make it. */
  addressOf(step: number, access: number): number | undefined {
    let found: number | undefined;
    this.accesses(step, (number, address) => {
      if (number === access) found = address;
    });
    return found;
  }

  /** The thread that ran the instruction. */
  turnOf(step: number): Turn {
    const index = step - this.from;
    let at = this.turns.length - 1;
    while (at > 0 && this.turns[at].index > index) at--;
    return this.turns[at];
  }

  private sharedNow({ mappingChanges, spaces }: Replayer): SharedMemory {
    if (mappingChanges !== this.sharedAt) this.shared = new SharedMemory(spaces);
    this.sharedAt = mappingChanges;
    return this.shared;
  }

  private turn(replayer: Replayer): void {
    const { pid, tid, machine, steps, spaces } = replayer;
    const space = spaces.indexOf(machine.space);
    this.turns.push({ index: steps - this.from, pid, tid, space, shared: this.sharedNow(replayer) });
    this.words = this.code.get(space) ?? new Map();
    this.code.set(space, this.words);
  }

  private observer(replayer: Replayer): ReplayObserver {
    const { machine } = replayer;
    const { state, linux } = machine.guest;
    const words = stateWords(machine.space.memory, state);
    const result = state.get(linux.syscallResult).index;
    let call: number | undefined;
    let before = { pid: 0, tid: 0, nzcv: 0, words: words.slice() };
    const add = (change: Pick<KernelWrite, 'memory' | 'registers'>, { pid, tid }: { readonly pid: number; readonly tid: number }): void => {
      this.kernel.push({ step: replayer.steps - 1, call, pid, tid, ...change });
    };
    const take = (): void => {
      before = { pid: replayer.pid, tid: replayer.tid, nzcv: machine.cpu.nzcv, words: words.slice() };
    };
    const changed = (now: Int32Array, nzcv: number | undefined): number[] => {
      const found = state.registers.flatMap(({ index, offset, type }) => {
        const isFlag = Object.values(state.flags).some((flag) => flag.index === index);
        const count = type === 'v128' ? 4 : type === 'i64' || type === 'f64' ? 2 : 1;
        for (let i = offset >> 2; i < (offset >> 2) + count; i++) if (!isFlag && now[i] !== before.words[i]) return [index];
        return [];
      });
      return nzcv === undefined || nzcv === before.nzcv ? found : [...found, -1];
    };
    return {
      enterCall: (number) => {
        call = number;
      },
      leaveCall: () => {
        call = undefined;
      },
      beforeChanges: take,
      afterChanges: () => {
        const registers = changed(words, machine.cpu.nzcv);
        // A result may be what was there before.
        if (call !== undefined && before.tid === replayer.tid && !registers.includes(result)) registers.push(result);
        if (registers.length > 0) add({ memory: undefined, registers }, replayer);
        this.turn(replayer);
      },
      thread: () => {
        const saved = replayer.threads.get(before.tid);
        if (saved !== undefined) {
          const registers = changed(saved.state, undefined);
          if (registers.length > 0) add({ memory: undefined, registers }, before);
        }
        take();
      },
      wrote: (space, address, bytes) =>
        add({ memory: { space: replayer.spaces.indexOf(space), address, bytes, shared: this.sharedNow(replayer) }, registers: [] }, replayer),
      mappedSame: (space, start, length, other, address) =>
        void this.sharings.push({
          ...{ step: replayer.steps - 1, space: replayer.spaces.indexOf(space), start, end: start + length },
          ...{ other: replayer.spaces.indexOf(other), address },
        }),
      threadStart: (_, tid) => {
        const parent = replayer.spaces.indexOf(machine.space);
        const child = replayer.threads.get(tid)?.space ?? parent;
        if (child !== parent) this.forks.push({ step: replayer.steps - 1, parent, child });
      },
    };
  }
}
