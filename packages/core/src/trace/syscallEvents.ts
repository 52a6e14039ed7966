import { high32 } from '../base/index.ts';
import { type LinearMemory, STATE, StateCopy } from '../engine/index.ts';
import type { LinuxAbi } from '../guest/index.ts';
import { type Register, SIZE_OF, type StateLayout } from '../ir/index.ts';
import { EVENT_HEADER, EventCode, FIRST_EVENT } from './events.ts';
import type { RingWriter } from './ring.ts';

/** Bytes of one kernelWrite event at most; what is longer is split. */
const KERNEL_WRITE_BYTES = 0x8000;

export interface SyscallEventsOptions {
  readonly state: StateLayout;
  readonly abi: Pick<LinuxAbi, 'syscallNumber' | 'syscallArguments' | 'syscallResult'>;
  readonly memory: LinearMemory;
  readonly ring: RingWriter;
  /** Makes room in the ring for an event, where it is full. */
  readonly makeRoom: () => void;
}

/**
 * Writes what system calls do into the ring, as `writeEvent` would: word by word, without objects or BigInts, since there are
 * programs that do little else.
 */
export class SyscallEvents {
  private readonly words: Int32Array;
  /** The state as the trace has told it last: when the call began, or of a thread that has waited meanwhile, when it went on. */
  private readonly before: StateCopy;
  /** Which register each word of the state belongs to; -1: none. */
  private readonly registerAt: Int32Array;
  /** Words of linear memory that have the number, the arguments. */
  private readonly number: number;
  private readonly args: readonly number[];
  private readonly result: Register;

  constructor(private readonly options: SyscallEventsOptions) {
    const { state, abi, memory } = options;
    this.words = memory.i32;
    this.before = new StateCopy(memory, state, 'tracer');
    this.registerAt = new Int32Array(state.size >> 2).fill(-1);
    for (const { index, offset, type } of state.registers) this.registerAt.fill(index, offset >> 2, (offset + SIZE_OF[type]) >> 2);
    const place = (name: string): number => (STATE + state.get(name).offset) >> 2;
    this.number = place(abi.syscallNumber);
    this.args = abi.syscallArguments.map(place);
    this.result = state.get(abi.syscallResult);
  }

  /** A call begins: the registers hold its number and arguments. */
  enter(): void {
    const { words, args, before } = this;
    let at = this.begin();
    words[at++] = words[this.number];
    words[at++] = args.length;
    for (const arg of args) {
      words[at++] = words[arg];
      words[at++] = words[arg + 1];
    }
    this.end(EventCode.syscall, at);
    before.take();
  }

  /** The trace tells the whole state otherwise. */
  told(): void {
    this.before.take();
  }

  /** A call ends. @param result see Tracer.leaveSyscall @param pc where the guest goes on */
  leave(result: bigint | undefined, pc: number): void {
    const { words, before, registerAt } = this;
    const { registers } = this.options.state;
    const { index: resultIndex, offset } = this.result;
    const start = this.begin();
    let at = start + 5;
    let changes = 0;
    for (let word = before.next(0); word < registerAt.length; word = before.next(word + 1)) {
      const index = registerAt[word];
      if (index < 0 || (result !== undefined && index === resultIndex)) continue;
      const register = registers[index];
      const from = register.offset >> 2;
      const size = SIZE_OF[register.type] >> 2;
      words[at++] = index;
      words[at++] = size;
      for (let i = 0; i < size; i++) words[at++] = before.words[from + i];
      changes++;
      word = from + size - 1;
    }
    if (result !== undefined) {
      words[at++] = resultIndex;
      words[at++] = 2;
      this.options.memory.view.setBigInt64(at * 4, result, true);
      words[start] = words[at++];
      words[start + 1] = words[at++];
      changes++;
    } else {
      words[start] = before.words[offset >> 2];
      words[start + 1] = before.words[(offset >> 2) + 1];
    }
    if (changes === 0) return;
    words[start + 2] = pc | 0;
    words[start + 3] = high32(pc);
    words[start + 4] = changes;
    this.end(EventCode.syscallResult, at);
  }

  /** The kernel wrote to guest memory. */
  wrote(address: number, data: Uint8Array): void {
    const { words } = this;
    const { bytes } = this.options.memory;
    for (let from = 0; from < data.length; from += KERNEL_WRITE_BYTES) {
      const length = Math.min(data.length - from, KERNEL_WRITE_BYTES);
      const at = this.begin();
      words[at] = (address + from) | 0;
      words[at + 1] = high32(address + from);
      words[at + 2] = length;
      const end = at + 3 + ((length + 3) >> 2);
      // What the last word has beyond the data.
      words[end - 1] = 0;
      bytes.set(length === data.length ? data : data.subarray(from, from + length), (at + 3) * 4);
      this.end(EventCode.kernelWrite, end);
    }
  }

  /** @returns the word of linear memory where an event's payload begins */
  private begin(): number {
    const { ring, makeRoom } = this.options;
    if (ring.full) makeRoom();
    return (ring.pointer + EVENT_HEADER) >> 2;
  }

  /** The event that was begun last is there, up to before word `end`. */
  private end(code: number, end: number): void {
    const { ring } = this.options;
    const at = ring.pointer >> 2;
    this.words[at] = FIRST_EVENT + code;
    this.words[at + 1] = (end - at) * 4 - EVENT_HEADER;
    ring.pointer = end * 4;
  }
}
