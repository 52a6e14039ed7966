import { assert } from '../base/index.ts';
import type { BlockInfo, Instrument } from '../engine/index.ts';
import { type Block, IrBuffer, IrBuilder, NONE, OP, OP_TABLE, type Register, type Value } from '../ir/index.ts';
import { Copier } from '../trace/copier.ts';
import type { Comparison, RecordOptions } from './api.ts';
import { type AccessSubscription, type ExecSubscription, type InsnRecord, matches, Subscriptions } from './insn.ts';
import { ACCESS_ADDRESS, ACCESS_VALUE, BLOCK_CELL, MOST_ROW_BYTES } from './memoryLayout.ts';
import { BlockRows, halvesOf, RingRows, type RowCode } from './rowCode.ts';
import { packRow, ROW_BYTES, RowKind } from './rows.ts';

/** A register that rows can have: undefined `register` stands for the flags, N Z C V in bits 31..28. */
export interface RowRegister {
  readonly name: string;
  /** Index in PluginApi.registers. */
  readonly number: number;
  readonly register: Register | undefined;
}

/** What becomes of a block that is left before its end. */
export interface CutTable {
  /** Address of each instruction. */
  readonly pcs: readonly number[];
  /** Rows that the instructions before each one have written. */
  readonly rowsBefore: readonly number[];
  /** What is added at the block's end, or where the code adds what there is up to then. */
  readonly adds: readonly { readonly insn: number; readonly offset: number; readonly by: bigint }[];
  readonly flushes: readonly number[];
}

/** What the pass needs of the host of plugins. */
export interface PassUser {
  /** Tells plugins of a block. `entered`: what is wanted where it is entered; undefined where it is the rest of one. */
  translated(from: IrBuffer, block: Block, info: BlockInfo): { readonly insns: readonly InsnRecord[]; readonly entered: Subscriptions | undefined };
  registerNamed(name: string): RowRegister;
  registerOf(index: number): RowRegister | undefined;
  readonly flagsRegister: RowRegister | undefined;
  /** Number of a callback, for MachineHooks.callback. @param ordinal counts up over those of one instruction */
  execCallback(subscription: ExecSubscription, ordinal: number): number;
  accessCallback(subscriptions: readonly AccessSubscription[], store: boolean, bytes: number): number;
  /** Number of a callback that takes so many rows of the block that ends. */
  rowsCallback(rows: number): number;
  define(block: number, table: CutTable): void;
  /** Whether the block has a record in the ring, where that is a tracer's. */
  traced(block: number, hasRecord: boolean): void;
}

const COMPARE = { '==': 'i64_eq', '!=': 'i64_ne', '<': 'i64_lt_u', '<=': 'i64_le_u', '>': 'i64_gt_u', '>=': 'i64_ge_u' } as const satisfies Record<
  Comparison,
  string
>;

const NOTHING = new Subscriptions();

/** Makes the pass that adds plugins' code to blocks: rows, counters and callbacks. */
export function createPluginPass(wish: string, user: PassUser): Instrument {
  return { wish, instrument: (from, block, info, to) => new PluginPass(user.translated(from, block, info), from, block, info, to, user).run() };
}

/** As `createPluginPass`, where the ring is a tracer's. @param inner the tracer's pass; undefined: nothing is traced */
export function createPassBesideTrace(wish: string, user: PassUser, inner: Instrument | undefined): Instrument {
  const buffer = new IrBuffer();
  return {
    wish: `${wish} ${inner?.wish ?? ''}`,
    instrument: (from, block, info, to) => {
      // Plugins are told of the block as it is, without what the tracer adds.
      const told = user.translated(from, block, info);
      if (inner === undefined || inner.wants?.(from, block) === false) return new PluginPass(told, from, block, info, to, user, false).run();
      buffer.reset();
      const traced = inner.instrument(from, block, info, new IrBuilder(buffer));
      return new PluginPass(told, buffer, traced, info, to, user, hasRecord(buffer, traced)).run();
    },
  };
}

