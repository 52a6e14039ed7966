import { expect, it } from 'vitest';
import type { Machine } from './machine.ts';
import { createToyGuest, TOY_CODE, TOY_WORDS } from './toyGuest.ts';
import { createMachine } from './wasmMachine.ts';

const READ_EXEC = 5;
const NEVER = 1e9;

/** A machine with a page of `r0 += 1`, see toyGuest.ts. */
function toyMachine(runsUntilHot: number): Machine {
  const machine = createMachine({ guest: createToyGuest(), memoryPages: 4096, syscall: () => 'done', runsUntilHot });
  machine.space.map(TOY_CODE, 4096, READ_EXEC);
  machine.space.pokeBytes(TOY_CODE, new Uint8Array(new Uint32Array(TOY_WORDS).fill(1).buffer));
  machine.cpu.clear();
  return machine;
}

/** Runs the same hundred instructions again and again. @returns regions that there have been */
function regionsAfter(machine: Machine, rounds: number): number {
  for (let round = 0; round < rounds; round++) {
    machine.cpu.clear();
    machine.pc = TOY_CODE;
    machine.run(machine.steps + 100);
    expect(machine.cpu.getByName('r0')).toBe(100n);
  }
  return machine.statistics.regions;
}

it('has code become hot sooner, from the next run on, that has run as cold code', () => {
  const machine = toyMachine(NEVER);
  expect(regionsAfter(machine, 50)).toBe(0);
  machine.setRunsUntilHot?.(5);
  expect(regionsAfter(machine, 10)).toBeGreaterThan(0);
});

it('has code stay cold that was about to become hot, and code that comes later', () => {
  const machine = toyMachine(5);
  expect(regionsAfter(machine, 3)).toBe(0);
  machine.setRunsUntilHot?.(NEVER);
  expect(regionsAfter(machine, 50)).toBe(0);
  machine.space.pokeBytes(TOY_CODE + 40, new Uint8Array(new Uint32Array(1).fill(1).buffer));
  expect(regionsAfter(machine, 50)).toBe(0);
});

it('leaves hot code hot', () => {
  const machine = toyMachine(5);
  const regions = regionsAfter(machine, 20);
  expect(regions).toBeGreaterThan(0);
  machine.setRunsUntilHot?.(NEVER);
  expect(regionsAfter(machine, 20)).toBe(regions);
});
