import { assert } from '../base/index.ts';
import { type Block, FlagKind, type IrBuffer, NONE, OP, OP_TABLE, SIZE_OF, type StateLayout, type Terminator } from '../ir/index.ts';
import { type Slot, type Source, SourceFinder } from './source.ts';
import { FLAGS, type InsnWish, type RegisterWish, type Wish } from './wish.ts';

/** Where a record has the step, if it has. */
export const STEP_OFFSET = 4;

/** Something that an instruction did, with the sources of its values. In the order of execution. */
export type Item =
  | { readonly kind: 'register'; readonly register: number; readonly source: Source }
  /** `packed` as in flags.ts; c only where it is conditional. */
  | { readonly kind: 'flags'; readonly packed: number; readonly a: Source; readonly b: Source; readonly c: Source | undefined }
  /** With a condition: nothing is done where it is 0. Without a datum: it is not wanted. */
  | {
      readonly kind: 'load' | 'store';
      readonly bytes: number;
      readonly address: Source;
      readonly datum: Source | undefined;
      readonly condition: Source | undefined;
    };

/** One guest instruction of a block. */
export interface InsnLayout {
  readonly word: number;
  /** Bytes of code. */
  readonly bytes: number;
  /** False if nothing of the instruction is wanted: then it has no inputs and no items. */
  readonly wanted: boolean;
  /** Visible registers whose value before the instruction is wanted, by index: those that it reads in order of first use, then others. */
  readonly inputs: readonly number[];
  /** True if the flags as they were before are wanted. */
  readonly readsFlags: boolean;
  /** Values that the reader cannot know from earlier instructions, to be put into its state first. Flags: register NONE, N Z C V in bits 31..28. */
  readonly refresh: readonly { readonly register: number; readonly source: Source }[];
  readonly items: readonly Item[];
}

/** How a block ends, for those who check or draw control flow. Addresses are 0 where the kind has none. */
export interface BlockEnd {
  readonly kind: Terminator['kind'];
  /** Direct target, or where execution goes on. */
  readonly target: number;
  /** Where a conditional branch falls through to, or a call returns to. */
  readonly next: number;
}

/** What a block's trace record holds, and what the code alone tells. The writer and the reader both go by it. */
export interface BlockLayout {
  readonly id: number;
  readonly pc: number;
  /** The instructions that complete: without the last one where the block ends in a trap. */
  readonly insns: readonly InsnLayout[];
  readonly wanted: number;
  /** The record has the low half of the step at which the block began, at offset 4: there may be none of the block before. */
  readonly hasStep: boolean;
  /** Bytes of the record, a multiple of 4, at least 4. */
  readonly recordBytes: number;
  readonly end: BlockEnd;
}

export interface LayoutOptions {
  readonly state: StateLayout;
  /** Unless it is for everything, every record stands on its own. */
  readonly wish: Wish;
}

/** A value to store: after the instruction whose index is given, or before it where `register` is (NONE: the flags). */
export interface PlannedStore {
  readonly insn: number;
  readonly slot: Slot;
  /** The value, in the buffer that was planned. */
  readonly value: number;
  /** Register (or FLAGS) whose value before the instruction is stored; undefined: `value` is. */
  readonly register: number | undefined;
}

export interface Plan {
  readonly layout: BlockLayout;
  readonly stores: readonly PlannedStore[];
}

/** Decides what a block's record holds. The only place that does. */
export function planBlock(buffer: IrBuffer, block: Block, id: number, options: LayoutOptions): Plan {
  return new Planner(buffer, block, id, options).plan();
}

class Planner {
  private readonly stores: PlannedStore[] = [];
  private readonly finder: SourceFinder;
  private readonly insns: InsnLayout[] = [];
  private insn = -1;