const hasRecord = ({ op }: IrBuffer, { start, end }: Block): boolean => start < end && (op[start] === OP.ringReserve || op[start] === OP.count);

/** An instruction of the block: its ops, and what is wanted. */
interface Part {
  readonly start: number;
  end: number;
  readonly record: InsnRecord;
  /** Rows that it writes. */
  rows: number;
}

class PluginPass {
  private readonly copy: Copier;
  private readonly parts: Part[] = [];
  private entered: Subscriptions = NOTHING;
  private row = 0;
  private readonly pending = new Map<number, bigint>();
  private readonly adds: { insn: number; offset: number; by: bigint }[] = [];
  private readonly flushes: number[] = [];
  private readonly rowCode: RowCode;

  /** @param isTraced whether the block has a tracer's record; undefined: there is no tracer */
  constructor(
    private readonly told: ReturnType<PassUser['translated']>,
    private readonly from: IrBuffer,
    private readonly block: Block,
    private readonly info: BlockInfo,
    private readonly to: IrBuilder,
    private readonly user: PassUser,
    private readonly isTraced?: boolean,
  ) {
    this.copy = new Copier(from, to);
    this.rowCode = isTraced === undefined ? new RingRows(to) : new BlockRows(to, (rows) => user.rowsCallback(rows));
  }

  run(): Block {
    const { block, from, to, user, isTraced } = this;
    const { insns, entered } = this.told;
    this.entered = entered ?? NOTHING;
    const prologue = this.findParts(insns);
    // The tracer's record ends behind all that is added.
    const last = block.end - 1;
    const commit = isTraced === true && from.op[last] === OP.ringCommit ? last : NONE;
    if (commit !== NONE) (this.parts.at(-1) as Part).end = last;
    // What a trap ends does not complete, and nothing is told of it.
    const completed = block.terminator.kind === 'trap' ? Math.max(block.insns - 1, 0) : block.insns;
    const rowsBefore = [0];
    this.parts.forEach((part, i) => {
      part.rows = i < completed ? this.countRows(part, i) : 0;
      rowsBefore.push(rowsBefore[i] + part.rows);
    });
    const rows = rowsBefore[this.parts.length];
    assert(rows * ROW_BYTES <= MOST_ROW_BYTES, `the block at ${block.pc} has ${rows} rows`);
    const start = to.buffer.length;
    if (rows > 0) this.rowCode.begin(this.firstRowInsn(), rows);
    for (let i = block.start; i < prologue; i++) this.copy.op(i);
    if (rows > 0 || isTraced === true || this.isCounted(completed)) to.counterSet(BLOCK_CELL, to.i64_const(this.info.id));
    this.parts.forEach((part, i) => {
      if (i < completed) this.insn(part, i);
      else for (let op = part.start; op < part.end; op++) this.copy.op(op);
    });
    this.flush();
    if (rows > 0) this.rowCode.end(rows);
    if (commit !== NONE) this.copy.op(commit);
    if (isTraced !== undefined) user.traced(this.info.id, isTraced);
    const offsets = block.insnOffsets;
    const pcs = this.parts.map((_, i) => block.pc + (offsets === undefined ? i * 4 : offsets[i]));
    if (rows > 0 || this.adds.length > 0) user.define(this.info.id, { pcs, rowsBefore, adds: this.adds, flushes: this.flushes });
    return { ...block, start, end: to.buffer.length, terminator: this.copy.terminator(block.terminator) };
  }

  /** Whether something is to be put right where the block is left before its end. */
  private isCounted(completed: number): boolean {
    const { entered, parts } = this;
    const some = ({ adds, accessAdds, execs }: Subscriptions): boolean => adds.length > 0 || accessAdds.length > 0 || execs.length > 0;
    return some(entered) || parts.some(({ record }, i) => i < completed && some(record.wanted));
  }

