import { assert } from '../base/index.ts';
import { callersOf } from '../linux/index.ts';
import type { OpenDescriptor } from './openFiles.ts';
import { registersOf } from './threadRegisters.ts';
import type { Timeline } from './timeline/timeline.ts';

/** A thread at a moment. */
export interface MomentThread {
  readonly pid: number;
  readonly tid: number;
  /** Where it goes on. */
  readonly pc: number;
}

/** A mapping of a process, as in /proc/PID/maps. */
export interface MomentMapping {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  /** PROT_READ, PROT_WRITE, PROT_EXEC. */
  readonly prot: number;
  readonly shared: boolean;
  /** A file, `[stack]` or the like; '' for memory without a name. */
  readonly name: string;
}

/** Most callers that are told. */
const MOST_FRAMES = 256;

/**
 * All that there is before an instruction of a run. It is looked up when it is asked for: only until the timeline moves, else it
 * throws an AssertionError.
 */
export class Moment {
  /** Instructions completed before. */
  readonly step: number;
  /** The thread that runs, its process, and its next instruction. */
  readonly pid: number;
  readonly tid: number;
  readonly pc: number;

  constructor(private readonly timeline: Timeline) {
    const { pid, tid, pc } = timeline.replayer;
    this.step = timeline.step;
    this.pid = pid;
    this.tid = tid;
    this.pc = pc;
  }

  private get replayer(): Timeline['replayer'] {
    assert(this.timeline.step === this.step, `the timeline has left step ${this.step}`);
    return this.timeline.replayer;
  }

  /** All threads of all processes, the one that runs first. */
  get threads(): readonly MomentThread[] {
    const { pid, tid, pc, threads } = this.replayer;
    const others = [...threads].filter(([each]) => each !== tid).map(([each, saved]) => ({ pid: saved.pid, tid: each, pc: saved.pc }));
    return tid === 0 ? others : [{ pid, tid, pc }, ...others];
  }

  /**
   * A register of a thread; by default of the one that runs. 64 bits, 128 for v0 to v31, N Z C V in bits 31 to 28 of nzcv.
   * @throws AssertionError if there is no such register, or thread
   */
  register(name: string, tid = this.tid): bigint {
    const cpu = registersOf(this.replayer, tid);
    assert(cpu !== undefined, `there is no thread ${tid} at step ${this.step}`);
    return name === 'nzcv' ? BigInt(cpu.nzcv) << 28n : cpu.getByName(name);
  }

  /** All visible registers of a thread, by name. */
  registers(tid = this.tid): ReadonlyMap<string, bigint> {
    const { registers } = this.replayer.machine.guest.state;
    const names = [...registers.filter(({ visible }) => visible).map(({ name }) => name), 'nzcv'];
    return new Map(names.map((name) => [name, this.register(name, tid)]));
  }

  /** Memory of the process that runs; undefined where some of it is not mapped. */
  read(address: number, bytes: number): Uint8Array | undefined {
    return this.replayer.machine.space.peek(address, bytes);
  }

  /** What the process that runs has mapped, in ascending order. */
  get mappings(): readonly MomentMapping[] {
    return this.replayer.machine.space.list.all.map(({ start, end, prot, shared, name }) => ({ start, end, prot, shared, name }));
  }

  /** What a process has open; by default the one that runs. See OpenFiles for what nobody tells. */
  openFiles(pid = this.pid): readonly OpenDescriptor[] {
    return this.timeline.openFiles.at(pid, this.step);
  }

  /** The addresses behind the calls that the thread that runs is in, the innermost first: as right as the program keeps its frame records. */
  get callers(): readonly number[] {
    return callersOf(this.replayer.machine, this.pc, MOST_FRAMES);
  }
}
