import { type AddressSpace, type Instrument, RING } from '../../engine/index.ts';
import { type Block, type IrBuffer, type IrBuilder, insnPc, NONE, OP, OP_TABLE, type Value } from '../../ir/index.ts';
import { Copier } from '../../trace/index.ts';

/** Numbers of callbacks. */
export const BREAKPOINT = 0;
export const SYSCALL = 1;
const WATCHPOINT = 2;

/**
 * What is watched, 16 bytes each: first address (u64), bytes (u64). Those that stores are compared with come first, those of
 * loads last, and those of both between them:
 *
 *     stores: ├─ write ─┼─ access ─┤
 *     loads:            ├─ access ─┼─ read ─┤
 */
const WATCHED = RING;
const WATCHED_BYTES = 16;
export const MOST_WATCHED = 64;

/** How many of each kind are watched. */
export interface WatchCounts {
  readonly write: number;
  readonly access: number;
  readonly read: number;
}

export interface DebugWish {
  /** Where MachineHooks.callback is asked before the instruction. Who adds any tells the machine to translate the code there anew. */
  readonly pcs: ReadonlySet<number>;
  readonly watched: WatchCounts;
  /** Whether it is asked before instructions that make system calls. */
  readonly syscalls: boolean;
}

/** Puts what is watched where generated code finds it. */
export function setWatched({ memory }: AddressSpace, index: number, address: number, length: number): void {
  const at = WATCHED + WATCHED_BYTES * index;
  memory.view.setBigUint64(at, BigInt(address), true);
  memory.view.setBigUint64(at + 8, BigInt(length), true);
}

/** Which of those watched a callback is about, and how it is accessed. */
export const watchedOf = (number: number): { readonly index: number; readonly isStore: boolean } => ({
  index: (number - WATCHPOINT) >>> 1,
  isStore: ((number - WATCHPOINT) & 1) === 1,
});

/** Makes the pass that asks MachineHooks.callback where a debugger may want to stop. @param ignoredTopBits of addresses */
export function createDebugPass(wish: DebugWish, ignoredTopBits: number): Instrument {
  const { write, access, read } = wish.watched;
  return {
    wish: `debug ${write} ${access} ${read} ${wish.syscalls}`,
    wants: (from, block) => wants(wish, from, block),
    instrument: (from, block, _info, to) => new DebugPass(wish, from, block, to, ignoredTopBits).run(),
  };
}

function wants({ pcs, watched: { write, access, read }, syscalls }: DebugWish, from: IrBuffer, block: Block): boolean {
  if (syscalls && block.terminator.kind === 'syscall') return true;
  for (let i = block.start; i < block.end; i++) {
    const op = from.op[i];
    if (op === OP.insn && pcs.has(insnPc(block, from.imm[i]))) return true;
    const { kind } = OP_TABLE[op];
    if ((kind === 'store' && write + access > 0) || (kind === 'load' && access + read > 0)) return true;
  }
  return false;
}

class DebugPass {
  private readonly copy: Copier;

  constructor(
    private readonly wish: DebugWish,
    private readonly from: IrBuffer,
    private readonly block: Block,
    private readonly to: IrBuilder,
    private readonly ignoredTopBits: number,
  ) {
    this.copy = new Copier(from, to);
  }

  run(): Block {
    const { wish, from, block, to, copy } = this;
    const start = to.buffer.length;
    let isChecked = true;
    for (let i = block.start; i < block.end; i++) {
      const op = from.op[i];
      const { kind } = OP_TABLE[op];
      // What an instruction accesses is compared before its first access: then it can still be left as if it had not begun.
      if ((kind === 'load' || kind === 'store') && !isChecked) {
        this.compare(i);
        isChecked = true;
      }
      copy.op(i);
      if (op !== OP.insn) continue;
      isChecked = false;
      const index = from.imm[i];
      if (wish.pcs.has(insnPc(block, index))) to.callback(BREAKPOINT, true);
      if (wish.syscalls && block.terminator.kind === 'syscall' && index === block.insns - 1) to.callback(SYSCALL, true);
    }
    return { ...block, start, end: to.buffer.length, terminator: copy.terminator(block.terminator) };
  }

  /** Compares all accesses of the instruction whose first one is the op `first`. */
  private compare(first: number): void {
    const { write, access, read } = this.wish.watched;
    const accesses = { store: [] as number[], load: [] as number[] };
    for (let i = first; i < this.block.end && this.from.op[i] !== OP.insn; i++) {
      const { kind } = OP_TABLE[this.from.op[i]];
      if (kind === 'load' || kind === 'store') accesses[kind].push(i);
    }
    for (let index = 0; index < write + access; index++) this.compareWith(accesses.store, index, true);
    for (let index = write; index < write + access + read; index++) this.compareWith(accesses.load, index, false);
  }

  private compareWith(accesses: readonly number[], index: number, isStore: boolean): void {
    if (accesses.length === 0) return;
    const hits = accesses.map((i) => this.hits(i, WATCHED + WATCHED_BYTES * index));
    const any = hits.reduce((before, hit) => this.to.i32_or(before, hit));
    this.to.callback(WATCHPOINT + 2 * index + Number(isStore), true, any);
  }

  /** Whether the access touches what is watched: address + bytes - 1 - start < length + bytes - 1, unsigned. */
  private hits(i: number, watched: number): Value<'i32'> {
    const { from, to } = this;
    const { bytes } = OP_TABLE[from.op[i]];
    const address = this.copy.ahead(from.a[i]) as Value<'i64'> | undefined;
    // No instruction accesses memory at an address that it has just loaded.
    if (address === undefined) throw new Error(`an address of the block at ${this.block.pc} is loaded by the instruction that uses it`);
    const plain = this.ignoredTopBits === 0 ? address : to.i64_and(address, to.i64_const((1n << BigInt(64 - this.ignoredTopBits)) - 1n));
    const distance = to.i64_sub(to.i64_add(plain, to.i64_const(bytes - 1)), to.counterGet(watched));
    const hit = to.i64_lt_u(distance, to.i64_add(to.counterGet(watched + 8), to.i64_const(bytes - 1)));
    // Whether a store happens may depend on what the instruction loads: then it may.
    const condition = from.c[i] === NONE ? undefined : (this.copy.ahead(from.c[i]) as Value<'i32'> | undefined);
    return condition === undefined ? hit : to.i32_and(hit, to.i32_ne(condition, to.i32_const(0)));
  }
}
