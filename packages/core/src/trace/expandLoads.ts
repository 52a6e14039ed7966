import { assert, ByteWriter } from '../base/index.ts';
import type { Guest } from '../guest/index.ts';
import { type Block, Evaluator, FlagKind, IrBuffer, IrBuilder, NONE, OP, OP_TABLE } from '../ir/index.ts';
import type { TraceHeader } from './chunks/header.ts';
import { type BlockDefinition, readDefinition, writeDefinition } from './definition.ts';
import { EVENT_HEADER, FIRST_EVENT, readEvent, type TraceEvent } from './events.ts';
import { type BlockLayout, type PlannedStore, planBlock, STEP_OFFSET } from './layout.ts';
import { createTracePass } from './pass.ts';
import type { FormatSink, TraceSink } from './sink.ts';
import { asWords, forEachDefinition } from './walker.ts';
import { BARE_INSN, FLAGS, type TraceLevel, WHOLE_INSN, type Wish, wholeWish } from './wish.ts';

/** A block that can be run again. */
interface Replay {
  /** With the trace code of level `values`, its loads without conditions: what they give is in the record. */
  readonly buffer: IrBuffer;
  readonly block: Block;
  readonly recordWords: number;
  /** Registers that the record has, of one that stands on its own. */
  readonly registers: readonly PlannedStore[];
  /** What the record has besides, in the order in which it is asked for. */
  readonly inputs: readonly PlannedStore[];
  /** Instructions up to the last that is wanted. */
  readonly insns: number;
}

/** What takes the records of a trace for a sink that wants values. @param guest the trace's, with the trace's registers */
export function withValues({ level }: Pick<TraceHeader, 'level'>, guest: Guest, sink: FormatSink): FormatSink {
  return level === 'loads' ? expandLoads(guest, sink) : sink;
}

/**
 * Turns a trace of level `loads` into one of level `values`: runs the blocks once more, with what they loaded from their
 * records. The registers are those of the last snapshot to begin with, hidden ones included, or those of the record itself.
 */
function expandLoads(guest: Guest, sink: FormatSink): FormatSink {
  const expander = new Expander(guest, sink);
  return {
    define: (definitions) => expander.define(definitions),
    records: (records) => expander.expand(records),
    images: (images) => sink.images?.(images),
    resume: (step, state) => {
      expander.resume(state);
      sink.resume(step, state);
    },
    get isOver() {
      return sink.isOver;
    },
    flush: () => sink.flush?.(),
    skip: (insns) => sink.skip?.(insns),
    end: (reason) => sink.end(reason),
    totals: sink.totals,
  };
}

/** Bytes of records after which they are handed on. */
const BATCH = 0x10_0000;

class Expander {
  private readonly definitions = new Map<number, BlockDefinition>();
  private readonly replays = new Map<number, Replay>();
  private readonly made = new ByteWriter(0x1000);
  private readonly out = new ByteWriter(BATCH);
  private readonly state: DataView<ArrayBuffer>;
  private readonly evaluator: Evaluator;
  /** The record that is read, as bytes, and where its next input is described. */
  private bytes: DataView = new DataView(new ArrayBuffer(0));
  private inputs: readonly PlannedStore[] = [];
  private next = 0;
  /** The record that is written. */
  private record = new DataView(new ArrayBuffer(0));
  private cut = -1;

