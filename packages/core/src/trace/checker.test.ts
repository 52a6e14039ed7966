import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../base/index.ts';
import { StateLayout } from '../ir/index.ts';
import { TraceChecker } from './checker.ts';
import { writeDefinition } from './definition.ts';
import { type TraceEvent, writeEvent } from './events.ts';
import type { BlockEnd, InsnLayout, Item } from './layout.ts';
import { TraceReader } from './reader.ts';
import { sampleGuest, traceSample } from './testing/sampleTrace.ts';

const ADDRESS = [0x1000, 0, 0, 0] as const;

/** A trace built by hand of blocks of one instruction each. */
class HandmadeTrace {
  private readonly layout = new StateLayout();
  private readonly definitions = new ByteWriter();
  private readonly records = new ByteWriter();
  private blocks = 0;

  event(event: TraceEvent): this {
    writeEvent(this.records, event);
    return this;
  }

  snapshot(step: number, pc: number): this {
    return this.event({ kind: 'snapshot', step, pc, state: new Uint8Array(this.layout.size) });
  }

  /** A block that runs once. */
  block(pc: number, end: BlockEnd, items: readonly Item[] = []): this {
    const insn: InsnLayout = { word: 1, bytes: 4, wanted: true, inputs: [], readsFlags: false, refresh: [], items };
    const id = ++this.blocks;
    writeDefinition(this.definitions, { layout: { id, pc, insns: [insn], wanted: 1, hasStep: false, recordBytes: 4, end }, symbols: [] });
    this.records.fixed32(id);
    return this;
  }

  problems(): readonly string[] {
    const reader = new TraceReader(this.layout);
    const checker = new TraceChecker(reader, { syscalls: new Map([[222, 'mmap']]), ignoredTopBits: 8 });
    reader.define(this.definitions.copy());
    reader.read(this.records.copy(), checker);
    return checker.problems;
  }
}

const jump = (target: number): BlockEnd => ({ kind: 'jump', target, next: 0 });
const access = (kind: 'load' | 'store', value: number, tag = 0): Item => ({
  kind,
  bytes: 4,
  address: { kind: 'constant', words: [ADDRESS[0], tag << 24, 0, 0] },
  datum: { kind: 'constant', words: [value, 0, 0, 0] },
  condition: undefined,
});

describe('TraceChecker', () => {
  it('finds nothing wrong with a machine’s trace', () => {
    const { state, linux, ignoredTopBits } = sampleGuest();
    const reader = new TraceReader(state);
    const checker = new TraceChecker(reader, { syscalls: linux.syscalls, ignoredTopBits });
    traceSample({ define: (d) => reader.define(d), records: (r) => reader.read(r, checker), end: () => undefined, totals: { step: 0, insns: 0, wanted: 0 } });
    expect(checker.problems).toEqual([]);
    expect(checker.insns).toBe(18);
  });

  it('finds nothing wrong with blocks that follow each other', () => {
    const trace = new HandmadeTrace()
      .snapshot(5, 0x100)
      .block(0x100, jump(0x200), [access('store', 7)])
      .block(0x200, { kind: 'branch', target: 0x300, next: 0x204 });
    trace
      .block(0x300, { kind: 'return', target: 0, next: 0 }, [access('load', 7, 0xab)])
      .block(0x777, jump(0x400))
      .event({ kind: 'pause', step: 9, pc: 0x400 });
    expect(trace.snapshot(20, 0x800).block(0x800, jump(0)).problems()).toEqual([]);
  });

  it('misses the block in between', () => {
    expect(new HandmadeTrace().snapshot(0, 0x100).block(0x100, jump(0x200)).block(0x300, jump(0)).problems()).toEqual([
      'step 1: a block at 0x300 follows, where 0x200 should',
    ]);
  });

  it('misses what the kernel wrote', () => {
    const seen = (between: (trace: HandmadeTrace) => HandmadeTrace): readonly string[] => {
      const trace = new HandmadeTrace().snapshot(0, 0x100).block(0x100, { kind: 'syscall', target: 0x104, next: 0 }, [access('store', 0x11223344)]);
      return between(trace)
        .block(0x104, jump(0), [access('load', 0x11ff3344)])
        .problems();
    };
    expect(seen((trace) => trace)).toEqual(['step 1: the load at 0x104 finds another byte at 0x1002 than was there']);
    expect(seen((trace) => trace.event({ kind: 'kernelWrite', address: 0x1002, data: Uint8Array.of(0xff) }))).toEqual([]);
    expect(
      seen((trace) => trace.event({ kind: 'syscall', number: 222, args: [] }).event({ kind: 'syscallResult', result: 0n, pc: 0x104, changes: [] })),
    ).toEqual([]);
  });

  it('misses the signal of an instruction that traps', () => {
    const trap: BlockEnd = { kind: 'trap', target: 0x104, next: 0 };
    const signal: TraceEvent = { kind: 'signal', signal: 4, code: 1, address: 0n, pc: 0x104, word: 0, text: '' };
    expect(new HandmadeTrace().snapshot(0, 0x100).block(0x100, trap).event(signal).problems()).toEqual([]);
    expect(new HandmadeTrace().snapshot(0, 0x100).block(0x100, trap).block(0x104, jump(0)).problems()).toEqual([
      'step 1: an instruction that traps is followed by no signal but a block at 0x104',
    ]);
    expect(
      new HandmadeTrace()
        .snapshot(0, 0x100)
        .block(0x100, trap)
        .event({ ...signal, pc: 0x108 })
        .problems(),
    ).toEqual(['step 1: signal 4 at 0x108 follows, where 0x104 should']);
  });

  it('sees steps that go back', () => {
    expect(new HandmadeTrace().snapshot(5, 0x100).block(0x100, jump(0x200)).snapshot(3, 0x200).block(0x200, jump(0)).problems()).toEqual([
      'step 3: a snapshot goes back to step 3',
    ]);
  });

  it('lets a block go on where it was cut short', () => {
    const cut: TraceEvent = { kind: 'cut', completed: 0, wanted: 0 };
    expect(new HandmadeTrace().snapshot(0, 0x100).event(cut).block(0x100, jump(0x200)).block(0x100, jump(0x200)).problems()).toEqual([]);
    expect(new HandmadeTrace().snapshot(0, 0x100).event(cut).block(0x100, jump(0x200)).block(0x200, jump(0)).problems()).toEqual([
      'step 0: a block at 0x200 follows, where 0x100 should',
    ]);
  });
});
