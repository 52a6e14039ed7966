import { assert, ByteReader, ByteWriter, fromHalves, high32 } from '../base/index.ts';
import { COMPUTE_OPS } from './computeOps.ts';
import type { BlockEnd, BlockLayout, InsnLayout, Item } from './layout.ts';
import type { Slot, Source } from './source.ts';

/**
 * Block definitions in a trace. Each starts with what it takes to walk over records, in fixed places:
 *
 *     0  u32  bytes of the definition, these four included
 *     4  u32  block number
 *     8  u32  bytes of the block's record
 *     12 u32  instructions that complete
 *     16 u32  those of them that are traced; in bit 31, whether the record has the step (at byte 4)
 *     20 …    the rest, in LEB128
 */
export const DEFINITION_HEADER = 20;
export const HAS_STEP = 1 << 31;

/** An instruction from which on (up to the next such) code belongs to a symbol. */
export interface SymbolSpan {
  /** Index in the block. */
  readonly insn: number;
  /** Empty: no symbol from here on. */
  readonly name: string;
  /** Bytes from the symbol to that instruction. */
  readonly offset: number;
}

export interface BlockDefinition {
  readonly layout: BlockLayout;
  readonly symbols: readonly SymbolSpan[];
}

const SOURCE_KINDS = ['constant', 'state', 'ring', 'condition', 'computed'] as const satisfies Source['kind'][];
const ITEM_KINDS = ['register', 'flags', 'load', 'store'] as const satisfies Item['kind'][];
const END_KINDS = ['jump', 'branch', 'call', 'callIndirect', 'jumpIndirect', 'return', 'syscall', 'exit', 'trap'] as const satisfies BlockEnd['kind'][];

/** Appends a definition. */
export function writeDefinition(out: ByteWriter, { layout, symbols }: BlockDefinition): void {
  const body = new ByteWriter(256);
  new DefinitionWriter(body).block(layout, symbols);
  out.fixed32(DEFINITION_HEADER + body.length);
  out.fixed32(layout.id);
  out.fixed32(layout.recordBytes);
  out.fixed32(layout.insns.length);
  out.fixed32(layout.wanted | (layout.hasStep ? HAS_STEP : 0));
  out.append(body);
}

/** Reads the definition at `start`. @throws AssertionError if it is damaged */
export function readDefinition(data: Uint8Array, start = 0): BlockDefinition {
  const header = new ByteReader(data, start);
  const bytes = header.fixed32();
  const id = header.fixed32();
  const recordBytes = header.fixed32();
  const insns = header.fixed32();
  const packed = header.fixed32();
  const known = { id, recordBytes, wanted: packed & ~HAS_STEP, hasStep: (packed & HAS_STEP) !== 0 };
  return new DefinitionReader(new ByteReader(data, start + DEFINITION_HEADER, start + bytes)).block(insns, known);
}

class DefinitionWriter {
  constructor(private readonly out: ByteWriter) {}

  block(layout: BlockLayout, symbols: readonly SymbolSpan[]): void {
    const { out } = this;
    this.address(layout.pc);
    out.u32(END_KINDS.indexOf(layout.end.kind));
    this.address(layout.end.target);
    this.address(layout.end.next);
    for (const insn of layout.insns) this.insn(insn);
    out.u32(symbols.length);
    for (const span of symbols) {
      out.u32(span.insn);
      this.address(span.offset);
      out.utf8(span.name);
    }
  }

  private address(n: number): void {
    this.out.u32(n >>> 0);
    this.out.u32(high32(n));
  }

  private insn(insn: InsnLayout): void {
    const { out } = this;
    out.fixed32(insn.word);
    out.u32((insn.bytes << 2) | (Number(insn.readsFlags) << 1) | Number(insn.wanted));
    if (!insn.wanted) return;
    out.u32(insn.inputs.length);
    for (const register of insn.inputs) out.u32(register);
    out.u32(insn.refresh.length);
    for (const { register, source } of insn.refresh) {
      out.u32(register + 1);
      this.source(source);
    }
    out.u32(insn.items.length);
    for (const item of insn.items) this.item(item);
  }

  private item(item: Item): void {
    const { out } = this;
    out.u32(ITEM_KINDS.indexOf(item.kind));
    switch (item.kind) {
      case 'register':
        out.u32(item.register);
        return this.source(item.source);
      case 'flags':
        out.u32(item.packed);
        this.source(item.a);
        this.source(item.b);
        return this.optional(item.c);
      case 'load':
      case 'store':
        out.u32(item.bytes);
        this.source(item.address);
        this.optional(item.datum);
        return this.optional(item.condition);
    }
  }

