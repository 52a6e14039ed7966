import { describe, expect, it } from 'vitest';
import { fromHalves } from '../base/index.ts';
import { createMachine, type Machine, type MachineOptions, type SyscallOutcome } from '../engine/index.ts';
import { createToyGuest, TOY_CODE, TOY_DATA, TOY_STACK, TOY_WORDS } from '../engine/toyGuest.ts';
import { SIZE_OF } from '../ir/index.ts';
import type { WantedData } from './dataFilter.ts';
import { TraceHash } from './hash.ts';
import { type InsnShape, NOWHERE } from './program.ts';
import { TraceReader, type TraceVisitor } from './reader.ts';
import { createRingControl, RingDrain } from './ring.ts';
import { filtered, type TraceSink } from './sink.ts';
import { pcWish } from './testing/pcWish.ts';
import { Random } from './testing/randomBlock.ts';
import { Tracer, type TracerOptions } from './tracer.ts';
import { type Wish, wholeWish } from './wish.ts';

const ABI = { syscallNumber: 'r7', syscallArguments: ['r0', 'r1'], syscallResult: 'r0' };

/** Sets r0, writes some memory, now and then. */
function syscall(machine: Machine): SyscallOutcome {
  const { cpu, space } = machine;
  cpu.setByName('r0', BigInt.asUintN(64, cpu.getByName('r0') * 3n + 1n));
  space.kernelWrite(TOY_DATA + 64, Uint8Array.of(1, 2, 3));
  return cpu.getByName('r1') % 5n === 0n ? 'changed' : 'done';
}

function load(machine: Machine, seed: number, weights: readonly number[]): void {
  const random = new Random(seed * 2654435761 + 1);
  const code = new Uint32Array(TOY_WORDS);
  for (let i = 0; i < TOY_WORDS; i++) code[i] = ((random.below(0x1000_0000) & 0x0fff_ffff) | (random.pick(weights) << 28)) >>> 0;
  machine.space.map(TOY_CODE, 4096, 5);
  machine.space.map(TOY_DATA, 0x3000, 3);
  machine.space.map(TOY_STACK, 0x2000, 3);
  machine.space.pokeBytes(TOY_CODE, new Uint8Array(code.buffer));
  machine.cpu.clear();
  for (let i = 0; i < 8; i++) machine.cpu.setByName(`r${i}`, BigInt(random.below(0x7fff_ffff)) * 0x1_2345n);
  machine.cpu.setByName('sp', BigInt(TOY_STACK + 0x1000));
  machine.cpu.setByName('lr', BigInt(TOY_CODE + random.below(TOY_WORDS) * 4));
  machine.pc = TOY_CODE;
}

function registersOf(machine: Machine): string[] {
  const registers = machine.guest.state.registers.filter(({ visible }) => visible);
  return [`nzcv=${machine.cpu.nzcv}`, ...registers.map((register) => `${register.name}=${machine.cpu.get(register).toString(16)}`)];
}

function registersOfReader(reader: TraceReader): string[] {
  const value = (offset: number, bytes: number): string => {
    let n = 0n;
    for (let i = bytes / 4 - 1; i >= 0; i--) n = (n << 32n) | BigInt(reader.state[offset / 4 + i] >>> 0);
    return n.toString(16);
  };
  const { registers, flags } = reader.layout;
  return [
    `nzcv=${reader.state[flags.a.offset >> 2] >>> 28}`,
    ...registers.filter(({ visible }) => visible).map((r) => `${r.name}=${value(r.offset, SIZE_OF[r.type])}`),
  ];
}

/** A traced machine whose ring is drained into `sink` in this agent. */
function tracedMachine(
  sink: TraceSink,
  options: Partial<MachineOptions> = {},
  tracing: Partial<TracerOptions> = {},
): { machine: Machine; tracer: Tracer; finish: () => void } {
  const guest = createToyGuest();
  const control = createRingControl();
  let drain: RingDrain | undefined;
  const take = (): boolean => drain?.take((records) => sink.records(records)) === true;
  const tracer = new Tracer({ state: guest.state, abi: ABI, control, send: (definitions) => sink.define(definitions), wait: () => void take(), ...tracing });
  const traced = (m: Machine): SyscallOutcome => {
    tracer.enterSyscall();
    const outcome = syscall(m);
    tracer.leaveSyscall(undefined);
    return outcome;
  };
  const machine = createMachine({ guest, memoryPages: 4096, syscall: traced, hooks: tracer.hooks, ...options });
  drain = new RingDrain(machine.memory.memory.buffer, control);
  tracer.attach(machine);
  const finish = (): void => {
    tracer.close('exit');
    while (take()) {}
    expect(drain?.ended).toBe(true);
    sink.end('exit');
  };
  return { machine, tracer, finish };
}

