import { type Instrument, type LinearMemory, RING } from '../../engine/index.ts';
import {
  type Block,
  type IrBuffer,
  type IrBuilder,
  MARK_BYTES,
  markOf,
  NONE,
  OP,
  OP_TABLE,
  type Register,
  type Terminator,
  type Value,
  WATCHED,
} from '../../ir/index.ts';
import { Copier } from '../../trace/copier.ts';

/**
 * Cells that generated code compares with, so that another question needs no other code. Replays have no trace: its ring is free.
 *
 *     RING + 0    u64 first address that is looked for; NOTHING: none is
 *     RING + 8    u64 bytes from there on
 *
 * Marks, see the op `mark`: a byte for each 2^n-th line of code that a stretch has executed, and word of memory that it has written.
 *
 *     RING + 0x8_0000    2^19 bytes: code, by the line of 64 bytes
 *     RING + 0x40_0000   2^22 bytes: what tells marks while they are taken (MarkBytes), and words that have been written (WrittenWords)
 *     RING + 0x80_0000   2^17 bytes: what tells a page, while it is read
 *     RING + 0x100_0000  2^24 bytes: memory that is written, by the word of 8 bytes
 *     RING + 0x200_0000  2^24 bytes: memory that is read
 */
const LOW = RING;
const SPAN = RING + 8;
/** Far from all addresses without their tag: no access begins before it and reaches it. */
const NOTHING = 1n << 63n;
export const CODE_MARKS = RING + 0x8_0000;
export const CODE_MARK_MASK = 0x7_ffff;
/** Bytes of code that have one mark. */
export const CODE_LINE = 64;
export const MARK_ROOM = RING + 0x40_0000;
export const PAGE_ROOM = RING + 0x80_0000;
export const PAGE_ROOM_END = RING + 0x82_0000;
export const READ_MARKS = RING + 0x200_0000;
export const READ_MARK_MASK = 0xff_ffff;
export const WRITE_MARKS = RING + 0x100_0000;
export const WRITE_MARK_MASK = 0xff_ffff;

/** Addresses without their tag. */
export const UNTAGGED = 0x00ff_ffff_ffff_ffffn;

/** What is looked for. */
export type Probe =
  /** Execution of an instruction. */
  | { readonly kind: 'execute'; readonly pc: number }
  /** An access to one of `bytes` bytes from `address` on. */
  | { readonly kind: 'access'; readonly address: number; readonly bytes: number; readonly reads: boolean; readonly writes: boolean }
  /** A write of a register; `flags` for N Z C V. `changes`: only one that gives it another value. */
  | { readonly kind: 'register'; readonly register: Register | 'flags'; readonly changes?: boolean }
  /** A call of a function, or a return: the instruction that does it. */
  | { readonly kind: 'call' | 'return' }
  /** A system call; without number: any. */
  | { readonly kind: 'syscall'; readonly number?: number }
  /** A signal reaches a process; without number: any. */
  | { readonly kind: 'signal'; readonly signal?: number }
  /** A system call that writes to the run's standard output (1) or error (2). */
  | { readonly kind: 'output'; readonly stream: 1 | 2 }
  /** A thread runs again, in place of another. */
  | { readonly kind: 'thread'; readonly tid: number };

/** What the callback's number says. */
export const ProbeCall = { execute: 0, read: 1, write: 2, register: 3, call: 4, return: 5 } as const;

/** Bytes of the longest access. */
const MOST_ACCESS = 16;
/** Bytes of an instruction where all have as many. */
export const INSN_BYTES = 4;

/** Whether code compares with cells before it calls back, so that it can be run without being asked anything. */
export const hasCells = (probe: Probe): boolean => probe.kind === 'execute' || probe.kind === 'access';

/** Nothing is looked for: code does not call back for this probe. */
export function disarmProbe(memory: LinearMemory, probe: Probe): void {
  memory.view.setBigUint64(LOW, NOTHING, true);
  memory.view.setBigUint64(SPAN, 0n, true);
  for (const mark of watchedMarks(probe)) memory.bytes[mark] &= ~WATCHED;
}

/** Sets the cells for a probe, and has its marks watched. */
export function armProbe(memory: LinearMemory, probe: Probe): void {
  if (probe.kind !== 'execute' && probe.kind !== 'access') return;
  memory.view.setBigUint64(LOW, BigInt(probe.kind === 'execute' ? probe.pc : probe.address), true);
  memory.view.setBigUint64(SPAN, BigInt(probe.kind === 'execute' ? 1 : probe.bytes), true);
  for (const mark of watchedMarks(probe)) memory.bytes[mark] |= WATCHED;
}