  constructor(
    private readonly buffer: IrBuffer,
    private readonly block: Block,
    private readonly id: number,
    private readonly options: LayoutOptions,
  ) {
    this.finder = new SourceFinder(
      buffer,
      options.state,
      (value, slot) => this.stores.push({ insn: this.insn, slot, value, register: undefined }),
      options.wish.isWhole,
    );
  }

  plan(): Plan {
    const { block, buffer } = this;
    const { wish } = this.options;
    const completed = block.terminator.kind === 'trap' ? Math.max(block.insns - 1, 0) : block.insns;
    let pc = block.pc;
    let start = block.start;
    while (start < block.end && buffer.op[start] !== OP.insn) start++;
    const loadsEnd = wish.level === 'loads' && !wish.isWhole ? this.planLoads(start, completed) : Number.POSITIVE_INFINITY;
    for (this.insn = 0; this.insn < completed; this.insn++) {
      assert(buffer.op[start] === OP.insn && buffer.imm[start] === this.insn, `instruction ${this.insn} of the block at ${pc} has no insn op`);
      let end = start + 1;
      while (end < block.end && buffer.op[end] !== OP.insn) end++;
      const word = buffer.imm2[start] >>> 0;
      const bytes = this.insnBytes();
      this.finder.begin(start);
      const wanted = wish.insn({ pc, word, bytes });
      if (wanted !== undefined) {
        this.insns.push(this.planInsn(word, bytes, start + 1, end, wanted));
      } else {
        this.forget(start + 1, end);
        this.insns.push({ word, bytes, wanted: false, inputs: [], readsFlags: false, refresh: [], items: [] });
      }
      if (wish.level === 'loads' && start < loadsEnd) this.storeInputs(start + 1, end);
      pc += bytes;
      start = end;
    }
    const wanted = this.insns.reduce((count, insn) => count + Number(insn.wanted), 0);
    const recordBytes = this.assignOffsets(wish.isWhole ? STEP_OFFSET : STEP_OFFSET + 4);
    const layout = { id: this.id, pc: block.pc, insns: this.insns, wanted, hasStep: !wish.isWhole, recordBytes, end: endOf(block.terminator) };
    return { layout, stores: this.stores };
  }

  private insnBytes(): number {
    const { bytes, insnOffsets } = this.block;
    if (insnOffsets === undefined) return 4;
    return (insnOffsets[this.insn + 1] ?? bytes) - insnOffsets[this.insn];
  }

  private planInsn(word: number, bytes: number, start: number, end: number, { before, after, memory }: InsnWish): InsnLayout {
    const { buffer, finder } = this;
    const inputs: number[] = [];
    const items: Item[] = [];
    const refresh: { register: number; source: Source }[] = [];
    let readsFlags = false;
    this.addUnknownInputs(start, end, before, [...before.always, ...after.always], refresh);
    for (let i = start; i < end; i++) {
      const op = buffer.op[i];
      const info = OP_TABLE[op];
      if (op === OP.getReg) {
        const register = buffer.imm[i];
        if (finder.read(i) && this.isVisible(register) && isTouchWanted(before, register) && !inputs.includes(register)) inputs.push(register);
      } else if (op === OP.flagTest || op === OP.getNzcv) {
        if (finder.readFlags(i) && isTouchWanted(before, FLAGS)) readsFlags = true;
      } else if (op === OP.setReg) {
        const register = buffer.imm[i];
        if (this.isVisible(register) && isWanted(after, register))
          items.push({ kind: 'register', register, source: finder.find(buffer.a[i], SIZE_OF[buffer.typeOf(buffer.a[i])]) });
        finder.assign(register, buffer.a[i]);
      } else if (op === OP.setFlags) {
        if (isWanted(after, FLAGS)) items.push(this.planFlags(i));
        finder.assignFlags();
      } else if (memory !== 'none' && (info.kind === 'load' || info.kind === 'store')) {
        const datum = info.kind === 'load' ? i : buffer.b[i];
        const condition = buffer.c[i] === NONE ? undefined : finder.find(buffer.c[i], 4);
        const address = finder.find(buffer.a[i], 8);
        items.push({ kind: info.kind, bytes: info.bytes, address, datum: memory === 'values' ? finder.find(datum, info.bytes) : undefined, condition });
      }
    }
    for (const register of before.always) {
      if (register === FLAGS) readsFlags = true;
      else if (!inputs.includes(register)) inputs.push(register);
    }
    for (const register of after.always) if (!this.sets(start, end, register)) items.push(this.unchanged(register));
    this.forget(start, end);
    for (const item of items) {
      if (item.kind === 'register') finder.known[item.register] = 1;
      else if (item.kind === 'flags') finder.flagsKnown = true;
    }
    return { word, bytes, wanted: true, inputs, readsFlags, refresh, items };
  }

