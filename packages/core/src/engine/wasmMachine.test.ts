import { describe, expect, it } from 'vitest';
import type { Machine, MachineOptions } from './machine.ts';
import { OPTIMISATIONS } from './optimisations.ts';
import { randomWords } from './randomWords.ts';
import { createToyGuest, TOY_CODE, TOY_DATA, TOY_STACK, TOY_WORDS } from './toyGuest.ts';
import { createMachine } from './wasmMachine.ts';

function toyMachine(
  seed: number,
  options: Pick<MachineOptions, 'oneInsnPerBlock' | 'noChain' | 'disabled' | 'firstSlice' | 'runsUntilHot' | 'mostRegions'>,
  weights: readonly number[],
): Machine {
  const machine = createMachine({ guest: createToyGuest(), memoryPages: 4096, syscall: () => 'done', ...options });
  const random = randomWords(seed);
  const code = new Uint32Array(TOY_WORDS);
  for (let i = 0; i < TOY_WORDS; i++) code[i] = ((random() & 0x0fffffff) | ((weights[random() % weights.length] as number) << 28)) >>> 0;
  expect(machine.space.map(TOY_CODE, 4096, 5)).toBe(true);
  machine.space.map(TOY_DATA, 0x3000, 3);
  machine.space.map(TOY_STACK, 0x2000, 3);
  machine.space.pokeBytes(TOY_CODE, new Uint8Array(code.buffer));
  machine.cpu.clear();
  for (let i = 0; i < 8; i++) machine.cpu.setByName(`r${i}`, BigInt(random()) * BigInt(random()));
  machine.cpu.setByName('sp', BigInt(TOY_STACK + 0x1000));
  machine.cpu.setByName('lr', BigInt(TOY_CODE + (random() % TOY_WORDS) * 4));
  machine.pc = TOY_CODE;
  return machine;
}

/** Everything the guest can see, after exactly `steps` instructions or at its fault. */
function stateAt(machine: Machine, steps: number): unknown {
  const event = machine.run(steps);
  const registers = machine.guest.state.registers.filter(({ visible }) => visible).map((register) => machine.cpu.get(register).toString(16));
  const data = machine.space.kernelRead(TOY_DATA, 0x3000) as Uint8Array;
  let hash = 0;
  for (const byte of data) hash = (Math.imul(hash, 31) + byte) | 0;
  return { event, steps: machine.steps, pc: machine.pc, nzcv: machine.cpu.nzcv, registers, hash };
}

/** Loads, stores and arithmetic; few calls; mostly branches; everything. */
const MIXES: readonly (readonly number[])[] = [
  [0, 1, 2, 2, 4, 5, 7, 8, 9, 10],
  [0, 1, 2, 3, 6, 7, 8, 11, 13, 15],
  [0, 2, 7, 8, 9, 14, 10, 1],
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
];

describe('random control flow: the same state after the same number of instructions in every mode', () => {
  const modes: [string, Parameters<typeof toyMachine>[1]][] = [
    ['regions', { disabled: new Set(['cold-code']) }],
    ['cold code', {}],
    ['cold code that becomes hot', { firstSlice: 50, runsUntilHot: 3 }],
    ['few regions at a time', { runsUntilHot: 2, mostRegions: 2 }],
    ['few regions at a time, no cold code', { mostRegions: 1, disabled: new Set(['cold-code']) }],
    ['loops entered anew', { firstSlice: 50, disabled: new Set(['cold-code']) }],
    ['not chained', { noChain: true }],
    ...Object.keys(OPTIMISATIONS).map((name): [string, Parameters<typeof toyMachine>[1]] => [`without ${name}`, { disabled: new Set([name, 'cold-code']) }]),
  ];
  for (let seed = 1; seed <= 40; seed++) {
    it(`program ${seed}`, () => {
      const mix = MIXES[seed % MIXES.length] as readonly number[];
      const stops = [137, 1000, 4321];
      const reference = toyMachine(seed, { oneInsnPerBlock: true, noChain: true }, mix);
      const expected = stops.map((steps) => stateAt(reference, steps));
      for (const [name, options] of modes.slice(0, seed % 4 === 0 ? modes.length : 4)) {
        const machine = toyMachine(seed, options, mix);
        expect(
          stops.map((steps) => stateAt(machine, steps)),
          name,
        ).toEqual(expected);
      }
    });
  }
});

/** Runs a program from many places by turns, a few instructions each time, so that many blocks become hot. @returns what is seen now and then */
function fromManyPlaces(machine: Machine, rounds: number): unknown[] {
  const seen: unknown[] = [];
  for (let round = 0; round < rounds; round++) {
    machine.pc = TOY_CODE + ((round * 13) % 32) * 32;
    const state = stateAt(machine, machine.steps + 30 + (round % 3));
    if (round % 50 === 49) seen.push(state);
  }
  return seen;
}

describe('modules of several regions: the same state in many rounds', () => {
  const modes: [string, Parameters<typeof toyMachine>[1], programs: number, rounds: number][] = [
    ['of many blocks that become hot at once', { runsUntilHot: 10 }, 3, 400],
    ['that are left in loops', { runsUntilHot: 5, firstSlice: 50 }, 3, 400],
    ['that are forgotten again and again', { runsUntilHot: 3, mostRegions: 4 }, 2, 100],
    ['that are forgotten when there are many', { runsUntilHot: 2, mostRegions: 40, firstSlice: 50 }, 2, 100],
  ];
  it.each(modes)('%s', (_, options, programs, rounds) => {
    let [regions, modules, flushes] = [0, 0, 0];
    for (let seed = 1; seed <= programs; seed++) {
      const mix = MIXES[seed % MIXES.length] as readonly number[];
      const machine = toyMachine(seed, options, mix);
      expect(fromManyPlaces(machine, rounds), `program ${seed}`).toEqual(
        fromManyPlaces(toyMachine(seed, { oneInsnPerBlock: true, noChain: true }, mix), rounds),
      );
      const { statistics } = machine;
      regions += statistics.regions;
      modules += statistics.regionModules;
      flushes += statistics.regionFlushes;
    }
    expect(regions).toBeGreaterThan(modules + 10);
    expect(flushes > 0).toBe(options.mostRegions !== undefined);
  });
});
