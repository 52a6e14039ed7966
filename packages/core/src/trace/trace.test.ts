import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../base/index.ts';
import { type Block, Evaluator, type EvaluatorMemory, type IrBuffer, IrBuilder, StateLayout as Layout, nzcvOf, type StateLayout } from '../ir/index.ts';
import { writeDefinition } from './definition.ts';
import { EVENT_HEADER, writeEvent } from './events.ts';
import type { BlockLayout } from './layout.ts';
import { createTracePass } from './pass.ts';
import { type InsnShape, NOWHERE } from './program.ts';
import { TraceReader, type TraceVisitor } from './reader.ts';
import { pcWish } from './testing/pcWish.ts';
import { Random, randomBlock } from './testing/randomBlock.ts';
import { wholeWish } from './wish.ts';

const layout = new Layout();
layout.addMany('x', 4, 'i64');
layout.addMany('v', 2, 'v128');
layout.add('w', 'i32');
layout.add('d', 'f64');
layout.add('s', 'f32');
layout.add('hidden', 'i64', false);

/** State, memory and ring of one run of a block. */
class Run {
  readonly state = new DataView(new ArrayBuffer((layout.size + 15) & -16));
  readonly ring = new DataView(new ArrayBuffer(0x1000));
  readonly accesses: string[] = [];
  reserved = 0;
  committed = 0;
  private readonly evaluator: Evaluator;

