import { fromHalves } from '../../base/index.ts';
import type { CpuState } from '../../engine/index.ts';
import type { LinuxAbi } from '../../guest/index.ts';

/** Registers that carry a system call's arguments. */
export const ARGUMENTS = 6;

/** What an address that no process can have becomes, so that it is a number, and never mapped. */
const NOWHERE = 2 ** 52;

/** A system call's arguments, taken from the registers when it begins. */
export class SyscallArguments {
  private readonly words = new Int32Array(2 * ARGUMENTS);
  private readonly offsets: readonly number[];
  private readonly memory: Int32Array;
  /** Addresses carry a tag in their highest byte, which is ignored (prctl PR_SET_TAGGED_ADDR_CTRL). */
  tagged = false;

  constructor(cpu: CpuState, memory: Int32Array, abi: LinuxAbi) {
    this.memory = memory;
    this.offsets = abi.syscallArguments.map((name) => cpu.offset(cpu.layout.get(name)) >>> 2);
  }

  /** Takes the arguments from the CPU state. */
  load(): void {
    for (let i = 0; i < ARGUMENTS; i++) {
      this.words[2 * i] = this.memory[this.offsets[i]];
      this.words[2 * i + 1] = this.memory[this.offsets[i] + 1];
    }
  }

  /** Bits 31..0, signed. */
  int(i: number): number {
    return this.words[2 * i];
  }

  /** Bits 31..0, unsigned. */
  unsigned(i: number): number {
    return this.words[2 * i] >>> 0;
  }

  /** The unsigned value; above 2^53 not exact. */
  size(i: number): number {
    return fromHalves(this.words[2 * i], this.words[2 * i + 1]);
  }

  /** The signed value; beyond 2^53 not exact. */
  signed(i: number): number {
    return this.words[2 * i + 1] * 0x1_0000_0000 + (this.words[2 * i] >>> 0);
  }

  /** A guest address; what no process can have becomes one that is never mapped. */
  address(i: number): number {
    const high = this.tagged ? (this.words[2 * i + 1] << 8) >> 8 : this.words[2 * i + 1];
    return high < 0 || high >= 0x10_0000 ? NOWHERE : fromHalves(this.words[2 * i], high);
  }

  /** All 64 bits, unsigned. */
  long(i: number): bigint {
    return (BigInt(this.words[2 * i + 1] >>> 0) << 32n) | BigInt(this.words[2 * i] >>> 0);
  }
}

/** How a system call takes an argument. */
export interface ArgumentKind<T = unknown> {
  (from: SyscallArguments, i: number): T;
  /** Its type in C, for documentation; undefined for another view of an argument before it. */
  readonly type?: string;
}

const kind = <T>(type: string, take: (from: SyscallArguments, i: number) => T): ArgumentKind<T> => Object.assign(take, { type });

/** A C int: descriptors, flags, commands. */
export const int = kind('int', (from, i) => from.int(i));
/** A C unsigned int: modes, user and group numbers. */
export const unsigned = kind('unsigned', (from, i) => from.unsigned(i));
/** A size_t. */
export const size = kind('size_t', (from, i) => from.size(i));
/** An off_t or other signed 64-bit number. */
export const signed = kind('long', (from, i) => from.signed(i));
/** A pointer. */
export const address = kind('pointer', (from, i) => from.address(i));
/** 64 bits as they are. */
export const long = kind('unsigned long', (from, i) => from.long(i));
/** Argument `i` as a pointer, whatever the place: for calls whose argument is a number or a pointer. */
export const pointerIn =
  (i: number): ArgumentKind<number> =>
  (from) =>
    from.address(i);