  /** @returns the first instruction's first op */
  private findParts(records: readonly InsnRecord[]): number {
    const { block, from } = this;
    let first = block.start;
    while (first < block.end && from.op[first] !== OP.insn) first++;
    for (let start = first; start < block.end; ) {
      let end = start + 1;
      while (end < block.end && from.op[end] !== OP.insn) end++;
      this.parts.push({ start, end, record: records[from.imm[start]], rows: 0 });
      start = end;
    }
    return first;
  }

  private firstRowInsn(): number {
    return this.parts.find(({ rows }) => rows > 0)?.record.facts.index ?? 0;
  }

  // Rows

  private countRows(part: Part, i: number): number {
    let rows = i === 0 ? this.entered.records.length : 0;
    for (const { options } of part.record.wanted.records) {
      if (options.exec !== undefined && options.exec !== false) rows++;
      for (let op = part.start; op < part.end; op++) {
        const { kind } = OP_TABLE[this.from.op[op]];
        if (options.accesses !== undefined && (kind === 'load' || kind === 'store') && matches(options.accesses, kind === 'store')) rows++;
      }
      rows += this.written(part, options.written).length;
    }
    return rows;
  }

  /** Registers that the instruction writes, of those wanted, in the order of PluginApi.registers. */
  private written(part: Part, wanted: readonly string[] | 'all' | undefined): RowRegister[] {
    if (wanted === undefined) return [];
    const { from, user } = this;
    const found = new Set<RowRegister>();
    for (let op = part.start; op < part.end; op++) {
      const register = from.op[op] === OP.setReg ? user.registerOf(from.imm[op]) : from.op[op] === OP.setFlags ? user.flagsRegister : undefined;
      if (register !== undefined && (wanted === 'all' || wanted.includes(register.name))) found.add(register);
    }
    return [...found].sort((a, b) => a.number - b.number);
  }

  /** Begins a row. @param condition where it is 0, the row tells nothing @returns its offset */
  private beginRow(record: InsnRecord, info: number, condition = NONE): number {
    const offset = this.row++ * ROW_BYTES;
    this.rowCode.head(offset, record.facts.index, info, condition);
    return offset;
  }

  private registerValue(register: RowRegister): { readonly value: Value; readonly bytes: number } {
    const value = register.register === undefined ? this.to.getNzcv() : this.to.getReg(register.register);
    const type = this.to.buffer.typeOf(value);
    return { value, bytes: type === 'v128' ? 16 : type === 'i64' || type === 'f64' ? 8 : 4 };
  }

  // An instruction

  private insn(part: Part, i: number): void {
    const { from, copy } = this;
    const { record } = part;
    const { wanted } = record;
    copy.op(part.start);
    if (i === 0) for (const { plugin } of this.entered.records) this.beginRow(record, packRow(RowKind.exec, 0, 0, plugin));
    for (const { plugin, options } of wanted.records) this.execRow(record, plugin, options);
    const execs = i === 0 ? [...this.entered.execs, ...wanted.execs] : wanted.execs;
    for (const [ordinal, subscription] of execs.entries()) this.callback(subscription, ordinal, i);
    const conditional: (() => void)[] = [];
    const loadCondition = this.loadCondition(part);
    for (let op = part.start + 1; op < part.end; op++) {
      copy.op(op);
      const { kind, bytes } = OP_TABLE[from.op[op]];
      if (kind !== 'load' && kind !== 'store') continue;
      const store = kind === 'store';
      const own = store && loadCondition !== undefined ? loadCondition : from.c[op];
      const condition = own === NONE ? NONE : copy.value(own);
      const datum = copy.value(store ? from.b[op] : op);
      const address = copy.value(from.a[op]);
      for (const { plugin, options } of wanted.records) {
        if (options.accesses === undefined || !matches(options.accesses, store)) continue;
        const at = this.beginRow(record, packRow(store ? RowKind.store : RowKind.load, bytes, 0, plugin), condition);
        this.rowCode.address(at, address as Value<'i64'>);
        this.rowCode.value(at, datum as Value, bytes);
      }
      for (const { offset, kinds } of wanted.accessAdds) {
        if (!matches(kinds, store) || record.facts.hidesAccesses) continue;
        const times = bytes === 16 ? 2 : 1;
        if (condition === NONE) this.add(i, offset, BigInt(times));
        else conditional.push(() => this.addWhere(condition, offset, times));
      }
      this.accessCallback(wanted.accesses, store, bytes, address, datum, condition);
    }
    for (const { plugin, options } of wanted.records) {
      for (const register of this.written(part, options.written)) {
        const { value, bytes } = this.registerValue(register);
        const at = this.beginRow(record, packRow(RowKind.register, bytes, register.number, plugin));
        this.rowCode.value(at, value, bytes);
      }
    }
    for (const addWhere of conditional) addWhere();
    if (i === 0) for (const { offset, by } of this.entered.adds) this.add(i, offset, by);
    for (const { offset, by } of wanted.adds) this.add(i, offset, by);
  }

