import { assert, ByteWriter } from '../base/index.ts';
import { Cell, MOST_RUN_RECORD, RecordRunner, RUN_RECORD, STATE } from '../engine/index.ts';
import type { Guest } from '../guest/index.ts';
import { type Block, Evaluator, FlagKind, IrBuffer, IrBuilder, NONE, OP, OP_TABLE } from '../ir/index.ts';
import type { TraceHeader } from './chunks/header.ts';
import { type BlockDefinition, readDefinition, writeDefinition } from './definition.ts';
import { EVENT_HEADER, FIRST_EVENT, readEvent, type TraceEvent } from './events.ts';
import { type BlockLayout, type PlannedStore, planBlock, STEP_OFFSET } from './layout.ts';
import { createTracePass } from './pass.ts';
import { withRecordedInputs } from './recordedInputs.ts';
import type { FormatSink, TraceSink } from './sink.ts';
import { asWords, forEachDefinition } from './walker.ts';
import { BARE_INSN, FLAGS, type TraceLevel, WHOLE_INSN, type Wish, wholeWish } from './wish.ts';

/** A block that can be run again. */
interface Replay {
  /** With the trace code of level `values`, its loads without conditions: what they give is in the record. */
  readonly buffer: IrBuffer;
  readonly block: Block;
  /** Of level `loads`, which is read. */
  readonly recordBytes: number;
  /** Of level `values`, which is written. */
  readonly valueBytes: number;
  /** Registers that the record has, of one that stands on its own. */
  readonly registers: readonly PlannedStore[];
  /** What the record has besides, in the order in which it is asked for. */
  readonly inputs: readonly PlannedStore[];
  /** Instructions up to the last that is wanted. */
  readonly insns: number;
  /** How often it has been evaluated. */
  runs: number;
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
    mappings: (events) => sink.mappings?.(events),
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
/** Room for the ops of most blocks. */
const FEW_OPS = 128;
/** How often a block is evaluated before it becomes a function: about what making one costs. */
const RUNS_UNTIL_HOT = 30;

class Expander {
  private readonly definitions = new Map<number, BlockDefinition>();
  private readonly replays = new Map<number, Replay>();
  private readonly made = new ByteWriter(0x1000);
  private readonly runner: RecordRunner;
  private readonly evaluator: Evaluator;
  /** The record that the evaluator reads, as bytes, and where its next input is described. */
  private bytes: DataView = new DataView(new ArrayBuffer(0));
  private inputs: readonly PlannedStore[] = [];
  private next = 0;
  private cut = -1;
  /** The block that is being translated. */
  private readonly translated = new IrBuffer();

