import { assert } from '../base/index.ts';
import type { Helper } from './helpers.ts';
import { OP_TABLE, type Ty } from './ops.ts';

/** Numbers of the value types in the buffer's `type` column; 0 is "no result". */
export const TYPES: readonly (Ty | undefined)[] = [undefined, 'i32', 'i64', 'f32', 'f64', 'v128'];
export const TYPE_NUMBER: Readonly<Record<Ty, number>> = { i32: 1, i64: 2, f32: 3, f64: 4, v128: 5 };

/** `a`, `b` or `c` where an op has no such operand. */
export const NONE = -1;

/** How a block ends. Values are IR values of type i64 (targets) or i32 (conditions), addresses are numbers below 2^53. */
export type Terminator =
  /** Straight on, or an unconditional direct branch. */
  | { readonly kind: 'jump'; readonly target: number }
  /** Conditional direct branch. */
  | { readonly kind: 'branch'; readonly condition: number; readonly taken: number; readonly fallThrough: number }
  /** Direct call; the return address is already in the link register. */
  | { readonly kind: 'call'; readonly target: number; readonly returnAddress: number }
  | { readonly kind: 'callIndirect'; readonly target: number; readonly returnAddress: number }
  | { readonly kind: 'jumpIndirect'; readonly target: number }
  /** Return: a jump to `target`, expected to be a caller's return address. */
  | { readonly kind: 'return'; readonly target: number }
  /** System call instruction, completed; goes on at `next`. */
  | { readonly kind: 'syscall'; readonly next: number }
  /** Completed; code after it must be looked up anew (context synchronisation, cache maintenance, change of mode). */
  | { readonly kind: 'exit'; readonly next: number }
  /** The last instruction of the block did not complete. `code` is the guest's own, e.g. undefined instruction or breakpoint; `pc` its address. */
  | { readonly kind: 'trap'; readonly code: number; readonly argument: number; readonly pc: number };

/** A block in an IR buffer: ops `start`..`end` (exclusive) and the way it ends. */
export interface Block {
  readonly pc: number;
  readonly start: number;
  readonly end: number;
  /** Guest instructions; each has an `insn` op. Where the terminator is a trap, the last of them does not complete. */
  readonly insns: number;
  /** Bytes of guest code. */
  readonly bytes: number;
  /** Byte offset of each instruction from `pc`; absent where all have 4 bytes. */
  readonly insnOffsets?: Uint16Array | undefined;
  readonly terminator: Terminator;
}

/** Address of a block's instruction number `insn`. */
export function insnPc(block: Pick<Block, 'pc' | 'insnOffsets'>, insn: number): number {
  return block.pc + (block.insnOffsets?.[insn] ?? insn * 4);
}

/** Address of a block's last instruction: an indirect jump's targets are remembered under it. */
export const lastInsnPc = (block: Block): number => insnPc(block, block.insns - 1);

/**
 * IR ops in columns, one index an op; the index is also the value it makes. Allocated once, reset for each region.
 *
 *     op | type | a | b | c | imm | imm2
 */
export class IrBuffer {
  private capacity: number;
  op: Uint16Array;
  type: Uint8Array;
  a: Int32Array;
  b: Int32Array;
  c: Int32Array;
  imm: Int32Array;
  imm2: Int32Array;
  /** Number of ops. */
  length = 0;
  /** 16-byte constants of v128_const and i8x16_shuffle, by index. */
  readonly constants: Uint8Array[] = [];
  /** Arguments of helper calls, one run a call. */
  readonly callArgs: number[] = [];
  /** Helpers called, by index. */
  readonly helpers: Helper[] = [];
  private readonly helperIndex = new Map<Helper, number>();

  constructor(capacity = 4096) {
    this.capacity = capacity;
    this.op = new Uint16Array(capacity);
    this.type = new Uint8Array(capacity);
    this.a = new Int32Array(capacity);
    this.b = new Int32Array(capacity);
    this.c = new Int32Array(capacity);
    this.imm = new Int32Array(capacity);
    this.imm2 = new Int32Array(capacity);
  }

  reset(): void {
    this.length = 0;
    // V8 takes its time to set a length, and most blocks have none of these.
    if (this.constants.length > 0) this.constants.length = 0;
    if (this.helpers.length === 0) return;
    this.callArgs.length = 0;
    this.helpers.length = 0;
    this.helperIndex.clear();
  }

  /** Appends an op and returns its index. */
  push(op: number, type: number, a: number, b: number, c: number, imm: number, imm2: number): number {
    if (this.length === this.capacity) this.grow();
    const i = this.length++;
    this.op[i] = op;
    this.type[i] = type;
    this.a[i] = a;
    this.b[i] = b;
    this.c[i] = c;
    this.imm[i] = imm;
    this.imm2[i] = imm2;
    return i;
  }

  helperNumber(helper: Helper): number {
    let index = this.helperIndex.get(helper);
    if (index === undefined) {
      index = this.helpers.length;
      this.helpers.push(helper);
      this.helperIndex.set(helper, index);
    }
    return index;
  }

  /** Type of a value. @throws AssertionError if the op has no result */
  typeOf(value: number): Ty {
    const type = TYPES[this.type[value]];
    assert(type !== undefined, `op ${value} (${OP_TABLE[this.op[value]]?.name}) has no result`);
    return type;
  }

  private grow(): void {
    this.capacity *= 2;
    const copy = <T extends Uint8Array | Uint16Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.op = copy(this.op, new Uint16Array(this.capacity));
    this.type = copy(this.type, new Uint8Array(this.capacity));
    this.a = copy(this.a, new Int32Array(this.capacity));
    this.b = copy(this.b, new Int32Array(this.capacity));
    this.c = copy(this.c, new Int32Array(this.capacity));
    this.imm = copy(this.imm, new Int32Array(this.capacity));
    this.imm2 = copy(this.imm2, new Int32Array(this.capacity));
  }
}