  constructor(
    private readonly guest: Guest,
    private readonly sink: TraceSink,
  ) {
    this.state = new DataView(new ArrayBuffer((guest.state.size + 15) & -16));
    this.evaluator = new Evaluator({
      layout: guest.state,
      state: this.state,
      stateOffset: 0,
      memory: { load: () => this.input(), store: () => undefined },
      input: () => this.input(),
      ring: {
        reserve: (id, bytes) => {
          this.record = new DataView(new ArrayBuffer(bytes));
          this.record.setUint32(0, id, true);
        },
        // As in the record that is read.
        step: (offset) => this.record.setUint32(offset, this.bytes.getUint32(STEP_OFFSET, true), true),
        store: (offset, bytes, value) => {
          for (let i = 0; i < bytes; i++) this.record.setUint8(offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
        },
        commit: () => undefined,
        count: () => undefined,
      },
    });
  }

  define(definitions: Uint8Array): void {
    forEachDefinition(definitions, (id, start, end) => {
      this.definitions.set(id, readDefinition(definitions.slice(start, end)));
      this.replays.delete(id);
    });
  }

  expand(records: Uint8Array): void {
    const words = asWords(records);
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    for (let at = 0; at < words.length; ) {
      const id = words[at] >>> 0;
      let size: number;
      if (id >= FIRST_EVENT) {
        size = (EVENT_HEADER + words[at + 1]) >> 2;
        this.event(readEvent(id, bytes.subarray(at * 4 + EVENT_HEADER, (at + size) * 4)));
        this.out.bytes(bytes.subarray(at * 4, (at + size) * 4));
      } else {
        const replay = this.replays.get(id) ?? this.prepare(id);
        size = replay.recordWords;
        this.bytes = new DataView(words.buffer, words.byteOffset + at * 4, size * 4);
        this.run(replay);
      }
      at += size;
      if (this.out.length >= BATCH) this.handOn();
    }
    this.handOn();
  }

  private handOn(): void {
    if (this.made.length > 0) this.sink.define(this.made.copy());
    this.made.reset();
    if (this.out.length > 0) this.sink.records(this.out.copy());
    this.out.reset();
  }

  /** The registers are these from here on. */
  resume(state: Uint8Array | undefined): void {
    if (state !== undefined) new Uint8Array(this.state.buffer).set(state.subarray(0, this.state.byteLength));
  }

  private event(event: TraceEvent): void {
    if (event.kind === 'cut') this.cut = event.completed;
    else if (event.kind === 'snapshot') this.resume(event.state);
    else if (event.kind === 'syscallResult')
      for (const { register, words } of event.changes)
        words.forEach((word, i) => {
          this.state.setInt32(this.guest.state.registers[register].offset + 4 * i, word, true);
        });
  }

  private run({ buffer, block, registers, inputs, insns }: Replay): void {
    for (const store of registers) this.setRegister(store);
    this.inputs = inputs;
    this.next = 0;
    const wanted = this.cut < 0 ? insns : Math.min(this.cut, insns);
    this.cut = -1;
    this.evaluator.run(buffer, wanted >= block.insns ? block : upTo(buffer, block, wanted));
    this.out.bytes(new Uint8Array(this.record.buffer));
  }

  private setRegister({ register, slot }: PlannedStore): void {
    const { registers, flags } = this.guest.state;
    if (register === FLAGS) {
      this.state.setInt32(flags.kind.offset, FlagKind.NZCV, true);
      this.state.setBigUint64(flags.a.offset, BigInt(this.bytes.getUint32(slot.offset, true)), true);
      return;
    }
    const { offset } = registers[register as number] as (typeof registers)[number];
    for (let i = 0; i < slot.bytes; i++) this.state.setUint8(offset + i, this.bytes.getUint8(slot.offset + i));
  }

  private input(): bigint {
    const { slot } = this.inputs[this.next++] as PlannedStore;
    let value = 0n;
    for (let i = slot.bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes.getUint8(slot.offset + i));
    return value;
  }

  /** Translates a block again. */
  private prepare(id: number): Replay {
    const definition = this.definitions.get(id);
    assert(definition !== undefined, `the trace has a record of block ${id} but no definition`);
    const { layout } = definition;
    const translated = this.translate(layout);
    const state = this.guest.state;
    const { layout: loads, stores } = planBlock(translated.buffer, translated.block, id, { state, wish: wishOf(layout, 'loads') });
    assert(loads.recordBytes === layout.recordBytes, `the record of block ${id} has ${layout.recordBytes} bytes, where ${loads.recordBytes} are needed`);
    const buffer = new IrBuffer();
    const info = { id, pc: layout.pc, insns: layout.insns.length, bytes: translated.block.bytes, words: new Uint32Array(0) };
    const define = (values: BlockLayout): void => writeDefinition(this.made, { ...definition, layout: { ...values, end: layout.end } });
    const block = createTracePass({ state, wish: wishOf(layout, 'values'), define }).instrument(
      translated.buffer,
      translated.block,
      info,
      new IrBuilder(buffer),
    );
    for (let i = block.start; i < block.end; i++) if (OP_TABLE[buffer.op[i]].kind === 'load') buffer.c[i] = NONE;
    const replay = {
      buffer,
      block,
      recordWords: layout.recordBytes >> 2,
      registers: stores.filter(({ register }) => register !== undefined),
      inputs: stores.filter(({ register }) => register === undefined),
      insns: layout.hasStep ? layout.insns.map(({ wanted }) => wanted).lastIndexOf(true) + 1 : block.insns,
    };
    this.replays.set(id, replay);
    return replay;
  }

  private translate({ pc, insns }: BlockLayout): { readonly buffer: IrBuffer; readonly block: Block } {
    const words = new Map<number, number>();
    let at = pc;
    for (const { word, bytes } of insns) {
      words.set(at, word);
      at += bytes;
    }
    const buffer = new IrBuffer();
    const ir = new IrBuilder(buffer);
    const { insns: count, ...made } = this.guest.translateBlock(ir, { pc, maxInsns: insns.length, fetch: (address) => words.get(address) });
    const terminator = ir.terminator as Block['terminator'] | undefined;
    assert(terminator !== undefined && count === insns.length, `the block at ${pc} has ${count} instructions, where the trace has ${insns.length}`);
    return { buffer, block: { pc, start: 0, end: buffer.length, insns: count, terminator, ...made } };
  }
}

/** What a block's layout was made for. */
function wishOf({ pc, insns, hasStep }: BlockLayout, level: TraceLevel): Wish {
  if (!hasStep) return wholeWish(level);
  const wanted = new Set<number>();
  let at = pc;
  for (const insn of insns) {
    if (insn.wanted) wanted.add(at);
    at += insn.bytes;
  }
  const insn = level === 'values' ? WHOLE_INSN : BARE_INSN;
  return { key: level, level, isWhole: false, insn: (place) => (wanted.has(place.pc) ? insn : undefined) };
}

/** The first instructions of a block. */
function upTo(buffer: IrBuffer, block: Block, insns: number): Block {
  let end = block.start;
  while (buffer.op[end] !== OP.insn || buffer.imm[end] !== insns) end++;
  return { ...block, end, insns, terminator: { kind: 'jump', target: block.pc } };
}