/** Linear offsets of the marks that cold code sets where it does what is looked for. */
function* watchedMarks(probe: Probe): Generator<number> {
  if (probe.kind === 'execute') yield CODE_MARKS + codeMark(probe.pc);
  if (probe.kind !== 'access' || probe.reads) return;
  const { address, bytes } = probe;
  for (let at = address; at < address + bytes; at = (Math.floor(at / MARK_BYTES) + 1) * MARK_BYTES) yield WRITE_MARKS + markOf(at, WRITE_MARK_MASK);
}

/** Whether the code, or access, of which MachineHooks.watched tells does what is looked for; if so, the callback's number. */
export function watchedCall(probe: Probe, address: number, bytes: number): number | undefined {
  if (probe.kind === 'execute') return probe.pc >= address && probe.pc < address + bytes ? ProbeCall.execute : undefined;
  if (probe.kind !== 'access') return undefined;
  return address < probe.address + probe.bytes && probe.address < address + bytes ? ProbeCall.write : undefined;
}

/** Is told of each block that is translated with marks: where it begins, and its bytes. */
export type Translated = (pc: number, bytes: number) => void;

/** The code that runs where nothing is looked for: it marks what it executes and writes, for the index. */
export const markPass = (translated: Translated): Instrument => ({ ...marking(false, translated), cold: marking(true, translated) });

/** @param isWatched whether marks are watched, so that nothing need be added where an execution or a write is looked for */
function marking(isWatched: boolean, translated: Translated): Instrument {
  return {
    wish: 'mark',
    mayBeCold: () => true,
    instrument: (from, block, _, to) => {
      /** The second access of a pair, which is marked with the first. */
      let second = NONE;
      translated(block.pc, block.bytes);
      return rewrite(from, block, to, (i, copy) => {
        if (i === block.start) markCode(block, to);
        const { kind, bytes } = OP_TABLE[from.op[i]];
        if ((kind !== 'load' && kind !== 'store') || i === second) return;
        const address = copy.value(from.a[i]) as Value<'i64'>;
        second = secondOfPair(from, block, i);
        const marked = second === NONE ? bytes : 2 * bytes;
        if (kind === 'load') return to.markAccess(READ_MARKS, READ_MARK_MASK, address, marked, 'byByte');
        // A store-exclusive may fail: its mark says too much.
        const mayFail = isWatched && from.c[i] !== NONE;
        to.markAccess(WRITE_MARKS, WRITE_MARK_MASK, address, marked, mayFail ? 'silent' : 'watched');
        if (mayFail) accessCallback(to, address, bytes, copy.value(from.c[i]), ProbeCall.write);
      });
    },
  };
}

/** The access of the same instruction that has the bytes behind those of access `i`, if both together have no more than one can; else NONE. */
function secondOfPair(from: IrBuffer, { end }: Block, i: number): number {
  const { kind, bytes } = OP_TABLE[from.op[i]];
  if (from.c[i] !== NONE || 2 * bytes > MOST_ACCESS) return NONE;
  const first = baseOf(from, from.a[i]);
  for (let k = i + 1; k < end && from.op[k] !== OP.insn; k++) {
    const other = OP_TABLE[from.op[k]];
    if (other.kind !== 'load' && other.kind !== 'store') continue;
    const next = baseOf(from, from.a[k]);
    const isBehind = first.base === next.base && next.offset - first.offset === bytes;
    return other.kind === kind && other.bytes === bytes && from.c[k] === NONE && isBehind ? k : NONE;
  }
  return NONE;
}

/** An address as a value and what is added to it. */
function baseOf({ op, a, b, imm, imm2 }: IrBuffer, address: number): { readonly base: number; readonly offset: number } {
  const isSum = op[address] === OP.i64_add && op[b[address]] === OP.i64_const && imm2[b[address]] === imm[b[address]] >> 31;
  return isSum ? { base: a[address], offset: imm[b[address]] } : { base: address, offset: 0 };
}

/** The mark of code at `pc`: one for each line. */
export function codeMark(pc: number): number {
  const line = Math.floor(pc / CODE_LINE);
  return (line ^ Math.floor(line / (CODE_MARK_MASK + 1))) & CODE_MARK_MASK;
}

function markCode({ pc, bytes }: Block, to: IrBuilder): void {
  for (let at = pc; at < pc + bytes; at = (Math.floor(at / CODE_LINE) + 1) * CODE_LINE) to.mark(CODE_MARKS + codeMark(at));
}

/** The code in which something is looked for; undefined for what the kernel does: any code will do. */
export function probePass(probe: Probe, translated: Translated): Instrument | undefined {
  switch (probe.kind) {
    case 'execute':
      return executionPass(translated);
    case 'access':
      return accessPass(probe, translated);
    case 'register':
      return registerPass(probe.register);
    case 'call':
    case 'return':
      return branchPass(probe.kind);
    default:
      return undefined;
  }
}

/** Whether a block ends with a call of a function. A call of the next instruction only asks for its address. */
export const isCall = (terminator: Terminator): boolean =>
  terminator.kind === 'callIndirect' || (terminator.kind === 'call' && terminator.target !== terminator.returnAddress);