  /**
   * A record of loads that stands on its own begins with the registers that the block needs up to its last wanted instruction,
   * hidden ones included. @param start op of the first instruction @returns the op behind that last one
   */
  private planLoads(start: number, completed: number): number {
    const { block, buffer } = this;
    const { wish, state } = this.options;
    let last = block.start;
    for (let i = start, pc = block.pc; i < block.end; i++) {
      if (buffer.op[i] !== OP.insn || (buffer.imm[i] as number) >= completed) continue;
      this.insn = buffer.imm[i] as number;
      const bytes = this.insnBytes();
      if (wish.insn({ pc, word: (buffer.imm2[i] as number) >>> 0, bytes }) !== undefined) last = i + 1;
      pc += bytes;
    }
    while (last > block.start && last < block.end && buffer.op[last] !== OP.insn) last++;
    const set = new Set<number>();
    const need = (register: number, bytes: number): void => {
      if (set.has(register)) return;
      set.add(register);
      this.stores.push({ insn: 0, slot: { offset: 0, bytes }, value: NONE, register });
    };
    for (let i = start; i < last; i++) {
      const op = buffer.op[i];
      const register = buffer.imm[i] as number;
      if (op === OP.getReg) need(register, SIZE_OF[(state.registers[register] as StateLayout['registers'][number]).type]);
      else if (op === OP.flagTest || op === OP.getNzcv) need(FLAGS, 4);
      else if (op === OP.setReg) set.add(register);
      else if (op === OP.setFlags) set.add(FLAGS);
    }
    return last;
  }

  /** What comes from outside the registers: the rest can be computed. */
  private storeInputs(start: number, end: number): void {
    const { buffer } = this;
    for (let i = start; i < end; i++) {
      const op = buffer.op[i];
      const { kind, bytes } = OP_TABLE[op];
      if (kind === 'load') this.stores.push({ insn: this.insn, slot: { offset: 0, bytes }, value: i, register: undefined });
      else if (op === OP.input) this.stores.push({ insn: this.insn, slot: { offset: 0, bytes: 8 }, value: i, register: undefined });
    }
  }

  private planFlags(op: number): Item {
    const { buffer, finder } = this;
    const packed = buffer.imm[op];
    const kind = (packed & 15) as FlagKind;
    const bytes = kind === FlagKind.NZCV || kind === FlagKind.ADD32 || kind === FlagKind.SUB32 || kind === FlagKind.LOGIC32 || kind === FlagKind.FCMP32 ? 4 : 8;
    const c = buffer.c[op] === NONE ? undefined : finder.find(buffer.c[op], 4);
    return { kind: 'flags', packed, a: finder.find(buffer.a[op], bytes), b: finder.find(buffer.b[op], bytes), c };
  }