  private optional(source: Source | undefined): void {
    this.out.byte(Number(source !== undefined));
    if (source !== undefined) this.source(source);
  }

  private source(source: Source): void {
    const { out } = this;
    out.u32(SOURCE_KINDS.indexOf(source.kind));
    switch (source.kind) {
      case 'constant': {
        let words = 4;
        while (words > 0 && source.words[words - 1] === 0) words--;
        out.u32(words);
        for (let i = 0; i < words; i++) out.s32(source.words[i]);
        return;
      }
      case 'state':
        out.u32(source.offset);
        out.u32(source.bytes);
        out.u32(source.extend);
        out.s32(source.addLo);
        return out.s32(source.addHi);
      case 'ring':
        out.u32(source.slot.offset);
        out.u32(source.slot.bytes);
        out.u32(source.bytes);
        return out.u32(source.extend);
      case 'condition':
        return out.u32(source.condition);
      case 'computed':
        out.u32(COMPUTE_OPS.indexOf(source.op));
        out.u32(source.width);
        out.u32(source.bytes);
        out.u32(source.extend);
        out.u32(source.args.length);
        for (const arg of source.args) this.source(arg);
    }
  }
}

class DefinitionReader {
  private readonly slots = new Map<number, Slot>();

  constructor(private readonly data: ByteReader) {}

  block(count: number, known: Pick<BlockLayout, 'id' | 'recordBytes' | 'wanted' | 'hasStep'>): BlockDefinition {
    const { data } = this;
    const pc = this.address();
    const end = { kind: this.oneOf(END_KINDS), target: this.address(), next: this.address() };
    const insns = Array.from({ length: count }, () => this.insn());
    const symbols = Array.from({ length: data.u32() }, () => ({ insn: data.u32(), offset: this.address(), name: data.utf8() }));
    return { layout: { ...known, pc, insns, end }, symbols };
  }

  private oneOf<T>(kinds: readonly T[]): T {
    const index = this.data.u32();
    assert(index < kinds.length, `damaged block definition: kind ${index}`);
    return kinds[index];
  }

  private address(): number {
    const lo = this.data.u32();
    return fromHalves(lo, this.data.u32());
  }

  private insn(): InsnLayout {
    const { data } = this;
    const word = data.fixed32();
    const packed = data.u32();
    const bytes = packed >>> 2;
    if ((packed & 1) === 0) return { word, bytes, wanted: false, inputs: [], readsFlags: false, refresh: [], items: [] };
    const inputs = Array.from({ length: data.u32() }, () => data.u32());
    const refresh = Array.from({ length: data.u32() }, () => ({ register: data.u32() - 1, source: this.source() }));
    const items = Array.from({ length: data.u32() }, () => this.item());
    return { word, bytes, wanted: true, inputs, readsFlags: (packed & 2) !== 0, refresh, items };
  }

  private item(): Item {
    const { data } = this;
    const kind = this.oneOf(ITEM_KINDS);
    switch (kind) {
      case 'register':
        return { kind, register: data.u32(), source: this.source() };
      case 'flags':
        return { kind, packed: data.u32(), a: this.source(), b: this.source(), c: this.optional() };
      case 'load':
      case 'store':
        return { kind, bytes: data.u32(), address: this.source(), datum: this.optional(), condition: this.optional() };
    }
  }

  private optional(): Source | undefined {
    return this.data.byte() === 0 ? undefined : this.source();
  }

  private source(): Source {
    const { data } = this;
    const kind = this.oneOf(SOURCE_KINDS);
    switch (kind) {
      case 'constant': {
        const words: [number, number, number, number] = [0, 0, 0, 0];
        const count = data.u32();
        for (let i = 0; i < count; i++) words[i] = data.s32();
        return { kind, words };
      }
      case 'state':
        return { kind, offset: data.u32(), bytes: data.u32(), extend: data.u32(), addLo: data.s32(), addHi: data.s32() };
      case 'ring': {
        const offset = data.u32();
        const slotBytes = data.u32();
        let slot = this.slots.get(offset);
        if (slot === undefined) {
          slot = { offset, bytes: slotBytes };
          this.slots.set(offset, slot);
        }
        return { kind, slot, bytes: data.u32(), extend: data.u32() };
      }
      case 'condition':
        return { kind, condition: data.u32() };
      case 'computed':
        return {
          kind,
          op: this.oneOf(COMPUTE_OPS),
          width: data.u32() === 4 ? 4 : 8,
          bytes: data.u32(),
          extend: data.u32(),
          args: Array.from({ length: data.u32() }, () => this.source()),
        };
    }
  }
}
