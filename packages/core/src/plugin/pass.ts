import { assert } from '../base/index.ts';
import type { BlockInfo, Instrument } from '../engine/index.ts';
import { type Block, type IrBuffer, type IrBuilder, NONE, OP, OP_TABLE, type Register, type Value } from '../ir/index.ts';
import { Copier } from '../trace/copier.ts';
import type { Comparison, RecordOptions } from './api.ts';
import { type AccessSubscription, type ExecSubscription, type InsnRecord, matches, Subscriptions } from './insn.ts';
import { ACCESS_ADDRESS, ACCESS_VALUE, BLOCK_CELL, ROWS_END, ROWS_LIMIT } from './memoryLayout.ts';
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
  define(block: number, table: CutTable): void;
}

const COMPARE = { '==': 'i64_eq', '!=': 'i64_ne', '<': 'i64_lt_u', '<=': 'i64_le_u', '>': 'i64_gt_u', '>=': 'i64_ge_u' } as const satisfies Record<
  Comparison,
  string
>;

const NOTHING = new Subscriptions();

/** Makes the pass that adds plugins' code to blocks: rows, counters and callbacks. */
export function createPluginPass(wish: string, user: PassUser): Instrument {
  return { wish, instrument: (from, block, info, to) => new PluginPass(from, block, info, to, user).run() };
}

/** An instruction of the block: its ops, and what is wanted. */
interface Part {
  readonly start: number;
  readonly end: number;
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

  constructor(
    private readonly from: IrBuffer,
    private readonly block: Block,
    private readonly info: BlockInfo,
    private readonly to: IrBuilder,
    private readonly user: PassUser,
  ) {
    this.copy = new Copier(from, to);
  }

