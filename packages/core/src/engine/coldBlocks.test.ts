import { describe, expect, it } from 'vitest';
import { fingerprint } from '../base/index.ts';
import type { Guest } from '../guest/index.ts';
import { type Block, IrBuffer, IrBuilder } from '../ir/index.ts';
import { FIXED_FUNCTIONS, isTerminator, RECORD, recordsOf, Step } from '../wasm/index.ts';
import { ColdWriter } from './coldBlocks.ts';
import { type ColdBlock, ColdCode } from './coldCode.ts';
import { EvaluatorMachine } from './evaluatorMachine.ts';
import { createLinearMemory, GUEST_STORAGE, type LinearMemory } from './linearMemory.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { createRandomIrGuest, RANDOM_CODE, RANDOM_DATA, RANDOM_DATA_BYTES, WIDE_WORD } from './randomIrGuest.ts';
import { NO_SOURCE, type SavedBlock, saveBlock } from './saved/savedBlock.ts';
import { createMachine } from './wasmMachine.ts';

const WORDS = 128;

function randomWords(seed: number, count: number): Uint32Array {
  let x = seed * 2654435761 + 1;
  return Uint32Array.from({ length: count }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  });
}

const optionsOf = (faultsFirst: boolean): MachineOptions => ({
  guest: createRandomIrGuest(faultsFirst),
  memoryPages: GUEST_STORAGE / 0x1_0000 + 64,
  syscall: () => 'done',
});

function load(machine: Machine, seed: number, code: Uint32Array): Machine {
  machine.space.map(RANDOM_CODE, 4096, 5);
  machine.space.map(RANDOM_DATA, RANDOM_DATA_BYTES, 3);
  machine.space.pokeBytes(RANDOM_CODE, new Uint8Array(code.slice().buffer));
  machine.space.pokeBytes(RANDOM_DATA, new Uint8Array(randomWords(seed + 1000, RANDOM_DATA_BYTES / 4).buffer));
  machine.cpu.clear();
  const values = randomWords(seed + 2000, 64);
  machine.guest.state.registers.forEach((register, i) => {
    if (register.visible) machine.cpu.set(register, BigInt(values[i] as number) * 0x1_0000_4321n);
  });
  machine.cpu.setByName('pointer', BigInt(RANDOM_DATA + 0x1234));
  machine.pc = RANDOM_CODE;
  return machine;
}

/** Faults in a row behind which a program is given up. */
const MOST_FAULTS = 100;

/** Everything the guest can see after so many instructions, and its faults: what faults is left out, and behind the code's end it begins anew. */
function outcome(machine: Machine, steps: number): unknown {
  const events = [];
  while (machine.steps < steps && events.length < MOST_FAULTS) {
    const event = machine.run(steps);
    events.push(event);
    if (event.kind === 'fault') machine.pc = machine.pc + 4 < RANDOM_CODE + 4 * WORDS ? machine.pc + 4 : RANDOM_CODE;
  }
  const registers = machine.guest.state.registers.filter(({ visible }) => visible).map((each) => `${each.name} ${machine.cpu.get(each).toString(16)}`);
  return {
    events,
    steps: machine.steps,
    pc: machine.pc,
    nzcv: machine.cpu.nzcv,
    registers,
    data: fingerprint(new Uint32Array((machine.space.kernelRead(RANDOM_DATA, RANDOM_DATA_BYTES) as Uint8Array).buffer)),
  };
}

describe('random IR does what the evaluator does', () => {
  const modes = [
    { name: 'in cold code, in the order of its ops', faultsFirst: false, runsUntilHot: 1e9 },
    { name: 'in cold code that becomes hot', faultsFirst: true, runsUntilHot: 2 },
  ];
  for (const { name, faultsFirst, runsUntilHot } of modes) {
    it(name, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const code = randomWords(seed, WORDS);
        const options = optionsOf(faultsFirst);
        const judge = load(new EvaluatorMachine(options), seed, code);
        const machine = load(createMachine({ ...options, runsUntilHot }), seed, code);
        for (const steps of [3, 50, 1500]) expect(outcome(machine, steps), `program ${seed}`).toEqual(outcome(judge, steps));
      }
    });
  }
});

it('runs a block of more ops than there is room for values', () => {
  const code = new Uint32Array(600).fill(WIDE_WORD);
  const options = optionsOf(true);
  const judge = load(new EvaluatorMachine(options), 1, code);
  const machine = load(createMachine(options), 1, code);
  expect(outcome(machine, 550)).toEqual(outcome(judge, 550));
});