  /** What is wanted from before the instruction and the reader does not know has to be stored before it. */
  private addUnknownInputs(start: number, end: number, before: RegisterWish, always: readonly number[], refresh: { register: number; source: Source }[]): void {
    const { buffer, finder } = this;
    const need = (register: number): void => {
      if (register === FLAGS ? finder.flagsKnown : finder.known[register] === 1) return;
      const bytes = register === FLAGS ? 4 : SIZE_OF[this.options.state.registers[register].type];
      const slot = { offset: 0, bytes };
      this.stores.push({ insn: this.insn, slot, value: NONE, register });
      refresh.push({ register, source: { kind: 'ring', slot, bytes, extend: 0 } });
      if (register === FLAGS) finder.flagsKnown = true;
      else finder.known[register] = 1;
    };
    for (let i = start; i < end; i++) {
      const op = buffer.op[i];
      if (op === OP.getReg && this.isVisible(buffer.imm[i]) && isTouchWanted(before, buffer.imm[i])) need(buffer.imm[i]);
      else if ((op === OP.flagTest || op === OP.getNzcv) && isTouchWanted(before, FLAGS)) need(FLAGS);
    }
    always.forEach(need);
  }

  /** Whether the instruction sets a register, or the flags. */
  private sets(start: number, end: number, register: number): boolean {
    const { op, imm } = this.buffer;
    for (let i = start; i < end; i++) if (register === FLAGS ? op[i] === OP.setFlags : op[i] === OP.setReg && imm[i] === register) return true;
    return false;
  }

  /** The value after an instruction of a register that it does not set, which is known from before. */
  private unchanged(register: number): Item {
    const { registers, flags } = this.options.state;
    const { offset, type } = register === FLAGS ? flags.a : registers[register];
    const source: Source = { kind: 'state', offset, bytes: register === FLAGS ? 4 : SIZE_OF[type], extend: 0, addLo: 0, addHi: 0 };
    if (register !== FLAGS) return { kind: 'register', register, source };
    return { kind: 'flags', packed: FlagKind.NZCV, a: source, b: ZERO, c: undefined };
  }

  /** The reader does not see what an instruction sets, unless that is wanted. */
  private forget(start: number, end: number): void {
    const { buffer, finder } = this;
    for (let i = start; i < end; i++) {
      if (buffer.op[i] === OP.setReg) finder.known[buffer.imm[i]] = 0;
      else if (buffer.op[i] === OP.setFlags) finder.flagsKnown = false;
    }
  }

  private isVisible(register: number): boolean {
    return this.options.state.registers[register].visible;
  }

  /** Words first, then half-words, then bytes, so that each is aligned. @param first offset of the first @returns bytes of the record */
  private assignOffsets(first: number): number {
    let offset = first;
    for (const size of ['word', 'half', 'byte'] as const) {
      for (const { slot } of this.stores) {
        if (size !== (slot.bytes >= 4 ? 'word' : slot.bytes === 2 ? 'half' : 'byte')) continue;
        slot.offset = offset;
        offset += slot.bytes;
      }
    }
    return (offset + 3) & -4;
  }
}

const ZERO: Source = { kind: 'constant', words: [0, 0, 0, 0] };

const isTouchWanted = ({ touched }: RegisterWish, register: number): boolean => touched === 'all' || (touched !== 'none' && touched.has(register));
const isWanted = (wish: RegisterWish, register: number): boolean => isTouchWanted(wish, register) || wish.always.includes(register);

/** A block's end without the IR values that decide it. */
export function endOf(terminator: Terminator): BlockEnd {
  const { kind } = terminator;
  switch (terminator.kind) {
    case 'jump':
      return { kind, target: terminator.target, next: 0 };
    case 'branch':
      return { kind, target: terminator.taken, next: terminator.fallThrough };
    case 'call':
      return { kind, target: terminator.target, next: terminator.returnAddress };
    case 'callIndirect':
      return { kind, target: 0, next: terminator.returnAddress };
    case 'jumpIndirect':
    case 'return':
      return { kind, target: 0, next: 0 };
    case 'syscall':
    case 'exit':
      return { kind, target: terminator.next, next: 0 };
    case 'trap':
      return { kind, target: terminator.pc, next: 0 };
  }
}
