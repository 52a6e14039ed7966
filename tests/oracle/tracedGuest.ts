import type { Machine, MachineHooks, RunEvent } from '../../packages/core/src/engine/index.ts';
import type { Guest } from '../../packages/core/src/guest/index.ts';
import { SIZE_OF, type StateLayout } from '../../packages/core/src/ir/index.ts';
import type { Kernel, LinuxProcess } from '../../packages/core/src/linux/index.ts';
import { createRingControl, RingDrain, TraceReader, Tracer } from '../../packages/core/src/trace/index.ts';
import { AT, STATE_WORDS } from './guestState.ts';

/** Instructions run at a time. */
const SLICE = 20_000;

/** Where each word of a compared state comes from in the guest's state: index of a 32-bit word there, or -1. */
function stateMap(layout: StateLayout): Int32Array {
  const map = new Int32Array(STATE_WORDS).fill(-1);
  const put = (at: number, name: string): void => {
    const { offset, type } = layout.get(name);
    for (let i = 0; i < SIZE_OF[type] / 4; i++) map[at + i] = offset / 4 + i;
  };
  for (let i = 0; i < 31; i++) put(AT.x + 2 * i, `x${i}`);
  for (let i = 0; i < 32; i++) put(AT.v + 4 * i, `v${i}`);
  put(AT.sp, 'sp');
  put(AT.fpcr, 'fpcr');
  put(AT.fpsr, 'fpsr');
  return map;
}

/** A state before an instruction, and its bytes. */
export interface TracedState {
  readonly state: Int32Array;
  readonly word: number;
}

/** Makes the process, with these hooks among the machine's. */
export type MakeProcess = (hooks: MachineHooks) => { readonly machine: Machine; readonly process: LinuxProcess; readonly kernel: Kernel };

/**
 * Runs a guest with tracing, at full speed, and tells the state before each instruction as its trace has it. The states
 * are made in slices, as they are asked for.
 */
export class TracedGuest {
  readonly machine: Machine;
  private readonly kernel: Kernel;
  /** What the run ended with, once it has. */
  end: RunEvent | undefined;
  private readonly tracer: Tracer;
  private readonly drain: RingDrain;
  private readonly reader: TraceReader;
  private readonly map: Int32Array;
  private readonly queue: TracedState[] = [];
  private next = 0;

  constructor(guest: Guest, makeProcess: MakeProcess) {
    const control = createRingControl();
    this.reader = new TraceReader(guest.state);
    this.map = stateMap(guest.state);
    const send = (definitions: Uint8Array): void => this.reader.define(definitions);
    this.tracer = new Tracer({ state: guest.state, abi: guest.linux, control, send, wait: () => this.take() });
    const { machine, kernel } = makeProcess(this.tracer.hooks);
    this.machine = machine;
    this.kernel = kernel;
    kernel.observers.push({ enter: () => this.tracer.enterSyscall(), leave: (_call, result) => this.tracer.leaveSyscall(result) });
    this.drain = new RingDrain(machine.space.memory.memory.buffer, control);
    this.tracer.attach(machine);
    this.tracer.open();
  }

  /** The state before the next instruction that completes; undefined at the end. */
  nextState(): TracedState | undefined {
    while (this.next === this.queue.length) {
      if (this.end !== undefined) return undefined;
      this.queue.length = 0;
      this.next = 0;
      const event = this.kernel.run(this.machine.steps + SLICE);
      this.tracer.ranUntil(event);
      if (event.kind !== 'budget') this.end = event;
      // Hands out what is in the chunk that is being filled, too.
      if (this.end === undefined) this.tracer.hooks.ringFull?.();
      else this.tracer.close('exit');
      this.take();
    }
    return this.queue[this.next++];
  }

  /** The registers after the last instruction, with the pc. */
  finalState(): Int32Array {
    return this.stateOf(this.reader.state, this.machine.pc);
  }

  private take(): void {
    while (
      this.drain.take((records) =>
        this.reader.read(records, { insn: ({ pc, word }) => this.queue.push({ state: this.stateOf(this.reader.state, pc), word }), event: () => undefined }),
      )
    ) {}
  }

  private stateOf(words: Int32Array, pc: number): Int32Array {
    const state = new Int32Array(STATE_WORDS);
    for (let i = 0; i < STATE_WORDS; i++) if (this.map[i] >= 0) state[i] = words[this.map[i]];
    state[AT.nzcv] = words[this.reader.layout.flags.a.offset >> 2] >>> 28;
    state[AT.pc] = pc | 0;
    state[AT.pc + 1] = Math.floor(pc / 0x1_0000_0000);
    return state;
  }
}