/** A writer of cold code, and all that it wrote. */
class Written {
  readonly memory: LinearMemory = createLinearMemory(GUEST_STORAGE / 0x1_0000);
  private readonly buffer = new IrBuffer();
  readonly writer: ColdWriter;
  readonly code = new ColdCode(RANDOM_CODE, RANDOM_CODE + 4 * WORDS);

  constructor(private readonly guest: Guest) {
    this.writer = new ColdWriter(this.memory, guest.state, this.buffer, 100);
  }

  write(pc: number, words: Uint32Array, number = 7): ColdBlock {
    this.buffer.reset();
    const ir = new IrBuilder(this.buffer);
    const fetch = (at: number): number | undefined => words[(at - RANDOM_CODE) / 4];
    const { insns, bytes } = this.guest.translateBlock(ir, { pc, maxInsns: 20, fetch, branchTargets: 'free' });
    const block: Block = { pc, start: 0, end: this.buffer.length, insns, bytes, terminator: ir.terminator as Block['terminator'] };
    return this.writer.write(this.buffer, block, this.code, number, true);
  }

  take(saved: SavedBlock, names: readonly string[], pc: number): ColdBlock {
    const block = this.writer.writeSaved(saved, names, pc, this.code, 7, true);
    expect(block).toBeDefined();
    return block as ColdBlock;
  }

  words({ first, end }: ColdBlock): Uint32Array {
    return this.memory.u32.slice(first >>> 2, end >>> 2);
  }
}

/** Which steps the records of a block have. */
function stepsIn({ memory }: Written, { at, end }: ColdBlock): Set<number> {
  const found = new Set<number>();
  for (let record = at + 2 * RECORD; record < end; ) {
    const word = memory.u32[record >>> 2] as number;
    found.add(word & 0xffff);
    if (isTerminator(word & 0xffff)) break;
    record += recordsOf(word) * RECORD;
  }
  return found;
}

it('puts saved blocks where others stand as they would have been written there, with flags tested by branches, sums in accesses, and helpers', () => {
  const guest = createRandomIrGuest(true);
  const steps = new Set<number>();
  for (let seed = 1; seed <= 8; seed++) {
    const words = randomWords(seed, WORDS);
    const [origin, direct, restored] = [new Written(guest), new Written(guest), new Written(guest)];
    // The second place has other blocks before it: all linear offsets are others.
    for (const place of [direct, restored]) for (let i = 0; i < 20; i++) place.write(RANDOM_CODE + 4 * i, words);
    expect(restored.writer.helpers).toHaveLength(1);
    for (let i = 20; i < 100; i += 3) {
      const pc = RANDOM_CODE + 4 * i;
      const block = origin.write(pc, words);
      for (const step of stepsIn(origin, block)) steps.add(step);
      const names: string[] = [];
      const saved = saveBlock(origin.memory.u32, block, (fn) => names.push(origin.writer.helpers[fn - FIXED_FUNCTIONS]?.name as string) - 1, NO_SOURCE);
      const expected = direct.write(pc, words);
      const taken = restored.take(saved, names, pc);
      expect({ ...taken, insnOffsets: undefined }).toEqual({ ...expected, insnOffsets: undefined });
      expect(restored.words(taken)).toEqual(direct.words(expected));
    }
  }
  for (const step of [Step.branchIfFlags, Step.helper, Step.setFlags, Step.indirect]) expect(steps).toContain(step);
});

it('has blocks behind many others run twice as often until they are hot', () => {
  const written = new Written(createRandomIrGuest(true));
  const words = randomWords(1, WORDS);
  const blocks = [0, 0xffff, 0x1_0000].map((number, i) => written.write(RANDOM_CODE + 4 * i, words, number));
  const runs = (): (number | undefined)[] => blocks.map(({ at }) => written.memory.u32[(at >>> 2) + 2]);
  const entries = blocks.map(({ at }) => at);
  expect(runs()).toEqual([100, 100, 200]);
  written.writer.setRuns(150, entries);
  expect(runs()).toEqual([150, 150, 300]);
  for (const entry of entries) written.writer.runAgain(entry);
  expect(runs()).toEqual([150, 150, 300]);
  written.writer.setRuns(0x7fff_ffff, entries);
  expect(runs()[2]).toBe(0x7fff_ffff);
});