  constructor(
    private readonly guest: Guest,
    private readonly sink: TraceSink,
  ) {
    this.runner = new RecordRunner(guest);
    const { view, u32 } = this.runner.memory;
    const pointer = Cell.ringPointer >> 2;
    this.evaluator = new Evaluator({
      layout: guest.state,
      state: view,
      stateOffset: STATE,
      memory: { load: () => this.input(), store: () => undefined },
      input: () => this.input(),
      ring: {
        reserve: (id, bytes) => {
          u32.fill(0, u32[pointer] >> 2, (u32[pointer] + bytes) >> 2);
          u32[u32[pointer] >> 2] = id;
        },
        // As in the record that is read.
        step: (offset) => view.setUint32(u32[pointer] + offset, this.bytes.getUint32(STEP_OFFSET, true), true),
        store: (offset, bytes, value) => {
          for (let i = 0; i < bytes; i++) view.setUint8(u32[pointer] + offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
        },
        // Where a block is cut short its record is not committed.
        commit: () => undefined,
        count: () => undefined,
      },
    });
  }

  define(definitions: Uint8Array): void {
    forEachDefinition(definitions, (id, start, end) => {
      this.definitions.set(id, readDefinition(definitions.slice(start, end)));
      this.replays.delete(id);
      this.runner.remove(id);
    });
  }

  expand(records: Uint8Array): void {
    const { runner } = this;
    const words = asWords(records);
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    /** What the runner has of the records. */
    let placedFrom = 0;
    let placedTo = 0;
    for (let at = 0; at < bytes.length; ) {
      if (at >= placedTo - MOST_RUN_RECORD && placedTo < bytes.length) {
        placedFrom = at;
        placedTo = at + runner.place(bytes, at);
      }
      if (this.cut < 0) {
        const end = placedTo < bytes.length ? placedTo - MOST_RUN_RECORD : placedTo;
        at = placedFrom + runner.run(at - placedFrom, end - placedFrom, BATCH);
      }
      if (runner.written.length > BATCH) this.handOn();
      else if (at < bytes.length) at += this.one(words, bytes, at >> 2);
    }
    this.handOn();
  }

  /** Expands the record at a word, which the runner has no function for. @returns its bytes */
  private one(words: Int32Array, bytes: Uint8Array, at: number): number {
    const id = words[at] >>> 0;
    if (id >= FIRST_EVENT) {
      const size = EVENT_HEADER + words[at + 1];
      this.event(readEvent(id, bytes.subarray(at * 4 + EVENT_HEADER, at * 4 + size)));
      this.write(bytes.subarray(at * 4, at * 4 + size));
      return size;
    }
    const replay = this.replays.get(id) ?? this.prepare(id);
    this.bytes = new DataView(words.buffer, words.byteOffset + at * 4, replay.recordBytes);
    this.run(replay);
    // A record that stands on its own is read by the evaluator alone.
    if (++replay.runs === RUNS_UNTIL_HOT && !this.isPartial(id)) this.compile(id, replay);
    return replay.recordBytes;
  }

  /** Puts bytes behind the records that have been made. */
  private write(bytes: Uint8Array): void {
    const { memory } = this.runner;
    const pointer = memory.u32[Cell.ringPointer >> 2];
    memory.bytes.set(bytes, pointer);
    memory.u32[Cell.ringPointer >> 2] = pointer + bytes.length;
  }

  private handOn(): void {
    if (this.made.length > 0) this.sink.define(this.made.copy());
    this.made.reset();
    const { written } = this.runner;
    if (written.length > 0) this.sink.records(written);
    this.runner.emptyRing();
  }

  /** The registers are these from here on. */
  resume(state: Uint8Array | undefined): void {
    if (state !== undefined) this.runner.memory.bytes.set(state.subarray(0, this.guest.state.size), STATE);
  }

  private event(event: TraceEvent): void {
    if (event.kind === 'cut') this.cut = event.completed;
    else if (event.kind === 'snapshot') this.resume(event.state);
    else if (event.kind === 'syscallResult')
      for (const { register, words } of event.changes)
        words.forEach((word, i) => {
          this.runner.memory.view.setInt32(STATE + this.guest.state.registers[register].offset + 4 * i, word, true);
        });
  }

  private run({ buffer, block, registers, inputs, insns, valueBytes }: Replay): void {
    for (const store of registers) this.setRegister(store);
    this.inputs = inputs;
    this.next = 0;
    const wanted = this.cut < 0 ? insns : Math.min(this.cut, insns);
    this.cut = -1;
    this.evaluator.run(buffer, wanted >= block.insns ? block : upTo(buffer, block, wanted));
    this.runner.memory.u32[Cell.ringPointer >> 2] += valueBytes;
  }

  private setRegister({ register, slot }: PlannedStore): void {
    const { registers, flags } = this.guest.state;
    const { view } = this.runner.memory;
    if (register === FLAGS) {
      view.setInt32(STATE + flags.kind.offset, FlagKind.NZCV, true);
      view.setBigUint64(STATE + flags.a.offset, BigInt(this.bytes.getUint32(slot.offset, true)), true);
      return;
    }
    const { offset } = registers[register as number] as (typeof registers)[number];
    for (let i = 0; i < slot.bytes; i++) view.setUint8(STATE + offset + i, this.bytes.getUint8(slot.offset + i));
  }

  private input(): bigint {
    const { slot } = this.inputs[this.next++] as PlannedStore;
    let value = 0n;
    for (let i = slot.bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes.getUint8(slot.offset + i));
    return value;
  }

  private isPartial(id: number): boolean {
    return this.definitions.get(id)?.layout.hasStep === true;
  }

  private compile(id: number, { buffer, block, inputs, recordBytes }: Replay): void {
    const recorded = withRecordedInputs(buffer, block, inputs, RUN_RECORD);
    this.runner.add(id, recorded.buffer, recorded.block, recordBytes);
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
    const buffer = new IrBuffer(FEW_OPS);
    const info = { id, pc: layout.pc, insns: layout.insns.length, bytes: translated.block.bytes, words: new Uint32Array(0) };
    let valueBytes = 0;
    const define = (values: BlockLayout): void => {
      valueBytes = values.recordBytes;
      writeDefinition(this.made, { ...definition, layout: { ...values, end: layout.end } });
    };
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
      recordBytes: layout.recordBytes,
      valueBytes,
      registers: stores.filter(({ register }) => register !== undefined),
      inputs: stores.filter(({ register }) => register === undefined),
      insns: layout.hasStep ? layout.insns.map(({ wanted }) => wanted).lastIndexOf(true) + 1 : block.insns,
      runs: 0,
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
    const buffer = this.translated;
    buffer.reset();
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
