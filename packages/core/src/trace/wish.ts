import { type Block, type IrBuffer, OP } from '../ir/index.ts';

/**
 * How much of the wanted instructions is told, the cheapest first.
 *
 * - `count`: how many of them were executed, and nothing else;
 * - `blocks`: which of them, in order, without a value;
 * - `loads`: that, and what they loaded: enough to work out the rest;
 * - `values`: every register that they read or write, and every access with its address and datum.
 */
export const TRACE_LEVELS = ['count', 'blocks', 'loads', 'values'] as const;
export type TraceLevel = (typeof TRACE_LEVELS)[number];

/** Stands for N Z C V (bits 31..28 of a word) where a register's index in the state layout is asked for. */
export const FLAGS = -1;

/** Registers of one instruction, by index in the state layout, or FLAGS. */
export interface RegisterWish {
  /** Which of those that the instruction itself reads (or writes). */
  readonly touched: 'all' | 'none' | ReadonlySet<number>;
  /** Registers that are wanted whether or not the instruction has to do with them. */
  readonly always: readonly number[];
}

/** What is wanted of one instruction besides that it was executed. Instructions of the same wish share one object. */
export interface InsnWish {
  /** Values before the instruction; `touched` are those that it reads. */
  readonly before: RegisterWish;
  /** Values after it; `touched` are those that it writes. */
  readonly after: RegisterWish;
  /** Its loads and stores: with addresses and data, with addresses alone, or not at all. */
  readonly memory: 'values' | 'addresses' | 'none';
}

const ALL: RegisterWish = { touched: 'all', always: [] };
const NONE_OF_THEM: RegisterWish = { touched: 'none', always: [] };

/** Everything that an instruction reads, writes, loads and stores. */
export const WHOLE_INSN: InsnWish = { before: ALL, after: ALL, memory: 'values' };
/** Only that it was executed. */
export const BARE_INSN: InsnWish = { before: NONE_OF_THEM, after: NONE_OF_THEM, memory: 'none' };

/** An instruction as it is translated. */
export interface InsnPlace {
  readonly pc: number;
  /** Its bytes, little-endian, of which `bytes` count. */
  readonly word: number;
  readonly bytes: number;
}

/** Guest addresses `start` to `end`, both included, below 2^53. */
export interface AddressSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * What trace and plugins want of blocks. It is asked once for each instruction of each block, when that is translated;
 * code of blocks of which nothing is wanted is as without a trace. Wishes do not change: who wants something else gives
 * the tracer another wish, which counts from the next block on, for code that has been translated before, too.
 */
export interface Wish {
  /** Part of the key that translations are kept by: wishes with the same key get the same code. */
  readonly key: string;
  readonly level: TraceLevel;
  /** True if it wants every instruction in whole: then records may leave out what follows from those before. */
  readonly isWhole: boolean;
  /** Instructions are wanted only when they access one of these bytes. */
  readonly data?: readonly AddressSpan[] | undefined;
  /**
   * What is wanted of an instruction; undefined: nothing. Called in the order of a block's addresses. The answer depends
   * on the place alone, as long as the address space has the same code there.
   */
  insn(place: InsnPlace): InsnWish | undefined;
}

/** The wish for everything. */
export function wholeWish(level: TraceLevel = 'values'): Wish {
  const insn = level === 'values' ? WHOLE_INSN : BARE_INSN;
  return { key: `trace ${level}`, level, isWhole: true, insn: () => insn };
}

/** Calls `visit` with the place of each of a block's instructions. */
export function forEachInsn(buffer: IrBuffer, block: Block, visit: (place: InsnPlace, index: number) => void): void {
  const { insnOffsets } = block;
  for (let i = block.start; i < block.end; i++) {
    if (buffer.op[i] !== OP.insn) continue;
    const index = buffer.imm[i] as number;
    const offset = insnOffsets?.[index] ?? index * 4;
    const bytes = insnOffsets === undefined ? 4 : (insnOffsets[index + 1] ?? block.bytes) - offset;
    visit({ pc: block.pc + offset, word: (buffer.imm2[i] as number) >>> 0, bytes }, index);
  }
}