  private execRow(record: InsnRecord, plugin: number, { exec, tag }: RecordOptions): void {
    if (exec === undefined || exec === false) return;
    const tagged = (row: number): number => {
      if (tag !== undefined) this.rowCode.tag(row, tag);
      return row;
    };
    if (exec === true) {
      tagged(this.beginRow(record, packRow(RowKind.exec, 0, 0, plugin)));
      return;
    }
    const register = this.user.registerNamed(exec.register);
    const { value, bytes } = this.registerValue(register);
    const at = tagged(this.beginRow(record, packRow(RowKind.exec, bytes, register.number, plugin)));
    this.rowCode.value(at, value, bytes);
  }

  /** As QEMU's plugins see it, a compare-and-swap stores wherever it loads: the condition of the first load. */
  private loadCondition({ start, end }: Part): number | undefined {
    const { from } = this;
    for (let op = start; op < end; op++) if (OP_TABLE[from.op[op]].kind === 'load') return from.c[op];
    return undefined;
  }

  // Counters

  private add(insn: number, offset: number, by: bigint): void {
    this.adds.push({ insn, offset, by });
    this.pending.set(offset, (this.pending.get(offset) ?? 0n) + by);
  }

  private addWhere(condition: number, offset: number, by: number): void {
    const { to } = this;
    const amount = to.i64_mul(to.i64_extend_i32_u(to.i32_ne(condition as Value<'i32'>, to.i32_const(0))), to.i64_const(by));
    to.counterSet(offset, to.i64_add(to.counterGet(offset), amount));
  }

  private flush(): void {
    const { to } = this;
    for (const [offset, by] of this.pending) to.counterSet(offset, to.i64_add(to.counterGet(offset), to.i64_const(by)));
    this.pending.clear();
  }

  // Callbacks

  private callback(subscription: ExecSubscription, ordinal: number, insn: number): void {
    const { to, user } = this;
    this.flush();
    this.flushes.push(insn);
    const { condition } = subscription;
    const number = user.execCallback(subscription, ordinal);
    if (condition === undefined) return to.callback(number, true);
    const holds = to[COMPARE[condition.comparison]](to.counterGet(condition.offset), to.i64_const(condition.value));
    to.callback(number, true, holds);
  }

  private accessCallback(subscriptions: readonly AccessSubscription[], store: boolean, bytes: number, address: number, datum: number, condition: number): void {
    const { to } = this;
    const wanted = subscriptions.filter(({ kinds }) => matches(kinds, store));
    if (wanted.length === 0) return;
    to.counterSet(ACCESS_ADDRESS, address as Value<'i64'>);
    const [low, high] = halvesOf(to, datum, bytes);
    to.counterSet(ACCESS_VALUE, low);
    if (high !== undefined) to.counterSet(ACCESS_VALUE + 8, high);
    const number = this.user.accessCallback(wanted, store, bytes);
    to.callback(number, false, condition === NONE ? undefined : (condition as Value<'i32'>));
  }
}