function readingSink(reader: TraceReader, visitor: TraceVisitor): TraceSink {
  return {
    define: (definitions) => reader.define(definitions),
    records: (records) => reader.read(records, visitor),
    end: () => undefined,
    totals: { step: 0, insns: 0, wanted: 0 },
  };
}

/**
 * Traces a toy program.
 * @param wants what to keep of what is read
 * @param wish what to trace; undefined: everything @param data what that is about
 * @returns the first instructions, one line each, with all values
 */
function wantedLines(seed: number, wants: (shape: InsnShape, reader: TraceReader) => boolean, limit: number, wish?: Wish, data?: WantedData): string[] {
  const reader = new TraceReader(createToyGuest().state);
  const lines: string[] = [];
  const visitor: TraceVisitor = {
    insn: (shape) => {
      if (!wants(shape, reader)) return;
      const words = (at: number, n: number): string => Array.from(reader.values.subarray(at, at + n)).join(':');
      const values = [...shape.inputs, ...shape.outputs].map(({ register, at }) => `${reader.layout.registers[register].name}=${words(at, 2)}`);
      const flags = [shape.flagsIn, shape.flagsOut].map((at) => (at === NOWHERE ? '-' : String(reader.values[at])));
      const accesses = shape.accesses.map((a) => `${a.store} ${words(a.address, 2)} ${words(a.datum, a.bytes >> 2)}`);
      lines.push([reader.step, shape.pc, ...values, ...flags, ...accesses].join(' '));
    },
    event: () => undefined,
  };
  let limited = 0;
  const plain = readingSink(reader, visitor);
  const sink = wish === undefined ? plain : filtered(plain, limit, () => limited++, data);
  const { machine, tracer, finish } = tracedMachine(sink, { runsUntilHot: 3, firstSlice: 100 }, { wish });
  load(machine, seed, MIXES[seed % 3]);
  tracer.open();
  tracer.ranUntil(machine.run(20_000));
  finish();
  if (wish !== undefined && lines.length >= limit) expect(limited).toBe(1);
  return lines.slice(0, limit);
}

const MIXES: readonly (readonly number[])[] = [
  [0, 1, 2, 2, 4, 5, 7, 8, 9, 10],
  [0, 1, 2, 3, 6, 7, 8, 11, 13, 15],
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
];

const wants = (wish: Wish, pc: number): boolean => wish.insn({ pc, word: 0, bytes: 4 }) !== undefined;