  /** @param faultAt access, counted from 0, that faults; -1: none */
  constructor(initial: Uint8Array, faultAt = -1) {
    new Uint8Array(this.state.buffer).set(initial);
    const written = new Map<bigint, bigint>();
    const at = (address: bigint, i: number): bigint => BigInt.asUintN(64, address + BigInt(i));
    const faults = (): boolean => this.accesses.length === faultAt;
    const memory: EvaluatorMemory = {
      load: (address, bytes) => {
        if (faults()) return { faultAddress: address };
        let value = 0n;
        for (let i = 0; i < bytes; i++) value |= (written.get(at(address, i)) ?? ((at(address, i) * 0x9e37n + 0x85n) >> 3n) & 0xffn) << BigInt(8 * i);
        this.accesses.push(`load ${bytes} ${address.toString(16)} ${value.toString(16)}`);
        return value;
      },
      store: (address, bytes, value) => {
        if (faults()) return { faultAddress: address };
        for (let i = 0; i < bytes; i++) written.set(at(address, i), (value >> BigInt(8 * i)) & 0xffn);
        this.accesses.push(`store ${bytes} ${address.toString(16)} ${value.toString(16)}`);
        return undefined;
      },
    };
    const ring = {
      reserve: (id: number, bytes: number) => {
        this.ring.setUint32(0, id, true);
        this.reserved = bytes;
      },
      count: () => undefined,
      step: (offset: number) => this.ring.setUint32(offset, 100, true),
      store: (offset: number, bytes: number, value: bigint) => {
        for (let i = 0; i < bytes; i++) this.ring.setUint8(offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
      },
      commit: (bytes: number) => {
        this.committed = bytes;
      },
    };
    this.evaluator = new Evaluator({ layout, state: this.state, stateOffset: 0, memory, input: () => 0n, ring });
  }

  run(buffer: IrBuffer, block: Block): number {
    return this.evaluator.run(buffer, block).completed;
  }

  /** Registers and flags, for comparison. */
  visible(): Record<string, string> {
    const { state } = this;
    const { a, b, c, kind } = layout.flags;
    const nzcv = nzcvOf(
      state.getInt32(kind.offset, true),
      state.getBigUint64(a.offset, true),
      state.getBigUint64(b.offset, true),
      state.getInt32(c.offset, true),
    );
    return { nzcv: String(nzcv), ...visibleRegisters(new Int32Array(state.buffer)) };
  }
}

const words = (from: Int32Array, at: number, count: number): string => {
  let text = '';
  for (let i = count - 1; i >= 0; i--) text += (from[at + i] >>> 0).toString(16).padStart(8, '0');
  return text.replace(/^0+(?=.)/, '');
};
const wordsOf = (type: string): number => ({ i32: 1, f32: 1, i64: 2, f64: 2, v128: 4 })[type] as number;

function visibleRegisters(state: Int32Array): Record<string, string> {
  return Object.fromEntries(layout.registers.filter((r) => r.visible).map((r) => [r.name, words(state, r.offset >> 2, wordsOf(r.type))]));
}

function visibleOfReader(reader: TraceReader): Record<string, string> {
  return { nzcv: String(reader.state[layout.flags.a.offset >> 2] >>> 28), ...visibleRegisters(reader.state) };
}

function instrument(
  buffer: IrBuffer,
  block: Block,
  state: StateLayout,
  wants?: (pc: number) => boolean,
): { buffer: IrBuffer; block: Block; defined: BlockLayout } {
  const to = new IrBuilder();
  let defined: BlockLayout | undefined;
  const pass = createTracePass({ state, wish: wants === undefined ? wholeWish() : pcWish(wants), define: (d) => (defined = d) });
  const info = { id: 7, pc: block.pc, insns: block.insns, bytes: block.bytes, words: new Uint32Array(block.insns) };
  const traced = pass.instrument(buffer, block, info, to);
  return { buffer: to.buffer, block: traced, defined: defined as BlockLayout };
}

function readerFor(defined: BlockLayout, initial: Uint8Array): { reader: TraceReader; prefix: ByteWriter } {
  const reader = new TraceReader(layout);
  const definitions = new ByteWriter();
  writeDefinition(definitions, { layout: defined, symbols: [] });
  reader.define(definitions.copy());
  const prefix = new ByteWriter();
  writeEvent(prefix, { kind: 'snapshot', step: 100, pc: 0x40_0000, state: initial });
  return { reader, prefix };
}

function initialState(random: Random): Uint8Array {
  const bytes = Uint8Array.from({ length: (layout.size + 15) & -16 }, () => random.below(256));
  bytes.fill(0, 0, 24);
  return bytes;
}

/** The block's first `count` instructions as a block. */
function prefixOf(buffer: IrBuffer, block: Block, insnOp: number, count: number): Block {
  let end = block.start;
  let seen = 0;
  for (; end < block.end; end++) if (buffer.op[end] === insnOp && seen++ === count) break;
  return { ...block, end, insns: count, bytes: count * 4 };
}

function accessesOf(reader: TraceReader, shape: InsnShape): string[] {
  const { values } = reader;
  return shape.accesses
    .filter((a) => a.condition === NOWHERE || values[a.condition] !== 0)
    .map((a) => `${a.store ? 'store' : 'load'} ${a.bytes} ${words(values, a.address, 2)} ${words(values, a.datum, Math.max(a.bytes >> 2, 1))}`);
}

describe('a traced block', () => {
  it.each(Array.from({ length: 30 }, (_, i) => i + 1))('tells every value that its instructions read and made (%i)', (seed) => {
    const random = new Random(seed * 7919);
    const insns = 1 + random.below(8);
    const { buffer, block } = randomBlock(random, layout, insns);
    const insnOp = buffer.op[block.start];
    const initial = initialState(random);
    const run = new Run(initial);
    const traced = instrument(buffer, block, layout);
    run.run(traced.buffer, traced.block);
    expect(run.committed).toBe(traced.defined.recordBytes);
    expect(run.reserved).toBe(run.committed);

    const { reader, prefix } = readerFor(traced.defined, initial);
    prefix.bytes(new Uint8Array(run.ring.buffer, 0, run.committed));
    let seen: string[] = [];
    let count = 0;
    const records = prefix.copy();
    const visitor: TraceVisitor = {
      insn: (shape) => {
        const before = new Run(initial);
        before.run(buffer, prefixOf(buffer, block, insnOp, count));
        const stateBefore = before.visible();
        expect(visibleOfReader(reader), `before instruction ${count}`).toEqual(stateBefore);
        for (const { register, at } of shape.inputs)
          expect(words(reader.values, at, wordsOf(layout.registers[register].type))).toBe(stateBefore[layout.registers[register].name]);
        seen.push(...accessesOf(reader, shape));
        expect(reader.step).toBe(100 + count);
        expect([shape.pc, shape.word]).toEqual([0x40_0000 + count * 4, 0xd000_0000 + count]);
        count++;
      },
      event: () => undefined,
    };
    const nothing: TraceVisitor = { insn: () => undefined, event: () => undefined };
    // Blocks that are read often become functions.
    for (const times of [1, 100]) {
      for (let i = 1; i < times; i++) reader.read(records, nothing);
      seen = [];
      count = 0;
      reader.read(records, visitor);
      expect(count).toBe(insns);
      expect(visibleOfReader(reader)).toEqual(run.visible());
      expect(seen).toEqual(run.accesses);
    }
  });

  it.each(Array.from({ length: 15 }, (_, i) => i + 1))('is cut short where an access faults (%i)', (seed) => {
    const random = new Random(seed * 104729);
    const { buffer, block } = randomBlock(random, layout, 6);
    const initial = initialState(random);
    const whole = new Run(initial);
    whole.run(buffer, block);
    if (whole.accesses.length === 0) return;
    const faultAt = random.below(whole.accesses.length);
    const run = new Run(initial, faultAt);
    const traced = instrument(buffer, block, layout);
    const completed = run.run(traced.buffer, traced.block);
    expect(run.committed).toBe(0);

    const { reader, prefix } = readerFor(traced.defined, initial);
    writeEvent(prefix, { kind: 'cut', completed, wanted: completed });
    prefix.bytes(new Uint8Array(run.ring.buffer, 0, run.reserved));
    let count = 0;
    reader.read(prefix.copy(), { insn: () => count++, event: () => undefined });
    const expected = new Run(initial);
    expected.run(buffer, prefixOf(buffer, block, buffer.op[block.start], completed));
    expect(count).toBe(completed);
    expect(visibleOfReader(reader)).toEqual(expected.visible());
  });

  it.each(Array.from({ length: 25 }, (_, i) => i + 1))('stands on its own when only some instructions are wanted (%i)', (seed) => {
    const random = new Random(seed * 15485863);
    const insns = 2 + random.below(8);
    const { buffer, block } = randomBlock(random, layout, insns);
    const insnOp = buffer.op[block.start];
    const initial = initialState(random);
    const wanted = Array.from({ length: insns }, () => random.below(2) === 0);
    wanted[random.below(insns)] = true;
    const wants = (pc: number): boolean => wanted[(pc - block.pc) / 4];
    const run = new Run(initial);
    const traced = instrument(buffer, block, layout, wants);
    run.run(traced.buffer, traced.block);
    expect(run.visible(), 'tracing changes nothing').toEqual(
      (() => {
        const plain = new Run(initial);
        plain.run(buffer, block);
        return plain.visible();
      })(),
    );

    const { reader, prefix } = readerFor(traced.defined, new Uint8Array(initial.length));
    prefix.bytes(new Uint8Array(run.ring.buffer, 0, run.committed));
    const shown: number[] = [];
    reader.read(prefix.copy(), {
      insn: (shape) => {
        const index = (shape.pc - block.pc) / 4;
        shown.push(index);
        expect(reader.step).toBe(100 + index);
        const before = new Run(initial);
        before.run(buffer, prefixOf(buffer, block, insnOp, index));
        const after = new Run(initial);
        after.run(buffer, prefixOf(buffer, block, insnOp, index + 1));
        const name = (register: number): string => layout.registers[register].name;
        const value = ({ register, at }: { register: number; at: number }): string => words(reader.values, at, wordsOf(layout.registers[register].type));
        for (const input of shape.inputs) expect(value(input), `input ${name(input.register)}`).toBe(before.visible()[name(input.register)]);
        for (const output of shape.outputs) expect(value(output), `output ${name(output.register)}`).toBe(after.visible()[name(output.register)]);
        if (shape.flagsIn !== NOWHERE) expect(String(reader.values[shape.flagsIn] >>> 28)).toBe(before.visible().nzcv);
        if (shape.flagsOut !== NOWHERE) expect(String(reader.values[shape.flagsOut] >>> 28)).toBe(after.visible().nzcv);
        expect(accessesOf(reader, shape)).toEqual(after.accesses.slice(before.accesses.length));
      },
      event: () => undefined,
    });
    expect(shown).toEqual(wanted.flatMap((w, i) => (w ? [i] : [])));
    expect(traced.defined.wanted).toBe(shown.length);
  });
});

describe('records', () => {
  it('need no bytes for what follows from code and registers', () => {
    const ir = new IrBuilder();
    const x = layout.registers.filter((r) => r.name.startsWith('x')) as ReturnType<typeof layout.addMany<'i64'>>;
    ir.insn(0, 1); // store of a register, base updated
    const address = ir.i64_add(ir.getReg(x[1]), ir.i64_const(-16));
    ir.i64_store(address, ir.getReg(x[0]));
    ir.setReg(x[1], address);
    ir.insn(1, 2); // comparison of two words
    const low = (i: number) => ir.i64_extend_i32_u(ir.i32_wrap_i64(ir.getReg(x[i])));
    ir.setFlags(3, low(0), low(2));
    ir.insn(2, 3); // load of a word
    ir.setReg(x[3], ir.i64_extend_i32_u(ir.i32_load(ir.i64_add(ir.getReg(x[1]), ir.i64_const(8)))));
    ir.insn(3, 4); // load of a signed byte
    ir.setReg(x[3], ir.i64_load8_s(ir.getReg(x[1])));
    const block: Block = { pc: 0, start: 0, end: ir.buffer.length, insns: 4, bytes: 16, terminator: { kind: 'jump', target: 16 } };
    // The block's number, a word, and a byte filled up to a word.
    expect(instrument(ir.buffer, block, layout).defined.recordBytes).toBe(4 + 4 + 4);
  });

  it('leave out the instruction that traps', () => {
    const ir = new IrBuilder();
    ir.insn(0, 1);
    ir.insn(1, 2);
    const block: Block = { pc: 0, start: 0, end: ir.buffer.length, insns: 2, bytes: 8, terminator: { kind: 'trap', code: 1, argument: 0, pc: 4 } };
    const { defined, buffer } = instrument(ir.buffer, block, layout);
    expect(defined.insns.length).toBe(1);
    expect(buffer.length).toBe(4);
  });

  it('are refused when they are damaged', () => {
    const reader = new TraceReader(layout);
    const visitor = { insn: () => undefined, event: () => undefined };
    expect(() => reader.read(Uint8Array.of(9, 0, 0, 0), visitor)).toThrow('no definition');
    expect(() => reader.read(new Uint8Array(EVENT_HEADER).fill(255), visitor)).toThrow('damaged');
    expect(() => reader.read(new Uint8Array(3), visitor)).toThrow('whole number');
  });
});
