import type { AccessKinds, Comparison, MemoryAccess, MemoryOperand, PluginBlock, PluginInsn, RecordOptions } from './api.ts';
import type { Counter, CounterCell, Scoreboard } from './counters.ts';
import type { PluginThread } from './rows.ts';

/** An amount to add to a cell. */
export interface InlineAdd {
  readonly offset: number;
  readonly by: bigint;
}

/** A callback at an instruction. */
export interface ExecSubscription {
  readonly plugin: number;
  readonly condition: { readonly offset: number; readonly comparison: Comparison; readonly value: bigint } | undefined;
  readonly call: (thread: PluginThread) => void;
}

export interface AccessSubscription {
  readonly plugin: number;
  readonly kinds: AccessKinds;
  readonly call: (access: MemoryAccess, thread: PluginThread) => void;
}

/** What plugins want of an instruction. Those of a block are its first instruction's, apart: they hold where the block is entered. */
export class Subscriptions {
  readonly adds: InlineAdd[] = [];
  readonly accessAdds: { readonly offset: number; readonly kinds: AccessKinds }[] = [];
  readonly records: { readonly plugin: number; readonly options: RecordOptions }[] = [];
  readonly execs: ExecSubscription[] = [];
  readonly accesses: AccessSubscription[] = [];
}

const cellOf = (counter: Counter | Scoreboard): number => (counter as unknown as CounterCell).offset;

export const matches = (kinds: AccessKinds, store: boolean): boolean => kinds === 'rw' || (kinds === 'w') === store;

/** What is always the same of an instruction. */
export interface InsnFacts {
  readonly index: number;
  readonly pc: number;
  readonly word: number;
  readonly bytes: number;
  readonly row: string | undefined;
  readonly symbol: string | undefined;
  readonly symbolOffset: number;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly accesses: readonly MemoryOperand[];
  readonly hidesAccesses: boolean;
}

/** An instruction, whoever looks at it. */
export class InsnRecord {
  /** What is wanted of it, as of its last translation. */
  wanted = new Subscriptions();
  /** As QEMU words it, once asked for. */
  text: string | undefined;
  /** What each plugin has in hand, by the plugin's number. */
  readonly views: (PluginInsn | undefined)[] = [];

  constructor(readonly facts: InsnFacts) {}
}

/** An instruction as one plugin sees it. */
export class InsnView implements PluginInsn {
  readonly index: number;
  readonly pc: number;
  readonly word: number;
  readonly bytes: number;
  readonly row: string | undefined;
  readonly symbol: string | undefined;
  readonly symbolOffset: number;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly accesses: readonly MemoryOperand[];
  readonly hidesAccesses: boolean;

  constructor(
    private readonly insn: InsnRecord,
    private readonly plugin: number,
    private readonly disassemble: (pc: number, word: number) => string,
  ) {
    const { facts } = insn;
    this.index = facts.index;
    this.pc = facts.pc;
    this.word = facts.word;
    this.bytes = facts.bytes;
    this.row = facts.row;
    this.symbol = facts.symbol;
    this.symbolOffset = facts.symbolOffset;
    this.reads = facts.reads;
    this.writes = facts.writes;
    this.accesses = facts.accesses;
    this.hidesAccesses = facts.hidesAccesses;
  }

  get disassembly(): string {
    this.insn.text ??= this.disassemble(this.pc, this.word);
    return this.insn.text;
  }

  count(counter: Counter | Scoreboard, by = 1): void {
    this.insn.wanted.adds.push({ offset: cellOf(counter), by: BigInt(by) });
  }

  countAccesses(counter: Counter | Scoreboard, kinds: AccessKinds): void {
    this.insn.wanted.accessAdds.push({ offset: cellOf(counter), kinds });
  }

  record(options: RecordOptions): void {
    this.insn.wanted.records.push({ plugin: this.plugin, options });
  }

  onExec(callback: (insn: PluginInsn, thread: PluginThread) => void): void {
    this.insn.wanted.execs.push({ plugin: this.plugin, condition: undefined, call: (thread) => callback(this, thread) });
  }

  onExecIf(counter: Counter | Scoreboard, comparison: Comparison, value: bigint, callback: (insn: PluginInsn, thread: PluginThread) => void): void {
    const condition = { offset: cellOf(counter), comparison, value };
    this.insn.wanted.execs.push({ plugin: this.plugin, condition, call: (thread) => callback(this, thread) });
  }

  onAccess(kinds: AccessKinds, callback: (insn: PluginInsn, access: MemoryAccess, thread: PluginThread) => void): void {
    this.insn.wanted.accesses.push({ plugin: this.plugin, kinds, call: (access, thread) => callback(this, access, thread) });
  }
}

/** A block as one plugin sees it, while its translation is told. */
export class BlockView implements PluginBlock {
  readonly pc: number;
  readonly symbol: string | undefined;

  constructor(
    readonly insns: readonly PluginInsn[],
    private readonly plugin: number,
    private readonly wanted: Subscriptions,
  ) {
    this.pc = insns[0].pc;
    this.symbol = insns[0].symbol;
  }

  count(counter: Counter | Scoreboard, by = 1): void {
    this.wanted.adds.push({ offset: cellOf(counter), by: BigInt(by) });
  }

  record(): void {
    this.wanted.records.push({ plugin: this.plugin, options: { exec: true } });
  }

  onExec(callback: (block: PluginBlock, thread: PluginThread) => void): void {
    this.wanted.execs.push({ plugin: this.plugin, condition: undefined, call: (thread) => callback(this, thread) });
  }
}