  run(): Block {
    const { block, from, to, user } = this;
    const { insns, entered } = user.translated(from, block, this.info);
    this.entered = entered ?? NOTHING;
    const prologue = this.findParts(insns);
    // What a trap ends does not complete, and nothing is told of it.
    const completed = block.terminator.kind === 'trap' ? Math.max(block.insns - 1, 0) : block.insns;
    const rowsBefore = [0];
    this.parts.forEach((part, i) => {
      part.rows = i < completed ? this.countRows(part, i) : 0;
      rowsBefore.push(rowsBefore[i] + part.rows);
    });
    const rows = rowsBefore[this.parts.length];
    assert(rows * ROW_BYTES <= ROWS_END - ROWS_LIMIT, `the block at ${block.pc} has ${rows} rows`);
    const start = to.buffer.length;
    if (rows > 0) to.ringReserve(this.firstRowInsn(), rows * ROW_BYTES);
    const hasAdds = this.parts.some(({ record }, i) => i < completed && (record.wanted.adds.length > 0 || record.wanted.accessAdds.length > 0));
    if (rows > 0 || hasAdds || this.entered.adds.length > 0) to.counterSet(BLOCK_CELL, to.i64_const(this.info.id));
    for (let i = block.start; i < prologue; i++) this.copy.op(i);
    this.parts.forEach((part, i) => {
      if (i < completed) this.insn(part, i);
      else for (let op = part.start; op < part.end; op++) this.copy.op(op);
    });
    this.flush();
    if (rows > 0) to.ringCommit(rows * ROW_BYTES);
    const offsets = block.insnOffsets;
    const pcs = this.parts.map((_, i) => block.pc + (offsets === undefined ? i * 4 : offsets[i]));
    if (rows > 0 || this.adds.length > 0) user.define(this.info.id, { pcs, rowsBefore, adds: this.adds, flushes: this.flushes });
    return { ...block, start, end: to.buffer.length, terminator: this.copy.terminator(block.terminator) };
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

  /** Begins a row. @param condition where it is 0, the row tells nothing */
  private beginRow(record: InsnRecord, info: number, condition = NONE): number {
    const { to } = this;
    const offset = this.row++ * ROW_BYTES;
    const { index } = record.facts;
    if (condition !== NONE) {
      const zero = to.i32_const(0);
      const kind = to.i32_select(condition as Value<'i32'>, to.i32_const(info), zero);
      if (offset > 0) to.ringStore(to.i32_const(index), offset, 4);
      to.ringStore(kind, offset + 4, 4);
    } else if (offset > 0) to.ringStore(to.i64_halves(index, info), offset, 8);
    else to.ringStore(to.i32_const(info), 4, 4);
    return offset;
  }

  private storeValue(value: number, bytes: number, at: number): void {
    const { to } = this;
    const type = to.buffer.typeOf(value);
    if (type === 'v128' || bytes === 8) return to.ringStore(value as Value, at, bytes);
    if (bytes === 4) to.ringStore(value as Value, at, 4);
    else {
      const mask = bytes === 1 ? 0xff : 0xffff;
      const low = type === 'i64' ? to.i32_wrap_i64(value as Value<'i64'>) : (value as Value<'i32'>);
      to.ringStore(to.i32_and(low, to.i32_const(mask)), at, 4);
    }
    to.ringStore(to.i32_const(0), at + 4, 4);
  }

  private registerValue(register: RowRegister): { readonly value: Value; readonly bytes: number } {
    const value = register.register === undefined ? this.to.getNzcv() : this.to.getReg(register.register);
    const type = this.to.buffer.typeOf(value);
    return { value, bytes: type === 'v128' ? 16 : type === 'i64' || type === 'f64' ? 8 : 4 };
  }

  // An instruction

  private insn(part: Part, i: number): void {
    const { from, copy, to } = this;
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
        to.ringStore(address as Value, at + 8, 8);
        this.storeValue(datum, bytes, at + 16);
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
        this.storeValue(value, bytes, at + 16);
      }
    }
    for (const addWhere of conditional) addWhere();
    if (i === 0) for (const { offset, by } of this.entered.adds) this.add(i, offset, by);
    for (const { offset, by } of wanted.adds) this.add(i, offset, by);
  }

  private execRow(record: InsnRecord, plugin: number, { exec, tag }: RecordOptions): void {
    if (exec === undefined || exec === false) return;
    const tagged = (row: number): number => {
      if (tag !== undefined) this.to.ringStore(this.to.i32_const(tag), row + 8, 4);
      return row;
    };
    if (exec === true) {
      tagged(this.beginRow(record, packRow(RowKind.exec, 0, 0, plugin)));
      return;
    }
    const register = this.user.registerNamed(exec.register);
    const { value, bytes } = this.registerValue(register);
    const at = tagged(this.beginRow(record, packRow(RowKind.exec, bytes, register.number, plugin)));
    this.storeValue(value, bytes, at + 16);
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
    const [low, high] = this.halves(datum, bytes);
    to.counterSet(ACCESS_VALUE, low);
    if (high !== undefined) to.counterSet(ACCESS_VALUE + 8, high);
    const number = this.user.accessCallback(wanted, store, bytes);
    to.callback(number, false, condition === NONE ? undefined : (condition as Value<'i32'>));
  }

  private halves(value: number, bytes: number): readonly [Value<'i64'>, Value<'i64'> | undefined] {
    const { to } = this;
    switch (to.buffer.typeOf(value)) {
      case 'v128':
        return [to.i64x2_extract_lane(value as Value<'v128'>, 0), bytes === 16 ? to.i64x2_extract_lane(value as Value<'v128'>, 1) : undefined];
      case 'f64':
        return [to.i64_reinterpret_f64(value as Value<'f64'>), undefined];
      case 'f32':
        return [to.i64_extend_i32_u(to.i32_reinterpret_f32(value as Value<'f32'>)), undefined];
      case 'i32':
        return [to.i64_extend_i32_u(value as Value<'i32'>), undefined];
      default:
        return [value as Value<'i64'>, undefined];
    }
  }
}