describe('a traced run', () => {
  it.each(Array.from({ length: 9 }, (_, i) => i + 1))('tells every state that single steps show (program %i)', (seed) => {
    const mix = MIXES[seed % MIXES.length];
    const STEPS = 300;
    const stepped = createMachine({ guest: createToyGuest(), memoryPages: 4096, syscall, oneInsnPerBlock: true });
    load(stepped, seed, mix);
    const states: string[][] = [];
    const pcs: number[] = [];
    for (;;) {
      states.push(registersOf(stepped));
      pcs.push(stepped.pc);
      if (stepped.steps === STEPS || stepped.run(stepped.steps + 1).kind !== 'budget') break;
    }

    const reader = new TraceReader(createToyGuest().state);
    const events: string[] = [];
    let count = 0;
    const { machine, tracer, finish } = tracedMachine(
      readingSink(reader, {
        insn: (shape) => {
          expect([reader.step, shape.pc]).toEqual([count, pcs[count]]);
          expect(registersOfReader(reader), `before step ${count}`).toEqual(states[count]);
          count++;
        },
        event: ({ kind }) => events.push(kind),
      }),
    );
    load(machine, seed, mix);
    tracer.open();
    tracer.ranUntil(machine.run(STEPS));
    finish();
    expect(count).toBe(stepped.steps);
    expect(registersOfReader(reader)).toEqual(registersOf(machine));
    expect(registersOf(machine)).toEqual(registersOf(stepped));
    expect(events[0]).toBe('snapshot');
    expect(events.at(-1)).toBe(stepped.steps < STEPS ? 'signal' : 'pause');
    expect(events.includes('signal')).toBe(stepped.steps < STEPS);
  });

  it.each([
    {},
    { noChain: true },
    { oneInsnPerBlock: true },
    { runsUntilHot: 1e9 },
    { disabled: new Set(['cold-code']) },
    { disabled: new Set(['regions', 'stack-slot']) },
  ])('has the same values in every mode (%o)', (options) => {
    const digests = [{}, options].map((each) => {
      const reader = new TraceReader(createToyGuest().state);
      const hash = new TraceHash(reader);
      const { machine, tracer, finish } = tracedMachine(readingSink(reader, hash), each);
      load(machine, 8, MIXES[0]);
      tracer.open();
      tracer.ranUntil(machine.run(100_000));
      finish();
      expect(reader.step).toBe(machine.steps);
      return `${hash.insns} ${hash.digest}`;
    });
    expect(digests[1]).toBe(digests[0]);
  });

  const lowPcs = pcWish((pc) => pc % 32 < 16, 'low');
  const highPcs = pcWish((pc) => pc % 32 >= 24, 'high');
  const WISHES = [lowPcs, wholeWish(), highPcs, pcWish(() => false, 'none'), lowPcs, wholeWish('blocks'), highPcs, wholeWish()];

  /** Takes long: all of a program is translated. */
  const HOT_AT_ONCE: Partial<MachineOptions> = { disabled: new Set(['cold-code']) };
  // All hot after three runs, all cold, some of both; blocks that are chained, that are not, and of one instruction.
  const MODES: readonly Partial<MachineOptions>[] = [
    { runsUntilHot: 3 },
    { runsUntilHot: 1e9 },
    { runsUntilHot: 40 },
    { runsUntilHot: 3, noChain: true },
    { runsUntilHot: 3, oneInsnPerBlock: true },
    { runsUntilHot: 3, disabled: new Set(['regions']) },
    HOT_AT_ONCE,
    { runsUntilHot: 3, mostRegions: 20 },
  ];

  it.each([1, 2, 5, 8].flatMap((seed) => MODES.filter((mode) => mode !== HOT_AT_ONCE || seed === 8).map((mode) => [seed, mode] as const)))(
    'tells what another wish wants from the next block on, of code that has run before, too (program %i, %o)',
    (seed, mode) => {
      const STEPS = 500;
      const all: [number, number][] = [];
      const reader = new TraceReader(createToyGuest().state);
      const whole = tracedMachine(readingSink(reader, { insn: ({ pc }) => void all.push([reader.step, pc]), event: () => undefined }));
      load(whole.machine, seed, MIXES[0]);
      whole.tracer.open();
      whole.machine.run(STEPS * WISHES.length);
      whole.finish();

      const told: [number, number][] = [];
      const other = new TraceReader(createToyGuest().state);
      let states: string[] = [];
      const visitor: TraceVisitor = {
        insn: ({ pc }) => void told.push([other.step, pc]),
        event: (event) => {
          if (event.kind === 'snapshot') states = registersOfReader(other);
        },
      };
      const { machine, tracer, finish } = tracedMachine(readingSink(other, visitor), { ...mode, firstSlice: 100 }, { wish: WISHES[0] });
      load(machine, seed, MIXES[0]);
      tracer.open();
      const known: string[][] = [];
      for (const [i, wish] of WISHES.entries()) {
        tracer.setWish(wish);
        known.push(registersOf(machine));
        machine.run((i + 1) * STEPS);
      }
      finish();
      expect(told.length).toBeGreaterThan(STEPS * 2);
      expect(states).toEqual(known.at(-1));
      expect(told).toEqual(all.filter(([step, pc]) => wants(WISHES[Math.floor(step / STEPS)], pc)));
      expect(registersOf(machine)).toEqual(registersOf(whole.machine));
    },
  );

  it('takes another wish in a loop that runs', () => {
    const reader = new TraceReader(createToyGuest().state);
    const told: [number, number][] = [];
    let onSlice = (): void => undefined;
    const { machine, tracer, finish } = tracedMachine(
      readingSink(reader, { insn: ({ pc }) => void told.push([reader.step, pc]), event: () => undefined }),
      { runsUntilHot: 3, firstSlice: 100, hooks: { budget: () => onSlice(), ringFull: () => tracer.hooks.ringFull?.() } },
      { wish: pcWish(() => false, 'none') },
    );
    load(machine, 1, MIXES[0]);
    // r0 += 1 twice, and back.
    machine.space.pokeBytes(TOY_CODE, new Uint8Array(Uint32Array.of(0x0000_0001, 0x0000_0001, 0xa000_0000).buffer));
    const changes: number[] = [];
    const atSlice = (slice: number, wish: Wish): void => {
      let slices = 0;
      onSlice = () => {
        if (++slices === slice) machine.requestStop();
      };
      expect(machine.run()).toEqual({ kind: 'stop' });
      changes.push(machine.steps);
      tracer.setWish(wish);
    };
    tracer.open();
    atSlice(
      5,
      pcWish((pc) => pc === TOY_CODE + 4, 'second'),
    );
    atSlice(1, wholeWish());
    atSlice(
      1,
      pcWish(() => false, 'none'),
    );
    onSlice = () => undefined;
    machine.run(machine.steps + 100_000);
    finish();
    const [first, second, third] = changes;
    const expected = Array.from({ length: third - first }, (_, i) => first + i).filter((step) => step >= second || step % 3 === 1);
    expect(expected.length).toBeGreaterThan(100);
    expect(told).toEqual(expected.map((step) => [step, TOY_CODE + (step % 3) * 4]));
  });

  it('can start late, pause and go on', () => {
    const reader = new TraceReader(createToyGuest().state);
    const steps: number[] = [];
    const { machine, tracer, finish } = tracedMachine(readingSink(reader, { insn: () => void steps.push(reader.step), event: () => undefined }));
    load(machine, 2, MIXES[0]);
    machine.run(1000);
    tracer.open();
    machine.run(1010);
    tracer.pause();
    machine.run(5000);
    tracer.open();
    machine.run(5007);
    const state = registersOf(machine);
    expect(state.length).toBeGreaterThan(9);
    finish();
    expect(steps).toEqual([...Array.from({ length: 10 }, (_, i) => 1000 + i), ...Array.from({ length: 7 }, (_, i) => 5000 + i)]);
    expect(registersOfReader(reader)).toEqual(state);
  });

  it.each([
    [1, 16, 8],
    [5, 16, 8],
    [9, 16, 8],
    [1, 256, 16],
    [5, 512, 4],
    [9, 64, 4],
  ])('holds the wanted instructions alone where a filter says so (program %i, %i, %i)', (seed, of, bytes) => {
    const wants = (pc: number): boolean => pc % of < bytes;
    const wish = pcWish(wants);
    const expected = wantedLines(seed, ({ pc }) => wants(pc), 777);
    expect(expected.length).toBeGreaterThan(0);
    expect(wantedLines(seed, () => true, 777, wish)).toEqual(expected);
  });

  it.each([1, 2, 3, 4, 6, 7, 8])('holds the instructions alone that access some data (program %i)', (seed) => {
    const spans = [
      { start: TOY_DATA + 0x103, end: TOY_DATA + 0x3ff },
      { start: TOY_STACK + 0x1010, end: TOY_STACK + 0x1011 },
    ];
    const { state } = createToyGuest();
    const wants = ({ accesses }: InsnShape, reader: TraceReader): boolean =>
      accesses.some(({ address, bytes, condition }) => {
        const at = fromHalves(reader.values[address] as number, reader.values[address + 1] as number);
        const isDone = condition === NOWHERE || reader.values[condition] !== 0;
        return isDone && spans.some(({ start, end }) => at <= end && at + bytes > start);
      });
    const expected = wantedLines(seed, wants, 100);
    expect(expected.length).toBeGreaterThan(0);
    expect(wantedLines(seed, () => true, 100, { ...pcWish(() => true), data: spans }, { spans, state, ignoredTopBits: 0 })).toEqual(expected);
  });
});