/** Calls back just before calls, or returns. */
function branchPass(kind: 'call' | 'return'): Instrument {
  return {
    wish: `probe ${kind}`,
    mayBeCold: () => true,
    instrument: (from, block, _, to) => {
      const made = rewrite(from, block, to, () => {});
      if (kind === 'call' ? !isCall(block.terminator) : block.terminator.kind !== 'return') return made;
      to.callback(ProbeCall[kind], false);
      return { ...made, end: to.buffer.length };
    },
  };
}

/** Calls back at the start of a block that has the instruction; where it is one of several lengths, before the instruction. */
function executionPass(translated: Translated): Instrument {
  const callback = (to: IrBuilder, pc: number, bytes: number): void => {
    to.callback(ProbeCall.execute, false, to.i64_lt_u(to.i64_sub(to.counterGet(LOW), to.i64_const(BigInt(pc))), to.i64_const(BigInt(bytes))));
  };
  return {
    wish: 'probe execution',
    cold: marking(true, translated),
    mayBeCold: () => true,
    instrument: (from, block, _, to) => {
      const { pc, insnOffsets } = block;
      return rewrite(
        from,
        block,
        to,
        () => {},
        (i) => {
          if (from.op[i] !== OP.insn) return;
          const index = from.imm[i];
          if (insnOffsets !== undefined) callback(to, pc + insnOffsets[index], 1);
          else if (index === 0) callback(to, pc, block.insns * INSN_BYTES);
        },
      );
    },
  };
}

function accessPass({ reads, writes }: Extract<Probe, { kind: 'access' }>, translated: Translated): Instrument {
  return {
    wish: `probe ${reads ? 'reads ' : ''}${writes ? 'writes' : ''}`,
    ...(reads ? {} : { cold: marking(true, translated) }),
    mayBeCold: () => true,
    instrument: (from, block, _, to) =>
      rewrite(from, block, to, (i, copy) => {
        const { kind, bytes } = OP_TABLE[from.op[i]];
        if (kind === 'load' && reads) to.markAccess(READ_MARKS, READ_MARK_MASK, copy.value(from.a[i]) as Value<'i64'>, bytes, 'byByte');
        if ((kind === 'store' && writes) || (kind === 'load' && reads))
          accessCallback(to, copy.value(from.a[i]), bytes, copy.value(from.c[i]), kind === 'store' ? ProbeCall.write : ProbeCall.read);
      }),
  };
}

function registerPass(register: Register | 'flags'): Instrument {
  const isWrite = (from: IrBuffer, i: number): boolean =>
    register === 'flags' ? from.op[i] === OP.setFlags : from.op[i] === OP.setReg && from.imm[i] === register.index;
  const writes = (from: IrBuffer, block: Block): Set<number> => {
    const found = new Set<number>();
    let insn = 0;
    for (let i = block.start; i < block.end; i++) {
      if (from.op[i] === OP.insn) insn = from.imm[i];
      else if (isWrite(from, i)) found.add(insn);
    }
    return found;
  };
  return {
    wish: `probe register ${register === 'flags' ? register : register.name}`,
    mayBeCold: () => true,
    instrument: (from, block, _, to) => {
      const places = writes(from, block);
      return rewrite(
        from,
        block,
        to,
        () => {},
        (i) => {
          if (from.op[i] === OP.insn && places.has(from.imm[i])) to.callback(ProbeCall.register, false);
        },
      );
    },
  };
}

/** Copies a block. @param before what comes before an op's copy, once its operands are there @param behind what comes behind it */
export function rewrite(from: IrBuffer, block: Block, to: IrBuilder, before: (i: number, copy: Copier) => void, behind: (i: number) => void = () => {}): Block {
  const copy = new Copier(from, to);
  const start = to.buffer.length;
  for (let i = block.start; i < block.end; i++) {
    before(i, copy);
    copy.op(i);
    behind(i);
  }
  return { ...block, start, end: to.buffer.length, terminator: copy.terminator(block.terminator) };
}

/**
 * Calls back where an access of `bytes` bytes at `address` has one in common with those that are looked for.
 * @param condition 0: the access is not made; NONE: it always is
 */
function accessCallback(to: IrBuilder, address: number, bytes: number, condition: number, number: number): void {
  const untagged = to.i64_and(address as Value<'i64'>, to.i64_const(UNTAGGED));
  const above = to.i64_add(to.i64_sub(untagged, to.counterGet(LOW)), to.i64_const(BigInt(bytes - 1)));
  const reach = to.i64_add(to.counterGet(SPAN), to.i64_const(BigInt(bytes - 1)));
  const isMet = to.i64_lt_u(above, reach);
  // A store-exclusive may fail, and does nothing then.
  to.callback(number, false, condition === NONE ? isMet : to.i32_and(isMet, to.i32_ne(condition as Value<'i32'>, to.i32_const(0))));
}
