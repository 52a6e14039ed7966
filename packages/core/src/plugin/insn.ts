import type { CodePlace, SourceLine } from '../symbols/index.ts';
import type { BlockEnd } from '../trace/layout.ts';
import type { TracedFunction } from '../trace/profile/index.ts';
import type { AccessKinds, Comparison, DataFlow, MemoryAccess, PluginBlock, PluginInsn, RecordOptions } from './api.ts';
import type { Counter, CounterCell, Scoreboard } from './counters.ts';
import type { InsnOrigin } from './places.ts';
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

/** What is always the same of an instruction, whichever way it is looked at. */
export type InsnFacts = Pick<PluginInsn, 'index' | 'pc' | 'word' | 'bytes' | 'row' | 'reads' | 'writes' | 'accesses' | 'hidesAccesses'>;

/** What is worked out of an instruction once a plugin asks. */
export interface InsnSources {
  disassemble(pc: number, word: number): string;
  originOf(insn: InsnRecord): InsnOrigin;
  /** @throws Error except while the instruction's block is told */
  dataFlowOf(insn: InsnRecord): readonly DataFlow[];
}

/** An instruction, whoever looks at it. */
export class InsnRecord {
  /** What is wanted of it, as of its last translation. */
  wanted = new Subscriptions();
  /** As QEMU words it, once asked for. */
  text: string | undefined;
  origin: InsnOrigin | undefined;
  /** What each plugin has in hand, by the plugin's number. */
  readonly views: (PluginInsn | undefined)[] = [];

  /** @param pid the process that was first to have it */
  constructor(
    readonly facts: InsnFacts,
    readonly pid: number,
  ) {}
}

/** An object that has the facts of an instruction as its own. */
const FactsHolder = class {
  constructor(facts: InsnFacts) {
    Object.assign(this, facts);
  }
} as new (
  facts: InsnFacts,
) => InsnFacts;

/** An instruction as one plugin sees it. */
export class InsnView extends FactsHolder implements PluginInsn {
  constructor(
    private readonly insn: InsnRecord,
    private readonly plugin: number,
    private readonly sources: InsnSources,
  ) {
    super(insn.facts);
  }

  get disassembly(): string {
    this.insn.text ??= this.sources.disassemble(this.pc, this.word);
    return this.insn.text;
  }

  get symbol(): string | undefined {
    return this.origin.symbol;
  }

  get symbolOffset(): number {
    return this.origin.symbolOffset;
  }

  get function(): TracedFunction {
    return this.origin.function;
  }

  get place(): CodePlace | undefined {
    return this.origin.place;
  }

  get source(): SourceLine | undefined {
    return this.origin.source;
  }

  dataFlow(): readonly DataFlow[] {
    return this.sources.dataFlowOf(this.insn);
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

  private get origin(): InsnOrigin {
    this.insn.origin ??= this.sources.originOf(this.insn);
    return this.insn.origin;
  }
}

/** A block as one plugin sees it, while its translation is told. */
export class BlockView implements PluginBlock {
  readonly pc: number;

  constructor(
    readonly insns: readonly PluginInsn[],
    readonly end: BlockEnd,
    private readonly plugin: number,
    private readonly wanted: Subscriptions,
  ) {
    this.pc = insns[0].pc;
  }

  get symbol(): string | undefined {
    return this.insns[0].symbol;
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

/** What a callback of the pass's is for. */
export type CallbackEntry =
  | { readonly kind: 'exec'; readonly subscription: ExecSubscription; readonly ordinal: number }
  | { readonly kind: 'access'; readonly subscriptions: readonly AccessSubscription[]; readonly store: boolean; readonly bytes: number }
  | { readonly kind: 'rows'; readonly rows: number };
